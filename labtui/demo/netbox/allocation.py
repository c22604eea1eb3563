"""Handing out what is free: addresses and prefixes of a prefix, AS numbers of a range.

Lowest first; network and broadcast address are left out unless the prefix is a pool, a /31 or a
/32. A list of requests is all or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_network
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
    used = {
        int(ip_address(row["address"].partition("/")[0]))
        for row in view.store.rows("ipam.ipaddress")
        if row["vrf"] == prefix["vrf"] and (":" in row["address"]) == (network.version == 6)
    }
    start = first = int(network.network_address)
    last = int(network.broadcast_address)
    if network.prefixlen < network.max_prefixlen - 1 and not prefix["is_pool"]:
        first, last = first + 1, last - (network.version == 4)
    for number in range(first, last + 1):
        if number not in used:
            yield f"{network[number - start]}/{network.prefixlen}"


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
    address = next(free_addresses(editor.view, prefix), None)
    if address is None:
        raise _exhausted()
    host, _, mask = address.partition("/")
    length = body.get("prefix_length", int(mask))
    if not isinstance(length, int) or length < int(mask):
        sentence = f"Prefix length must be greater than or equal to the parent mask length ({mask})"
        raise Invalid({"prefix_length": sentence})
    values = {**body, "address": f"{host}/{length}", "vrf": prefix["vrf"]}
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
    ("ipam/asn-ranges", "available-asns"): ("ipam.asn", offer_asns, take_asn),
}
"""By parent's path and last part of the address: what is made, what is shown, how it is taken."""
