"""The RouterOS source: one router's facts, WireGuard and BGP, and commands for actions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from labtui.config.schema import RouterConfig, SshConfig
from labtui.locale import _
from labtui.model.errors import NotFound
from labtui.model.feed import Feed
from labtui.model.overlay import Bgp, WireGuard
from labtui.model.snapshot import Snapshot
from labtui.sources import limits
from labtui.sources.routeros import bgp, history, read
from labtui.sources.routeros.connect import Line, dialling
from labtui.sources.routeros.probe import Probe, probe
from labtui.sources.routeros.sentences import Row
from labtui.sources.routeros.ways import ways_of
from labtui.sources.routeros.wire import Wire
from labtui.sources.source import FeedSpec, Reading
from labtui.sources.threads import Threads

READ_LIMIT = limits.ROUTER.whole
"""Seconds for all questions of one reading; a feed's deadline also covers the connection."""
CALL_LIMIT = limits.COMMAND.whole
"""Seconds for one command of an action."""
_DEADLINE = 10.0
# The account that may write is logged in while actions run, and not much longer.
_WRITER_IDLE = 120.0
_ONLY_READS = frozenset(("print", "get", "find", "check", "monitor", "ping"))


class RouterSource:
    """One router. `clock` gives seconds since the epoch.

    `ssh` is how to get to jump hosts, which are taken when no address answers by itself.
    """

    def __init__(
        self,
        config: RouterConfig,
        clock: Callable[[], float] = time.time,
        ssh: SshConfig | None = None,
    ) -> None:
        self.name = config.name
        self._config = config
        self._clock = clock
        self._ssh = ssh or SshConfig()
        self._ways = ways_of(config, self._ssh)
        self._reader = Line(
            config.name, self._ways, config.tls, config.username, config.password, ssh
        )
        self._writer = self._reader
        if config.write_username and config.write_password is not None:
            self._writer = Line(
                config.name,
                self._ways,
                config.tls,
                config.write_username,
                config.write_password,
                ssh,
                returns=False,
            )
        self._threads: Threads[None] = Threads(config.name, lambda: None)
        self._peers = history.Peers()
        self._sessions = history.Sessions()
        self._old_bgp = False
        self._idle: asyncio.TimerHandle | None = None

    def feeds(self) -> tuple[FeedSpec, ...]:
        """Facts every minute, WireGuard every 5 s, BGP every 10 s; slower when nobody looks."""
        reads: tuple[tuple[str, Callable[[Snapshot], Awaitable[Reading]], float, float], ...] = (
            ("facts", self._read_facts, 60.0, 120.0),
            ("wireguard", self._read_wireguard, 5.0, 20.0),
            ("bgp", self._read_bgp, 10.0, 30.0),
        )
        return tuple(
            FeedSpec(Feed("routeros", self.name, topic), reading, pace, idle, _DEADLINE)
            for topic, reading, pace, idle in reads
        )

    async def call(self, command: str, **words: str) -> tuple[list[Row], str | None]:
        """Run a command with the account for actions: its rows and the value of its `!done`.

        Words are given as `**{".id": "*1", "?name": "wg1"}`: `?` makes a query. The account for
        reading is used when there is no other. Raises `LabError`; `OutcomeUnknown` when a command
        that may change something was sent and its answer never came.
        """
        wire = await self._writer.wire()
        self._writer_in_use()
        changes = command.rpartition("/")[2] not in _ONLY_READS
        try:
            reply = await wire.ask(command, words, CALL_LIMIT, changes=changes)
        finally:
            self._writer_in_use()
        return reply.rows, reply.ret

    async def probe(self) -> Probe:
        """What each address and account is like, for `labtui check`. Raises nothing."""
        dial = dialling(self._ssh, self._threads)
        lines = [self._reader] if self._writer is self._reader else [self._reader, self._writer]
        return await probe(self.name, self._ways, self._config.tls, lines, self._threads, dial)

    async def close(self) -> None:
        """End the connections at once."""
        if self._idle is not None:
            self._idle.cancel()
        await self._reader.close()
        if self._writer is not self._reader:
            await self._writer.close()
        self._threads.close()

    # Readings

    async def _read_facts(self, _snapshot: Snapshot) -> Reading:
        ask = await self._asking()
        complaints = read.Complaints(self.name)
        identity = await ask("/system/identity", read.IDENTITY)
        resource = await ask("/system/resource", read.RESOURCE)
        rows = await ask("/ip/address", read.ADDRESS)
        addresses = read.each("/ip/address", rows, read.address, complaints)
        rows6 = [
            row
            for row in await _or_none(ask("/ipv6/address", read.ADDRESS6))
            if not read.link_local(row)
        ]
        addresses += read.each("/ipv6/address", rows6, read.address, complaints)
        part = read.facts(self.name, self._config.site, identity, resource, addresses, complaints)
        return Reading(part, self._reader.via, complaints.all)

    async def _read_wireguard(self, _snapshot: Snapshot) -> Reading:
        ask = await self._asking()
        complaints = read.Complaints(self.name)
        try:
            interface_rows = await ask("/interface/wireguard", read.WIREGUARD)
        except NotFound:
            note = _("this router has no WireGuard (it came with RouterOS 7)")
            return Reading(WireGuard(), self._reader.via, (note,))
        peer_rows = await ask("/interface/wireguard/peers", read.PEER)
        at = self._clock()
        interfaces = read.each(
            "/interface/wireguard",
            interface_rows,
            lambda row: read.interface(self.name, row),
            complaints,
        )
        peers = read.each(
            "/interface/wireguard/peers",
            peer_rows,
            lambda row: (read.peer(self.name, row, at), read.counted(row)),
            complaints,
        )
        part = WireGuard(tuple(interfaces), self._peers.settle(peers, at))
        return Reading(part, self._reader.via, complaints.all)

    async def _read_bgp(self, _snapshot: Snapshot) -> Reading:
        ask = await self._asking()
        complaints = read.Complaints(self.name)
        if self._old_bgp:
            return await self._read_old_bgp(ask, complaints)
        try:
            rows = await ask("/routing/bgp/connection", bgp.CONNECTION)
        except NotFound as absent:
            try:
                reading = await self._read_old_bgp(ask, complaints)
            except NotFound:
                raise absent from None
            self._old_bgp = True
            return reading
        session_rows = await ask("/routing/bgp/session", bgp.SESSION)
        at = self._clock()
        shared = await self._shared_as(ask, rows, complaints)
        connections = read.each(
            "/routing/bgp/connection",
            rows,
            lambda row: bgp.connection(self.name, row, shared),
            complaints,
        )
        sessions = read.each(
            "/routing/bgp/session",
            session_rows,
            lambda row: bgp.session(self.name, row, at),
            complaints,
        )
        part = Bgp(tuple(connections), self._sessions.settle(sessions))
        return Reading(part, self._reader.via, complaints.all)

    async def _read_old_bgp(self, ask: _Ask, complaints: read.Complaints) -> Reading:
        menu = "/routing/bgp/peer"
        rows = await ask(menu, bgp.PEER6)
        at = self._clock()
        both = read.each(menu, rows, lambda row: bgp.peer6(self.name, row, at), complaints)
        part = Bgp(
            tuple(connection for connection, _session in both),
            self._sessions.settle(session for _connection, session in both),
        )
        return Reading(part, self._reader.via, complaints.all)

    async def _shared_as(
        self, ask: _Ask, rows: Sequence[Row], complaints: read.Complaints
    ) -> dict[str, int]:
        """The AS of each instance or template that a connection takes its own from."""
        wanted = {name.partition(" ")[0] for row in rows for name in bgp.shares(row)}
        shared: dict[str, int] = {}
        for kind in sorted(wanted):
            menu = f"/routing/bgp/{kind}"
            found = await _or_none(ask(menu, bgp.AS_OF))
            shared.update(bgp.shared_as(kind, found, complaints))
        return shared

    # The connection

    async def _asking(self) -> _Ask:
        """A function that prints a menu; all its questions together have `READ_LIMIT`."""
        return _Ask(await self._reader.wire())

    def _writer_in_use(self) -> None:
        if self._writer is self._reader:
            return
        if self._idle is not None:
            self._idle.cancel()
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(_WRITER_IDLE, self._writer.hang_up)


class _Ask:
    """Prints menus of one connection for one reading."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._loop = asyncio.get_running_loop()
        self._until = self._loop.time() + READ_LIMIT

    async def __call__(self, menu: str, fields: Sequence[str]) -> list[Row]:
        words = {".proplist": ",".join(fields)}
        left = self._until - self._loop.time()
        return (await self._wire.ask(f"{menu}/print", words, left)).rows


async def _or_none(question: Awaitable[list[Row]]) -> list[Row]:
    """The rows, or none when the router has no such menu."""
    try:
        return await question
    except NotFound:
        return []
