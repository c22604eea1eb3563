"""The two ways to a driver's tool: the guest agent's `exec`, and SSH. Only `tools.allowed` passes.

Through the agent a program runs as root in the guest, so the server wants a strong right for it,
and it is a POST; what is run changes nothing all the same.
"""

from __future__ import annotations

import asyncio
import shlex
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NamedTuple, Protocol

from labtui.config.schema import SshConfig
from labtui.locale import _
from labtui.model.cluster import Rights
from labtui.model.errors import LabError, Rejected, TimedOut, Unexpected, Unreachable
from labtui.model.snapshot import Snapshot
from labtui.model.use import Way
from labtui.sources import limits
from labtui.sources.gpu.targets import Target, hop_to
from labtui.sources.gpu.tools import Command, allowed
from labtui.sources.proxmox.connect import Endpoints
from labtui.sources.proxmox.decode import plain
from labtui.sources.ssh.connect import CONNECT_LIMIT, connect, end, way_to
from labtui.sources.ssh.run import run
from labtui.sources.threads import Threads
from labtui.sources.trace import note

MISSING = 127
_LIMIT = 15.0
_FIRST_LOOK, _SLOWEST_LOOK = 0.3, 2.0
_NO_PROGRAM = ("Failed to execute child process", "No such file", "not found")


class Said(NamedTuple):
    """How a program ended. `status` is `MISSING` when there is no such program."""

    status: int
    out: str
    err: str = ""


Run = Callable[[Command], Awaitable[Said]]


class Asker(Protocol):
    """A way to run one of the tools' commands in a place."""

    way: Way

    def against(self, target: Target, snapshot: Snapshot) -> str:
        """Why that place can't be asked, known in advance; empty when it can."""

    def opened(self, target: Target, snapshot: Snapshot) -> AbstractAsyncContextManager[Run]:
        """A context in which commands run there: gives a `Run`. Raises `LabError`."""

    def close(self) -> None:
        """Let go of threads."""


def checked(command: Command) -> Command:
    """The command; raises `Unexpected` for one that is never run."""
    if not allowed(command):
        raise Unexpected(_("not run"), why=_("no such command is ever run"))
    return command


def exec_right(rights: Rights) -> str:
    """The privilege for `agent/exec`: 9.x split VM.Monitor up."""
    old = rights.version.startswith(("7.", "8."))
    return "VM.Monitor" if old else "VM.GuestAgent.Unrestricted"


class AgentAsker:
    """Through the QEMU guest agent of a guest."""

    way: Way = "agent"

    def __init__(self, cluster: str, endpoints: Endpoints) -> None:
        self._cluster = cluster
        self._endpoints = endpoints

    def against(self, target: Target, snapshot: Snapshot) -> str:
        """No agent in its configuration, or the right is missing."""
        if not target.agent:
            return _("its configuration has no agent")
        rights, path = snapshot.one(Rights, self._cluster), f"/vms/{target.vmid}"
        if rights is not None and not rights.allows(exec_right(rights), path):
            text = _("the right {privilege} on {path} is missing")
            return text.format(privilege=exec_right(rights), path=path)
        return ""

    @asynccontextmanager
    async def opened(self, target: Target, snapshot: Snapshot) -> AsyncIterator[Run]:
        """Each command is begun and looked after until it has ended."""
        del snapshot
        path = f"/nodes/{target.node}/qemu/{target.vmid}/agent"

        async def ask(command: Command) -> Said:
            return await self._ask(path, checked(command), target)

        yield ask

    async def _ask(self, path: str, command: Command, target: Target) -> Said:
        what = _("asking guest {guest} for the use of its GPUs").format(guest=target.vmid)
        try:
            # The values of a list with a zero byte between them, as the server joins them.
            begun = await self._endpoints.write(
                "POST", f"{path}/exec", what, plain, _LIMIT, {"command": "\0".join(command)}
            )
        except Rejected as error:
            if any(word in error.said for word in _NO_PROGRAM):
                return Said(MISSING, "", error.said)
            raise
        pid = begun.value.get("pid") if isinstance(begun.value, dict) else None
        if isinstance(pid, bool) or not isinstance(pid, int):
            raise Unexpected(what, where=begun.via, why=_("the answer lacks parts, or has others"))
        ends, pause = time.monotonic() + _LIMIT, _FIRST_LOOK
        while time.monotonic() < ends:
            await asyncio.sleep(pause)
            pause = min(2 * pause, _SLOWEST_LOOK)
            answer = await self._endpoints.read(
                f"{path}/exec-status", what, plain, limits.STATUS.whole, {"pid": pid}
            )
            told = answer.value if isinstance(answer.value, dict) else {}
            if told.get("exited"):
                return _ended(told)
        raise TimedOut(what, where=target.node, why=_("the program has not ended"))

    def close(self) -> None:
        """Nothing of its own."""


def _ended(told: dict[str, Any]) -> Said:
    """The answer of `exec-status`; a program killed by a signal has no status."""
    status = told.get("exitcode")
    good = isinstance(status, int) and not isinstance(status, bool)
    out, err = str(told.get("out-data") or ""), str(told.get("err-data") or "")
    return Said(int(status or 0) if good and "signal" not in told else -1, out, err)


class ShellAsker:
    """Over SSH, in guests and on nodes. `hosts` are those of the cluster's `ssh`."""

    way: Way = "ssh"

    def __init__(self, cluster: str, hosts: tuple[str, ...], ssh: SshConfig) -> None:
        self._cluster = cluster
        self._hosts = hosts
        self._ssh = ssh
        self._threads: Threads[None] = Threads(f"ssh gpu {cluster}", lambda: None, size=1)

    def against(self, target: Target, snapshot: Snapshot) -> str:
        """Nothing leads there."""
        hop = hop_to(target, snapshot, self._cluster, self._ssh, self._hosts)
        if hop is None:
            return _("its address is not known: name it in [ssh.hosts]")
        return "" if hop.user else _("no user for it: name one in [ssh.users]")

    @asynccontextmanager
    async def opened(self, target: Target, snapshot: Snapshot) -> AsyncIterator[Run]:
        """One connection for the commands of one place, ended after them."""
        hop = hop_to(target, snapshot, self._cluster, self._ssh, self._hosts)
        if hop is None:
            raise Unreachable(_("connecting over SSH"), where=target.name)
        limit = min(CONNECT_LIMIT, _LIMIT)
        connection = await connect(way_to(hop, self._ssh), self._ssh, self._threads, limit)
        where = hop.address.host
        what = _("asking {name} for the use of its GPUs").format(name=target.name)

        async def ask(command: Command) -> Said:
            line, began, outcome = shlex.join(checked(command)), time.monotonic(), "cancelled"
            try:
                done = await run(connection, line, what, where, _LIMIT)
                outcome = f"exit {done.status}"
            except LabError as error:
                outcome = error.kind
                raise
            finally:
                note("ssh", where, "run", line, began, outcome)
            out, err = done.out.decode("utf-8", "replace"), done.err.decode("utf-8", "replace")
            return Said(done.status, out, err)

        try:
            yield ask
        finally:
            end(connection)

    def close(self) -> None:
        """Let the thread go."""
        self._threads.close()
