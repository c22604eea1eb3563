"""Filters that are more than a comparison of one field: networks, owners of interfaces, times."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_interface, ip_network

from labtui.demo.netbox.failures import invalid
from labtui.demo.netbox.filters import (
    Filter,
    Finder,
    Test,
    find_by_id,
    find_by_key,
    flagged,
    moment,
    numbers,
    one_of,
    related,
    texts,
)
from labtui.demo.netbox.networks import Network, inside
from labtui.demo.netbox.range_filters import (
    RANGE_FILTERS,
    VLAN_GROUP_FILTERS,
    network_of,
    same_address,
)
from labtui.demo.netbox.schema import Row
from labtui.demo.netbox.store import Store


def _networks(field: str, test: Callable[[Network, Network], bool]) -> Filter:
    """A test of the record's network (first) against each of the given ones."""

    def build(_store: Store, parameter: str, values: list[str]) -> Test:
        given = [network_of(parameter, value) for value in values]
        return lambda row: any(
            test(ip_network(row[field], strict=False), network) for network in given
        )

    return build


def _addresses(field: str, test: Callable[[Network, Network], bool]) -> Filter:
    """Like `_networks`, with the record's bare address as a network of one."""

    def build(_store: Store, parameter: str, values: list[str]) -> Test:
        given = [network_of(parameter, value) for value in values]
        return lambda row: any(
            test(ip_network(ip_interface(row[field]).ip), network) for network in given
        )

    return build


def _version(field: str) -> Filter:
    return one_of(lambda row: 6 if ":" in row[field] else 4)


def _scope(store_label: str) -> dict[str, Filter]:
    """`site` and `site_id` of what is scoped to a site."""

    def site_of(row: Row) -> int | None:
        return row["scope_id"] if row["scope_type"] == store_label else None

    return related("site", store_label, site_of)


def _assigned(parameter: str, label: str) -> dict[str, Filter]:
    """By the interface an address is assigned to."""

    def interface(row: Row) -> int | None:
        return row["assigned_object_id"] if row["assigned_object_type"] == label else None

    return related(parameter, label, interface, by_key=False)


def _owner(parameter: str, target: str, interfaces: str, field: str) -> dict[str, Filter]:
    """By the device or machine of the interface an address is assigned to."""

    def make(name: str) -> Filter:
        def build(store: Store, given: str, values: list[str]) -> Test:
            def owner(row: Row) -> int | None:
                if row["assigned_object_type"] != interfaces:
                    return None
                found = store.get(interfaces, row["assigned_object_id"])
                return int(found[field]) if found else None

            return related(parameter, target, owner)[name](store, given, values)

        return build

    return {name: make(name) for name in (parameter, f"{parameter}_id")}


def mac_texts() -> dict[str, Filter]:
    """All comparisons of `mac_address`; it is never empty."""
    found = texts("mac_address")
    del found["mac_address__empty"]
    return found


def _mac_of_interface(label: str) -> dict[str, Filter]:
    """`mac_address` and its comparisons on interfaces."""
    plain = mac_texts()

    def make(name: str) -> Filter:
        def build(store: Store, given: str, values: list[str]) -> Test:
            inner = plain[name](store, given, values)

            def test(row: Row) -> bool:
                key = f"assigned_object:{label}"
                macs = store.referrers("dcim.macaddress", key, row["id"])
                return any(inner(store.row("dcim.macaddress", number)) for number in macs)

            return test

        return build

    return {name: make(name) for name in plain}


def _at_site(key: str, finder: Finder) -> dict[str, Filter]:
    """AS numbers by the sites that use them."""

    def build(store: Store, parameter: str, values: list[str]) -> Test:
        sites = {finder(store, "dcim.site", parameter, value) for value in values}

        def test(row: Row) -> bool:
            return not sites.isdisjoint(store.referrers("dcim.site", "asns", row["id"]))

        return test

    return {key: build}


