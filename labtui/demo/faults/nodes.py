"""Faults of single nodes: power, daemons, clock, disk, workers and certificates."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from labtui.demo.cluster.aftermath import Aftermath, running_guests
from labtui.demo.cluster.nodes import ClusterNode
from labtui.demo.cluster.storages import STORAGES
from labtui.demo.faults.cluster import kept, nodes
from labtui.demo.faults.fault import Change, Fault, Options

if TYPE_CHECKING:
    from labtui.demo.running import RunningLab

DAY = 86_400.0
LONGEST_CERTIFICATE = 825
LONGEST_CLOCK = 10 * 365 * DAY


def _node(lab: RunningLab, target: str) -> ClusterNode:
    found = lab.cluster.state.nodes.get(target)
    if found is None:
        raise KeyError(f"there is no node {target!r}")
    return found


async def _power_off(lab: RunningLab, target: str, _: Options) -> None:
    if _node(lab, target).powered:
        kept(lab, "node-power-off")[target] = running_guests(lab.cluster)
    await lab.power(target, on=False)


async def _power_on(lab: RunningLab, target: str, _: Options) -> None:
    await lab.power(target, on=True)
    ran = kept(lab, "node-power-off").pop(target, None)
    if isinstance(ran, frozenset):
        Aftermath(lab.cluster, ran)


def _hang(lab: RunningLab, target: str, _: Options) -> None:
    lab.cluster.statistics.hang(_node(lab, target))


def _unhang(lab: RunningLab, target: str, _: Options) -> None:
    lab.cluster.statistics.release(_node(lab, target))


def _clock(lab: RunningLab, target: str, options: Options) -> None:
    seconds = float(options["seconds"])
    if not -LONGEST_CLOCK < seconds < LONGEST_CLOCK:
        raise ValueError("seconds must be less than ten years")
    _node(lab, target).clock_offset = seconds


def _clock_right(lab: RunningLab, target: str, _: Options) -> None:
    _node(lab, target).clock_offset = 0.0


def _root_full(lab: RunningLab, target: str, _: Options) -> None:
    _node(lab, target).root_full = True
    lab.cluster.state.storage_health.full |= _on_root(target)


def _root_tidied(lab: RunningLab, target: str, _: Options) -> None:
    if _node(lab, target).root_full:
        _node(lab, target).root_full = False
        lab.cluster.state.storage_health.full -= _on_root(target)


def _on_root(node: str) -> set[tuple[str, str]]:
    """The storages of a node that lie on its root file system."""
    return {(s.name, node) for s in STORAGES if s.kind == "dir" and not s.shared}


def _seize(lab: RunningLab, target: str, _: Options) -> None:
    lab.site.workers(_node(lab, target).name).seize()


def _release(lab: RunningLab, target: str, _: Options) -> None:
    lab.site.workers(_node(lab, target).name).release()


def _certificate(lab: RunningLab, target: str, options: Options) -> None:
    days = float(options["days"])
    if not 0.0 < days < LONGEST_CERTIFICATE:
        raise ValueError(f"days must lie between 0 and {LONGEST_CERTIFICATE}")
    _node(lab, target).certificate_until = lab.cluster.state.now + days * DAY
    if lab.authority is not None and target in lab.certificates:
        lifetime = datetime.timedelta(days=days)
        lab.certificates[target].show(lab.authority.issue(target, lifetime=lifetime))
        lab.site.fingerprints[target] = lab.certificates[target].fingerprint


def _renewed(lab: RunningLab, target: str, _: Options) -> None:
    if _node(lab, target).certificate_until is None:
        return
    _node(lab, target).certificate_until = None
    if target in lab.certificates:
        lab.certificates[target].show(None)
        lab.site.fingerprints[target] = lab.certificates[target].fingerprint


def _fault(
    name: str, says: str, begin: Change, end: Change, options: Options | None = None
) -> Fault:
    return Fault(name, "node", "node", says, nodes, begin, end, options or {})


NODE_FAULTS: tuple[Fault, ...] = (
    _fault("node-power-off", "A node loses its power.", _power_off, _power_on),
    _fault(
        "node-pvestatd-hung",
        "The statistics daemon hangs: after five minutes its guests are unknown.",
        _hang,
        _unhang,
    ),
    _fault(
        "node-clock-off",
        "The clock is wrong; others refuse its tickets and it refuses theirs.",
        _clock,
        _clock_right,
        {"seconds": 400.0},
    ),
    _fault(
        "node-root-full",
        "The root file system is full; nothing can be written.",
        _root_full,
        _root_tidied,
    ),
    _fault(
        "node-workers-busy",
        "All workers of the front end are busy; new requests wait.",
        _seize,
        _release,
    ),
    _fault(
        "node-certificate-ending",
        "The certificate of the API ends in some days.",
        _certificate,
        _renewed,
        {"days": 9.0},
    ),
)
