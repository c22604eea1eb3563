"""Subnets and their prefixes: the networks that routers have addresses in or announce."""

from __future__ import annotations

from ipaddress import ip_network

import msgspec

from labtui.model.derived import Derived
from labtui.model.inventory import Inventory, PrefixRecord
from labtui.model.overlay import RouterFacts
from labtui.model.records.index import network_of, record_index
from labtui.model.records.joined import Joined, settled
from labtui.model.routes import Routes
from labtui.model.snapshot import Snapshot

Match = Joined[PrefixRecord]


class Subnet(msgspec.Struct, frozen=True):
    """A network of ours: which routers are in it, and which announce it."""

    network: str
    routers: tuple[str, ...] = ()
    announced_by: tuple[str, ...] = ()
    public: bool = False
    """A host of a network of somebody else, such as the uplink's."""


class SubnetJoins(msgspec.Struct, frozen=True):
    """Every network with its prefix."""

    subnets: tuple[Subnet, ...] = ()
    of: dict[str, Match] = {}


def _joins(snapshot: Snapshot) -> SubnetJoins:
    index = record_index(snapshot)
    inside: dict[str, set[str]] = {}
    for router, facts in snapshot.of(RouterFacts):
        for address in facts.addresses:
            network = "" if address.disabled else network_of(address.address)
            if network:
                inside.setdefault(network, set()).add(router)
    announced: dict[str, set[str]] = {}
    for router, routes in snapshot.of(Routes):
        for prefix in routes.own:
            if network := network_of(prefix):
                announced.setdefault(network, set()).add(router)
    subnets = tuple(
        Subnet(
            network,
            tuple(sorted(inside.get(network, ()))),
            tuple(sorted(announced.get(network, ()))),
            is_public(network),
        )
        for network in sorted(inside.keys() | announced.keys())
    )
    of = {each.network: match(index.prefixes.get(each.network, ())) for each in subnets}
    return SubnetJoins(subnets, of)


def match(records: tuple[PrefixRecord, ...] | list[PrefixRecord]) -> Match:
    """Likely: the same network may be used again in another VRF, and nothing here knows of VRFs."""
    return settled(tuple(records), "network", "certain" if len(records) == 1 else "ambiguous")


def is_public(network: str) -> bool:
    """True for what is given out by others: neither private nor shared nor link-local.

    The ranges for documentation count as public, as they stand for such.
    """
    net = ip_network(network)
    return not any(
        net.version == own.version and net.subnet_of(own)  # type: ignore[arg-type]  # same version
        for own in _OURS
    )


_OURS = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)

subnet_joins = Derived((RouterFacts, Routes, Inventory), _joins)
"""Every network of the routers with its prefix."""