def _mac_of_owner(interfaces: str, field: str) -> dict[str, Filter]:
    """`mac_address` of devices and machines."""
    inner = _mac_of_interface(interfaces)

    def make(name: str) -> Filter:
        def build(store: Store, given: str, values: list[str]) -> Test:
            test = inner[name](store, given, values)
            return lambda row: any(
                test(store.row(interfaces, number))
                for number in store.referrers(interfaces, field, row["id"])
            )

        return build

    return {name: make(name) for name in inner}


def _since(_store: Store, parameter: str, values: list[str]) -> Test:
    limit = moment(parameter, values[-1])
    return lambda row: str(row["time"]) >= limit


def _until(_store: Store, parameter: str, values: list[str]) -> Test:
    limit = moment(parameter, values[-1])
    return lambda row: str(row["time"]) <= limit


def _has_primary(row: Row) -> bool:
    return row["primary_ip4"] is not None or row["primary_ip6"] is not None


def _vlan_vid(store: Store, parameter: str, values: list[str]) -> Test:
    """Prefixes by the number of their VLAN."""
    if not (values[-1].isascii() and values[-1].isdigit()):
        raise invalid(parameter, "Enter a number.")
    wanted = {row["id"] for row in store.rows("ipam.vlan") if row["vid"] == int(values[-1])}
    return lambda row: row["vlan"] in wanted


_VM = "virtualization.virtualmachine"
_VM_INTERFACE = "virtualization.vminterface"
_ASSIGNED: dict[str, Filter] = {
    **_assigned("interface", "dcim.interface"),
    **_assigned("vminterface", _VM_INTERFACE),
    **_owner("device", "dcim.device", "dcim.interface", "device"),
    **_owner("virtual_machine", _VM, _VM_INTERFACE, "virtual_machine"),
}

SPECIAL: dict[str, dict[str, Filter]] = {
    "dcim.device": {
        "has_primary_ip": flagged(_has_primary),
        **_mac_of_owner("dcim.interface", "device"),
    },
    "dcim.interface": _mac_of_interface("dcim.interface"),
    "dcim.macaddress": {
        **_ASSIGNED,
        "assigned": flagged(lambda row: row["assigned_object_id"] is not None),
        **mac_texts(),
    },
    "virtualization.cluster": _scope("dcim.site"),
    _VM: {
        "has_primary_ip": flagged(_has_primary),
        **_mac_of_owner(_VM_INTERFACE, "virtual_machine"),
    },
    _VM_INTERFACE: _mac_of_interface(_VM_INTERFACE),
    "ipam.asn": {**_at_site("site", find_by_key), **_at_site("site_id", find_by_id)},
    "ipam.prefix": {
        **_scope("dcim.site"),
        "family": _version("prefix"),
        "prefix": _networks("prefix", lambda have, given: have == given),
        "vlan_vid": _vlan_vid,
        "within": _networks("prefix", lambda have, given: have != given and inside(have, given)),
        "within_include": _networks("prefix", inside),
        "contains": _networks("prefix", lambda have, given: inside(given, have)),
    },
    "ipam.ipaddress": {
        **_ASSIGNED,
        "family": _version("address"),
        "address": same_address,
        "parent": _addresses("address", inside),
        "assigned": flagged(lambda row: row["assigned_object_id"] is not None),
        "assigned_to_interface": flagged(lambda row: row["assigned_object_id"] is not None),
    },
    "ipam.iprange": {"family": _version("start_address"), **RANGE_FILTERS},
    "ipam.vlangroup": {**VLAN_GROUP_FILTERS, "site": _scope("dcim.site")["site"]},
    "vpn.tunneltermination": {
        **related(
            "interface",
            "dcim.interface",
            lambda row: (
                row["termination_id"] if row["termination_type"] == "dcim.interface" else None
            ),
            by_key=False,
        ),
    },
    "vpn.tunnel": numbers("tunnel_id"),
    "core.objectchange": {"time_after": _since, "time_before": _until},
}
