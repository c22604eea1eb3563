"""Which addresses of nodes, told by the cluster, may be asked beside the configured ones. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable

from labtui.config.address import is_loopback
from labtui.config.schema import Address, ProxmoxConfig
from labtui.model.cluster import Member

PORT = 8006
MOST = 32


def may_learn(config: ProxmoxConfig) -> bool:
    """Whether addresses may be learnt at all.

    Not when the configuration says so, and not when it reaches the cluster through this machine
    itself (a tunnel, a demo lab): the addresses of the nodes then mean something else here.
    """
    hosts = [address.host for address in config.endpoints]
    return config.learn_endpoints and bool(hosts) and not any(is_loopback(host) for host in hosts)


def to_learn(
    config: ProxmoxConfig, members: Iterable[Member], known: Collection[str]
) -> dict[str, Address]:
    """Node -> address, for the nodes of which no configured endpoint is `known` to be one."""
    if not may_learn(config):
        return {}
    ports = {address.port for address in config.endpoints}
    port = ports.pop() if len(ports) == 1 else PORT
    configured = {address.host for address in config.endpoints}
    found: dict[str, Address] = {}
    for member in members:
        if member.name in known or len(found) >= MOST:
            continue
        host = _host(member.address)
        if host and host not in configured:
            found[member.name] = Address(host, port)
    return found


def _host(text: str) -> str:
    """The address in its usual form; empty for one that no other machine can have."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if (
        address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or (isinstance(address, ipaddress.IPv6Address) and address.scope_id)
        or str(address) == "255.255.255.255"
    ):
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return "" if mapped else str(address)
