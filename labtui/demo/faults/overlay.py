"""The faults of the network between the sites: lines, links, tunnels and calls.

Faults of the lines act on the world below the routers; faults of configuration change what is
configured on the routers, as a hand would, and put it back afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.demo.faults.fault import Fault, Options
from labtui.demo.faults.routers import ROUTER_FAULTS
from labtui.demo.faults.routing import ROUTING_FAULTS
from labtui.demo.faults.strikes import Undo, change, fault, number_of, together, write
from labtui.demo.overlay.backup import SERVER
from labtui.demo.overlay.keys import public_key
from labtui.demo.overlay.tunnel import Tunnel
from labtui.demo.overlay.underlay import FULL_MTU
from labtui.demo.overlay.world import OverlayWorld

if TYPE_CHECKING:
    from labtui.demo.service import RunningLab

_NOWHERE = "192.0.2.250"
_OTHER_WORD = "not-the-one"


def _sites(lab: RunningLab) -> list[str]:
    return [site.name for site in lab.lab.sites]


def _links(lab: RunningLab) -> list[str]:
    return [str(link.number) for link in lab.lab.links]


def _pairs(lab: RunningLab) -> list[str]:
    """Links whose both ends have one peer each: not those of people on the road."""
    numbers = {link.number for link in lab.lab.links}
    return [str(item.number) for item in lab.overlay.tunnels if item.number in numbers]


def _tunnels(world: OverlayWorld, target: str) -> list[Tunnel]:
    found = [item for item in world.tunnels if item.path == int(target)]
    if not found:
        raise KeyError(f"there is no tunnel over link {target}")
    return found


def _uplink_down(world: OverlayWorld, target: str, _options: Options) -> Undo:
    return change(world.underlay.uplinks[target], "up", value=False)


def _link_cut(world: OverlayWorld, target: str, _options: Options) -> Undo:
    return change(world.underlay.path(int(target)), "cut", value=True)


def _link_loss(world: OverlayWorld, target: str, options: Options) -> Undo:
    share = number_of(options, "percent", 0, 100) / 100
    return change(world.underlay.path(int(target)), "loss", share)


def _link_flap(world: OverlayWorld, target: str, options: Options) -> Undo:
    path = world.underlay.path(int(target))
    every = number_of(options, "seconds", 5, 86400)
    return together(change(path, "flap_from", world.now), change(path, "flap_every", every))


def _link_slow(world: OverlayWorld, target: str, options: Options) -> Undo:
    delay = number_of(options, "milliseconds", 0, 5000) / 2000
    return change(world.underlay.path(int(target)), "delay", delay)


def _link_mtu(world: OverlayWorld, target: str, options: Options) -> Undo:
    size = int(number_of(options, "bytes", 68, FULL_MTU))
    return change(world.underlay.path(int(target)), "mtu", size)


def _udp_filtered(world: OverlayWorld, target: str, _options: Options) -> Undo:
    return change(world.underlay.path(int(target)), "udp_filtered", value=True)


def _key_mismatch(world: OverlayWorld, target: str, _options: Options) -> Undo:
    peer = _tunnels(world, target)[0].left.peer
    back = change(peer, "public_key", public_key(f"a key nobody has, link {target}"))
    # The kernel knows a peer by its key: another key is another peer.
    peer.forget()
    return back


def _endpoint_wrong(world: OverlayWorld, target: str, _options: Options) -> Undo:
    """At both ends, as one right end is enough to bring a tunnel up."""
    ends = _tunnels(world, target)[0].ends
    return together(*(change(end.peer, "endpoint_address", _NOWHERE) for end in ends))


def _peer_disabled(world: OverlayWorld, target: str, _options: Options) -> Undo:
    return change(_tunnels(world, target)[0].left.peer, "disabled", value=True)


def _servers(lab: RunningLab) -> list[str]:
    return [router.name for router in lab.overlay.routers.values() if SERVER in router.single]


def _server_off(world: OverlayWorld, target: str, _options: Options) -> Undo:
    return write(world.routers[target].single[SERVER], "enabled", "false")


def _clients(lab: RunningLab) -> list[str]:
    return [line.client.name for line in lab.overlay.lines]


def _secret(world: OverlayWorld, target: str, _options: Options) -> Undo:
    line = next(item for item in world.lines if item.client.name == target)
    return write(line.record, "ipsec-secret", _OTHER_WORD)


OVERLAY_FAULTS: tuple[Fault, ...] = (
    fault(
        "uplink-down",
        "underlay",
        "site",
        "The site's line to the internet is down.",
        _sites,
        _uplink_down,
    ),
    fault("link-cut", "underlay", "link", "The path of a link is cut.", _links, _link_cut),
    fault(
        "link-loss",
        "underlay",
        "link",
        "The path of a link loses packets.",
        _links,
        _link_loss,
        percent=30.0,
    ),
    fault(
        "link-flap",
        "underlay",
        "link",
        "The path of a link goes and comes in turn.",
        _links,
        _link_flap,
        seconds=300.0,
    ),
    fault(
        "link-slow",
        "underlay",
        "link",
        "The way there and back takes longer.",
        _links,
        _link_slow,
        milliseconds=200.0,
    ),
    fault(
        "link-mtu",
        "underlay",
        "link",
        "Large packets vanish on the path of a link.",
        _links,
        _link_mtu,
        bytes=1300,
    ),
    fault(
        "udp-filtered",
        "underlay",
        "link",
        "Somebody on the way drops UDP.",
        _links,
        _udp_filtered,
    ),
    fault(
        "wireguard-key-mismatch",
        "tunnel",
        "link",
        "One end has a wrong public key of the other.",
        _pairs,
        _key_mismatch,
    ),
    fault(
        "wireguard-endpoint-wrong",
        "tunnel",
        "link",
        "Both ends look for the other at a wrong address.",
        _pairs,
        _endpoint_wrong,
    ),
    fault(
        "wireguard-peer-disabled",
        "tunnel",
        "link",
        "One end's peer is disabled.",
        _pairs,
        _peer_disabled,
    ),
    fault(
        "l2tp-server-off",
        "tunnel",
        "router",
        "The L2TP server takes no calls.",
        _servers,
        _server_off,
    ),
    fault(
        "ipsec-secret-mismatch",
        "tunnel",
        "router",
        "The caller of a backup line has a wrong IPsec secret.",
        _clients,
        _secret,
    ),
    *ROUTING_FAULTS,
    *ROUTER_FAULTS,
)
