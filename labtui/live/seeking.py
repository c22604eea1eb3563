"""Asking routers and guests where something is now, for a lookup; nobody is waited for long."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_interface
from typing import Any, Protocol, runtime_checkable

from labtui.locale import _
from labtui.model.agent_words import nics_of
from labtui.model.errors import LabError
from labtui.model.guests import Guest, GuestConfigs
from labtui.model.lookup import Found, Query, Sighting, Sightings
from labtui.model.lookup_names import lookup, with_sighted
from labtui.model.presence import seen_guests
from labtui.model.routes import RouteAnswer
from labtui.model.snapshot import Snapshot

_PATIENCE = 6.0
_MOST = 4


@runtime_checkable
class Router(Protocol):
    """What a lookup needs of a RouterOS source."""

    name: str

    async def look_up(self, address: str) -> RouteAnswer: ...

    async def neighbours(self, *, address: str = "", mac: str = "") -> tuple[Sighting, ...]: ...


class Cluster(Protocol):
    """What a lookup needs of a Proxmox VE source."""

    async def get(self, path: str) -> Any: ...


async def seek(
    sources: Iterable[object],
    query: Query,
    snapshot: Snapshot | None = None,
    clusters: Mapping[str, Cluster] | None = None,
) -> Sightings:
    """Where an address, MAC or guest is now. Raises nothing: who is silent is named.

    Routers are asked for the address or MAC, or for the MACs of a guest that is called so; then the
    guests that it could be are asked themselves (agent, network namespace of a container).
    """
    routers = [source for source in sources if isinstance(source, Router)]
    if snapshot is None:
        return await _routers(routers, query)
    if query.kind in ("address", "mac"):
        told = await _routers(routers, query)
        guests = _guests(with_sighted(lookup(snapshot, query), told, snapshot), snapshot)
    elif query.kind == "name":
        guests = _guests(lookup(snapshot, query), snapshot)
        macs = [mac for guest in guests for mac in _macs(guest, snapshot)][:_MOST]
        every = await asyncio.gather(*(_routers(routers, Query("mac", mac)) for mac in macs))
        told = _joined(every)
    else:
        return Sightings()
    inside = await asyncio.gather(
        *(_inside(guest, (clusters or {}).get(guest.cluster), snapshot) for guest in guests)
    )
    return _joined((told, *inside))


async def _routers(routers: Sequence[Router], query: Query) -> Sightings:
    if query.kind not in ("address", "mac"):
        return Sightings()
    found = await asyncio.gather(*(_ask(router, query) for router in routers))
    seen: list[Sighting] = []
    routes: list[RouteAnswer] = []
    silent: dict[str, str] = {}
    for router, each in zip(routers, found, strict=True):
        if isinstance(each, str):
            silent[router.name] = each
            continue
        seen.extend(each[0])
        if each[1] is not None:
            routes.append(each[1])
    return Sightings(tuple(seen), tuple(routes), silent)


def _joined(several: Sequence[Sightings]) -> Sightings:
    silent = {name: why for each in several for name, why in each.silent.items()}
    return Sightings(
        tuple(one for each in several for one in each.seen),
        tuple(one for each in several for one in each.routes),
        silent,
    )


def _guests(found: Found, snapshot: Snapshot) -> list[Guest]:
    """The guests that it could be, as far as they run."""
    known = seen_guests(snapshot)
    keys = dict.fromkeys(each.key for each in found.answers if each.what == "guest")
    guests = [known[key].guest for key in keys if key in known]
    return [guest for guest in guests if guest.status == "running"][:_MOST]


def _macs(guest: Guest, snapshot: Snapshot) -> Iterator[str]:
    configs = snapshot.one(GuestConfigs, guest.cluster) or GuestConfigs({})
    config = configs.configs.get(guest.vmid)
    yield from (net.mac.casefold() for net in config.nets if net.mac) if config else ()


async def _inside(guest: Guest, cluster: Cluster | None, snapshot: Snapshot) -> Sightings:
    """The guest's own word about its addresses; nothing where it has no agent."""
    configs = snapshot.one(GuestConfigs, guest.cluster) or GuestConfigs({})
    config = configs.configs.get(guest.vmid)
    if cluster is None or (guest.kind == "qemu" and (config is None or not config.agent)):
        return Sightings()
    tail = "interfaces" if guest.kind == "lxc" else "agent/network-get-interfaces"
    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/{tail}"
    try:
        async with asyncio.timeout(_PATIENCE):
            nics = nics_of(await cluster.get(path))
    except TimeoutError:
        text = _("no answer in {seconds:.0f} s").format(seconds=_PATIENCE)
        return Sightings(silent={guest.label: text})
    except LabError as error:
        return Sightings(silent={guest.label: error.why or error.what})
    ours = set(_macs(guest, snapshot))
    return Sightings(
        tuple(
            Sighting(guest.label, "inside", address, nic.mac.casefold(), nic.name)
            for nic in nics
            if nic.mac.casefold() in ours
            for address in nic.addresses
            if _useful(address)
        )
    )


def _useful(text: str) -> bool:
    """Whether that is an address by which a guest can be found."""
    try:
        address = ip_interface(text).ip
    except ValueError:
        return False
    return not (address.is_link_local or address.is_loopback)


async def _ask(
    router: Router, query: Query
) -> tuple[tuple[Sighting, ...], RouteAnswer | None] | str:
    """Its answer, or why there is none."""
    try:
        async with asyncio.timeout(_PATIENCE):
            if query.kind == "mac":
                return await router.neighbours(mac=query.text), None
            seen = await router.neighbours(address=query.text)
            return seen, await router.look_up(query.text)
    except TimeoutError:
        return _("no answer in {seconds:.0f} s").format(seconds=_PATIENCE)
    except LabError as error:
        return error.why or error.what
