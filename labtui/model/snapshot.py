"""The snapshot: everything known of the lab at one moment, immutable, part by part.

A part is what one feed read last. A new reading replaces its part and nothing else; a failed one
changes only its freshness.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TypeVar

import msgspec

from labtui.model.cluster import HaStatus, Membership, Resources, Rights, Tasks
from labtui.model.devices import Hardware
from labtui.model.feed import Backend, Feed, Freshness
from labtui.model.guests import GuestConfigs
from labtui.model.inventory import Inventory
from labtui.model.jobs import Job
from labtui.model.overlay import Bgp, RouterFacts, WireGuard

Part = (
    Resources
    | Membership
    | Tasks
    | HaStatus
    | Rights
    | GuestConfigs
    | Hardware
    | RouterFacts
    | WireGuard
    | Bgp
    | Inventory
)
_P = TypeVar("_P", bound=Part)

TOPICS: dict[str, type[Part]] = {
    "resources": Resources,
    "membership": Membership,
    "tasks": Tasks,
    "ha": HaStatus,
    "rights": Rights,
    "configs": GuestConfigs,
    "hardware": Hardware,
    "facts": RouterFacts,
    "wireguard": WireGuard,
    "bgp": Bgp,
    "inventory": Inventory,
}
_TOPIC_OF: dict[type, str] = {part: topic for topic, part in TOPICS.items()}
_NOTHING: Mapping[Feed, Part] = MappingProxyType({})
_NO_FRESHNESS: Mapping[Feed, Freshness] = MappingProxyType({})


class Snapshot(msgspec.Struct, frozen=True, eq=False, dict=True):
    """All parts with their freshness, and the jobs. Compared by identity.

    Derived tables (claims, links) are computed once per snapshot by the modules that own them and
    kept under `derived`.
    """

    lab: str = ""
    parts: Mapping[Feed, Part] = _NOTHING
    freshness: Mapping[Feed, Freshness] = _NO_FRESHNESS
    jobs: tuple[Job, ...] = ()
    sequence: int = 0

    def of(self, kind: type[_P]) -> Iterator[tuple[str, _P]]:
        """(source name, part) of every feed of that kind, in the order of the sources' names."""
        topic = _TOPIC_OF[kind]
        for feed in sorted(feed for feed in self.parts if feed.topic == topic):
            part = self.parts[feed]
            if isinstance(part, kind):
                yield feed.source, part

    def one(self, kind: type[_P], source: str) -> _P | None:
        """The part of that kind read from that source."""
        return next((part for name, part in self.of(kind) if name == source), None)

    def fresh(self, kind: type[Part], source: str) -> Freshness | None:
        """How the feed of that kind of that source is doing."""
        topic = _TOPIC_OF[kind]
        for feed, freshness in self.freshness.items():
            if feed.topic == topic and feed.source == source:
                return freshness
        return None

    @property
    def remembered_at(self) -> float | None:
        """When the latest of it was read, while all of it is of an earlier start; else None."""
        read = [fresh for fresh in self.freshness.values() if fresh.read_at is not None]
        if not all(fresh.remembered for fresh in read):
            return None
        return max((fresh.read_at or 0.0 for fresh in read), default=None)

    def sources(self, backend: Backend) -> tuple[str, ...]:
        """Names of the sources of that backend, read or not."""
        return tuple(sorted({feed.source for feed in self.freshness if feed.backend == backend}))
