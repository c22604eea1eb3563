"""The RouterOS source: one router's facts, WireGuard and BGP, and commands for actions."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

import msgspec

from labtui.config.schema import OverlayConfig, RouterConfig, SshConfig
from labtui.locale import _
from labtui.model.errors import NotFound, Rejected
from labtui.model.feed import Feed
from labtui.model.lookup import Sighting
from labtui.model.overlay import Bgp, Sensor, WireGuard
from labtui.model.pings import Ping, Pinged
from labtui.model.route_checks import RouteCheck, RouteQuestion
from labtui.model.routes import RouteAnswer
from labtui.model.snapshot import Snapshot
from labtui.sources import limits
from labtui.sources.routeros import bgp, history, ping, read, routes
from labtui.sources.routeros.asking import Ask, Kept, if_allowed, or_none
from labtui.sources.routeros.connect import Line, dialling
from labtui.sources.routeros.interfaces import InterfaceReader
from labtui.sources.routeros.neighbours import neighbours
from labtui.sources.routeros.ospf import OspfReader
from labtui.sources.routeros.probe import Probe, probe
from labtui.sources.routeros.sentences import Row
from labtui.sources.routeros.ways import ways_of
from labtui.sources.routeros.write import CALL_LIMIT, Writer, none_configured
from labtui.sources.source import FeedSpec, Reading
from labtui.sources.threads import Threads

READ_LIMIT = limits.ROUTER.whole
"""Seconds for all questions of one reading; a feed's deadline also covers the connection."""
_DEADLINE = 10.0
# Sensors change slowly, and a virtual router has none.
_HEALTH = 300.0
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
        overlay: OverlayConfig | None = None,
    ) -> None:
        self.name = config.name
        self._outside = (overlay or OverlayConfig()).outside
        self._config = config
        self._clock = clock
        self._ssh = ssh or SshConfig()
        self._ways = ways_of(config, self._ssh)
        self._reader = Line(
            config.name, self._ways, config.tls, config.username, config.password, ssh
        )
        line: Line | None = None
        if config.write_username and config.write_password is not None:
            line = Line(
                config.name,
                self._ways,
                config.tls,
                config.write_username,
                config.write_password,
                ssh,
                returns=False,
            )
        self._writer = Writer(config.name, line)
        self._threads: Threads[None] = Threads(config.name, lambda: None)
        self._peers = history.Peers()
        self._sessions = history.Sessions()
        self._old_bgp = False
        self._interfaces = InterfaceReader(config.name)
        self._ospf = OspfReader()
        self._health: Kept[tuple[Sensor, ...]] = Kept(_HEALTH)

    def feeds(self) -> tuple[FeedSpec, ...]:
        """What changes quickly is read often, what is long rarely; slower when nobody looks."""
        reads: tuple[tuple[str, Callable[[Snapshot], Awaitable[Reading]], float, float], ...] = (
            ("facts", self._read_facts, 60.0, 120.0),
            ("wireguard", self._read_wireguard, 5.0, 20.0),
            ("bgp", self._read_bgp, 10.0, 30.0),
            ("interfaces", partial(self._read_by, self._interfaces), 15.0, 60.0),
            ("ospf", partial(self._read_by, self._ospf), 15.0, 60.0),
            ("routes", self._read_routes, 60.0, 300.0),
        )
        after = {"routes": ("bgp",)}
        return tuple(
            FeedSpec(
                Feed("routeros", self.name, topic),
                reading,
                pace,
                idle,
                _DEADLINE,
                after.get(topic, ()),
            )
            for topic, reading, pace, idle in reads
        )

    async def look_up(self, address: str) -> RouteAnswer:
        """Which routes cover that address. Raises `ValueError` for no address, `LabError`."""
        return await routes.look_up(await self._asking(), self.name, address)

    async def check_route(self, question: RouteQuestion) -> RouteCheck:
        """Which way a packet goes there. Raises `ValueError` for no address, `LabError`."""
        return await routes.check(await self._asking(), question)

    async def neighbours(self, *, address: str = "", mac: str = "") -> tuple[Sighting, ...]:
        """Who has that address or MAC now. Raises `LabError`."""
        ask = await self._asking()
        return await neighbours(ask, self.name, address=address, mac=mac)

    async def ping(self, wanted: Ping) -> Pinged:
        """Packets from this router, counted and limited in time. Raises `LabError`."""
        return await ping.ping(Ask(await self._reader.wire(), ping.limit(wanted)), wanted)

    @property
    def against_writing(self) -> str:
        """Why nothing can be changed here, known in advance; empty when there is an account."""
        error = none_configured(self.name)
        return "" if self._writer.line is not None else f"{error.why}: {error.remedy}"

    async def get(self, path: str, deadline: float = READ_LIMIT, **words: str | int) -> list[Row]:
        """The rows of a command that only looks, by the account for reading.

        Words are given as `**{".proplist": "name", "?name": "wg1"}`: `?` makes a query. Raises
        `LabError`; `Rejected` for a command that might change something.
        """
        if path.rpartition("/")[2] not in _ONLY_READS:
            raise Rejected(_("not asked"), where=self.name, why=path)
        wire = await self._reader.wire()
        return (await wire.ask(path, _texts(words), deadline)).rows

    async def call(
        self, method: str, path: str, params: Mapping[str, str | int], deadline: float = CALL_LIMIT
    ) -> str:
        """Send a sentence with the account for writing: the value of its `!done`, such as an id.

        Sent once. Raises `LabError`; `OutcomeUnknown` when its answer never came.
        """
        del method
        return (await self._writer.send(path, _texts(params), deadline)).ret or ""

    async def log_in_anew(self) -> None:
        """Prove it reachable by a connection of its own, ended at once. Raises `LabError`."""
        config = self._config
        line = Line(
            config.name, self._ways, config.tls, config.username, config.password, self._ssh
        )
        try:
            await (await line.wire()).ask("/system/identity/print", {}, READ_LIMIT)
        finally:
            await line.close()

    async def probe(self) -> Probe:
        """What each address and account is like, for `labtui check`. Raises nothing."""
        dial = dialling(self._ssh, self._threads)
        lines = [self._reader] + [line for line in (self._writer.line,) if line is not None]
        return await probe(self.name, self._ways, self._config.tls, lines, self._threads, dial)

    async def close(self) -> None:
        """End the connections at once."""
        await self._reader.close()
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
            for row in await or_none(ask("/ipv6/address", read.ADDRESS6))
            if not read.link_local(row)
        ]
        addresses += read.each("/ipv6/address", rows6, read.address, complaints)
        clock = await if_allowed(ask("/system/clock", read.CLOCK), complaints)
        ahead = read.clock_ahead(clock, self._clock(), complaints)
        sensors = await self._health.get(lambda: self._sensors(ask, complaints))
        part = read.facts(self.name, self._config.site, identity, resource, addresses, complaints)
        part = msgspec.structs.replace(part, clock_ahead=ahead, sensors=sensors)
        return Reading(part, self._reader.via, complaints.all)

    async def _sensors(self, ask: Ask, complaints: read.Complaints) -> tuple[Sensor, ...]:
        return read.sensors(await if_allowed(ask("/system/health", read.HEALTH), complaints))

    async def _read_by(self, reader: InterfaceReader | OspfReader, _snapshot: Snapshot) -> Reading:
        ask, complaints = await self._asking(), read.Complaints(self.name)
        part = await reader.read(ask, self._clock, complaints)
        return Reading(part, self._reader.via, complaints.all)

    async def _read_routes(self, snapshot: Snapshot) -> Reading:
        ask, complaints = await self._asking(), read.Complaints(self.name)
        part = await routes.read(ask, snapshot.one(Bgp, self.name), complaints)
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
        part = Bgp(tuple(connections), self._sessions.settle(sessions), self._outside)
        return Reading(part, self._reader.via, complaints.all)

    async def _read_old_bgp(self, ask: Ask, complaints: read.Complaints) -> Reading:
        menu = "/routing/bgp/peer"
        rows = await ask(menu, bgp.PEER6)
        at = self._clock()
        both = read.each(menu, rows, lambda row: bgp.peer6(self.name, row, at), complaints)
        part = Bgp(
            tuple(connection for connection, _session in both),
            self._sessions.settle(session for _connection, session in both),
            self._outside,
        )
        return Reading(part, self._reader.via, complaints.all)

    async def _shared_as(
        self, ask: Ask, rows: Sequence[Row], complaints: read.Complaints
    ) -> dict[str, int]:
        """The AS of each instance or template that a connection takes its own from."""
        wanted = {name.partition(" ")[0] for row in rows for name in bgp.shares(row)}
        shared: dict[str, int] = {}
        for kind in sorted(wanted):
            menu = f"/routing/bgp/{kind}"
            found = await or_none(ask(menu, bgp.AS_OF))
            shared.update(bgp.shared_as(kind, found, complaints))
        return shared

    # The connection

    async def _asking(self) -> Ask:
        """A function that prints a menu; all its questions together have `READ_LIMIT`."""
        return Ask(await self._reader.wire(), READ_LIMIT)


def _texts(words: Mapping[str, str | int]) -> dict[str, str]:
    return {name: str(value) for name, value in words.items()}
