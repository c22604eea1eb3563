"""Where each rule about what nodes, safeguards and agents say fires, and where it must not."""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.model.cluster import HaStatus
from labtui.model.errors import Problem
from labtui.model.guests import Guest
from labtui.model.node_facts import (
    Certificate,
    Disk,
    NodeBuild,
    NodeClock,
    NodeHealth,
    NodesBuild,
    NodesHealth,
    NodeStatus,
    Replication,
    Service,
)
from labtui.model.safeguards import (
    AgentDisk,
    Agents,
    AgentWord,
    Ceph,
    CephCheck,
    Safeguards,
)
from labtui.model.snapshot import Part, Snapshot
from tests.findings.labs import Shots, cluster, lab, twice
from tests.snapshots import GIB, NOW

NODES = ("pve1", "pve2", "pve3")
DAY = 86_400.0


def _lab(*parts: Part, guests: tuple[Guest, ...] = (), **changes: Any) -> Shots:
    return twice(lab(NOW, cluster(*guests, **changes), [("lab", part) for part in parts]))


def _health(change: dict[str, dict[str, Any]], read_at: float = NOW) -> NodesHealth:
    """Three nodes that are well, but for these changes by node."""
    facts = {}
    for name in NODES:
        fact = NodeHealth(
            read_at,
            NodeStatus("9.2.11", "7.0.14-11-pve", 5000),
            NodeClock(0.2, 0.5, "Etc/UTC"),
            (Service("pvestatd", "active", "running", "enabled"),),
            (),
        )
        facts[name] = msgspec.structs.replace(fact, **change.get(name, {}))
    return NodesHealth(facts)


def _build(**change: Any) -> NodesBuild:
    return NodesBuild({"pve2": NodeBuild(NOW, **change)})


def _services(*services: Service) -> NodesHealth:
    return _health({"pve2": {"services": services}})


def _ends(days: float, name: str = "pve-ssl.pem") -> NodesBuild:
    return _build(certificates=(Certificate(name, "", "", 0.0, NOW + days * DAY),))


def _disk(health: str, wearout: int | None = None) -> NodesBuild:
    return _build(disks=(Disk("/dev/sda", "M", "ssd", GIB, health, wearout=wearout),))


def _job(**change: Any) -> NodesHealth:
    job = Replication("101-0", 101, "pve3", "*/15", last_sync=NOW - 600, next_sync=NOW + 300)
    return _health({"pve1": {"replication": (msgspec.structs.replace(job, **change),)}})


def _word(*, answers: bool = True, used: int = 1, **change: Any) -> Agents:
    disks = (AgentDisk("/", "ext4", used * GIB, 100 * GIB),) if answers else ()
    return Agents({101: AgentWord(NOW, answers, disks, **change)})


_FULL_NODE = {"pve2": {"memory": 98 * GIB, "memory_max": 100 * GIB}}
_CACHE = _health({"pve2": {"status": NodeStatus("9.2.11", "k", 1, available=30 * GIB)}})
_DEAD = Service("pvestatd", "inactive", "dead", "enabled")
_OFF = Service("pve-ha-lrm", "inactive", "dead", "disabled")
_OSD = CephCheck("OSD_DOWN", "HEALTH_WARN", "1 osds down")

HOST_CASES: dict[str, tuple[Shots, Shots]] = {
    "node-unseen": (
        _lab(away=["pve2", "pve3"], quorate=False, ha=HaStatus(False)),
        _lab(away=["pve3"]),
    ),
    "node-clock": (
        _lab(_health({"pve2": {"clock": NodeClock(400.0, 0.5)}})),
        # All alike: then it is this console's own clock.
        _lab(_health({name: {"clock": NodeClock(400.0, 0.5)} for name in NODES})),
    ),
    "service-dead": (_lab(_services(_DEAD)), _lab(_services(_OFF))),
    "certificate-ends": (_lab(_ends(6)), _lab(_ends(31))),
    "disk-failing": (_lab(_disk("FAILED!")), _lab(_disk("UNKNOWN", 40))),
    "node-memory": (_lab(nodes=_FULL_NODE), _lab(_CACHE, nodes=_FULL_NODE)),
    "release-mix": (
        _lab(_health({"pve2": {"status": NodeStatus("8.4.21", "k", 1)}})),
        _lab(_health({"pve2": {"status": None}})),
    ),
    "replication-late": (
        _lab(_job(fail_count=3, error="no route to host")),
        _lab(_job(disabled=True, fail_count=3)),
    ),
    "backup-missing": (
        _lab(Safeguards(frozenset((101,)))),
        _lab(Safeguards(None, problems={"not_backed_up": Problem("forbidden", "", "", "")})),
    ),
    "ceph-health": (
        _lab(Ceph("HEALTH_WARN", (_OSD,), 6, 5)),
        # There is none.
        _lab(Ceph()),
    ),
    "agent-gone": (_lab(_word(answers=False, heard_at=NOW - 900)), _lab(_word())),
    "guest-disk": (_lab(_word(used=96)), _lab(_word(used=80))),
}
"""Rule -> looks after which it must have found something, and looks after which it must not."""


def hosts(*parts: Part, **changes: Any) -> Snapshot:
    """A cluster with these parts."""
    return _lab(*parts, **changes)[0][1]
