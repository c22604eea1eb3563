"""Why a tunnel is not well, as far as both ends tell: one reason, the most particular one."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Literal

from labtui.findings.sight import SeenTunnel, Sight
from labtui.model.tunnels import TunnelEnd

Why = Literal["", "disabled", "keys", "endpoint", "flaps", "one-way", "dead", "loses"]
_PRIVATE = tuple(ip_network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_FALLS = 2
_ARRIVES = 0.9


def why(sight: Sight, seen: SeenTunnel) -> str:
    """The reason to tell (a `Why`), or an empty text when nothing is wrong with it."""
    known = sight.reasons.get(("tunnel", seen.key))
    if known is None:
        known = sight.reasons["tunnel", seen.key] = _why(sight, seen)
    return known


def _why(sight: Sight, seen: SeenTunnel) -> Why:
    verdict = seen.judgement.verdict
    if verdict == "off":
        return "disabled" if _half_off(sight, seen) else ""
    if verdict in ("dead", "one-way", "never") or seen.fallen:
        if other_half(sight, seen) is not None:
            return "keys"
        if len(seen.past.falls) >= _FALLS:
            return "flaps"
        if wrong_endpoint(sight, seen) is not None:
            return "endpoint"
        return "one-way" if verdict == "one-way" else "dead"
    if len(seen.past.falls) >= _FALLS:
        return "flaps"
    arrived = seen.past.arrived
    lossy = verdict == "up" and len(arrived) >= 2 and max(arrived[-2:]) < _ARRIVES
    return "loses" if lossy else ""


def _half_off(sight: Sight, seen: SeenTunnel) -> bool:
    """Switched off at one end only, or with a BGP session still expected over it."""
    off = [end.off for end in seen.ends]
    return not all(off) or any(end.carries_routing for end in seen.ends)


def other_half(sight: Sight, seen: SeenTunnel) -> SeenTunnel | None:
    """The tunnel on the other router in the same small network, when their keys do not meet."""
    if seen.tunnel.far is not None or len(seen.sites) != 2:
        return None
    mine = sight.places.links.get(seen.tunnel.near.router, ())
    nets = {link.network for link in mine if link.interface == seen.tunnel.near.interface.name}
    for other in sight.tunnels_at.get(seen.sites[1], ()):
        near = other.tunnel.near
        if other.tunnel.far is not None or near.site != seen.sites[1]:
            continue
        theirs = sight.places.links.get(near.router, ())
        if any(link.network in nets for link in theirs if link.interface == near.interface.name):
            return other
    return None


def wrong_endpoint(sight: Sight, seen: SeenTunnel) -> tuple[TunnelEnd, str] | None:
    """An end that looks for the other where nobody has ever met it, and where others meet it."""
    if seen.tunnel.far is None:
        return None
    near, far = seen.tunnel.near, seen.tunnel.far
    for end, other in ((near, far), (far, near)):
        host = end.peer.endpoint.rpartition(":")[0].strip("[]")
        known = _met_at(sight, other.router)
        try:
            ip_address(host)
        except ValueError:
            continue
        if known and host not in known:
            return end, sorted(known)[0]
    return None


def _met_at(sight: Sight, router: str) -> set[str]:
    """Public addresses of a router: its own, and where tunnels that work reach it."""
    found = set()
    for link in sight.places.links.get(router, ()):
        address = ip_address(link.host)
        inside = any(address.version == net.version and address in net for net in _PRIVATE)
        if not inside and link.network.num_addresses > 2:
            found.add(link.host)
    for seen in sight.tunnels:
        if seen.judgement.verdict == "up":
            for end in seen.ends:
                if any(other.router == router for other in seen.ends if other is not end):
                    found.add(end.peer.current_endpoint.rpartition(":")[0].strip("[]"))
    return found - {""}
