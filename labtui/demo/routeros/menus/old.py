"""The menus of RouterOS 6 that 7 has no more: BGP peers, instances, networks, OSPF networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from labtui.demo.overlay.devices import BgpConnection, Record
from labtui.demo.overlay.ospf import AREAS, INSTANCES, OLD_NETWORKS
from labtui.demo.overlay.routing import OLD_NETWORKS as BGP_NETWORKS
from labtui.demo.routeros.menu import (
    Context,
    Field,
    Menu,
    always,
    flag,
    text,
    write_flag,
    write_number,
    write_seconds,
    write_text,
)
from labtui.demo.routeros.values import Version, boolean, duration

_UNTIL: Version = (6, 999)
_UPDATES_A_DAY = 40


def _session(
    read: Callable[[Context, BgpConnection], str],
) -> Callable[[Context, BgpConnection], str | None]:
    """A field that only an established peer has."""

    def value(context: Context, peer: BgpConnection) -> str | None:
        up = peer.session is not None and peer.session.established
        return read(context, peer) if up else None

    return value


def _state(_context: Context, peer: BgpConnection) -> str:
    if peer.disabled:
        return "idle"
    up = peer.session is not None and peer.session.established
    return "established" if up else "active"


def _uptime(context: Context, peer: BgpConnection) -> str:
    started = peer.session.started if peer.session is not None else None
    return duration(context.world.now - (started or context.world.now))


def _prefixes(_context: Context, peer: BgpConnection) -> str:
    return str(peer.session.prefix_count if peer.session is not None else 0)


def _remote_id(context: Context, peer: BgpConnection) -> str:
    adjacency, side = context.world.adjacency_of(peer)
    return (adjacency.right if side is adjacency.left else adjacency.left).router_id


def _negotiated(attribute: str) -> Callable[[Context, BgpConnection], str]:
    def read(context: Context, peer: BgpConnection) -> str:
        adjacency, _ = context.world.adjacency_of(peer)
        return duration(getattr(adjacency, attribute))

    return read


def _updates(context: Context, peer: BgpConnection) -> str:
    started = peer.session.started if peer.session is not None else None
    days = (context.world.now - (started or context.world.now)) / 86400
    return str(3 + int(days * _UPDATES_A_DAY))


def _established(_context: Context, peer: BgpConnection) -> str:
    return boolean(peer.session is not None and peer.session.established)


PEERS: Menu[BgpConnection] = Menu(
    "/routing/bgp/peer",
    lambda context: context.router.connections,
    (
        Field("name", text("name"), write_text("name")),
        Field("instance", always("default")),
        Field("remote-address", text("remote_address"), write_text("remote_address")),
        Field(
            "remote-as", text("remote_as"), write_number("remote-as", "remote_as", 0, 4294967295)
        ),
        Field("tcp-md5-key", lambda _context, _peer: "", policy="sensitive"),
        Field("nexthop-choice", always("default")),
        Field("multihop", always("false")),
        Field("route-reflect", always("false")),
        Field(
            "hold-time",
            lambda _context, peer: duration(peer.hold_time),
            write_seconds("hold-time", "hold_time", 3, 65535),
        ),
        Field(
            "keepalive-time",
            lambda _context, peer: duration(peer.keepalive_time),
            write_seconds("keepalive-time", "keepalive_time", 1, 1800),
        ),
        Field("ttl", always("255")),
        Field("in-filter", lambda _context, peer: peer.input_filter),
        Field("out-filter", lambda _context, peer: peer.output_filter),
        Field("address-families", always("ip")),
        Field("default-originate", always("never")),
        Field("remove-private-as", always("false")),
        Field("as-override", always("false")),
        Field("passive", always("false")),
        Field("use-bfd", always("false")),
        Field("remote-id", _session(_remote_id)),
        Field("local-address", _session(lambda _context, peer: peer.local_address)),
        Field("uptime", _session(_uptime), steady=False),
        Field("prefix-count", _session(_prefixes)),
        Field("updates-sent", _session(_updates), steady=False),
        Field("updates-received", _session(_updates), steady=False),
        Field("withdrawn-sent", _session(lambda _context, _peer: "0")),
        Field("withdrawn-received", _session(lambda _context, _peer: "0")),
        Field("remote-hold-time", _session(_negotiated("hold_time"))),
        Field("used-hold-time", _session(_negotiated("hold_time"))),
        Field("used-keepalive-time", _session(_negotiated("keepalive_time"))),
        Field("refresh-capability", _session(lambda _context, _peer: "true")),
        Field("as4-capability", _session(lambda _context, _peer: "true")),
        Field("state", _state),
        Field("established", _established),
        Field("disabled", flag("disabled"), write_flag("disabled", "disabled")),
        Field("comment", text("comment"), write_text("comment")),
    ),
    lambda context, peer: context.router.ident(peer.number),
    until=_UNTIL,
)


def _table(path: str, key: str, *names: str) -> Menu[Record]:
    """A menu of rows with these names; all of them can be written."""

    def field(name: str) -> Field[Record]:
        def write(_context: Context, record: Record, value: str) -> None:
            plain = {"yes": "true", "no": "false"}
            record.values[name] = plain.get(value, value)

        return Field(name, lambda _context, record: record.values.get(name), write)

    def add(context: Context, attributes: Mapping[str, str]) -> Record:
        record = Record(context.router.fresh_number(), {"disabled": "false"})
        for entry in fields:
            if entry.name in attributes and entry.write is not None:
                entry.write(context, record, attributes[entry.name])
        context.router.table(path).append(record)
        return record

    def remove(context: Context, record: Record) -> None:
        context.router.table(path).remove(record)

    fields = tuple(field(name) for name in (*names, "disabled", "comment"))
    return Menu(
        path,
        lambda context: context.router.table(path),
        fields,
        lambda context, record: context.router.ident(record.number),
        until=_UNTIL,
        key=key,
        add=add,
        remove=remove,
    )


OLD: tuple[Menu[BgpConnection] | Menu[Record], ...] = (
    PEERS,
    _table(
        "/routing/bgp/instance",
        "name",
        "name",
        "as",
        "router-id",
        "redistribute-connected",
        "redistribute-static",
        "redistribute-ospf",
        "client-to-client-reflection",
        "routing-table",
    ),
    _table(BGP_NETWORKS, "network", "network", "synchronize"),
    _table(INSTANCES, "name", "name", "router-id", "distribute-default"),
    _table(AREAS, "name", "name", "instance", "area-id", "type"),
    _table(OLD_NETWORKS, "network", "network", "area"),
)
