"""Reads through `pvesh get` over SSH, for when pveproxy is dead on every node but SSH lives.

pvesh asks pmxcfs and the API's own code on its node, without pveproxy. It answers with the same
data as the API (`PVE/CLI/pvesh.pm`), a second or so per call, so few are under way at once. Only
reads go this way: what root may do over SSH is no measure of what the console's account may do.
"""

from __future__ import annotations

import asyncio
import re
import shlex
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from labtui.config.address import hop_of
from labtui.config.schema import Hop, SshConfig
from labtui.locale import _
from labtui.model.errors import HostKeyFailed, LabError, Refused, TimedOut, Unexpected, Unreachable
from labtui.sources.breaker import Breaker
from labtui.sources.proxmox.client import Params, checked_path
from labtui.sources.proxmox.errors import NodeUnreachable, Question, from_status
from labtui.sources.ssh.connect import CONNECT_LIMIT, connect, end, way_to
from labtui.sources.ssh.run import Finished, run
from labtui.sources.threads import Threads
from labtui.sources.trace import note

if TYPE_CHECKING:
    import asyncssh

_AT_ONCE = 2
_NO_COMMAND = 127
_STATUS = re.compile(r"(\d{3}) ")
_SHARE = 0.6
# Without a number in front: what the API would have answered with.
_WORDS = (("Permission check failed", 403), (" handler for '", 501))
_NO_WAY = (Unreachable, TimedOut, HostKeyFailed, Refused)


class _Host:
    """One host with its connection, made when it is needed."""

    def __init__(self, hop: Hop, ssh: SshConfig, clock: Callable[[], float]) -> None:
        self.hop = Hop(hop.address, hop.user or ssh.user or "root")
        self.where = hop.address.host
        self.breaker = Breaker(clock)
        self._ssh = ssh
        self._threads: Threads[None] = Threads(f"ssh {self.where}", lambda: None, size=1)
        self._connection: asyncssh.SSHClientConnection | None = None
        self._lock = asyncio.Lock()

    async def run(self, command: str, what: str, limit: float) -> Finished:
        """Run a command there; a connection in doubt is ended. Raises `LabError`."""
        ends = time.monotonic() + limit
        async with self._lock:
            connection = self._connection
            if connection is None or connection.is_closed():
                hops = way_to(self.hop, self._ssh)
                connection = await connect(
                    hops, self._ssh, self._threads, min(limit, CONNECT_LIMIT)
                )
                self._connection = connection
        try:
            return await run(connection, command, what, self.where, ends - time.monotonic())
        except BaseException:
            self.hang_up(connection)
            raise

    def hang_up(self, connection: asyncssh.SSHClientConnection | None = None) -> None:
        """End the connection; the next caller makes a new one."""
        if connection is None or connection is self._connection:
            end(self._connection)
            self._connection = None
        else:
            end(connection)

    def close(self) -> None:
        """End everything."""
        self.hang_up()
        self._threads.close()


class Pvesh:
    """Asks the hosts of one cluster in order, the last good one first."""

    def __init__(
        self,
        hosts: Sequence[str],
        ssh: SshConfig,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hosts = [_Host(hop_of(host), ssh, clock) for host in hosts]
        self._clock = clock
        self._good: _Host | None = None
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def get(self, path: str, params: Params, what: str, limit: float) -> tuple[bytes, str]:
        """The body as the API would send it, and who said it (`ssh pve1 pvesh`).

        At most about `limit` seconds. Raises `LabError`.
        """
        ends = self._clock() + limit
        failure: LabError | None = None
        order = self._order()
        where = " ".join(host.where for host in order)
        async with _slot(self._slots, limit, what, where):
            for number, host in enumerate(order):
                left = ends - self._clock()
                if failure and left <= 0:
                    break
                share = left if number == len(order) - 1 else left * _SHARE
                try:
                    return await self._ask(host, path, params, what, share)
                except NodeUnreachable:
                    raise
                except _NO_WAY as error:
                    host.breaker.failed()
                    failure = failure or error
        raise failure or Unreachable(what, why=_("no host is configured"))

    async def close(self) -> None:
        """End all connections; waits for nothing."""
        for host in self._hosts:
            host.close()

    async def _ask(
        self, host: _Host, path: str, params: Params, what: str, limit: float
    ) -> tuple[bytes, str]:
        via = f"ssh {host.where} pvesh"
        question = Question(what, via, path)
        line = command(question, params, root=host.hop.user == "root")
        host.breaker.begin()
        began, outcome = time.monotonic(), "given up"
        try:
            done = await host.run(line, what, limit)
            outcome = f"exit {done.status}"
        except LabError as error:
            outcome = error.kind
            raise
        finally:
            note("ssh", host.where, "pvesh", path, began, outcome)
        host.breaker.answered()
        self._good = host
        if done.status != 0:
            raise refusal(question, done)
        return b'{"data":' + json_of(done.out) + b"}", via

    def _order(self) -> list[_Host]:
        def rank(host: _Host) -> tuple[bool, float, bool]:
            return not host.breaker.ready, host.breaker.until, host is not self._good

        return sorted(self._hosts, key=rank)


def command(question: Question, params: Params, *, root: bool) -> str:
    """The words of the command, quoted for the shell of the far side. Raises `Unexpected`."""
    words = ["pvesh", "get", f"/{checked_path(question)}", "--output-format", "json"]
    for name, value in params.items():
        words += [f"--{name}", str(int(value)) if isinstance(value, bool) else str(value)]
    return shlex.join(words if root else ["sudo", "-n", *words])


def json_of(out: bytes) -> bytes:
    """The JSON of an answer; warnings of Perl may stand in front of it."""
    text = out.strip()
    while text and text[:1] not in b'[{"0123456789-ntf':
        text = text.partition(b"\n")[2].lstrip()
    return text or b"null"


def refusal(question: Question, done: Finished) -> LabError:
    """The error for a command that failed, by what it complained of."""
    said = done.err.decode("utf-8", "replace").strip()
    first = said.partition("\n")[0]
    if done.status == _NO_COMMAND or "command not found" in first:
        return Unexpected(
            question.what,
            where=question.where,
            why=_("there is no pvesh"),
            remedy=_("name nodes of the cluster in ssh"),
        )
    if first.startswith("sudo:"):
        return Refused(
            question.what,
            where=question.where,
            why=_("the user may not run pvesh as root"),
            remedy=_("log in as root, or allow `sudo -n pvesh` to the user"),
        )
    if first.startswith("ssh:") or "proxy handler failed" in said:
        return from_status(question, 595, first.rpartition(": ")[2], b"")
    status = _STATUS.match(first)
    if status and 400 <= int(status[1]) < 600:
        return from_status(question, int(status[1]), first[4:], b"")
    known = (number for text, number in _WORDS if text in first)
    return from_status(question, next(known, 500), first, b"")


class _slot:  # noqa: N801 - reads as a word of the statement that it stands in
    """A place among those that ask at once; `TimedOut` when none becomes free."""

    def __init__(self, slots: asyncio.Semaphore, limit: float, what: str, where: str) -> None:
        self._slots = slots
        self._limit = limit
        self._what = what
        self._where = where

    async def __aenter__(self) -> None:
        try:
            async with asyncio.timeout(self._limit):
                await self._slots.acquire()
        except TimeoutError:
            why = _("earlier calls over SSH still run")
            raise TimedOut(self._what, where=self._where, why=why) from None

    async def __aexit__(self, *_exception: object) -> None:
        self._slots.release()
