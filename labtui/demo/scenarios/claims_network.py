"""What can be claimed about the overlay: tunnels, sessions, prefixes, routers, sites."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from labtui.demo.overlay.underlay import FULL_MTU

if TYPE_CHECKING:
    from labtui.demo.overlay.tunnel import Tunnel
    from labtui.demo.running import RunningLab

_STALE_AFTER = 180.0


def _of_number(lab: RunningLab, number: str) -> Tunnel:
    for tunnel in lab.overlay.tunnels:
        if str(tunnel.number) == number:
            return tunnel
    raise KeyError(f"there is no tunnel {number}")


def _tunnel(lab: RunningLab, words: list[str]) -> bool:
    tunnel = _of_number(lab, words[0])
    now = lab.overlay.now
    if words[1] == "stale":
        ages = [now - (end.peer.last_handshake or 0.0) for end in tunnel.ends]
        return max(ages) > _STALE_AFTER
    return tunnel.passing(now) is (words[1] == "fresh")


def _bgp(lab: RunningLab, words: list[str]) -> bool:
    for adjacency in lab.overlay.adjacencies:
        if str(adjacency.number) == words[0]:
            return adjacency.established is (words[1] == "up")
    raise KeyError(f"there is no session over link {words[0]}")


def _prefix(lab: RunningLab, words: list[str]) -> bool:
    origin, state, _, holder = words
    known = {site.name for site in lab.lab.sites}
    if not {origin, holder} <= known:
        raise KeyError(f"{origin} or {holder} is no site")
    return ((holder, origin) in lab.overlay.paths) is (state == "present")


def _router(lab: RunningLab, words: list[str]) -> bool:
    router = lab.overlay.routers[words[0]]
    return router.up is (words[1] == "on")


def _site(lab: RunningLab, words: list[str]) -> bool:
    return lab.reach.between(words[3], words[0]) is (words[1] == "reached")


def _origin(lab: RunningLab, words: list[str]) -> bool:
    """Whether a site's network is announced by one site, by none, or by several."""
    subnet = lab.lab.site(words[0]).subnet
    origins = next((g.origins for g in lab.overlay.routing.groups if g.name == subnet), ())
    return {"none": 0, "one": 1, "two": 2}[words[2]] == len(origins)


def _clock(lab: RunningLab, words: list[str]) -> bool:
    found = lab.overlay.routers.get(words[0]) or lab.cluster.state.nodes.get(words[0])
    if found is None:
        raise KeyError(f"there is no router or node {words[0]}")
    return (found.clock_offset == 0.0) is (words[1] == "right")


def _path(lab: RunningLab, words: list[str]) -> bool:
    """The way between the two ends of a link, below the tunnel."""
    if words[0] not in {str(link.number) for link in lab.lab.links}:
        raise KeyError(f"there is no link {words[0]}")
    path = lab.overlay.underlay.path(int(words[0]))
    found = {
        "cut": path.cut,
        "lossy": path.loss > 0,
        "slow": path.delay > 0,
        "narrow": path.mtu < FULL_MTU,
        "filtered": path.udp_filtered,
        "flapping": path.flap_every > 0,
    }
    return not any(found.values()) if words[1] == "well" else found[words[1]]


def _line(lab: RunningLab, words: list[str]) -> bool:
    """A backup line by its number."""
    for line in lab.overlay.lines:
        if str(line.number) == words[0]:
            return line.passing(lab.overlay.now) is (words[1] == "up")
    raise KeyError(f"there is no backup line {words[0]}")


NOUNS: Mapping[str, tuple[tuple[str, ...], Callable[[RunningLab, list[str]], bool]]] = {
    "tunnel": (("NUMBER dead|fresh|stale",), _tunnel),
    "bgp": (("NUMBER up|down",), _bgp),
    "prefix": (("SITE present|absent at SITE",), _prefix),
    "origin": (("SITE by none|one|two",), _origin),
    "clock": (("NAME right|off",), _clock),
    "path": (("NUMBER well|cut|lossy|slow|narrow|filtered|flapping",), _path),
    "line": (("NUMBER up|down",), _line),
    "router": (("NAME on|off",), _router),
    "site": (("NAME reached|cut from NAME",), _site),
}
