"""/ip/address and /ip/neighbor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_interface

from labtui.demo.overlay.devices import Address
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
    write_text,
)
from labtui.demo.routeros.menus.interface import faces
from labtui.demo.routeros.values import boolean, duration


@dataclass(frozen=True)
class Neighbour:
    """A device that announces itself on a port."""

    number: int
    interface: str
    address: str
    mac: str
    identity: str
    platform: str
    board: str
    version: str
    discovered_by: str
    age: float


def addresses(context: Context) -> list[Address]:
    """What is configured, and what calls that are up have brought."""
    found = list(context.router.addresses)
    for line in context.world.lines:
        for router, side in ((line.server, 0), (line.client, 1)):
            if router is context.router and line.up_since is not None:
                name = line.face.name if side else f"<l2tp-{line.record.get('user')}>"
                near, far = line.inner[side], line.inner[1 - side]
                found.append(Address(0xF00 + line.number, f"{near}/32", far, name))
    return found


def _dynamic(context: Context, row: Address) -> bool:
    return row not in context.router.addresses


def _write_address(context: Context, row: Address, value: str) -> None:
    try:
        face = ip_interface(value)
    except ValueError:
        raise invalid("address") from None
    others = [other for other in context.router.addresses if other is not row]
    if any(other.address == str(face) and other.interface == row.interface for other in others):
        raise Trap("failure: already have such address")
    row.address, row.network = str(face), str(face.network.network_address)


def _write_interface(context: Context, row: Address, value: str) -> None:
    if all(face.name != value for face in faces(context)):
        raise Trap("input does not match any value of interface", 1)
    row.interface = value


def _add(context: Context, attributes: Mapping[str, str]) -> Address:
    row = Address(context.router.fresh_number(), "", "", "")
    _write_interface(context, row, attributes["interface"])
    write_all(context, ADDRESSES, row, attributes)
    context.router.addresses.append(row)
    return row


def _remove(context: Context, row: Address) -> None:
    context.router.addresses.remove(row)


def _neighbours(context: Context) -> list[Neighbour]:
    router = context.router
    prefix = router.lan_address.rpartition(".")[0]
    now = context.world.now
    found = [
        Neighbour(
            1,
            "ether2,bridge-lan",
            f"{prefix}.2",
            "00:00:5E:00:53:E0",
            f"sw-{router.site}",
            "MikroTik",
            "CRS326-24G-2S+",
            "7.16.2 (stable) 2024-11-26 12:09:40",
            "cdp,lldp,mndp",
            now % 60.0,
        )
    ]
    nodes = [node for node in context.world.lab.nodes if node.site == router.site]
    for number, node in enumerate(nodes, start=2):
        found.append(
            Neighbour(
                number,
                "ether2,bridge-lan",
                node.address,
                f"00:00:5E:00:53:F{number:X}"[:17],
                node.name,
                "",
                "",
                "",
                "lldp",
                (now + 7 * number) % 30.0,
            )
        )
    return found


ADDRESSES: Menu[Address] = Menu(
    "/ip/address",
    addresses,
    (
        Field("address", text("address"), _write_address),
        Field("network", text("network"), write_text("network")),
        Field("interface", text("interface"), _write_interface),
        Field("actual-interface", text("interface")),
        Field("invalid", always("false")),
        Field("dynamic", lambda context, row: boolean(_dynamic(context, row))),
        Field("disabled", flag("disabled"), write_flag("disabled", "disabled")),
        Field("comment", text("comment"), write_text("comment")),
    ),
    lambda context, item: context.router.ident(item.number),
    key="address",
    add=_add,
    required=("address", "interface"),
    remove=_remove,
    frozen=_dynamic,
)

NEIGHBOURS: Menu[Neighbour] = Menu(
    "/ip/neighbor",
    _neighbours,
    (
        Field("interface", text("interface")),
        Field("address", text("address")),
        Field("address4", text("address")),
        Field("mac-address", text("mac")),
        Field("identity", text("identity")),
        Field("platform", text("platform")),
        Field("version", text("version")),
        Field("board", text("board")),
        Field("discovered-by", text("discovered_by")),
        Field("age", lambda _context, item: duration(item.age), steady=False),
    ),
    lambda context, item: context.router.ident(item.number),
    key="identity",
)
