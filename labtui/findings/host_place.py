"""What nodes said of themselves, as rules look at it: only of nodes that are there, and lately."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from labtui.findings.finding import Evidence, Finding, Hits, Remedy, Severity, Subject, Words
from labtui.findings.sight import Sight
from labtui.model.node_facts import NodeBuild, NodeHealth, NodesBuild, NodesHealth

DAY = 86_400.0
# What was said longer ago is no ground for a finding: minutes for health, hours for the build.
HEALTH_COUNTS, BUILD_COUNTS = 600.0, 2 * DAY


class Place(msgspec.Struct, frozen=True):
    """A node that findings are about."""

    cluster: str
    node: str

    @property
    def key(self) -> str:
        """As the rows of the nodes' view have it."""
        return f"{self.cluster}/{self.node}"


def there(sight: Sight, place: Place) -> bool:
    """Whether the node is there, as far as anybody says."""
    presence = sight.presences.get((place.cluster, place.node))
    return presence is None or presence.online is True


def healths(sight: Sight) -> Iterator[tuple[Place, NodeHealth]]:
    """What nodes that are there said of how they fare."""
    for cluster, part in sight.snapshot.of(NodesHealth):
        for name, fact in sorted(part.nodes.items()):
            place = Place(cluster, name)
            if there(sight, place) and sight.now - fact.read_at < HEALTH_COUNTS:
                yield place, fact


def builds(sight: Sight) -> Iterator[tuple[Place, NodeBuild]]:
    """What they said of what they are built of."""
    for cluster, part in sight.snapshot.of(NodesBuild):
        for name, fact in sorted(part.nodes.items()):
            place = Place(cluster, name)
            if there(sight, place) and sight.now - fact.read_at < BUILD_COUNTS:
                yield place, fact


def about(
    sight: Sight,
    rule: str,
    place: Place,
    severity: Severity,
    says: Words,
    *,
    noun: str,
    part: str = "",
    evidence: tuple[Evidence, ...] = (),
    remedies: tuple[Words | Remedy, ...] = (),
) -> Finding:
    """A finding about a node, or about that `part` of it."""
    key = f"{place.key}/{part}" if part else place.key
    name = f"{place.node} {part}" if part else place.node
    site = sight.site_of_node(place.cluster, place.node)
    topic = "build" if rule in ("certificate-ends", "disk-failing") else "health"
    return Finding(
        rule,
        Subject(noun, key, name, "nodes", place.key),
        "node",
        severity,
        says,
        evidence=evidence,
        remedies=tuple(
            each if isinstance(each, Remedy) else Remedy(each, view="nodes", key=place.key)
            for each in remedies
        ),
        sites=(site,) if site else (),
        hits=Hits(nodes=(place.key,)),
        as_of=sight.as_of(topic, place.cluster),
    )
