"""A part of each kind about what nodes, safeguards and agents say."""

from __future__ import annotations

from labtui.model.errors import Problem
from labtui.model.node_facts import (
    NodeBuild,
    NodeClock,
    NodeHealth,
    NodesBuild,
    NodesHealth,
    Replication,
)
from labtui.model.safeguards import (
    AgentDisk,
    Agents,
    AgentWord,
    Ceph,
    CephCheck,
    HaRule,
    Safeguards,
)
from labtui.model.snapshot import Part
from tests.snapshots import NOW


def facts() -> tuple[Part, ...]:
    """What nodes, safeguards and agents say."""
    refused = {"updates": Problem("forbidden", "reading", "pve1", "no right")}
    job = Replication("104-0", 104, "pve2", last_sync=NOW)
    clock = NodeClock(0.2, 0.5)
    return (
        NodesHealth({"pve1": NodeHealth(NOW, clock=clock, replication=(job,))}, {"pve2": "off"}),
        NodesBuild({"pve1": NodeBuild(NOW, problems=refused)}),
        Safeguards(frozenset((104, 105)), (HaRule("r", "node-affinity", ("vm:104",)),)),
        Ceph("HEALTH_WARN", (CephCheck("X", "HEALTH_WARN", "x"),), groups=(("active", 3),)),
        Agents({104: AgentWord(NOW, answers=True, disks=(AgentDisk("/", "ext4", 1, 2),))}),
    )
