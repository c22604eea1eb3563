"""Where the rules about leases fire, and where they must not."""

from __future__ import annotations

import msgspec

from labtui.model.devices import Hardware
from labtui.model.guests import HostPci
from labtui.model.leases import Lease, day_of, line_of
from labtui.model.snapshot import Snapshot
from tests.findings.labs import Shots, cluster, lab, overlay, twice
from tests.snapshots import NOW, config, configs, gpu

_DAY = 86400.0


def _leased(*lines: str) -> Snapshot:
    card = HostPci(0, ("0000:01:00",))
    known = msgspec.structs.replace(config(100, card), description="\n".join(lines))
    hardware = Hardware({"pve1": (gpu("pve1", "0000:01:00"),)})
    return lab(NOW, overlay(NOW), cluster(), [("lab", configs(known)), ("lab", hardware)])


def _until(days: float) -> str:
    return line_of(Lease("amy", day_of(NOW + days * _DAY)))


_LONG = _leased("a text", _until(20))

LEASE_CASES: dict[str, tuple[Shots, Shots]] = {
    "lease-over": (twice(_leased(_until(-2))), twice(_leased(_until(0)))),
    "lease-ends": (twice(_leased("a text", _until(1))), twice(_LONG)),
    "lease-unreadable": (twice(_leased("labtui lease: owner=")), twice(_LONG)),
}
"""Rule -> looks after which it must have found something, and looks after which it must not."""
