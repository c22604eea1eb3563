"""Filters over spans of addresses and of VLAN ids, and the readers of addresses in parameters."""

from __future__ import annotations

from ipaddress import ip_interface, ip_network

from labtui.demo.netbox.failures import invalid
from labtui.demo.netbox.filters import Filter, Test
from labtui.demo.netbox.networks import Network, inside
from labtui.demo.netbox.schema import Row
from labtui.demo.netbox.store import Store


def network_of(parameter: str, value: str) -> Network:
    """The network a parameter names, with or without host bits. Raises `Invalid`."""
    try:
        return ip_network(value, strict=False)
    except ValueError:
        raise invalid(parameter, f"Invalid IP prefix format: {value}") from None


def same_address(_store: Store, parameter: str, values: list[str]) -> Test:
    """`address=`: the mask may be left out."""
    bare = set()
    for value in values:
        try:
            bare.add(str(ip_interface(value).ip) if "/" not in value else str(ip_interface(value)))
        except ValueError:
            raise invalid(parameter, f"Invalid IP address format: {value}") from None
    return lambda row: row["address"] in bare or str(ip_interface(row["address"]).ip) in bare


def _same(field: str) -> Filter:
    """Equal addresses; the mask may be left out."""

    def build(store: Store, parameter: str, values: list[str]) -> Test:
        test = same_address(store, parameter, values)
        return lambda row: test({"address": row[field]})

    return build


def _ends(row: Row) -> tuple[int, int]:
    return int(ip_interface(row["start_address"]).ip), int(ip_interface(row["end_address"]).ip)


def _range_contains(_store: Store, parameter: str, values: list[str]) -> Test:
    """Ranges that hold the whole of one of the given networks or addresses."""
    given = [network_of(parameter, value) for value in values]

    def test(row: Row) -> bool:
        first, last = _ends(row)
        return any(
            first <= int(network.network_address) and int(network.broadcast_address) <= last
            for network in given
            if network.version == ip_interface(row["start_address"]).version
        )

    return test


def _range_inside(_store: Store, parameter: str, values: list[str]) -> Test:
    """Ranges that lie in one of the given networks."""
    given = [network_of(parameter, value) for value in values]

    def test(row: Row) -> bool:
        ends = [ip_network(ip_interface(row[f"{end}_address"]).ip) for end in ("start", "end")]
        return any(all(inside(end, network) for end in ends) for network in given)

    return test


def _contains_vid(_store: Store, parameter: str, values: list[str]) -> Test:
    """VLAN groups with a range that holds the id."""
    if not (values[-1].isascii() and values[-1].isdigit()):
        raise invalid(parameter, "Enter a number.")
    vid = int(values[-1])
    return lambda row: any(first <= vid <= last for first, last in row["vid_ranges"])


RANGE_FILTERS: dict[str, Filter] = {
    "start_address": _same("start_address"),
    "end_address": _same("end_address"),
    "contains": _range_contains,
    "parent": _range_inside,
}
VLAN_GROUP_FILTERS: dict[str, Filter] = {"contains_vid": _contains_vid}
