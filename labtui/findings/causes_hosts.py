"""What explains findings about what nodes, storages and guests say of themselves."""

from __future__ import annotations

from labtui.findings.explanation import Explanation, Relates, guest_of, hits_node
from labtui.findings.finding import Finding
from labtui.findings.sight import Sight

_AWAY = ("node-down", "node-unseen", "node-partitioned")


def _in_cluster(cause: Finding, effect: Finding, sight: Sight) -> bool:
    """The cause is a node or a storage of the cluster that the effect is about."""
    return cause.subject.key.partition("/")[0] == effect.subject.key.partition("/")[0]


def _daemon(*names: str) -> Relates:
    """The cause is one of these services, on the node of the effect."""

    def relates(cause: Finding, effect: Finding, sight: Sight) -> bool:
        return cause.subject.key.rpartition("/")[2] in names and hits_node(cause, effect, sight)

    return relates


HOST_EXPLANATIONS: tuple[Explanation, ...] = (
    Explanation(("storage-full",), ("ceph-health",), _in_cluster),
    Explanation(_AWAY, ("ceph-health",), _in_cluster),
    Explanation((*_AWAY, "quorum-lost", "storage-away"), ("replication-late",), hits_node),
    Explanation(("root-full",), ("service-dead", "replication-late"), hits_node),
    Explanation(("service-dead",), ("statistics-hung",), _daemon("pvestatd")),
    Explanation(("service-dead",), ("endpoint-silent",), _daemon("pveproxy", "pvedaemon")),
    Explanation(("node-clock", "root-full"), ("endpoint-silent",), hits_node),
    Explanation(("service-dead",), ("node-clock",), _daemon("chrony", "systemd-timesyncd")),
    Explanation(("service-dead",), ("replication-late",), _daemon("pvescheduler")),
    Explanation(
        ("guest-broken", "guest-memory", "guest-disk", "guest-locked", "statistics-hung"),
        ("agent-gone",),
        guest_of,
    ),
    Explanation(("disk-failing",), ("ceph-health",), _in_cluster),
)
