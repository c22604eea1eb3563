"""How full prefixes are: addresses in them, and what lies below them. Pure, no pairs compared."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from ipaddress import IPv4Network, IPv6Network, ip_interface, ip_network

import msgspec

from labtui.model.derived import Derived
from labtui.model.inventory import AddressRecord, Inventory, PrefixRecord, RangeRecord, VlanRecord
from labtui.model.records.index import first_inventory, host_of
from labtui.model.snapshot import Snapshot

Network = IPv4Network | IPv6Network


class Use(msgspec.Struct, frozen=True):
    """A prefix and what is in it. `size`: addresses that can be given to hosts.

    `used` are distinct addresses recorded in it, `ranged` those that lie in ranges (DHCP pools);
    `depth` is how many recorded prefixes of its VRF it lies in.
    """

    record: PrefixRecord
    vlan: VlanRecord | None
    size: int
    used: int
    ranged: int
    depth: int

    @property
    def share(self) -> float:
        """The part of it that is used, 0 to 1."""
        return min(1.0, self.used / self.size) if self.size else 0.0


def uses(inventory: Inventory) -> tuple[Use, ...]:
    """Every prefix, in the order of VRF and network."""
    vlans = {vlan.id: vlan for vlan in inventory.vlans}
    hosts = _hosts(inventory.addresses)
    ranges = _ranges(inventory.ranges)
    found: list[Use] = []
    above: list[tuple[str, Network]] = []
    for vrf, net, record in _ordered(inventory.prefixes):
        while above and not (above[-1][0] == vrf and _inside(net, above[-1][1])):
            above.pop()
        places = hosts.get((vrf, net.version), [])
        first, last = int(net.network_address), int(net.broadcast_address)
        used = bisect_right(places, last) - bisect_left(places, first)
        ranged = sum(
            min(last, end) - max(first, start) + 1
            for start, end in ranges.get((vrf, net.version), [])
            if start <= last and end >= first
        )
        vlan = vlans.get(record.vlan) if record.vlan is not None else None
        found.append(Use(record, vlan, _room(net, pool=record.pool), used, ranged, len(above)))
        above.append((vrf, net))
    return tuple(found)


def _ordered(prefixes: tuple[PrefixRecord, ...]) -> list[tuple[str, Network, PrefixRecord]]:
    found = []
    for record in prefixes:
        try:
            found.append((record.vrf, ip_network(record.prefix, strict=False), record))
        except ValueError:
            continue
    found.sort(key=lambda each: (
        each[0], each[1].version, int(each[1].network_address), each[1].prefixlen, each[2].id
    ))  # fmt: skip
    return found


def _hosts(addresses: tuple[AddressRecord, ...]) -> dict[tuple[str, int], list[int]]:
    found: dict[tuple[str, int], set[int]] = {}
    for record in addresses:
        try:
            address = ip_interface(record.address).ip
        except ValueError:
            continue
        found.setdefault((record.vrf, address.version), set()).add(int(address))
    return {place: sorted(numbers) for place, numbers in found.items()}


def _ranges(ranges: tuple[RangeRecord, ...]) -> dict[tuple[str, int], list[tuple[int, int]]]:
    found: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for record in ranges:
        try:
            start, end = ip_interface(record.start).ip, ip_interface(record.end).ip
        except ValueError:
            continue
        if start.version == end.version:
            found.setdefault((record.vrf, start.version), []).append((int(start), int(end)))
    return found


def _inside(small: Network, large: Network) -> bool:
    return (
        small.version == large.version
        and int(large.network_address) <= int(small.network_address)
        and int(small.broadcast_address) <= int(large.broadcast_address)
    )


def _room(net: Network, *, pool: bool) -> int:
    """Addresses for hosts: without network and broadcast, but in a pool, a /31 and a /32."""
    small = net.max_prefixlen - net.prefixlen <= 1
    return net.num_addresses if pool or small or net.version == 6 else net.num_addresses - 2


def within(inventory: Inventory, record: PrefixRecord) -> tuple[AddressRecord, ...]:
    """The addresses of its VRF that lie in a prefix, in order."""
    try:
        net = ip_network(record.prefix, strict=False)
    except ValueError:
        return ()
    found = []
    for each in inventory.addresses:
        if each.vrf == record.vrf and (host := host_of(each.address)):
            address = ip_interface(host).ip
            if address.version == net.version and address in net:
                found.append((int(address), each.id, each))
    return tuple(each for _number, _id, each in sorted(found, key=lambda one: one[:2]))


def _uses(snapshot: Snapshot) -> tuple[Use, ...]:
    inventory = first_inventory(snapshot)
    return uses(inventory) if inventory is not None else ()


prefix_uses = Derived((Inventory,), _uses)
"""Every prefix of the newest inventory with its use."""
