"""/interface/wireguard and its peers."""

from __future__ import annotations

import base64
import binascii
from ipaddress import ip_network

from labtui.demo.overlay.devices import Peer, WireguardInterface
from labtui.demo.overlay.world import peers_of
from labtui.demo.routeros.menu import (
    Context,
    Field,
    Menu,
    always,
    flag,
    invalid,
    text,
    write_flag,
    write_number,
    write_seconds,
    write_text,
)
from labtui.demo.routeros.menus.interface import face_ident
from labtui.demo.routeros.values import boolean, duration

_LONGEST_KEEPALIVE = 65535


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


def _write_key(_context: Context, peer: Peer, value: str) -> None:
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise invalid("public-key") from None
    if len(raw) != 32:
        raise invalid("public-key")
    peer.public_key = value


def _write_allowed(_context: Context, peer: Peer, value: str) -> None:
    try:
        for part in value.split(","):
            ip_network(part, strict=False)
    except ValueError:
        raise invalid("allowed-address") from None
    peer.allowed_address = value


WIREGUARD: Menu[WireguardInterface] = Menu(
    "/interface/wireguard",
    lambda context: context.router.wireguard,
    (
        Field("name", text("name"), write_text("name")),
        Field("mtu", text("mtu"), write_number("mtu", "mtu", 68, 65536)),
        Field(
            "listen-port", text("listen_port"), write_number("listen-port", "listen_port", 0, 65535)
        ),
        Field("private-key", text("private_key"), policy="sensitive"),
        Field("public-key", text("public_key")),
        Field("running", _running),
        Field("disabled", flag("disabled"), write_flag("disabled", "disabled")),
        Field("comment", text("comment"), write_text("comment")),
    ),
    face_ident,
)

PEERS: Menu[Peer] = Menu(
    "/interface/wireguard/peers",
    lambda context: peers_of(context.router),
    (
        Field("interface", _face_name),
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
        Field("preshared-key", always(""), policy="sensitive"),
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
)
