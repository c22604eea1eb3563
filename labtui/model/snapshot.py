"""The snapshot: everything known of the lab at one moment, immutable, part by part.

A part is what one feed read last. A new reading replaces its part and nothing else; a failed one
changes only its freshness.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from labtui.model.cluster import HaStatus, Membership, Resources, Rights, Tasks
from labtui.model.devices import Hardware
from labtui.model.events import Event
from labtui.model.feed import Backend, Feed, Freshness
from labtui.model.guests import GuestConfigs
from labtui.model.interfaces import Interfaces
from labtui.model.inventory import Inventory
from labtui.model.jobs import Job
from labtui.model.leases import Requests
from labtui.model.node_facts import NodesBuild, NodesHealth
from labtui.model.ospf import Ospf
from labtui.model.overlay import Bgp, RouterFacts, WireGuard
from labtui.model.routes import Routes
from labtui.model.safeguards import Agents, Ceph, Safeguards
from labtui.model.upkeep import Lapse
from labtui.model.use import CardUses

Part = (
    Resources
    | Membership
    | Tasks
    | HaStatus
    | Rights
    | GuestConfigs
    | Hardware
    | NodesHealth
    | NodesBuild
    | Safeguards
    | Ceph
    | Agents
    | Requests
    | CardUses
    | RouterFacts
    | WireGuard
    | Bgp
    | Interfaces
    | Ospf
    | Routes
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
    "health": NodesHealth,
    "build": NodesBuild,
    "safeguards": Safeguards,
    "ceph": Ceph,
    "agents": Agents,
    "requests": Requests,
    "use": CardUses,
    "facts": RouterFacts,
    "wireguard": WireGuard,
    "bgp": Bgp,
    "interfaces": Interfaces,
    "ospf": Ospf,
    "routes": Routes,
    "inventory": Inventory,
}
_TOPIC_OF: dict[type, str] = {part: topic for topic, part in TOPICS.items()}
_NOTHING: Mapping[Feed, Part] = MappingProxyType({})
_NO_FRESHNESS: Mapping[Feed, Freshness] = MappingProxyType({})


class Snapshot(msgspec.Struct, frozen=True, eq=False, dict=True):
    """All parts with their freshness, the jobs, the newest events, what labtui itself lacks.

    Compared by identity.

    Derived tables (claims, links) are computed once per snapshot by the modules that own them and
    kept under `derived`.
    """

    lab: str = ""
    parts: Mapping[Feed, Part] = _NOTHING
    freshness: Mapping[Feed, Freshness] = _NO_FRESHNESS
    jobs: tuple[Job, ...] = ()
    events: tuple[Event, ...] = ()
    lapses: tuple[Lapse, ...] = ()
    sequence: int = 0

    def of(self, kind: type[_P]) -> Iterator[tuple[str, _P]]:
        """(source name, part) of every feed of that kind, in the order of the sources' names."""
        for source, part in self._by_topic.get(_TOPIC_OF[kind], ()):
            if isinstance(part, kind):
                yield source, part

    def one(self, kind: type[_P], source: str) -> _P | None:
        """The part of that kind read from that source."""
        found = self._by_source.get((_TOPIC_OF[kind], source))
        return found if isinstance(found, kind) else None

    def fresh(self, kind: type[Part], source: str) -> Freshness | None:
        """How the feed of that kind of that source is doing."""
        return self._freshness_of.get((_TOPIC_OF[kind], source))

    @cached_property
    def derived(self) -> dict[object, Any]:
        """Tables made of it, by who made them (`labtui.model.derived`)."""
        return {}

    # Asked for hundreds of times per look; `parts` and `freshness` never change under a snapshot.
    @cached_property
    def _by_topic(self) -> dict[str, list[tuple[str, Part]]]:
        found: dict[str, list[tuple[str, Part]]] = {}
        for feed in sorted(self.parts):
            found.setdefault(feed.topic, []).append((feed.source, self.parts[feed]))
        return found

    @cached_property
    def _by_source(self) -> dict[tuple[str, str], Part]:
        found: dict[tuple[str, str], Part] = {}
        for feed in sorted(self.parts):
            found.setdefault((feed.topic, feed.source), self.parts[feed])
        return found

    @cached_property
    def _freshness_of(self) -> dict[tuple[str, str], Freshness]:
        found: dict[tuple[str, str], Freshness] = {}
        for feed, fresh in self.freshness.items():
            found.setdefault((feed.topic, feed.source), fresh)
        return found

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
