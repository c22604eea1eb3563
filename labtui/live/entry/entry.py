"""The doors of a lab: whether they may be opened, and what is behind each.

A shell and a console change what somebody types there, so they pass the same gate as every other
write: a console that is read-only, frozen or not elevated opens none, unless the configuration says
`allow_in_read_only`. What is open when a freeze comes stays open.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from labtui.actions.action import Call, Plan
from labtui.config.address import hops_of
from labtui.config.entering import ESCAPES, matching
from labtui.config.schema import Config, Hop, RouterConfig
from labtui.live.entry import addresses, hindrances
from labtui.live.entry.ssh_order import Order, order
from labtui.live.holdback import Holdback
from labtui.live.store import Store
from labtui.locale import _
from labtui.model.entry import Door, Place, Way
from labtui.model.errors import LabError, NotFound, Rejected
from labtui.model.jobs import Job, JobState
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.live.audit import Audit
    from labtui.live.entry.pages import Page
    from labtui.sources.proxmox.console import Console

_log = logging.getLogger(__name__)
_ASKING = 5.0


class Cluster(Protocol):
    """What of a Proxmox VE source is needed here."""

    async def get(self, path: str, deadline: float = 10.0, **params: str | int) -> Any: ...

    async def console(self, path: str) -> Console: ...


class Ways(msgspec.Struct, frozen=True):
    """The ways to a place, best first. `chosen` is how many of them are of equal rank.

    `missing`: what was asked for an address and gave none.
    """

    ways: tuple[Way, ...] = ()
    chosen: int = 0
    missing: tuple[str, ...] = ()


class Entry:
    """Opens shells and consoles. `clusters` are the sources by name, once they are there."""

    def __init__(
        self,
        config: Config,
        store: Store,
        gate: Holdback,
        clusters: Mapping[str, Cluster],
        *,
        audit: Audit | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._config = config
        self._store = store
        self._gate = gate
        self._clusters = clusters
        self._audit = audit
        self._count = 0
        self._clock = clock

    @property
    def escape(self) -> tuple[str, int]:
        """The key that leaves a console, and its byte."""
        key = self._config.console.escape
        return key, ESCAPES[key]

    @cached_property
    def ssh(self) -> str:
        """The path of the `ssh` of this machine, empty when there is none."""
        return shutil.which("ssh") or ""

    def against(self, door: Door, place: Place) -> str:
        """Why that door can't be opened as far as can be told at once; empty when it may."""
        if not self._allowed(door) and (held := self._gate.sentence()):
            return held
        if door == "console":
            return hindrances.of_console(place, self._store.snapshot)
        return hindrances.of_ssh(place, self.ssh)

    async def ways(self, place: Place) -> Ways:
        """Where that place can be reached, in the order of the sources. Raises `LabError`.

        The agent is asked only when the configuration names no address.
        """
        await self._let("ssh", place)
        missing: list[str] = []
        groups = [addresses.from_config(self._config.ssh, place)]
        if not groups[0]:
            if place.kind == "guest":
                groups.append(await self._by_agent(place, missing))
            groups.append(addresses.from_cluster(place, self._store.snapshot))
            groups.append(addresses.from_router(self._router(place)))
            groups.append(addresses.from_netbox(place, self._store.snapshot))
        users = self._users(place)
        ranked = [addresses.with_users(group, users) for group in groups if group]
        every = addresses.with_users((way for group in groups for way in group), users)
        if not every:
            raise hindrances.no_address(place, missing, self._store.snapshot)
        return Ways(tuple(every), len(ranked[0]), tuple(missing))

    def pages(self, noun: str, key: str) -> tuple[Page, ...]:
        """Where a browser shows the row of that noun and key."""
        from labtui.live.entry.pages import pages

        return pages(noun, key, self._store.snapshot, self._config)

    def order(self, way: Way, place: Place) -> Order:
        """The command line for that way. Raises `Rejected`."""
        config = self._config
        return order(config.ssh, way, self._jumps(place), alone=config.demo)

    async def console(self, place: Place) -> Console:
        """Open the console of a guest or node. Raises `LabError`; the caller closes it."""
        await self._let("console", place)
        cluster = self._cluster(place)
        if place.kind == "guest" and place.guest == "qemu":
            config = await cluster.get(f"{place.path}/config", _ASKING)
            if against := hindrances.of_serial(place, config):
                raise Rejected(
                    _("not opened"), where=place.label, why=against[0], remedy=against[1]
                )
        return await cluster.console(place.path)

    async def opened(self, door: Door, place: Place, by: str) -> Job:
        """Write into the audit that a door opens, by that way. The result is for `closed`."""
        now = self._clock()
        verb = "SSH" if door == "ssh" else "POST"
        path = f"{place.path}/termproxy" if door == "console" else by
        title = _("shell on {label}") if door == "ssh" else _("console of {label}")
        self._count += 1
        job = Job(
            f"{door}-{self._count}",
            f"shell.{door}",
            f"{place.source}/{place.vmid or place.name}",
            title.format(label=place.label),
            "running",
            started=now,
        )
        calls = (Call(place.source, verb, path),)
        plan = Plan(job.action, job.subject, job.title, now, calls=calls)
        _log.info("%s opened %s by %s", door, job.subject, by)
        if self._audit is not None:
            await self._audit.begun(job, plan, self._store.snapshot, now)
        return job

    async def closed(self, job: Job, state: JobState, note: str) -> None:
        """Write down that it was closed, and how."""
        now = self._clock()
        _log.info("%s closed: %s, %s", job.action, state, note)
        if self._audit is not None:
            ended = msgspec.structs.replace(job, state=state, note=note, ended=now)
            await self._audit.ended(ended, now)

    async def _let(self, door: Door, place: Place) -> None:
        """Raise `Rejected` unless it may be opened now; the freeze file is looked at anew."""
        await self._gate.look()
        if not self._allowed(door) and (held := self._gate.why_not()) is not None:
            raise Rejected(_("not opened"), where=place.label, why=held.why, remedy=held.remedy)
        if against := self.against(door, place):
            raise Rejected(_("not opened"), where=place.label, why=against)

    def _allowed(self, door: Door) -> bool:
        config = self._config
        section = config.ssh if door == "ssh" else config.console
        return section.allow_in_read_only

    async def _by_agent(self, place: Place, missing: list[str]) -> list[Way]:
        if place.away or place.stopped:
            return []
        path = "interfaces" if place.guest == "lxc" else "agent/network-get-interfaces"
        try:
            async with asyncio.timeout(_ASKING):
                answer = await self._cluster(place).get(f"{place.path}/{path}", _ASKING)
        except (LabError, TimeoutError) as error:
            told = error.why or error.what if isinstance(error, LabError) else _("no answer")
            missing.append(_("agent: {why}").format(why=told))
            return []
        return addresses.from_agent(answer)

    def _users(self, place: Place) -> tuple[str, ...]:
        ssh = self._config.ssh
        return matching(ssh.users, place.kind, place.name) or ((ssh.user,) if ssh.user else ())

    def _jumps(self, place: Place) -> tuple[Hop, ...]:
        router = self._router(place)
        return hops_of((router.jump if router is not None else "") or self._config.ssh.jump)

    def _router(self, place: Place) -> RouterConfig | None:
        if place.kind != "router":
            return None
        return next((each for each in self._config.routers if each.name == place.name), None)

    def _cluster(self, place: Place) -> Cluster:
        try:
            return self._clusters[place.source]
        except KeyError:
            what = _("no such cluster in the configuration")
            raise NotFound(what, where=place.source) from None

    @property
    def snapshot(self) -> Snapshot:
        """What is known of the lab."""
        return self._store.snapshot

    @property
    def routers(self) -> tuple[str, ...]:
        """The names of the routers in the configuration."""
        return tuple(router.name for router in self._config.routers)
