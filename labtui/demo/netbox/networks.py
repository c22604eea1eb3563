"""Networks inside networks, of either IP version."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

Network = IPv4Network | IPv6Network


def inside(small: Network, large: Network) -> bool:
    """Whether `small` is `large` or a part of it."""
    return (
        small.version == large.version
        and int(small.network_address) >= int(large.network_address)
        and int(small.broadcast_address) <= int(large.broadcast_address)
    )
