"""/routing/bgp/session: the cache of sessions, and what can be done to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from labtui.demo.overlay.devices import BgpSession
from labtui.demo.routeros.menu import (
    Command,
    Context,
    Field,
    Menu,
    Parameter,
    Replies,
    Trap,
    always,
    switch,
    text,
)
from labtui.demo.routeros.menus.bgp import INSTANCE
from labtui.demo.routeros.values import boolean, duration, stamp

# Sessions were recorded with their families in late 2024 (7.16), not yet in early 2024.
_AFI_IN_SESSION = (7, 16)
_KEEPALIVE_BYTES = 19

Reader = Callable[[Context, BgpSession], str | None]


def _sessions(context: Context) -> list[BgpSession]:
    rows = [connection.session for connection in context.router.connections]
    return [row for row in rows if row is not None]


def _on_connection(attribute: str) -> Reader:
    return lambda _context, row: str(getattr(row.connection, attribute))


def _instance(_context: Context, row: BgpSession) -> str:
    return row.connection.extra.get("instance", INSTANCE)


def _far_id(context: Context, row: BgpSession) -> str:
    adjacency, side = context.world.adjacency_of(row.connection)
    return (adjacency.right if side is adjacency.left else adjacency.left).router_id


def _far_as(context: Context, row: BgpSession) -> str:
    """What the neighbour says it is, also where nothing was configured."""
    adjacency, side = context.world.adjacency_of(row.connection)
    other = adjacency.right if side is adjacency.left else adjacency.left
    return str(row.connection.remote_as or other.connection.local_as)


def _near_id(context: Context, _row: BgpSession) -> str:
    return context.router.loopback


def _messages(context: Context, row: BgpSession, *, received: bool) -> int:
    """An OPEN, an update, what was asked for, and a keepalive for each period."""
    if row.started is None:
        return 0
    adjacency, side = context.world.adjacency_of(row.connection)
    end = context.world.now if row.established else row.stopped_at or context.world.now
    if received:
        end = row.heard_until or end
    # The neighbour's keepalives come at their own phase, the one the hold timer starts from.
    offset = side.keepalive_phase if received else 0.0
    # A millisecond more, because the last one heard falls exactly on a beat.
    beats = int((end - row.started + offset + 0.001) // adjacency.keepalive_time)
    return 2 + beats + (0 if received else row.extra_sent)


def _count(*, received: bool) -> Reader:
    return lambda context, row: str(_messages(context, row, received=received))


def _octets(*, received: bool) -> Reader:
    return lambda context, row: str(
        53 + _messages(context, row, received=received) * _KEEPALIVE_BYTES
    )


def _negotiated(attribute: str) -> Reader:
    def read(context: Context, row: BgpSession) -> str:
        adjacency, _ = context.world.adjacency_of(row.connection)
        return duration(getattr(adjacency, attribute))

    return read


def _uptime(context: Context, row: BgpSession) -> str | None:
    if not row.established or row.started is None:
        return None
    # Uptimes were recorded in steps of ten milliseconds.
    return duration(int((context.world.now - row.started) * 100) / 100, "ms")


def _moment(attribute: str) -> Reader:
    def read(context: Context, row: BgpSession) -> str | None:
        value = getattr(row, attribute)
        return None if value is None else stamp(value, context.version)

    return read


def _prefixes(_context: Context, row: BgpSession) -> str | None:
    return str(row.prefix_count) if row.established else None


def _procid(_context: Context, row: BgpSession) -> str:
    return str(19 + row.connection.number)


def _established(_context: Context, row: BgpSession) -> str | None:
    """Absent on a session that is down: no recording shows what a router prints there."""
    return boolean(value=True) if row.established else None


async def _refresh(
    _context: Context, targets: Sequence[BgpSession], _attributes: Mapping[str, str]
) -> Replies:
    """Ask the neighbour to send again: nothing changes but its count of messages."""
    for row in targets:
        row.extra_sent += 1
    yield ["!done"]


async def _stop(
    context: Context, targets: Sequence[BgpSession], _attributes: Mapping[str, str]
) -> Replies:
    for row in targets:
        context.world.stop_session(row)
    yield ["!done"]


_FLAGS: Mapping[str, tuple[str, bool | str]] = {
    "stopped": ("stopped", False),
    "input-last-notification": ("input_notification", ""),
    "output-last-notification": ("output_notification", ""),
}


async def _clear(
    context: Context, targets: Sequence[BgpSession], attributes: Mapping[str, str]
) -> Replies:
    name = attributes.get("flag", "")
    if name not in (*_FLAGS, "limit-exceeded", "refused-cap-opt"):
        raise Trap("input does not match any value of flag", 1)
    if name in _FLAGS:
        attribute, value = _FLAGS[name]
        with context.world.changing():
            for row in targets:
                setattr(row, attribute, value)
    yield ["!done"]


_FAMILY = (Parameter("address-family", until=(7, 18, 2)), Parameter("afi", since=(7, 19)))

SESSIONS: Menu[BgpSession] = Menu(
    "/routing/bgp/session",
    _sessions,
    (
        Field("name", lambda _context, row: f"{row.connection.name}-1"),
        Field("instance", _instance, since=(7, 20)),
        Field("remote.address", _on_connection("remote_address")),
        Field("remote.as", _far_as),
        Field("remote.id", _far_id),
        Field("remote.capabilities", always("mp,rr,gr,as4")),
        Field("remote.afi", always("ip"), since=_AFI_IN_SESSION),
        # Steady: a router was seen to push a row at every keepalive.
        Field("remote.messages", _count(received=True)),
        Field("remote.bytes", _octets(received=True), steady=False),
        Field("remote.eor", always("")),
        Field("local.role", always("ebgp")),
        Field("local.address", _on_connection("local_address")),
        Field("local.as", _on_connection("local_as")),
        Field("local.id", _near_id),
        Field("local.capabilities", always("mp,rr,gr,as4")),
        Field("local.afi", always("ip"), since=_AFI_IN_SESSION),
        Field("local.messages", _count(received=False), steady=False),
        Field("local.bytes", _octets(received=False), steady=False),
        Field("local.eor", always("")),
        Field("output.procid", _procid),
        Field("output.last-notification", text("output_notification")),
        Field("output.network", _on_connection("output_network")),
        Field("input.procid", _procid),
        Field("input.last-notification", text("input_notification")),
        Field("ebgp", always("")),
        Field("stopped", switch("stopped")),
        Field("hold-time", _negotiated("hold_time")),
        Field("keepalive-time", _negotiated("keepalive_time")),
        Field("uptime", _uptime, steady=False),
        Field("last-started", _moment("started")),
        Field("last-stopped", _moment("stopped_at")),
        Field("prefix-count", _prefixes),
        Field("established", _established),
    ),
    lambda _context, row: f"*{row.number:X}",
    (
        Command("refresh", "write", _refresh, _FAMILY),
        Command("resend", "write", _refresh, (*_FAMILY, Parameter("save-to", until=(7, 23, 3)))),
        Command("stop", "write", _stop),
        Command("clear", "write", _clear, (Parameter("flag"),)),
    ),
    since=(7,),
)
