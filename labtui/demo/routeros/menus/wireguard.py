"""/interface/wireguard and its peers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from ipaddress import ip_network

from labtui.demo.overlay.devices import Peer, WireguardInterface
from labtui.demo.overlay.keys import private_key, public_of
from labtui.demo.overlay.world import peers_of
from labtui.demo.routeros.menu import (
    Context,
    Field,
    Menu,
    Trap,
    always,
    flag,
    invalid,
    text,
    write_all,
    write_flag,
    write_number,
    write_seconds,
    write_text,
)
from labtui.demo.routeros.menus.interface import face_ident, faces
from labtui.demo.routeros.values import boolean, duration

_LONGEST_KEEPALIVE = 65535
_FIRST_PORT = 13231


def _running(_context: Context, face: WireguardInterface) -> str:
    return boolean(not face.disabled)


def _face_name(_context: Context, peer: Peer) -> str:
    return peer.interface.name


def _endpoint_address(_context: Context, peer: Peer) -> str:
    """An empty word when not configured, as recorded, with port 0."""
    return peer.endpoint_address


def _current_address(_context: Context, peer: Peer) -> str | None:
    return peer.current_endpoint[0] if peer.current_endpoint else None


def _current_port(_context: Context, peer: Peer) -> str | None:
    return str(peer.current_endpoint[1]) if peer.current_endpoint else None


def _keepalive(_context: Context, peer: Peer) -> str | None:
    return duration(peer.keepalive) if peer.keepalive else None


def _responder(_context: Context, peer: Peer) -> str | None:
    return "true" if peer.responder else None


def _handshake(context: Context, peer: Peer) -> str | None:
    """An age; absent on a peer that never had a handshake."""
    if peer.last_handshake is None:
        return None
    return duration(context.world.now - peer.last_handshake)


def _key(argument: str, value: str) -> str:
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise invalid(argument) from None
    if len(raw) != 32:
        raise invalid(argument)
    return value


def _write_key(_context: Context, peer: Peer, value: str) -> None:
    """The kernel knows a peer by its key: another key is another peer, without a past."""
    if _key("public-key", value) != peer.public_key:
        peer.forget()
    peer.public_key = value


def _write_preshared(_context: Context, peer: Peer, value: str) -> None:
    peer.preshared_key = _key("preshared-key", value) if value else ""


def _write_allowed(_context: Context, peer: Peer, value: str) -> None:
    try:
        for part in value.split(","):
            ip_network(part, strict=False)
    except ValueError:
        raise invalid("allowed-address") from None
    peer.allowed_address = value


def _write_private(_context: Context, face: WireguardInterface, value: str) -> None:
    try:
        face.public_key = public_of(value)
    except (binascii.Error, ValueError):
        raise invalid("private-key") from None
    face.private_key = value


def _write_face(context: Context, peer: Peer, value: str) -> None:
    face = _face(context, value)
    peer.interface.peers.remove(peer)
    peer.interface = face
    face.peers.append(peer)


def _face(context: Context, name: str) -> WireguardInterface:
    for face in context.router.wireguard:
        if face.name == name:
            return face
    raise Trap("input does not match any value of interface", 1)


def _add_face(context: Context, attributes: Mapping[str, str]) -> WireguardInterface:
    router = context.router
    taken = {face.name for face in faces(context)}
    name = attributes.get("name") or _free_name(taken)
    if name in taken:
        raise Trap("failure: already have device with such name")
    number = router.fresh_number()
    private = private_key(f"{router.name} {name} {number}")
    face = WireguardInterface(number, name, _FIRST_PORT, public_of(private), private, "", "")
    write_all(context, WIREGUARD, face, attributes)
    router.wireguard.append(face)
    return face


def _free_name(taken: set[str]) -> str:
    return next(name for name in (f"wireguard{n}" for n in range(1, 1000)) if name not in taken)


def _remove_face(context: Context, face: WireguardInterface) -> None:
    context.router.wireguard.remove(face)


def _add_peer(context: Context, attributes: Mapping[str, str]) -> Peer:
    """Without a public key the router makes a pair itself."""
    face = _face(context, attributes["interface"])
    number = context.router.fresh_number()
    private = private_key(f"{context.router.name} peer {number}")
    names = {peer.name for peer in peers_of(context.router)}
    name = next(name for name in (f"peer{n}" for n in range(1, 10000)) if name not in names)
    peer = Peer(number, face, name, "", public_of(private), "")
    rest = {word: value for word, value in attributes.items() if word != "interface"}
    write_all(context, PEERS, peer, rest)
    if any(other.public_key == peer.public_key for other in face.peers):
        raise Trap("failure: peer with such public key already exists")
    face.peers.append(peer)
    return peer


def _remove_peer(_context: Context, peer: Peer) -> None:
    peer.interface.peers.remove(peer)


WIREGUARD: Menu[WireguardInterface] = Menu(
    "/interface/wireguard",
    lambda context: context.router.wireguard,
    (
        Field("name", text("name"), write_text("name")),
        Field("mtu", text("mtu"), write_number("mtu", "mtu", 68, 65536)),
        Field(
            "listen-port", text("listen_port"), write_number("listen-port", "listen_port", 0, 65535)
        ),
        Field("private-key", text("private_key"), _write_private, policy="sensitive"),
        Field("public-key", text("public_key")),
        Field("running", _running),
        Field("disabled", flag("disabled"), write_flag("disabled", "disabled")),
        Field("comment", text("comment"), write_text("comment")),
    ),
    face_ident,
    since=(7,),
    add=_add_face,
    remove=_remove_face,
)

PEERS: Menu[Peer] = Menu(
    "/interface/wireguard/peers",
    lambda context: peers_of(context.router),
    (
        Field("interface", _face_name, _write_face),
        Field("name", text("name"), write_text("name"), since=(7, 15)),
        Field("public-key", text("public_key"), _write_key),
        Field("private-key", always(""), since=(7, 12, 2), policy="sensitive"),
        Field("endpoint-address", _endpoint_address, write_text("endpoint_address")),
        Field(
            "endpoint-port",
            text("endpoint_port"),
            write_number("endpoint-port", "endpoint_port", 0, 65535),
        ),
        Field("current-endpoint-address", _current_address, steady=False),
        Field("current-endpoint-port", _current_port, steady=False),
        Field("allowed-address", text("allowed_address"), _write_allowed),
        Field(
            "preshared-key",
            lambda _context, peer: peer.preshared_key,
            _write_preshared,
            policy="sensitive",
        ),
        Field(
            "persistent-keepalive",
            _keepalive,
            write_seconds("persistent-keepalive", "keepalive", 0, _LONGEST_KEEPALIVE),
        ),
        Field(
            "is-responder",
            _responder,
            write_flag("is-responder", "responder"),
            since=(7, 15),
            until=(7, 16, 2),
        ),
        Field("responder", _responder, write_flag("responder", "responder"), since=(7, 17)),
        Field("client-endpoint", always(""), since=(7, 12, 2)),
        Field("rx", lambda _context, peer: str(int(peer.rx)), steady=False),
        Field("tx", lambda _context, peer: str(int(peer.tx)), steady=False),
        Field("last-handshake", _handshake, steady=False),
        Field("dynamic", always("false")),
        Field("disabled", flag("disabled"), write_flag("disabled", "disabled")),
        Field("comment", text("comment"), write_text("comment")),
    ),
    lambda context, peer: context.router.ident(peer.number),
    since=(7,),
    add=_add_peer,
    add_also=("place-before",),
    required=("allowed-address", "interface"),
    remove=_remove_peer,
)
