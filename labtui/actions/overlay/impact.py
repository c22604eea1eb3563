"""What is behind a link, and whether switching it off cuts the way that labtui itself uses. Pure.

Nobody tells where this console stands. So what counts is whether routers that are reached now by an
inside address end up on different islands: then one of them can't be asked any more.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import msgspec

from labtui.actions.overlay.target import Target
from labtui.locale import _
from labtui.model.cluster import Membership
from labtui.model.links import links
from labtui.model.network import OverlayGraph, graph
from labtui.model.overlay import RouterFacts, WireGuard
from labtui.model.presence import seen_guests
from labtui.model.routes import Routes
from labtui.model.snapshot import Snapshot

_PRIVATE = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7")
)
_MOST = 4


class Impact(msgspec.Struct, frozen=True):
    """`lost` are the sites of the smaller side that nothing joins any more; `cut`: labtui may stand
    on either side, in words. `detour` is the way that is left between the two ends.
    """

    routes: int = 0
    carried: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    detour: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    guests: int = 0
    cut: str = ""


def impact(target: Target, snapshot: Snapshot, now: float) -> Impact:
    """What switching it off does, as far as the last readings tell."""
    every = links(snapshot, now)
    net = graph(snapshot, every)
    edges = _edges(target, net)
    before, after = net.islands(), net.islands(without_edges=edges)
    lost: tuple[str, ...] = ()
    for group in before:
        parts = [part for part in after if part <= group]
        if len(parts) > 1:
            lost = tuple(sorted(site for part in parts[1:] for site in part))
    names = {link.key: link.name for link in every}
    over = target.link.over if target.link is not None else ()
    nodes, guests = _behind(lost, snapshot)
    return Impact(
        _routes(target, snapshot),
        tuple(names[key] for key in over if key in names),
        lost,
        _detour(target, net, edges),
        nodes,
        guests,
        _cut(target, lost, net, snapshot),
    )


def _edges(target: Target, net: OverlayGraph) -> tuple[str, ...]:
    """The edges that carry nothing any more: the tunnel, or those that the session rides on."""
    if target.link is None:
        return ()
    if target.kind == "tunnel":
        return (target.link.key,)
    under = set(target.link.under)
    return tuple(edge.key for edge in net.edges if edge.key in under or edge.key == target.link.key)


def _detour(target: Target, net: OverlayGraph, edges: tuple[str, ...]) -> tuple[str, ...]:
    link = target.link
    if link is None or link.far is None:
        return ()
    left = tuple(edge for edge in net.edges if edge.key not in edges)
    return msgspec.structs.replace(net, edges=left).way(link.near.site, link.far.site)


def _routes(target: Target, snapshot: Snapshot) -> int:
    """How many routes of that router came over the session, or go through the tunnel."""
    part = snapshot.one(Routes, target.router)
    if part is None:
        return 0
    if target.kind == "session":
        name = target.connection
        return sum(r.session in (name, target.session) for r in part.learnt if r.session)
    facts = snapshot.one(RouterFacts, target.router)
    faces = [a.address for a in facts.addresses if a.interface == target.face] if facts else []
    nets = [ip_network(address, strict=False) for address in faces]
    return sum(
        any(ip_address(r.gateway) in net for net in nets)
        for r in part.learnt
        if r.gateway and "%" not in r.gateway
    )


def _behind(lost: tuple[str, ...], snapshot: Snapshot) -> tuple[tuple[str, ...], int]:
    """The nodes whose address is in a network of a lost site, and how many guests run on them."""
    nets = [
        ip_network(address.address, strict=False)
        for _router, facts in snapshot.of(RouterFacts)
        if (facts.site or facts.router) in lost
        for address in facts.addresses
        if not address.disabled
    ]
    nodes = [
        member.name
        for _cluster, part in snapshot.of(Membership)
        for member in part.members
        if member.address and any(ip_address(member.address) in net for net in nets)
    ]
    guests = sum(seen.guest.node in nodes for seen in seen_guests(snapshot).values())
    return tuple(nodes), guests


def _cut(target: Target, lost: tuple[str, ...], net: OverlayGraph, snapshot: Snapshot) -> str:
    """Why labtui may not reach a router afterwards; empty when it goes another way."""
    inside = {site.name for site in net.sites for r in site.routers if _inside(r, snapshot)}
    if lost and inside & set(lost) and inside - set(lost):
        text = _("labtui reaches {sites} through it: if it stands on the other side, it is cut off")
        return text.format(sites=", ".join(sorted(inside & set(lost))))
    facts = snapshot.one(RouterFacts, target.router)
    own = {a.host for a in facts.addresses if a.interface == target.face} if facts else set()
    if target.face and own & _ways(target.router, snapshot):
        return _("labtui reaches {router} by an address of this very tunnel").format(
            router=target.router
        )
    return ""


def _ways(router: str, snapshot: Snapshot) -> set[str]:
    """The addresses that a router is asked at now, without ports and jump hosts."""
    fresh = snapshot.fresh(WireGuard, router)
    via = fresh.via.split(" ")[0] if fresh else ""
    return {via.rpartition(":")[0].strip("[]")} if via else set()


def _inside(router: str, snapshot: Snapshot) -> bool:
    """Whether it is asked at an address that nobody outside reaches; unknown counts as yes."""
    for host in _ways(router, snapshot):
        try:
            address = ip_address(host)
        except ValueError:
            return True
        if not any(address in net for net in _PRIVATE if net.version == address.version):
            return False
    return True


def lines(found: Impact) -> list[tuple[str, str]]:
    """(label, text) for the plan."""
    told = []
    if found.carried:
        told.append((_("carries"), ", ".join(found.carried[:_MOST])))
    if found.routes:
        text = _("{n} routes of this router go over it now").format(n=found.routes)
        told.append((_("routes"), text))
    if found.lost:
        text = _("{sites}: no other link leads there").format(sites=", ".join(found.lost))
        if found.nodes:
            more = _("; nodes {nodes} with {n} guests are behind it")
            text += more.format(nodes=", ".join(found.nodes), n=found.guests)
        told.append((_("cut off"), text))
    elif found.detour:
        told.append((_("instead"), " > ".join(found.detour)))
    return told
