"""Networks as text and as numbers, and which lies in which: asked thousands of times per look."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network


@lru_cache(maxsize=8192)
def network_of(text: str) -> Network | None:
    """The network of that text, its host part left out; None for what is none."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


# The same few hundred are compared again with every reading of every router.
@lru_cache(maxsize=32768)
def within(net: Network, other: Network) -> bool:
    """Whether the one is the other, or part of it."""
    if isinstance(net, IPv4Network) and isinstance(other, IPv4Network):
        return net.subnet_of(other)
    if isinstance(net, IPv6Network) and isinstance(other, IPv6Network):
        return net.subnet_of(other)
    return False


class Inside:
    """Networks that are ours. Each of hundreds of learnt ones is asked about by every router."""

    def __init__(self, networks: Iterable[Network]) -> None:
        self._ours = {
            (net.version, net.prefixlen, int(net.netmask), int(net.network_address))
            for net in networks
        }
        self._known: dict[str, bool] = {}

    def covers(self, prefix: str) -> bool:
        """Whether it is one of them, or within one."""
        known = self._known.get(prefix)
        if known is None:
            known = self._known[prefix] = self._covers(network_of(prefix))
        return known

    def _covers(self, net: Network | None) -> bool:
        if net is None:
            return False
        version, longest, first = net.version, net.prefixlen, int(net.network_address)
        return any(
            version == of and length <= longest and first & mask == base
            for of, length, mask, base in self._ours
        )
