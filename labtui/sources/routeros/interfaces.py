"""One reading of a router's interfaces and of what rides on them: L2TP, IPsec, VXLAN.

One request for a router that has nothing of the kind: the types of its interfaces tell which other
menus are worth asking. What hardly ever changes is asked rarely.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from labtui.model.interfaces import Call, Interface, Interfaces, IpsecPeer, Vxlan
from labtui.sources.routeros import carriers
from labtui.sources.routeros.asking import Ask, Kept, if_allowed
from labtui.sources.routeros.history import Flows
from labtui.sources.routeros.read import Complaints, each
from labtui.sources.routeros.sentences import Row

_SETTINGS = 120.0
_MOST_MONITORED = 8
_INTERFACES, _CLIENTS, _SERVERS = "/interface", "/interface/l2tp-client", "/interface/l2tp-server"
_ACTIVE, _POLICIES, _SAS = "/ip/ipsec/active-peers", "/ip/ipsec/policy", "/ip/ipsec/installed-sa"


class InterfaceReader:
    """Reads them again and again; remembers counters, and what seldom changes."""

    def __init__(self, router: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._router = router
        self._flows = Flows()
        self._sums = Flows()
        self._clients: Kept[list[Row]] = Kept(_SETTINGS, monotonic)
        self._servers: Kept[list[Row]] = Kept(_SETTINGS, monotonic)
        self._peers: Kept[tuple[IpsecPeer, ...]] = Kept(_SETTINGS, monotonic)
        self._vxlans: Kept[tuple[Vxlan, ...]] = Kept(_SETTINGS, monotonic)
        self._monitors: dict[str, tuple[int | None, Row]] = {}

    async def read(self, ask: Ask, at: Callable[[], float], complaints: Complaints) -> Interfaces:
        """One reading; `at` gives seconds since the epoch. Raises `LabError`."""
        rows = await ask(_INTERFACES, carriers.INTERFACE)
        now = at()
        found = each(
            _INTERFACES, rows, lambda row: carriers.interface(self._router, row), complaints
        )
        interfaces = self._flows.settle(found, now)
        kinds = {one.kind for one in interfaces}
        calls: list[Call] = []
        if "l2tp-out" in kinds:
            calls += await self._called(ask, at, interfaces, complaints)
        if "l2tp-in" in kinds:
            calls += await self._callers(ask, at, interfaces, complaints)
        vxlans: tuple[Vxlan, ...] = ()
        if "vxlan" in kinds:
            vxlans = await self._vxlans.get(
                lambda: self._tunnels(ask, complaints), _states(interfaces, "vxlan")
            )
        part = Interfaces(interfaces, tuple(calls), vxlans=vxlans)
        return await self._with_ipsec(part, ask, at, complaints)

    async def _called(
        self,
        ask: Ask,
        at: Callable[[], float],
        interfaces: Sequence[Interface],
        complaints: Complaints,
    ) -> list[Call]:
        """Clients. How far a call comes, and since when it stands, only its monitor tells."""
        rows = await self._clients.get(
            lambda: if_allowed(ask(_CLIENTS, carriers.CLIENT), complaints),
            _states(interfaces, "l2tp-out"),
        )
        faces = {one.name: one for one in interfaces}
        told: list[Row] = []
        for row in rows[:_MOST_MONITORED]:
            face = faces.get(row.get("name", ""))
            up = face is not None and face.running
            said: Row = {}
            if face is not None and not face.disabled:
                said = await self._monitored(ask, at, face, complaints)
            told.append({**row, "running": "true" if up else "false", **said})
        return each(_CLIENTS, told, lambda row: carriers.client(self._router, row), complaints)

    async def _monitored(
        self, ask: Ask, at: Callable[[], float], face: Interface, complaints: Complaints
    ) -> Row:
        """What the monitor of a client says, under names that no row has.

        Of a call that stands it is asked once: since when it stands does not change, and every
        fall is counted.
        """
        known = self._monitors.get(face.name)
        if face.running and known is not None and known[0] == face.link_downs:
            return known[1]
        words = {"numbers": face.name, "once": ""}
        rows = await if_allowed(ask.command(f"{_CLIENTS}/monitor", words), complaints)
        said = {f"monitor.{word}": value for word, value in (rows[-1] if rows else {}).items()}
        said["read-at"] = repr(at())
        self._monitors.pop(face.name, None)
        if face.running and said.get("monitor.uptime"):
            self._monitors[face.name] = (face.link_downs, said)
        return said

    async def _callers(
        self,
        ask: Ask,
        at: Callable[[], float],
        interfaces: Sequence[Interface],
        complaints: Complaints,
    ) -> list[Call]:
        async def asked() -> list[Row]:
            rows = await if_allowed(ask(_SERVERS, carriers.SERVER), complaints)
            now = at()
            return [{**row, "read-at": repr(now)} for row in rows]

        rows = await self._servers.get(asked, _states(interfaces, "l2tp-in"))
        return each(_SERVERS, rows, lambda row: carriers.caller(self._router, row), complaints)

    async def _tunnels(self, ask: Ask, complaints: Complaints) -> tuple[Vxlan, ...]:
        rows = await if_allowed(ask("/interface/vxlan", carriers.VXLAN), complaints)
        ends = await if_allowed(ask("/interface/vxlan/vteps", carriers.VTEP), complaints)
        return tuple(
            each(
                "/interface/vxlan",
                rows,
                lambda row: carriers.vxlan(self._router, row, ends),
                complaints,
            )
        )

    async def _with_ipsec(
        self, part: Interfaces, ask: Ask, at: Callable[[], float], complaints: Complaints
    ) -> Interfaces:
        """Nothing more is asked of a router without a peer."""
        marks = tuple((call.name, call.running) for call in part.calls)
        peers = await self._peers.get(lambda: self._configured(ask, complaints), marks)
        if not peers:
            return part
        active = await if_allowed(ask(_ACTIVE, carriers.ACTIVE), complaints)
        policies = await if_allowed(ask(_POLICIES, carriers.POLICY), complaints)
        sas = await if_allowed(ask(_SAS, carriers.SA), complaints)
        now = at()
        sums = each(_SAS, sas, carriers.association, complaints)
        return Interfaces(
            part.interfaces,
            part.calls,
            peers,
            tuple(
                each(
                    _ACTIVE,
                    active,
                    lambda row: carriers.active(self._router, row, now),
                    complaints,
                )
            ),
            tuple(
                each(
                    _POLICIES,
                    [row for row in policies if row.get("template") not in ("true", "yes")],
                    lambda row: carriers.policy(self._router, row),
                    complaints,
                )
            ),
            self._sums.rated(carriers.summed(self._router, sums), now),
            part.vxlans,
        )

    async def _configured(self, ask: Ask, complaints: Complaints) -> tuple[IpsecPeer, ...]:
        rows = await if_allowed(ask("/ip/ipsec/peer", carriers.PEER), complaints)
        if not rows:
            return ()
        identities = await if_allowed(ask("/ip/ipsec/identity", carriers.IDENTITY), complaints)
        return tuple(
            each(
                "/ip/ipsec/peer",
                rows,
                lambda row: carriers.peer(self._router, row, identities),
                complaints,
            )
        )


def _states(interfaces: Sequence[Interface], kind: str) -> tuple[tuple[str, bool, bool], ...]:
    """What tells that the rows of a kind are others now."""
    return tuple((one.name, one.running, one.disabled) for one in interfaces if one.kind == kind)
