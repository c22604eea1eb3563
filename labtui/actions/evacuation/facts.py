"""What the plan of an evacuation rests on: its nodes and its guests. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from labtui.actions.action import Scope, subjects
from labtui.actions.evacuation.board import Host
from labtui.actions.interlock import Standing
from labtui.actions.maintenance.offer import Offer
from labtui.actions.migration.answers import MigrationFacts, Wishes
from labtui.actions.migration.rules import HaRules
from labtui.actions.migration.speed import Speeds
from labtui.locale import _
from labtui.model.cluster import Node, Resources
from labtui.model.guests import Guest
from labtui.model.presence import SeenGuest, seen_guests
from labtui.model.snapshot import Snapshot

_MARGIN, _LEAST_MARGIN = 0.05, float(1 << 30)


class Place(msgspec.Struct, frozen=True):
    """A node of the cluster as a target. `against` says why it takes nobody, empty if it does.

    `bridges` are None and `version`, `processor` empty where it could not be asked.
    """

    host: Host
    against: str = ""
    bridges: frozenset[str] | None = None
    processor: str = ""
    version: str = ""
    storages: frozenset[str] = frozenset()


class Charge(msgspec.Struct, frozen=True):
    """A guest that is to leave: what the migration's own survey has, and what decides among nodes.

    `needs` are devices by mapping, `replicas` the nodes it is replicated to, `binds` local bind
    mounts of a container, `copies` bytes of local disks, `lacks` the rights that are missing.
    """

    facts: MigrationFacts
    needs: Mapping[str, int] = {}
    cards: str = ""
    replicas: frozenset[str] = frozenset()
    binds: tuple[str, ...] = ()
    copies: int = 0
    lacks: tuple[str, ...] = ()

    @property
    def guest(self) -> Guest:
        return self.facts.guest


class EvacuationFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `back`: the guests return to `node` instead of leaving it.

    Without a `node` it is about guests that were marked: `subject` has their keys. `pending` are
    the lines of an evacuation that was interrupted (see `book`). `strangers`: other guests of the
    cluster by service id. `here`: processor and version of each node. `offer`: HA maintenance.
    `wishes` are what a person has set for all of them.
    """

    cluster: str
    node: str
    read_at: float
    standing: Standing
    charges: tuple[Charge, ...] = ()
    places: tuple[Place, ...] = ()
    rules: HaRules = HaRules()
    strangers: dict[str, str] = {}
    here: Mapping[str, tuple[str, str]] = {}
    speeds: Speeds = Speeds()
    back: bool = False
    overcommit: bool = False
    pending: str = ""
    subject: str = ""
    offer: Offer | None = None
    wishes: Wishes = Wishes(strict=True)

    @property
    def key(self) -> str:
        """The subject of its plan."""
        return self.subject or f"{self.cluster}/{self.node}"

    @property
    def several(self) -> bool:
        """Whether it is about guests that were marked, wherever they are."""
        return not self.node


def marked(subject: str) -> bool:
    """Whether a subject is guests that were marked, and no node."""
    return "," in subject


def scope_of(subject: str) -> Scope:
    """The node, for the interlock; the rights are asked for guest by guest."""
    cluster, _slash, node = subject.partition("/")
    if marked(subject):
        return Scope(cluster, _("{n} guests").format(n=len(subjects(subject))))
    return Scope(cluster, node, (node,))


def guests_on(snapshot: Snapshot, subject: str) -> tuple[SeenGuest, ...]:
    """The guests of a node, by number."""
    cluster, _slash, node = subject.partition("/")
    found = (
        seen
        for seen in seen_guests(snapshot).values()
        if seen.guest.cluster == cluster and seen.guest.node == node
    )
    return tuple(sorted(found, key=lambda seen: seen.guest.vmid))


def host_of(node: Node, resources: Resources, *, overcommit: bool) -> Host:
    """A node's room: by what its running guests may take, or by what is used where that is more.

    `overcommit`: by what is used alone. A twentieth (at least 1 GiB) stays free.
    """
    others = tuple(
        float(guest.memory_max or 0)
        for guest in resources.guests
        if guest.node == node.name and guest.status == "running"
    )
    memory, used = float(node.memory_max or 0), float(node.memory or 0)
    configured = used if overcommit else max(used, sum(others))
    margin = max(_LEAST_MARGIN, _MARGIN * memory)
    return Host(
        node.name,
        memory,
        configured,
        max(0.0, memory - margin - configured),
        float(node.cpus or 1),
        float(node.cpus or 1) * float(node.cpu or 0.0),
        {},
        others,
    )
