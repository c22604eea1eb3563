"""The addresses of a guest, node or router, best first, and who said so. Pure.

What an agent or NetBox says is data from outside: only what is an IP address is taken, and of
those none that can't be reached from another machine.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Any

from labtui.config.address import is_loopback
from labtui.config.entering import matching
from labtui.config.schema import RouterConfig, SshConfig
from labtui.model.cluster import Membership
from labtui.model.entry import Place, Way
from labtui.model.inventory import Inventory
from labtui.model.owners import registry
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot
from labtui.model.text import clean

# Interfaces that containers and networks inside of a guest make: reachable from there alone.
_INNER = ("docker", "br-", "veth", "virbr", "cni", "flannel", "cali", "kube", "podman", "lxc", "lo")
_MOST = 20


def from_config(ssh: SshConfig, place: Place) -> list[Way]:
    """What `[ssh.hosts]` says."""
    hops = matching(ssh.hosts, place.kind, place.name)
    return [Way(hop.address.host, "config", hop.user, hop.address.port) for hop in hops]


def from_agent(answer: Any) -> list[Way]:
    """Of the agent's `network-get-interfaces`, or of a container's `interfaces`."""
    rows = answer.get("result") if isinstance(answer, dict) else answer
    found: list[Way] = []
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict):
            continue
        name = clean(str(row.get("name") or ""), 40)
        if not name.startswith(_INNER):
            found += (Way(each, "agent", note=name) for each in _addresses(row))
    # What an IPv4 address is for is reached more surely from everywhere.
    found.sort(key=lambda way: ":" in way.host)
    return found[:_MOST]


def _addresses(row: dict[str, Any]) -> Iterator[str]:
    listed = row.get("ip-addresses")
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, dict):
            yield from _useful(str(each.get("ip-address") or ""))
    if not listed:
        # Containers of 8.x have these alone.
        for key in ("inet", "inet6"):
            yield from _useful(str(row.get(key) or ""))


def _useful(text: str) -> Iterator[str]:
    try:
        address = ipaddress.ip_interface(text).ip
    except ValueError:
        return
    if not (address.is_loopback or address.is_link_local or address.is_unspecified):
        yield str(address)


def from_cluster(place: Place, snapshot: Snapshot) -> list[Way]:
    """A node's address as the cluster itself has it."""
    membership = snapshot.one(Membership, place.source)
    member = membership.member(place.name) if membership is not None else None
    if place.kind != "node" or member is None:
        return []
    return [Way(each, "cluster") for each in _useful(member.address)]


def from_router(router: RouterConfig | None) -> list[Way]:
    """Where its API is asked; an address of this machine itself is a forwarded port."""
    if router is None:
        return []
    hosts = dict.fromkeys(address.host for address in router.addresses)
    return [Way(host, "router") for host in hosts if not is_loopback(host)]


def from_netbox(place: Place, snapshot: Snapshot) -> list[Way]:
    """The primary address of its record."""
    known = registry(snapshot)
    if place.kind == "guest":
        seen = seen_guests(snapshot).get(f"{place.source}/{place.vmid}")
        owner = known.of_guest(seen.guest) if seen is not None else None
        texts = [owner.record.address] if owner is not None else []
    else:
        device = known.devices.get(place.name.casefold())
        texts = [device.address] if device is not None else []
    return [Way(each, "netbox") for text in texts for each in _useful(text)]


def has_inventory(snapshot: Snapshot) -> bool:
    """Whether NetBox has been read."""
    return any(True for _each in snapshot.of(Inventory))


def with_users(ways: Iterable[Way], users: tuple[str, ...]) -> list[Way]:
    """Each way once for each user that may be chosen, unless it has one of its own."""
    found: dict[tuple[str, int, str], Way] = {}
    for way in ways:
        for user in (way.user,) if way.user else users or ("",):
            key = (way.host, way.port, user)
            found.setdefault(key, Way(way.host, way.origin, user, way.port, way.note))
    return list(found.values())
