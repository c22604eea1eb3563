"""Handing out what is free: addresses and prefixes of a prefix, AS numbers of a range.

Lowest first; network and broadcast address are left out unless the prefix is a pool, a /31 or a
/32. A list of requests is all or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_interface, ip_network
from itertools import islice
from typing import Any

from labtui.demo.netbox import writing
from labtui.demo.netbox.changes import Editor
from labtui.demo.netbox.failures import Invalid, detail
from labtui.demo.netbox.networks import Network, inside
from labtui.demo.netbox.render import View
from labtui.demo.netbox.schema import Row
from labtui.demo.netbox.store import MODELS

Offer = Callable[[View, Row], Iterator[Row]]
Taker = Callable[[Editor, Row, Row], Row]


def free_addresses(view: View, prefix: Row) -> Iterator[str]:
    """The free addresses of a prefix, with its mask."""
    network = ip_network(prefix["prefix"])
    used = _used(view, prefix["vrf"], network.version)
    start = first = int(network.network_address)
    last = int(network.broadcast_address)
    if network.prefixlen < network.max_prefixlen - 1 and not prefix["is_pool"]:
        first, last = first + 1, last - (network.version == 4)
    populated = _populated(view, prefix["vrf"], network.version)
    for number in range(first, last + 1):
        if number not in used and not any(low <= number <= high for low, high in populated):
            yield f"{network[number - start]}/{network.prefixlen}"


def _used(view: View, vrf: int | None, version: int) -> set[int]:
    """The addresses that have records, as numbers."""
    return {
        int(ip_address(row["address"].partition("/")[0]))
        for row in view.store.rows("ipam.ipaddress")
        if row["vrf"] == vrf and (":" in row["address"]) == (version == 6)
    }


def _populated(view: View, vrf: int | None, version: int) -> list[tuple[int, int]]:
    """The ranges that count as taken; since 4.3 those alone that say so."""
    return [
        (int(start.ip), int(ip_interface(row["end_address"]).ip))
        for row in view.store.rows("ipam.iprange")
        if row["mark_populated"]
        and row["vrf"] == vrf
        and (start := ip_interface(row["start_address"])).version == version
    ]


def free_in_range(view: View, span: Row) -> Iterator[str]:
    """The free addresses of an IP range, with its mask."""
    start, end = ip_interface(span["start_address"]), ip_interface(span["end_address"])
    used = _used(view, span["vrf"], start.version)
    for step in range(int(end.ip) - int(start.ip) + 1):
        host = start.ip + step
        if int(host) not in used:
            yield f"{host}/{start.network.prefixlen}"


def free_vids(view: View, group: Row) -> Iterator[int]:
    """The free VLAN ids of a group."""
    store = view.store
    used = {
        store.row("ipam.vlan", number)["vid"]
        for number in store.referrers("ipam.vlan", "group", group["id"])
    }
    for first, last in group["vid_ranges"]:
        yield from (vid for vid in range(first, last + 1) if vid not in used)


def free_prefixes(view: View, prefix: Row) -> list[Network]:
    """The free parts of a prefix, each as large as can be, in order."""
    free: list[Network] = [ip_network(prefix["prefix"])]
    for row in view.store.rows("ipam.prefix"):
        taken = ip_network(row["prefix"])
        if row["id"] == prefix["id"] or row["vrf"] != prefix["vrf"]:
            continue
        free = [part for whole in free for part in _minus(whole, taken)]
    return sorted(free, key=lambda part: int(part.network_address))


def _minus(whole: Network, taken: Network) -> list[Network]:
    if inside(whole, taken):
        return []
    if not inside(taken, whole):
        return [whole]
    return list(whole.address_exclude(taken))  # type: ignore[arg-type]  # same version: see inside


def offer_addresses(view: View, prefix: Row) -> Iterator[Row]:
    """What a GET of `available-ips` shows."""
    version = 6 if ":" in prefix["prefix"] else 4
    vrf = view.nested("ipam.vrf", prefix["vrf"])
    for address in free_addresses(view, prefix):
        yield {"family": version, "address": address, "vrf": vrf}


def offer_of_range(view: View, span: Row) -> Iterator[Row]:
    """What a GET of a range's `available-ips` shows."""
    version = 6 if ":" in span["start_address"] else 4
    vrf = view.nested("ipam.vrf", span["vrf"])
    for address in free_in_range(view, span):
        yield {"family": version, "address": address, "vrf": vrf}


def offer_vlans(view: View, group: Row) -> Iterator[Row]:
    """What a GET of `available-vlans` shows."""
    short = view.nested("ipam.vlangroup", group["id"])
    for vid in free_vids(view, group):
        yield {"vid": vid, "group": short}


