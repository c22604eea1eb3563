"""What NetBox gives to a link and keeps of it: the subnet, a number, interfaces, a tunnel.

Only calls and reads are made here; they go over the wire of whoever asks, once each. Everything
has the tag of its job as description, by which it is found again and given back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network
from typing import Any

import msgspec

from labtui.actions.action import NETBOX, Call, Wire
from labtui.actions.overlay.desk import why_of
from labtui.actions.records.pools import ASN_RANGES, is_wide, next_free, offer, take, take_number
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.inventory import Inventory
from labtui.model.link_rules import LinkRules
from labtui.model.records import refs


class Place(msgspec.Struct, frozen=True):
    """Where in NetBox a link is written down. Ids are 0 where there is none.

    `against` says why NetBox can't be asked or lacks what the configuration names; without an
    inventory `there` is False and nothing is written down. `wide` is the range of AS numbers where
    that is too wide to be asked for the next one.
    """

    there: bool = False
    pool: int = 0
    pool_text: str = ""
    vrf: int = 0
    role: int = 0
    group: int = 0
    asn_range: int = 0
    asn: int = 0
    wide: dict[str, Any] = {}
    subnet: str = ""
    names: frozenset[str] = frozenset()
    devices: dict[str, int] = {}
    outside: dict[str, int] = {}
    against: tuple[str, ...] = ()


async def look(wire: Wire, rules: LinkRules, publics: dict[str, str], *, asn: bool) -> Place:
    """What NetBox has for a link of two of these routers, whose outer addresses are given.

    `asn`: a number is needed. Raises nothing.
    """
    inventories = list(wire.snapshot.of(Inventory))
    if not inventories:
        return Place()
    inventory = inventories[0][1]
    try:
        return await _look(wire, rules, inventory, publics, asn=asn)
    except LabError as error:
        return Place(there=True, against=(_("NetBox: {why}").format(why=why_of(error)),))


async def _look(
    wire: Wire,
    rules: LinkRules,
    inventory: Inventory,
    publics: dict[str, str],
    *,
    asn: bool,
) -> Place:
    against: list[str] = []

    async def one(path: str, what: str, **filters: str) -> dict[str, Any]:
        found = await wire.read(NETBOX, path, **filters)
        rows = [row for row in found if isinstance(row, dict) and isinstance(row.get("id"), int)]
        if len(rows) != 1:
            text = _("NetBox has no {what}") if not rows else _("NetBox has more than one {what}")
            against.append(text.format(what=what))
            return {}
        return rows[0]

    place = Place(there=True, pool_text=rules.pool)
    changes: dict[str, object] = {
        "devices": {router: _device(inventory, router) for router in publics},
        "outside": {router: _address(inventory, host) for router, host in publics.items()},
        "names": frozenset(tunnel.name for tunnel in inventory.tunnels),
    }
    if rules.pool:
        row = await one("ipam/prefixes", _("prefix {p}").format(p=rules.pool), prefix=rules.pool)
        changes |= {"pool": row.get("id", 0), "vrf": _nested(row.get("vrf"))}
        if row:
            free = await wire.read(NETBOX, offer(f"{refs.PREFIXES}/{row['id']}", "prefix"))
            changes["subnet"] = first_of(free, rules.length)
    if rules.role:
        changes["role"] = (await one("ipam/roles", rules.role, slug=rules.role)).get("id", 0)
    if rules.group:
        row = await one("vpn/tunnel-groups", rules.group, slug=rules.group)
        changes["group"] = row.get("id", 0)
    if asn and rules.asn_range:
        row = await one(ASN_RANGES, rules.asn_range, slug=rules.asn_range)
        changes["asn_range"] = row.get("id", 0)
        if row:
            number = await next_free(wire, f"{ASN_RANGES}/{row['id']}", "asn", row)
            changes["asn"] = int(number) if number.isdecimal() else 0
            changes["wide"] = row if is_wide(row) else {}
    return msgspec.structs.replace(place, **changes, against=tuple(against))


def first_of(free: Any, length: int) -> str:
    """The subnet that NetBox will give: the first of that length in what it says is free."""
    for row in free if isinstance(free, list) else []:
        try:
            net = IPv4Network(row["prefix"])
        except (ValueError, KeyError, TypeError):
            continue
        if net.prefixlen <= length:
            return f"{net.network_address}/{length}"
    return ""


def _device(inventory: Inventory, router: str) -> int:
    found = [each.id for each in inventory.devices if each.name.casefold() == router.casefold()]
    return found[0] if len(found) == 1 else 0


def _address(inventory: Inventory, host: str) -> int:
    return next((each.id for each in inventory.addresses if host and each.host == host), 0)


def _nested(value: Any) -> int:
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, int) else 0


def take_subnet(place: Place, subnet: str, tag: str, *, pooled: bool) -> Call:
    """The call that makes the subnet a record: by the pool, or as it was said."""
    words: dict[str, str | int] = {"status": "active", "description": tag}
    if place.role:
        words["role"] = place.role
    if pooled:
        length = int(subnet.partition("/")[2])
        return take(f"{refs.PREFIXES}/{place.pool}", "prefix", {"prefix_length": length, **words})
    if place.vrf:
        words["vrf"] = place.vrf
    return Call(NETBOX, "POST", "ipam/prefixes", (("prefix", subnet), *words.items()))


def take_asn(place: Place, tag: str) -> Call:
    """The call that takes the next AS number of the range."""
    if place.wide:
        return take_number(place.wide, place.asn, {"description": tag})
    return take(f"{ASN_RANGES}/{place.asn_range}", "asn", {"description": tag})


def kept(
    place: Place, name: str, sides: Sequence[tuple[str, str, str]], tag: str
) -> Iterator[tuple[Call, str]]:
    """The calls that write a link down, and what each id that they give is called.

    `sides` are router, interface and address of each end: interfaces and addresses of both devices,
    the tunnel, its two ends.
    """
    known = [side for side in sides if place.devices.get(side[0])]
    for router, face, address in known:
        words: dict[str, str | int] = {
            "device": place.devices[router],
            "name": face,
            "type": "virtual",
            "description": tag,
        }
        yield Call(NETBOX, "POST", "dcim/interfaces", tuple(words.items())), _face(router)
        words = {
            "address": address,
            "assigned_object_type": "dcim.interface",
            "assigned_object_id": _face(router),
            "description": tag,
        }
        if place.vrf:
            words["vrf"] = place.vrf
        yield Call(NETBOX, "POST", "ipam/ip-addresses", tuple(words.items())), ""
    words = {
        "name": name,
        "status": "active",
        "encapsulation": "wireguard",
        "description": tag,
    }
    if place.group:
        words["group"] = place.group
    yield Call(NETBOX, "POST", "vpn/tunnels", tuple(words.items())), "{tunnel}"
    for router, _interface, _address_text in known:
        words = {
            "tunnel": "{tunnel}",
            "role": "peer",
            "termination_type": "dcim.interface",
            "termination_id": _face(router),
        }
        if place.outside.get(router):
            words["outside_ip"] = place.outside[router]
        yield Call(NETBOX, "POST", "vpn/tunnel-terminations", tuple(words.items())), ""


def _face(router: str) -> str:
    """What stands for the id of a router's interface until NetBox has given it."""
    return f"{{interface of {router}}}"
