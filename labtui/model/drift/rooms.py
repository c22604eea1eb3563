"""Where addresses are written down one by one: in the prefixes of NetBox, not in its ranges."""

from __future__ import annotations

from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from labtui.model.inventory import Inventory
from labtui.model.records.index import host_of

Network = IPv4Network | IPv6Network


class Rooms:
    """The prefixes and ranges of one inventory, whatever their VRF."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    @cached_property
    def _networks(self) -> list[Network]:
        found = []
        for each in self._inventory.prefixes:
            try:
                net = ip_network(each.prefix, strict=False)
            except ValueError:
                continue
            if each.status != "container":
                found.append(net)
        return found

    @cached_property
    def _ranges(self) -> list[tuple[int, int, int]]:
        """(version, first, last)."""
        found: list[tuple[int, int, int]] = []
        for each in self._inventory.ranges:
            start, end = host_of(each.start), host_of(each.end)
            if start and end:
                first = ip_address(start)
                found.append((first.version, int(first), int(ip_address(end))))
        return found

    def fixed(self, host: str) -> bool:
        """Whether an address lies in a prefix, and in no range: leases come and go."""
        address = ip_address(host)
        if not any(net.version == address.version and address in net for net in self._networks):
            return False
        number = int(address)
        return not any(
            version == address.version and first <= number <= last
            for version, first, last in self._ranges
        )