def offer_prefixes(view: View, prefix: Row) -> Iterator[Row]:
    """What a GET of `available-prefixes` shows."""
    vrf = view.nested("ipam.vrf", prefix["vrf"])
    for part in free_prefixes(view, prefix):
        yield {"family": part.version, "prefix": str(part), "vrf": vrf}


def offer_asns(view: View, asn_range: Row) -> Iterator[Row]:
    """What a GET of `available-asns` shows."""
    used = {row["asn"] for row in view.store.rows("ipam.asn")}
    rir = view.nested("ipam.rir", asn_range["rir"])
    for number in range(asn_range["start"], asn_range["end"] + 1):
        if number not in used:
            yield {"rir": rir, "asn": number}


def take_address(editor: Editor, prefix: Row, body: Row) -> Row:
    """Make the lowest free address a record; `prefix_length` may narrow its mask (4.5)."""
    return _address(editor, next(free_addresses(editor.view, prefix), None), prefix["vrf"], body)


def take_of_range(editor: Editor, span: Row, body: Row) -> Row:
    """Make the lowest free address of a range a record."""
    return _address(editor, next(free_in_range(editor.view, span), None), span["vrf"], body)


def take_vlan(editor: Editor, group: Row, body: Row) -> Row:
    """Make the lowest free VLAN id of a group a record; the body must give its name."""
    vid = next(free_vids(editor.view, group), None)
    if vid is None:
        raise _exhausted()
    values = {**body, "vid": vid, "group": group["id"]}
    return _one(writing.create(editor, MODELS["ipam.vlan"], values))


def _address(editor: Editor, address: str | None, vrf: int | None, body: Row) -> Row:
    if address is None:
        raise _exhausted()
    host, _, mask = address.partition("/")
    length = body.get("prefix_length", int(mask))
    if not isinstance(length, int) or length < int(mask):
        sentence = f"Prefix length must be greater than or equal to the parent mask length ({mask})"
        raise Invalid({"prefix_length": sentence})
    values = {**body, "address": f"{host}/{length}", "vrf": vrf}
    return _one(writing.create(editor, MODELS["ipam.ipaddress"], values))


def take_prefix(editor: Editor, prefix: Row, body: Row) -> Row:
    """Make the first free network of `prefix_length` a record."""
    length = body.get("prefix_length")
    if not isinstance(length, int) or isinstance(length, bool):
        raise Invalid({"prefix_length": ["This field is required."]})
    for part in free_prefixes(editor.view, prefix):
        if part.prefixlen <= length <= part.max_prefixlen:
            chosen = f"{part.network_address}/{length}"
            values = {**body, "prefix": chosen, "vrf": prefix["vrf"]}
            return _one(writing.create(editor, MODELS["ipam.prefix"], values))
    raise _exhausted()


def take_asn(editor: Editor, asn_range: Row, body: Row) -> Row:
    """Make the lowest free AS number a record."""
    offer = next(offer_asns(editor.view, asn_range), None)
    if offer is None:
        raise _exhausted()
    values = {**body, "asn": offer["asn"], "rir": asn_range["rir"]}
    return _one(writing.create(editor, MODELS["ipam.asn"], values))


def take(editor: Editor, taker: Taker, parent: Row, body: Any) -> list[Row]:
    """Serve a request or a list of them. Raises `Failure`, and then nothing is taken."""
    requests = body if isinstance(body, list) else [body]
    if any(not isinstance(each, dict) for each in requests):
        raise Invalid({"non_field_errors": ["Invalid data. Expected a dictionary."]})
    with editor.store.transaction():
        try:
            return [taker(editor, parent, each) for each in requests]
        except Invalid as error:
            raise Invalid([error.body]) from error


def shown(offer: Offer, view: View, parent: Row, limit: int) -> list[Row]:
    """The first `limit` of what is free."""
    return list(islice(offer(view, parent), limit))


def _one(result: Row | list[Row]) -> Row:
    return result[0] if isinstance(result, list) else result


def _exhausted() -> Exception:
    return detail(409, "Insufficient resources are available to satisfy the request")


POOLS: dict[tuple[str, str], tuple[str, Offer, Taker]] = {
    ("ipam/prefixes", "available-ips"): ("ipam.ipaddress", offer_addresses, take_address),
    ("ipam/prefixes", "available-prefixes"): ("ipam.prefix", offer_prefixes, take_prefix),
    ("ipam/ip-ranges", "available-ips"): ("ipam.ipaddress", offer_of_range, take_of_range),
    ("ipam/vlan-groups", "available-vlans"): ("ipam.vlan", offer_vlans, take_vlan),
    ("ipam/asn-ranges", "available-asns"): ("ipam.asn", offer_asns, take_asn),
}
"""By parent's path and last part of the address: what is made, what is shown, how it is taken."""
