"""All links of the overlay with what rides on what, and their layers. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from labtui.model.links.bgp import bgp
from labtui.model.links.calls import calls, met
from labtui.model.links.ipsec import ipsec
from labtui.model.links.link import BROKEN, CARRIERS, Layer, Link, Said
from labtui.model.links.ospf import ospf
from labtui.model.links.vxlan import vxlans
from labtui.model.links.where import Where, where
from labtui.model.links.wireguard import wireguard
from labtui.model.peerings import Peering, peerings
from labtui.model.snapshot import Snapshot
from labtui.model.tunnels import Judgement, Tunnel, tunnels


def links(snapshot: Snapshot, now: float) -> tuple[Link, ...]:
    """Every link of every kind, as of `now` (seconds since the epoch)."""
    joined = tuple((tunnel, tunnel.judge(now)) for tunnel in tunnels(snapshot, now))
    return links_of(snapshot, now, joined, peerings(snapshot, now))


def links_of(
    snapshot: Snapshot,
    now: float,
    judged: Sequence[tuple[Tunnel, Judgement]],
    sessions: Sequence[Peering],
) -> tuple[Link, ...]:
    """The same for who has the tunnels and the BGP sessions already."""
    at = where(snapshot)
    carriers = [
        *wireguard(snapshot, at, judged),
        *calls(snapshot, at, now),
        *ipsec(snapshot, at, now),
        *vxlans(snapshot, at, now),
    ]
    carriers = [_sized(link) for link in carriers]
    riders = [*ospf(snapshot, at, now, met(snapshot, at)), *bgp(at, sessions)]
    under = _under(carriers, riders, at)
    over: dict[str, list[str]] = {}
    for key, below in under.items():
        for one in below:
            over.setdefault(one, []).append(key)
    every = [
        msgspec.structs.replace(
            link, under=under.get(link.key, ()), over=tuple(over.get(link.key, ()))
        )
        for link in (*carriers, *riders)
    ]
    return _layered(every)


def _sized(link: Link) -> Link:
    """Two ends with different sizes: what is larger than the smaller one is lost one way."""
    if link.state != "up" or len(link.mtus) < 2:
        return link
    sizes = " / ".join(str(size) for size in link.mtus)
    return msgspec.structs.replace(link, said=Said("degraded", "mtu", sizes))


def _under(
    carriers: Sequence[Link], riders: Sequence[Link], at: Where
) -> dict[str, tuple[str, ...]]:
    """Rider -> the carriers it travels in: by interface; L2TP in the IPsec to the same address."""
    faces = {
        (end.router, end.interface): link.key
        for link in carriers
        if link.kind != "ipsec"
        for end in link.ends
        if end.interface
    }
    keyed = {
        (end.router, end.endpoint): link.key
        for link in carriers
        if link.kind == "ipsec"
        for end in link.ends
    }
    found: dict[str, tuple[str, ...]] = {}
    for link in riders:
        below = {faces.get((end.router, end.interface), "") for end in link.ends}
        found[link.key] = tuple(sorted(below - {""}))
    for link in carriers:
        if link.kind == "l2tp":
            below = {keyed.get((end.router, end.endpoint), "") for end in link.ends}
        elif link.kind == "vxlan":
            below = {
                faces.get((end.router, at.interface_to(end.router, end.endpoint)), "")
                for end in link.ends
            }
        else:
            continue
        found[link.key] = tuple(sorted(below - {"", link.key}))
    return found


def _layered(every: Sequence[Link]) -> tuple[Link, ...]:
    by_key = {link.key: link for link in every}
    heard = {
        frozenset(link.routers)
        for link in every
        if link.kind in CARRIERS and len(link.ends) == 2 and _tunnel(link) == "good"
    }
    placed = []
    for link in every:
        if link.kind in CARRIERS:
            tunnel = _tunnel(link)
            placed.append(
                msgspec.structs.replace(
                    link,
                    tunnel=tunnel,
                    underlay=_underlay(link, tunnel, heard, by_key),
                    routing=_routing([by_key[key] for key in link.over if key in by_key]),
                )
            )
            continue
        below = [by_key[key] for key in link.under]
        tunnel = _best([_tunnel(one) for one in below])
        under = _best([_underlay(one, _tunnel(one), heard, by_key) for one in below])
        placed.append(
            msgspec.structs.replace(link, tunnel=tunnel, underlay=under, routing=_routing([link]))
        )
    return tuple(placed)


def _tunnel(link: Link) -> Layer:
    if link.state in ("up", "degraded"):
        return "good"
    if link.state in BROKEN:
        return "bad"
    return "none" if link.state == "off" else "unknown"


def _underlay(
    link: Link, tunnel: Layer, heard: set[frozenset[str]], by_key: dict[str, Link]
) -> Layer:
    """Good when something passes between the two buildings; nothing here proves that it is bad."""
    if tunnel == "good" or frozenset((*link.routers, link.far_router)) in heard:
        return "good"
    keyed = [by_key[key] for key in link.under if key in by_key]
    return "good" if any(_tunnel(one) == "good" for one in keyed) else "unknown"


def _routing(sessions: Sequence[Link]) -> Layer:
    riding = [link for link in sessions if link.kind not in CARRIERS and link.state != "off"]
    if not riding:
        return "none"
    if any(link.state in ("up", "degraded") for link in riding):
        return "good"
    return "bad" if any(link.state in BROKEN for link in riding) else "unknown"


def _best(layers: Sequence[Layer]) -> Layer:
    order: tuple[Layer, ...] = ("good", "unknown", "bad", "none")
    return min(layers, key=order.index, default="unknown")
