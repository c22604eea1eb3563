"""The reads of an evacuation's survey: about one node, about one guest, about the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import msgspec

from labtui.actions.action import Right, Wire
from labtui.actions.evacuation.facts import Charge, EvacuationFacts, Place, host_of
from labtui.actions.interlock import Standing
from labtui.actions.migration.answers import MigrationFacts, Unasked, unasked_for, with_check
from labtui.actions.migration.around import read_bridges, read_replicas, read_rules, sees_networks
from labtui.actions.migration.cards import models
from labtui.actions.migration.facts import from_snapshot, with_cards
from labtui.actions.migration.rules import HaRules
from labtui.locale import _
from labtui.model.cluster import Node, Resources, Rights
from labtui.model.errors import LabError, Rejected
from labtui.model.guests import Guest
from labtui.model.presence import presences
from labtui.model.snapshot import Snapshot
from labtui.model.text import clean

_T = TypeVar("_T")


class Base(msgspec.Struct, frozen=True):
    """What the facts of every guest have in common."""

    snapshot: Snapshot
    resources: Resources
    places: tuple[Place, ...]
    now: float
    facts: EvacuationFacts
    subject: str = ""

    def of(self, guest: Guest) -> MigrationFacts:
        """The facts of a guest before the server has been asked about it."""
        speeds = self.facts.speeds
        return from_snapshot(guest, self.snapshot, self.now, Standing(), speeds, self.subject)

    def lacks(self, guest: Guest) -> tuple[str, ...]:
        held = self.snapshot.one(Rights, guest.cluster)
        wanted = [Right("VM.Migrate", f"/vms/{guest.vmid}")]
        return tuple(
            f"{right.privilege} ({right.path})"
            for right in wanted
            if held is not None and not held.allows(right.privilege, right.path)
        )


class Reader:
    """The reads of a survey, a few at a time."""

    def __init__(self, wire: Wire, cluster: str, turns: asyncio.Semaphore) -> None:
        self._wire = wire
        self._cluster = cluster
        self._turns = turns

    async def _get(self, path: str, **params: str | int) -> Any:
        async with self._turns:
            return await self._wire.read(self._cluster, path, **params)

    async def _or(self, default: _T, work: Callable[[], Awaitable[_T]]) -> _T:
        try:
            return await work()
        except LabError:
            return default

    async def places(self, resources: Resources) -> tuple[Place, ...]:
        """Every node of the cluster as a target."""
        return tuple(await asyncio.gather(*(self._place(n, resources) for n in resources.nodes)))

    async def _place(self, node: Node, resources: Resources) -> Place:
        snapshot = self._wire.snapshot
        presence = presences(snapshot).get((self._cluster, node.name))
        place = Place(
            host_of(node, resources, overcommit=False),
            "" if presence is not None and presence.online is True else _("not online"),
            storages=frozenset(
                s.name
                for s in resources.storages
                if s.node == node.name and s.status == "available"
            ),
        )
        if place.against:
            return place
        if node.ha_state == "maintenance":
            return msgspec.structs.replace(place, against=_("in maintenance"))
        bridges, told = await asyncio.gather(
            self._or(None, lambda: read_bridges(self._get, node.name)),
            self._or(("", ""), lambda: self._status(node.name)),
        )
        return msgspec.structs.replace(place, bridges=bridges, processor=told[0], version=told[1])

    async def _status(self, node: str) -> tuple[str, str]:
        """Processor and version (`9.2.3`)."""
        answer = await self._get(f"/nodes/{node}/status")
        answer = answer if isinstance(answer, dict) else {}
        info = answer.get("cpuinfo")
        version = clean(str(answer.get("pveversion", ""))).removeprefix("pve-manager/")
        return (
            clean(str(info.get("model", ""))) if isinstance(info, dict) else "",
            version.partition("/")[0],
        )

    async def rules(self) -> HaRules:
        """The rules of 9.x, else the groups of 8.4."""
        return await read_rules(self._get)

    async def replicas(self) -> dict[int, frozenset[str]]:
        """Guest number -> nodes that have a copy of its disks."""
        return await read_replicas(self._get)

    async def charge(
        self, guest: Guest, base: Base, replicas: Mapping[int, frozenset[str]]
    ) -> Charge:
        """All about one guest. A locked one is not asked about: the server would refuse."""
        facts, snapshot = base.of(guest), base.snapshot
        config: Mapping[str, Any] = {}
        if not guest.lock:
            path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}"
            check, config = await asyncio.gather(
                self._check(guest, f"{path}/migrate"),
                self._or({}, lambda: self._get(f"{path}/config")),
            )
            config = config if isinstance(config, dict) else {}
            facts = with_cards(with_check(facts, check, config), snapshot)
        if not sees_networks(snapshot.one(Rights, guest.cluster)):
            here = next((p.bridges for p in base.places if p.host.name == guest.node), None)
            facts = msgspec.structs.replace(facts, bridges=facts.bridges & (here or frozenset()))
        copies = replicas.get(guest.vmid, frozenset()) - {guest.node}
        facts = msgspec.structs.replace(facts, replicas=copies)
        needs = facts.needs
        first = next(iter(needs), "")
        return Charge(
            facts,
            needs,
            models(snapshot, guest.cluster, first, guest.node) if first else "",
            copies,
            facts.binds,
            sum(disk.size for disk in facts.local_disks if not disk.cdrom),
            base.lacks(guest),
        )

    async def _check(self, guest: Guest, path: str) -> Mapping[str, Any] | Unasked:
        try:
            answer = await self._get(path)
        except Rejected as error:
            if guest.kind == "lxc" and error.status == 501:
                return Unasked(_("this version has no check for containers"))
            return unasked_for(error)
        except LabError as error:
            return unasked_for(error)
        if not isinstance(answer, dict):
            return Unasked(_("the server's check gave no answer"))
        return answer
