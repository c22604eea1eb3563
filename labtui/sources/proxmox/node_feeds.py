"""The readings that ask each node a few questions: how it fares, and what it is built of.

All nodes are asked side by side, one question of a node at a time; the number of questions depends
on the nodes alone. What one node may not be asked, or says no to, is a problem of that answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

from labtui.locale import _
from labtui.model.cluster import Membership, Resources, Rights
from labtui.model.errors import Forbidden, LabError, Problem, Refused, TimedOut, TlsFailed
from labtui.model.errors import Unreachable as NoWay
from labtui.model.node_facts import NodeBuild, NodeHealth, NodesBuild, NodesHealth
from labtui.model.snapshot import Part, Snapshot
from labtui.sources import limits
from labtui.sources.proxmox.asking import Answer
from labtui.sources.proxmox.connect import Endpoints
from labtui.sources.proxmox.decode import shortened
from labtui.sources.proxmox.errors import NodeUnreachable, Question
from labtui.sources.proxmox.lanes import Lanes
from labtui.sources.proxmox.node_build import (
    read_certificates,
    read_disks,
    read_network,
    read_updates,
)
from labtui.sources.proxmox.node_health import (
    read_clock,
    read_replication,
    read_services,
    read_status,
)
from labtui.sources.proxmox.sweeps import present_resources
from labtui.sources.source import Reading

Clock = Callable[[], float]
_F = TypeVar("_F", bound=NodeHealth | NodeBuild)
_HOPELESS = (NoWay, TlsFailed, Refused)
# (body, question, asked, now) -> value, complaints
_Decode = Callable[[bytes, Question, float, float], tuple[Any, tuple[str, ...]]]


class _Ask(msgspec.Struct, frozen=True):
    """One question of a node: the field of the answer, the path below the node, what for.

    `right` is held on the node or the question is not asked at all; `limit` is in seconds.
    """

    name: str
    path: str
    decode: _Decode
    right: str = ""
    limit: float = limits.HARDWARE.whole


def _rows(read: Callable[[bytes, Question], tuple[Any, tuple[str, ...]]]) -> _Decode:
    return lambda body, question, _asked, _now: read(body, question)


_HEALTH = (
    _Ask("status", "status", lambda body, question, _a, _n: (read_status(body, question), ())),
    _Ask(
        "clock",
        "time",
        lambda body, question, asked, now: (read_clock(body, question, asked, now), ()),
    ),
    _Ask("services", "services", _rows(read_services)),
    _Ask("replication", "replication", _rows(read_replication)),
)
_BUILD = (
    _Ask("certificates", "certificates/info", _rows(read_certificates)),
    _Ask("updates", "apt/update", _rows(read_updates), "Sys.Modify"),
    _Ask("network", "network", _rows(read_network)),
    # The node asks each disk's SMART for it, which takes its time.
    _Ask("disks", "disks/list", _rows(read_disks), limit=28.0),
)


class _Found(msgspec.Struct, Generic[_F], frozen=True):
    """What one node said."""

    fact: _F
    complaints: tuple[str, ...]
    via: str


@dataclass
class _Round:
    """What one asking of all nodes has brought so far, apart from facts."""

    via: str = ""
    answered: bool = False
    missing: dict[str, str] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)


class NodeFeed(Generic[_F]):
    """The same questions to all nodes that are there.

    What is there is told as soon as nothing more comes; the reading after that brings those that
    took longer. A node that does not answer keeps what it said before and is named as missing.
    """

    def __init__(
        self,
        cluster: str,
        endpoints: Endpoints,
        clock: Clock,
        asks: tuple[_Ask, ...],
        kind: Callable[..., _F],
    ) -> None:
        self._cluster = cluster
        self._endpoints = endpoints
        self._clock = clock
        self._asks = asks
        self._kind = kind
        self._lanes: Lanes[_Found[_F]] = Lanes()
        self._round = _Round()

    async def gather(
        self, snapshot: Snapshot, before: dict[str, _F], wrap: Callable[..., Part]
    ) -> Reading:
        """The part that `wrap` makes of facts and missing nodes. Raises `LabError`."""
        resources = await present_resources(snapshot, self._cluster, self._endpoints)
        nodes = nodes_there(snapshot, self._cluster, resources)
        if not self._lanes.busy:
            self._begin(nodes, snapshot.one(Rights, self._cluster))
        facts = {name: fact for name, fact in before.items() if name in nodes}
        errors: list[LabError] = []
        for node, found in await self._lanes.collect():
            if isinstance(found, LabError):
                self._round.missing[node] = found.why or str(found)
                errors.append(found)
            elif node in nodes:
                facts[node] = found.fact
                self._round.via, self._round.answered = found.via, True
                self._round.complaints += (f"{node}: {line}" for line in found.complaints)
        busy = self._lanes.busy
        if errors and not busy and not self._round.answered:
            raise next((e for e in errors if not isinstance(e, NodeUnreachable)), errors[0])
        missing = {node: why for node, why in self._round.missing.items() if node in nodes}
        missing.update((node, _("no answer yet")) for node in busy if node in nodes)
        part = wrap(facts, dict(sorted(missing.items())))
        this = self._round
        return Reading(part, this.via, shortened(this.complaints), bool(busy), this.answered)

    async def close(self) -> None:
        """Stop asking."""
        await self._lanes.close()

    def _begin(self, nodes: dict[str, bool], rights: Rights | None) -> None:
        self._round = _Round()
        for node, online in sorted(nodes.items()):
            if online:
                self._lanes.start(node, self._lane(node, rights))
            else:
                self._round.missing[node] = _("the node is not there")

    async def _lane(self, node: str, rights: Rights | None) -> AsyncIterator[_Found[_F]]:
        began = self._clock()
        values: dict[str, Any] = {}
        problems: dict[str, Problem] = {}
        complaints: list[str] = []
        via = ""
        for ask in self._asks:
            path = f"/nodes/{node}"
            if ask.right and rights is not None and not rights.allows(ask.right, path):
                problems[ask.name] = _denied(node, ask, path).problem
                continue
            try:
                values[ask.name], left_out, via = await self._answer(node, ask)
            except LabError as error:
                # A node that was silent at once is so; of one that spoke, this question hangs.
                if _hopeless(error) or (isinstance(error, TimedOut) and not values):
                    raise
                problems[ask.name] = error.bare().problem
            else:
                complaints.extend(left_out)
        fact = self._kind(began, **values, problems=problems)
        yield _Found(fact, tuple(complaints), via)

    async def _answer(self, node: str, ask: _Ask) -> tuple[Any, tuple[str, ...], str]:
        asked = self._clock()

        def decode(body: bytes, question: Question) -> tuple[Any, tuple[str, ...]]:
            return ask.decode(body, question, asked, self._clock())

        answer: Answer[tuple[Any, tuple[str, ...]]] = await self._endpoints.read(
            f"/nodes/{node}/{ask.path}",
            _what(node, ask),
            decode,
            ask.limit,
            sweep=True,
        )
        return *answer.value, answer.via


class HealthFeed(NodeFeed[NodeHealth]):
    """Status, clock, services and replication of all nodes."""

    def __init__(self, cluster: str, endpoints: Endpoints, clock: Clock) -> None:
        super().__init__(cluster, endpoints, clock, _HEALTH, NodeHealth)

    async def read(self, snapshot: Snapshot) -> Reading:
        """See `NodeFeed`."""
        before = snapshot.one(NodesHealth, self._cluster)
        return await self.gather(snapshot, before.nodes if before else {}, NodesHealth)


class BuildFeed(NodeFeed[NodeBuild]):
    """Certificates, updates, disks and network of all nodes."""

    def __init__(self, cluster: str, endpoints: Endpoints, clock: Clock) -> None:
        super().__init__(cluster, endpoints, clock, _BUILD, NodeBuild)

    async def read(self, snapshot: Snapshot) -> Reading:
        """See `NodeFeed`."""
        before = snapshot.one(NodesBuild, self._cluster)
        return await self.gather(snapshot, before.nodes if before else {}, NodesBuild)


def nodes_there(snapshot: Snapshot, cluster: str, resources: Resources) -> dict[str, bool]:
    """All nodes and whether each can be asked: the membership goes before the statistics."""
    nodes = {node.name: node.status == "online" for node in resources.nodes}
    membership = snapshot.one(Membership, cluster)
    if membership is not None:
        nodes.update((member.name, member.online) for member in membership.members)
    return nodes


def _what(node: str, ask: _Ask) -> str:
    return _("reading {path} of {node}").format(path=ask.path, node=node)


def _denied(node: str, ask: _Ask, path: str) -> Forbidden:
    why = _("the right {privilege} on {path} is missing").format(privilege=ask.right, path=path)
    return Forbidden(_what(node, ask), where=node, why=why, privilege=ask.right, path=path)


def _hopeless(error: LabError) -> bool:
    """Whether there is no use in asking that node on."""
    return isinstance(error, _HOPELESS)
