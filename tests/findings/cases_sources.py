"""Where each rule about records, sources and the console fires, and where it must not."""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.model.cluster import Rights
from labtui.model.inventory import Inventory, MachineRecord, PrefixRecord, SiteRecord
from labtui.model.jobs import Job
from labtui.model.snapshot import Snapshot
from labtui.model.upkeep import Chore, Lapse
from labtui.model.witnesses import Witness
from tests.findings.labs import Shots, cluster, failing, lab, overlay, records, twice, well
from tests.snapshots import NOW

T = NOW
_ALL = ("pve1", "pve2", "pve3")


def _lapse(chore: Chore) -> Shots:
    lapse = Lapse(chore, "/home/amy/.local/state/labtui", "no space left on device", T - 60)
    return twice(msgspec.structs.replace(lab(T, overlay(T), cluster()), lapses=(lapse,)))


def _noted(*left_out: int, **changes: Any) -> Shots:
    return twice(lab(T, overlay(T), cluster(), records(*left_out, **changes)))


def _machines(**change: Any) -> tuple[MachineRecord, ...]:
    """The records, the second one changed."""
    inventory = records()[0][1]
    assert isinstance(inventory, Inventory)
    first, second, *rest = inventory.machines
    return (first, msgspec.structs.replace(second, **change), *rest)


def _ghost(status: str) -> tuple[MachineRecord, ...]:
    return (*_machines(), MachineRecord(99, "ghost", status, "lab", 999, "pve1"))


def _held(*rights: str) -> Snapshot:
    parts = [pair for pair in cluster() if not isinstance(pair[1], Rights)]
    mine = Rights("me@pve!t", "9.2", {"/": frozenset(rights)})
    return lab(T, overlay(T), [*parts, ("lab", mine)], records())


def _witness(away: bool) -> Snapshot:
    heard = Witness("10.1.0.11", "pve1", True, _ALL, ("pve1", "pve2") if away else _ALL)
    silent = Witness("10.3.0.11", "pve3", problem="no answer in 4 s")
    return lab(T, overlay(T), cluster(away=["pve3"] if away else [], witnesses=(heard, silent)),
               records())  # fmt: skip


def _fresh(**change: Any) -> Snapshot:
    """All well, but for the freshness of NetBox."""
    shot = well()
    freshness = {
        feed: msgspec.structs.replace(fresh, **change) if feed.source == "netbox" else fresh
        for feed, fresh in shot.freshness.items()
    }
    return msgspec.structs.replace(shot, freshness=freshness)


def _remembered(everything: bool) -> Snapshot:
    shot = well()
    freshness = {
        feed: msgspec.structs.replace(fresh, remembered=everything or feed.source == "netbox")
        for feed, fresh in shot.freshness.items()
    }
    return msgspec.structs.replace(shot, freshness=freshness)


def _job(state: str) -> Snapshot:
    job = Job("1", "migrate", "lab/100", "migrate 100", state, T - 60, T - 30)  # type: ignore[arg-type]
    return msgspec.structs.replace(well(), jobs=(job,))


def _fails(kind: Any, source: str = "lab", *topics: str) -> Shots:
    return twice(failing(well(), source, T - 100, kind=kind, topics=topics))


_CLEAN = twice(well())
_PREFIXES = tuple(
    PrefixRecord(n, f"10.{n}.0.0/24", "active", site) for n, site in enumerate("abc", 1)
)

SOURCE_CASES: dict[str, tuple[Shots, Shots]] = {
    "record-missing": (_noted(101), _noted()),
    "record-differs": (_noted(machines=_machines(status="offline")),
                       _noted(machines=_machines(status="planned"))),
    "record-surplus": (_noted(machines=_ghost("active")), _noted(machines=_ghost("planned"))),
    "address-twice": (_noted(machines=_machines(address="10.1.0.100")),
                      _noted(machines=_machines(address=""))),
    "prefix-missing": (_noted(prefixes=_PREFIXES[1:]), _noted()),
    "record-asn": (_noted(sites=(SiteRecord(1, "a", "a", (64999,)),)),
                   _noted(sites=(SiteRecord(1, "a", "a", ()),))),
    "source-silent": (_fails("unreachable"), _fails("unreachable", "lab", "tasks")),
    "login-refused": (_fails("refused"), _fails("forbidden")),
    "identity-changed": (_fails("tls", "netbox"), _fails("timed-out", "netbox")),
    "source-fails": (_fails("unexpected", "lab", "tasks"), _CLEAN),
    "source-forbids": (_fails("forbidden", "lab", "tasks"), _fails("unexpected", "lab", "tasks")),
    "source-late": (twice(_fresh(read_at=T - 100)), twice(_fresh(read_at=T - 8))),
    "endpoint-silent": (twice(_witness(away=False)), twice(_witness(away=True))),
    "rights-missing": (twice(_held("VM.Audit")), twice(_held("VM.Audit", "VM.Migrate"))),
    "rows-left-out": (twice(_fresh(complaints=("row 3: no name",))), _CLEAN),
    "from-memory": (twice(_remembered(everything=True)), twice(_remembered(everything=False))),
    "job-failed": (twice(_job("unknown")), twice(_job("done"))),
    "memory-unkept": (_lapse("memory"), _lapse("disk")),
    "history-unkept": (_lapse("history"), _lapse("memory")),
    "journal-unkept": (_lapse("journal"), _lapse("log")),
    "log-unkept": (_lapse("log"), _lapse("journal")),
    "own-disk-full": (_lapse("disk"), _lapse("config")),
    "config-astray": (_lapse("config"), _lapse("history")),
}  # fmt: skip
"""Rule -> looks after which it must have found something, and looks after which it must not."""
