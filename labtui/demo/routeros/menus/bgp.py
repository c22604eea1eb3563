"""/routing/bgp: connections, templates and, from 7.20 on, instances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from ipaddress import ip_interface

from labtui.demo.overlay.devices import BgpConnection, Record
from labtui.demo.overlay.pairing import face_towards
from labtui.demo.routeros.arguments import Name, words
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
from labtui.demo.routeros.records import checked, record_menu
from labtui.demo.routeros.values import duration

INSTANCE = "bgp-lab"
_LONGEST_HOLD = 65535
_NEWEST_AS = 4294967295
Writer = Callable[[Context, BgpConnection, str], None]
_INSTANCES = "/routing/bgp/instance"
_ROLES = frozenset(
    {
        "ebgp",
        "ebgp-customer",
        "ebgp-peer",
        "ebgp-provider",
        "ebgp-rs",
        "ebgp-rs-client",
        "ibgp",
        "ibgp-rr",
        "ibgp-rr-client",
    }
)


def _remote_as(_context: Context, connection: BgpConnection) -> str | None:
    return str(connection.remote_as) if connection.remote_as else None


def _router_id(context: Context, connection: BgpConnection) -> str:
    return connection.extra.get("router-id", context.router.loopback)


def _write_address(argument: str, attribute: str) -> Writer:
    def write(_context: Context, connection: BgpConnection, value: str) -> None:
        try:
            address = str(ip_interface(value).ip)
        except ValueError:
            raise invalid(argument) from None
        setattr(connection, attribute, address)

    return write


def _write_instance(context: Context, connection: BgpConnection, value: str) -> None:
    found = [row for row in context.router.table(_INSTANCES) if row.get("name") == value]
    if not found:
        raise Trap("input does not match any value of instance", 1)
    connection.extra["instance"] = value
    if found[0].get("as").isdigit():
        connection.local_as = int(found[0].get("as"))


def _write_role(_context: Context, connection: BgpConnection, value: str) -> None:
    if value not in _ROLES:
        raise Trap("input does not match any value of local.role", 1)
    connection.extra["local.role"] = value


def _extra(
    name: str, otherwise: str | None = None
) -> Callable[[Context, BgpConnection], str | None]:
    return lambda _context, connection: connection.extra.get(name, otherwise)


def _write_extra(name: Name) -> Writer:
    def write(_context: Context, connection: BgpConnection, value: str) -> None:
        connection.extra[name.name] = checked(name, value)

    return write


def _add(context: Context, attributes: Mapping[str, str]) -> BgpConnection:
    """What is not said is taken from the router: its AS, and its address towards the neighbour."""
    router = context.router
    if any(item.name == attributes["name"] for item in router.connections):
        raise Trap("failure: item with such name already exists")
    connection = BgpConnection(router.fresh_number(), "", "", "", router.asn, "", 0)
    connection.output_network = ""
    write_all(context, CONNECTIONS, connection, attributes)
    connection.interface = face_towards(router, connection.remote_address)
    if not connection.local_address and connection.interface:
        rows = [row for row in router.addresses if row.interface == connection.interface]
        connection.local_address = rows[0].address.partition("/")[0]
    router.connections.append(connection)
    return connection


def _remove(context: Context, connection: BgpConnection) -> None:
    context.router.connections.remove(connection)


_TYPED: tuple[Field[BgpConnection], ...] = (
    Field("name", text("name"), write_text("name")),
    Field("instance", _extra("instance", INSTANCE), _write_instance, since=(7, 20)),
    Field(
        "remote.address", text("remote_address"), _write_address("remote.address", "remote_address")
    ),
    Field("remote.as", _remote_as, write_number("remote.as", "remote_as", 0, _NEWEST_AS)),
    Field("local.address", text("local_address"), _write_address("local.address", "local_address")),
    Field("local.role", _extra("local.role", "ebgp"), _write_role),
    Field("connect", _extra("connect", "true")),
    Field("listen", _extra("listen", "true")),
    Field("routing-table", _extra("routing-table", "main")),
    Field("router-id", _router_id, until=(7, 19, 6)),
    Field("as", text("local_as"), write_number("as", "local_as", 1, _NEWEST_AS)),
    Field("address-families", _extra("address-families", "ip"), until=(7, 18, 2)),
    Field("afi", _extra("afi", "ip"), since=(7, 19)),
    Field(
        "hold-time",
        lambda _context, item: duration(item.hold_time),
        write_seconds("hold-time", "hold_time", 3, _LONGEST_HOLD),
    ),
    Field(
        "keepalive-time",
        lambda _context, item: duration(item.keepalive_time),
        write_seconds("keepalive-time", "keepalive_time", 1, 1800),
    ),
    Field("input.filter", text("input_filter"), write_text("input_filter")),
    Field("output.filter-chain", text("output_filter"), write_text("output_filter")),
    Field("output.network", text("output_network"), write_text("output_network")),
    Field("tcp-md5-key", text("tcp_key"), write_text("tcp_key"), policy="sensitive"),
    Field("disabled", flag("disabled"), write_flag("disabled", "disabled")),
    Field("inactive", always("false")),
    Field("comment", text("comment"), write_text("comment")),
)


def _connection_fields() -> tuple[Field[BgpConnection], ...]:
    """The fields with a meaning here, and every other one that the versions know."""
    known = words("/routing/bgp/connection")
    names = {name.name: name for name in known.fields if name.name in known.settable}
    fields = []
    for entry in _TYPED:
        name = names.pop(entry.name, None)
        if entry.write is None and name is not None:
            entry = replace(entry, write=_write_extra(name))
        fields.append(entry)
    fields += [
        Field(word, _extra(word), _write_extra(name), name.since, name.until)
        for word, name in names.items()
    ]
    return tuple(fields)


CONNECTIONS: Menu[BgpConnection] = Menu(
    "/routing/bgp/connection",
    lambda context: context.router.connections,
    _connection_fields(),
    lambda context, item: context.router.ident(item.number),
    since=(7,),
    add=_add,
    required=words("/routing/bgp/connection").required,
    remove=_remove,
)

INSTANCES: Menu[Record] = record_menu(_INSTANCES, unique=True)
TEMPLATES: Menu[Record] = record_menu("/routing/bgp/template", unique=True)
