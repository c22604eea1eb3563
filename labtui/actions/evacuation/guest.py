"""The reads of an evacuation's survey: about one node, about one guest, about the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import msgspec

from labtui.actions.action import Right, Wire
from labtui.actions.evacuation.cards import mapped_devices, models
from labtui.actions.evacuation.facts import Charge, EvacuationFacts, Place, host_of
from labtui.actions.evacuation.rules import HaRules, of_groups, of_rules
from labtui.actions.interlock import Standing
from labtui.actions.migration.answers import MigrationFacts, Target, listed, with_check
from labtui.locale import _
from labtui.model.cluster import Node, Resources, Rights
from labtui.model.errors import LabError, NotFound, Rejected
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

    def of(self, guest: Guest) -> MigrationFacts:
        """The facts of a guest before the server has been asked about it."""
        targets = tuple(
            Target(node, online=True) for node in self.resources.nodes if node.name != guest.node
        )
        return MigrationFacts(
            guest=guest,
            running=guest.status == "running",
            read_at=self.now,
            standing=Standing(),
            targets=targets,
            shared_storages=frozenset(s.name for s in self.resources.storages if s.shared),
            known_storages=frozenset(s.name for s in self.resources.storages),
            managed=bool(guest.ha_state) and guest.ha_state != "ignored",
            own_job=any(j.running and j.subject == guest.key for j in self.snapshot.jobs),
            status=guest.status,
        )

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
            self._or(None, lambda: self._bridges(node.name)),
            self._or(("", ""), lambda: self._status(node.name)),
        )
        return msgspec.structs.replace(place, bridges=bridges, processor=told[0], version=told[1])

    async def _bridges(self, node: str) -> frozenset[str] | None:
        rows = await self._get(f"/nodes/{node}/network", type="any_bridge")
        return frozenset(
            clean(str(row.get("iface", ""))) for row in listed(rows) if isinstance(row, dict)
        )

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
        try:
            return of_rules(await self._get("/cluster/ha/rules"))
        except (Rejected, NotFound):
            pass
        except LabError as error:
            return HaRules(unread=error.why or error.what)
        try:
            groups = await self._get("/cluster/ha/groups")
            return of_groups(groups, await self._get("/cluster/ha/resources"))
        except LabError as error:
            return HaRules(unread=error.why or error.what)

    async def replicas(self) -> dict[int, frozenset[str]]:
        """Guest number -> nodes that have a copy of its disks."""
        rows: Any = await self._or(None, lambda: self._get("/cluster/replication"))
        found: dict[int, frozenset[str]] = {}
        for row in listed(rows):
            if isinstance(row, dict) and isinstance(row.get("guest"), int | str):
                text = str(row["guest"])
                if text.isdigit() and not row.get("disable"):
                    node = frozenset((clean(str(row.get("target", ""))),))
                    found[int(text)] = found.get(int(text), frozenset()) | node
        return found

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
            facts = with_check(facts, check, config)
        needs = mapped_devices(snapshot, guest) or _mapped(config)
        first = next(iter(needs), "")
        return Charge(
            facts,
            needs,
            models(snapshot, guest.cluster, first, guest.node) if first else "",
            replicas.get(guest.vmid, frozenset()),
            _binds(config) if guest.kind == "lxc" else (),
            _local_bytes(facts, config),
            base.lacks(guest),
        )

    async def _check(self, guest: Guest, path: str) -> Mapping[str, Any] | str:
        try:
            answer = await self._get(path)
        except Rejected as error:
            if guest.kind == "lxc" and error.status == 501:
                return _("this version has no check for containers")
            return error.why or error.what
        except LabError as error:
            return error.why or error.what
        return answer if isinstance(answer, dict) else _("the server's check gave no answer")


def _mapped(config: Mapping[str, Any]) -> dict[str, int]:
    """Mappings in a configuration that was read just now."""
    needs: dict[str, int] = {}
    for key, value in config.items():
        if key.startswith("hostpci") and isinstance(value, str):
            for part in value.split(","):
                name, equals, text = part.partition("=")
                if equals and name == "mapping":
                    needs[clean(text)] = needs.get(clean(text), 0) + 1
    return needs


def _binds(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Mount points of a container that are folders of its node (pve-container `Migrate.pm`)."""
    return tuple(
        clean(key)
        for key, value in sorted(config.items())
        if key.startswith("mp") and key[2:].isdigit() and isinstance(value, str)
        if value.startswith("/") and "shared=1" not in value.split(",")
    )


_SCALE = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def _local_bytes(facts: MigrationFacts, config: Mapping[str, Any]) -> int:
    """Bytes of local disks; a container's are not told by the server's check."""
    if facts.guest.kind == "qemu":
        return sum(disk.size for disk in facts.local_disks if not disk.cdrom)
    total = 0
    for key, value in config.items():
        if key == "rootfs" or (key.startswith("mp") and key[2:].isdigit()):
            parts = str(value).split(",")
            storage = parts[0].partition(":")[0]
            size = next((part[5:] for part in parts if part.startswith("size=")), "")
            if storage in facts.known_storages - facts.shared_storages and size[:-1].isdigit():
                total += int(size[:-1]) * _SCALE.get(size[-1], 0)
    return total
