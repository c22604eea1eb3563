"""One Proxmox VE cluster as a source: its feeds, and what actions ask of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from labtui.config.schema import GpuConfig, ProxmoxConfig, SshConfig
from labtui.locale import _
from labtui.model.cluster import Resources, Rights, Tasks
from labtui.model.errors import Unexpected
from labtui.model.feed import Feed
from labtui.model.snapshot import Part, Snapshot
from labtui.sources import limits
from labtui.sources.proxmox.asking import Answer
from labtui.sources.proxmox.connect import Endpoints
from labtui.sources.proxmox.console import Console, open_console
from labtui.sources.proxmox.decode import plain, shortened
from labtui.sources.proxmox.errors import Question
from labtui.sources.proxmox.hardware_feed import HardwareFeed
from labtui.sources.proxmox.node_feeds import BuildFeed, HealthFeed
from labtui.sources.proxmox.probe import EndpointReport, probe_endpoint
from labtui.sources.proxmox.pvesh import Pvesh
from labtui.sources.proxmox.requests import read_requests
from labtui.sources.proxmox.resources import read_resources
from labtui.sources.proxmox.safeguard_feeds import AgentFeed, CephFeed, SafeguardFeed
from labtui.sources.proxmox.status import (
    read_ha,
    read_privileges,
    read_tasks,
    read_version,
)
from labtui.sources.proxmox.sweeps import ConfigFeed
from labtui.sources.proxmox.tasks import TaskStatus, read_log, read_status
from labtui.sources.proxmox.upid import Upid, parse_upid
from labtui.sources.proxmox.witnesses import Witnesses
from labtui.sources.source import FeedSpec, Reading
from labtui.sources.ssh.command import NodeShells

if TYPE_CHECKING:
    from labtui.sources.gpu.feed import UseFeed
    from labtui.sources.gpu.ways import Asker

_T = TypeVar("_T")
_P = TypeVar("_P", bound=Part)


class ProxmoxSource:
    """A cluster behind one or more endpoints.

    `ask_totp` gives a fresh code of the second factor when a password login asks for one; it is
    called in a worker thread. `clock` is seconds since the epoch. `ssh` is how the hosts of
    `config.ssh` are reached, which answer when no endpoint does.
    """

    def __init__(
        self,
        config: ProxmoxConfig,
        ask_totp: Callable[[], str] | None = None,
        clock: Callable[[], float] = time.time,
        ssh: SshConfig | None = None,
        gpu: GpuConfig | None = None,
        *,
        held: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        self.name = config.name
        self._config = config
        self._endpoints = Endpoints(config, ask_totp, shell=_shell(config, ssh))
        self._shells = NodeShells(config.name, config.ssh, ssh or SshConfig())
        self._witnesses = Witnesses(config.name, self._endpoints, time.monotonic)
        self._configs = ConfigFeed(self.name, self._endpoints, clock)
        self._hardware = HardwareFeed(self.name, self._endpoints, clock)
        self._health = HealthFeed(self.name, self._endpoints, clock)
        self._build = BuildFeed(self.name, self._endpoints, clock)
        self._safeguards = SafeguardFeed(self.name, self._endpoints)
        self._ceph = CephFeed(self._endpoints)
        self._agents = AgentFeed(self.name, self._endpoints, clock)
        self._use = self._use_feed(gpu or GpuConfig(), ssh or SshConfig(), clock, held)

    def feeds(self) -> tuple[FeedSpec, ...]:
        """Statistics are ten seconds old at the server, so nothing is read more often than 5 s."""

        def spec(
            topic: str,
            read: Callable[[Snapshot], Awaitable[Reading]],
            pace: float,
            idle: float,
            deadline: float,
            after: tuple[str, ...] = (),
        ) -> FeedSpec:
            feed = Feed("proxmox", self.name, topic)
            return FeedSpec(feed, read, pace, idle, deadline, after)

        first = ("resources", "membership", "rights")
        return (
            spec("resources", self._read_resources, 5, 10, 14),
            spec("membership", self._witnesses.read, 5, 10, 12),
            spec("tasks", self._read_tasks, 5, 10, 12),
            spec("ha", self._read_ha, 10, 20, 12),
            spec("rights", self._read_rights, 300, 600, 24),
            spec("hardware", self._hardware.read, 120, 300, 100),
            spec("configs", self._configs.read, 5, 10, 40),
            # What the first rows do not need waits until those are there.
            spec("health", self._health.read, 60, 120, 60, first),
            spec("build", self._build.read, 900, 1800, 90, (*first, "configs", "health")),
            spec("safeguards", self._safeguards.read, 300, 600, 24, first),
            spec("ceph", self._ceph.read, 120, 300, 14, first),
            spec("agents", self._agents.read, 10, 20, 20, (*first, "configs")),
            spec("requests", self._read_requests, 60, 300, 12, first),
            *(
                (spec("use", self._use.read, 45, 90, 60, (*first, "configs", "hardware")),)
                if self._use is not None
                else ()
            ),
        )

    async def close(self) -> None:
        """Let go of threads and connections; hung ones end by themselves."""
        await self._witnesses.close()
        await self._configs.close()
        await self._hardware.close()
        await self._health.close()
        await self._build.close()
        await self._agents.close()
        if self._use is not None:
            await self._use.close()
        self._shells.close()
        await self._endpoints.close()

    def shell(self, node: str, address: str) -> tuple[str, str, str]:
        """(URL of that node's shell, words before a command there, jump hosts), for a plan.

        Raises `Rejected` where commands may not be run. `address` is the cluster's own for it.
        """
        where, words = self._shells.place(node, address)
        return where, words, self._shells.way(where)

    async def get(
        self, path: str, deadline: float = limits.STATUS.whole, **params: str | int
    ) -> Any:
        """GET: `data` as plain Python values, not cleaned. Raises `LabError`."""
        answer = await self._endpoints.read(
            path, _("asking {path}").format(path=path), plain, deadline, params
        )
        return answer.value

    async def call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int],
        deadline: float = limits.WRITE.whole,
    ) -> Any:
        """POST, PUT or DELETE: `data` as plain Python values, a UPID for most. Never repeated.

        SSH: one command in the shell `path`; what it says. Raises `OutcomeUnknown` when it was sent
        and the answer was lost, else `LabError`.
        """
        if method == "SSH":
            return await self._shells.run_command(path, str(params.get("command", "")), deadline)
        if method.upper() not in ("POST", "PUT", "DELETE"):
            raise ValueError(method)
        what = f"{method.upper()} {path}"
        answer = await self._endpoints.write(method, path, what, plain, deadline, params)
        return answer.value

    def ask_config(self, vmid: int) -> None:
        """Have the configuration of that guest read next: it may have changed."""
        self._configs.ask(vmid)

    async def console(self, path: str) -> Console:
        """The console of the guest or node of that path (`/nodes/N`, `/nodes/N/qemu/ID`).

        Raises `LabError`; the caller closes it.
        """
        return await open_console(self._endpoints, path, self._config.tls)

    async def task_status(self, upid: str, deadline: float = limits.STATUS.whole) -> TaskStatus:
        """How a task is doing, asked of the node that it runs on. Raises `LabError`."""
        task = self._task(upid)
        path = f"/nodes/{task.node}/tasks/{task.text}/status"
        return (await self._read(path, _("asking for a task"), read_status, deadline)).value

    async def task_log(
        self, upid: str, start: int = 0, deadline: float = limits.STATUS.whole
    ) -> list[tuple[int, str]]:
        """(number from 1, cleaned text) of the lines after line `start`. Raises `LabError`."""
        task = self._task(upid)
        path = f"/nodes/{task.node}/tasks/{task.text}/log"
        params = {"start": start, "limit": 1000}
        what = _("reading the log of a task")
        answer = await self._endpoints.read(path, what, read_log, deadline, params)
        # A node that is asked beyond the end may send its last line again.
        return [line for line in answer.value if line[0] > start]

    async def probe(self) -> tuple[EndpointReport, ...]:
        """What each endpoint says to this configuration, in order; each is asked alone."""
        user = self._endpoints.login.user
        asked = (probe_endpoint(endpoint, user) for endpoint in self._endpoints.all)
        return tuple(await asyncio.gather(*asked))

    async def _read(
        self, path: str, what: str, decode: Callable[[bytes, Question], _T], deadline: float
    ) -> Answer[_T]:
        return await self._endpoints.read(path, what, decode, deadline)

    async def _read_resources(self, snapshot: Snapshot) -> Reading:
        before = snapshot.one(Resources, self.name)
        answer = await self._read(
            "/cluster/resources",
            _("reading nodes, guests and storages"),
            lambda body, question: read_resources(body, question, self.name, before),
            limits.CLUSTER.whole,
        )
        return _reading(answer)

    async def _read_tasks(self, snapshot: Snapshot) -> Reading:
        before = snapshot.one(Tasks, self.name)
        answer = await self._read(
            "/cluster/tasks",
            _("reading the tasks"),
            lambda body, question: read_tasks(body, question, self.name, before),
            limits.STATUS.whole,
        )
        return _reading(answer)

    async def _read_ha(self, _snapshot: Snapshot) -> Reading:
        what = _("reading the state of the HA manager")
        answer = await self._read("/cluster/ha/status/current", what, read_ha, limits.STATUS.whole)
        return _reading(answer)

    async def _read_requests(self, _snapshot: Snapshot) -> Reading:
        what = _("reading who wants which cards")
        path = "/cluster/options"
        return _reading(await self._read(path, what, read_requests, limits.STATUS.whole))

    async def _read_rights(self, _snapshot: Snapshot) -> Reading:
        what = _("reading our rights")
        version = await self._read("/version", what, read_version, limits.STATUS.whole)
        held = await self._read("/access/permissions", what, read_privileges, limits.STATUS.whole)
        login = self._endpoints.login
        part = Rights(login.user, version.value, *held.value, login.kind)
        return Reading(part, held.via)

    def _use_feed(
        self,
        gpu: GpuConfig,
        ssh: SshConfig,
        clock: Callable[[], float],
        held: Callable[[], Awaitable[str]] | None,
    ) -> UseFeed | None:
        """What asks the drivers' tools, where the configuration wants that."""
        if not gpu.use:
            return None
        from labtui.sources.gpu.feed import UseFeed
        from labtui.sources.gpu.ways import AgentAsker, ShellAsker

        asker: Asker = AgentAsker(self.name, self._endpoints)
        if gpu.use == "ssh":
            asker = ShellAsker(self.name, self._config.ssh, ssh)
        return UseFeed(self.name, asker, clock, None if gpu.allow_in_read_only else held)

    def _task(self, upid: str) -> Upid:
        task = parse_upid(upid)
        if task is None:
            raise Unexpected(
                _("asking for a task"), where=self.name, why=_("not the name of a task")
            )
        return task


def _shell(config: ProxmoxConfig, ssh: SshConfig | None) -> Pvesh | None:
    if not config.ssh:
        return None
    return Pvesh(config.ssh, ssh or SshConfig())


def _reading(answer: Answer[tuple[_P, tuple[str, ...]]]) -> Reading:
    part, complaints = answer.value
    return Reading(part, answer.via, shortened(complaints))
