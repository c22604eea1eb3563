"""/interface: every interface with its counters, tunnels among them."""

from __future__ import annotations

from collections.abc import Callable

from labtui.demo.overlay.devices import Port, Router, WireguardInterface
from labtui.demo.overlay.flow import Flow
from labtui.demo.routeros.menu import (
    Context,
    Field,
    Menu,
    always,
    flag,
    text,
    write_flag,
    write_number,
    write_text,
)
from labtui.demo.routeros.values import boolean, stamp

Face = Port | WireguardInterface

_MEAN_PACKET = 870


def faces(context: Context) -> list[Face]:
    """All interfaces of the router, those of callers last."""
    router = context.router
    callers = [
        Port(
            line.server_face_number,
            f"<l2tp-{line.record.get('user')}>",
            "l2tp-in",
            line.mtu,
            "",
            dynamic=True,
        )
        for line in context.world.lines
        if line.server is router and line.up_since is not None
    ]
    return [*router.ports, *router.wireguard, *callers]


def face_ident(context: Context, face: Face) -> str:
    """The id; `/interface` and `/interface/wireguard` share them."""
    return context.router.ident(face.number)


def octets(context: Context, face: Face, *, received: bool) -> int:
    """Bytes through an interface since it began to count."""
    if isinstance(face, WireguardInterface):
        return int(sum(peer.rx if received else peer.tx for peer in face.peers))
    router: Router = context.router
    for line in context.world.lines:
        if face.number == line.server_face_number and line.server is router and face.dynamic:
            return line.octets(context.world.now, to_client=not received)
        if line.face is face:
            return line.octets(context.world.now, to_client=received)
    flow = Flow(face.mean_rate * (1.0 if received else 0.6), face.number + 2.0 * received)
    own = flow.amount(router.booted, context.world.now)
    if face is router.ports[0]:
        own += sum(octets(context, tunnel, received=received) for tunnel in router.wireguard)
    return int(own)


def _octets(received: bool) -> Callable[[Context, Face], str]:
    return lambda context, face: str(octets(context, face, received=received))


def _packets(received: bool) -> Callable[[Context, Face], str]:
    return lambda context, face: str(octets(context, face, received=received) // _MEAN_PACKET)


def _on_port(read: Callable[[Context, Port], str | None]) -> Callable[[Context, Face], str | None]:
    return lambda context, face: read(context, face) if isinstance(face, Port) else None


def _kind(_context: Context, face: Face) -> str:
    return face.kind if isinstance(face, Port) else "wg"


def _running(_context: Context, face: Face) -> str:
    """Set as soon as the interface is enabled: of a tunnel it says nothing, of a call it does."""
    up = not isinstance(face, Port) or face.running
    return boolean(up and not face.disabled)


def _last_up(context: Context, _face: Face) -> str:
    return stamp(context.router.booted + 9.0, context.version)


def _nothing(_context: Context, _face: Face) -> str:
    return "0"


def _switch(context: Context, face: Face, value: str) -> None:
    """A call's interface is also a row of its own menu."""
    write_flag("disabled", "disabled")(context, face, value)
    for line in context.world.lines:
        if line.face is face:
            line.record.values["disabled"] = boolean(face.disabled)


INTERFACES: Menu[Face] = Menu(
    "/interface",
    faces,
    (
        Field("name", text("name"), write_text("name")),
        Field(
            "default-name",
            _on_port(lambda _context, port: port.name if port.kind == "ether" else None),
        ),
        Field("type", _kind),
        Field("mtu", text("mtu"), write_number("mtu", "mtu", 68, 65536)),
        Field("actual-mtu", text("mtu")),
        Field("mac-address", _on_port(text("mac"))),
        Field("last-link-up-time", _last_up),
        Field("link-downs", _nothing),
        Field("rx-byte", _octets(received=True), steady=False),
        Field("tx-byte", _octets(received=False), steady=False),
        Field("rx-packet", _packets(received=True), steady=False),
        Field("tx-packet", _packets(received=False), steady=False),
        Field("rx-drop", _nothing),
        Field("tx-drop", _nothing),
        Field("tx-queue-drop", _nothing),
        Field("rx-error", _nothing),
        Field("tx-error", _nothing),
        Field("running", _running),
        Field("slave", _on_port(lambda _context, port: "true" if port.slave else None)),
        Field("dynamic", _on_port(lambda _context, port: "true" if port.dynamic else None)),
        Field("disabled", flag("disabled"), _switch),
        Field("comment", text("comment"), write_text("comment")),
    ),
    face_ident,
    print_also=("stats", "stats-detail"),
)


def _ethernet(context: Context) -> list[Port]:
    return [port for port in context.router.ports if port.kind == "ether"]


# A CHR's ports are virtual: they have no cable to monitor and give no power.
ETHERNET: Menu[Port] = Menu(
    "/interface/ethernet",
    _ethernet,
    (
        Field("default-name", text("name")),
        Field("name", text("name"), write_text("name")),
        Field("mtu", text("mtu"), write_number("mtu", "mtu", 68, 65536)),
        Field("mac-address", text("mac")),
        Field("orig-mac-address", text("mac")),
        Field("arp", always("enabled")),
        Field("arp-timeout", always("auto")),
        Field("loop-protect", always("default")),
        Field("disable-running-check", always("true")),
        Field("auto-negotiation", always("true")),
        Field("running", lambda _context, port: boolean(port.running and not port.disabled)),
        Field("slave", lambda _context, port: "true" if port.slave else None),
        Field("disabled", flag("disabled"), write_flag("disabled", "disabled")),
        Field("comment", text("comment"), write_text("comment")),
    ),
    face_ident,
)
