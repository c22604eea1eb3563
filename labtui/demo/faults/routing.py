"""The faults of routing: BGP sessions, announced prefixes, OSPF areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.demo.faults.fault import Fault, Options
from labtui.demo.faults.strikes import Undo, change, fault, write
from labtui.demo.overlay.adjacency import Adjacency
from labtui.demo.overlay.configuration import add
from labtui.demo.overlay.devices import Router
from labtui.demo.overlay.ospf import AREAS
from labtui.demo.overlay.pairing import FIRST_MADE
from labtui.demo.overlay.routing import LISTS, STATIC
from labtui.demo.overlay.world import OverlayWorld

if TYPE_CHECKING:
    from labtui.demo.service import RunningLab

_WRONG_AS = 64999
_WRONG_AREA = "0.0.0.51"
_LEAKED = "172.31.{}.0/24"


def _sessions(lab: RunningLab) -> list[str]:
    numbers = (item.number for item in lab.overlay.adjacencies if item.number < FIRST_MADE)
    return [str(number) for number in numbers]


def _announcers(lab: RunningLab) -> list[str]:
    return [site.name for site in lab.lab.sites if not site.router_version.startswith("6.")]


def _adjacency(world: OverlayWorld, target: str) -> Adjacency:
    for item in world.adjacencies:
        if item.number == int(target):
            return item
    raise KeyError(f"there is no session over link {target}")


def _bgp_disabled(world: OverlayWorld, target: str, _options: Options) -> Undo:
    return change(_adjacency(world, target).left.connection, "disabled", value=True)


def _bgp_asn(world: OverlayWorld, target: str, _options: Options) -> Undo:
    return change(_adjacency(world, target).left.connection, "remote_as", _WRONG_AS)


def _bgp_flap(world: OverlayWorld, target: str, _options: Options) -> Undo:
    return change(_adjacency(world, target), "muted", value=True)


def _router_at(world: OverlayWorld, site: str) -> Router:
    return world.routers[world.lab.site(site).router]


def _prefix_missing(world: OverlayWorld, target: str, _options: Options) -> Undo:
    router = _router_at(world, target)
    for row in router.table(LISTS):
        if row.get("address") == router.subnet:
            return write(row, "disabled", "true")
    raise KeyError(f"{target} announces no network of its own")


def _announce(router: Router, prefix: str) -> Undo:
    """A blackhole route and an entry in the list: announced, though nothing is there."""
    route = add(router, STATIC, dst_address=prefix, blackhole="", distance="1", disabled="false")
    entry = add(
        router, LISTS, list="bgp-networks", address=prefix, dynamic="false", disabled="false"
    )
    route.number, entry.number = router.fresh_number(), router.fresh_number()

    def undo() -> None:
        for path, row in ((STATIC, route), (LISTS, entry)):
            if row in router.table(path):
                router.table(path).remove(row)

    return undo


def _prefix_leaked(world: OverlayWorld, target: str, _options: Options) -> Undo:
    place = [site.name for site in world.lab.sites].index(target)
    return _announce(_router_at(world, target), _LEAKED.format(place))


def _prefix_twice(world: OverlayWorld, target: str, _options: Options) -> Undo:
    """Another site's router, that of the next site with RouterOS 7, announces it as well."""
    names = [site.name for site in world.lab.sites if not site.router_version.startswith("6.")]
    other = names[(names.index(target) + 1) % len(names)]
    return _announce(_router_at(world, other), _router_at(world, target).subnet)


def _ospf_routers(lab: RunningLab) -> list[str]:
    return [line.client.name for line in lab.overlay.lines]


def _area(world: OverlayWorld, target: str, _options: Options) -> Undo:
    return write(world.routers[target].table(AREAS)[0], "area-id", _WRONG_AREA)


ROUTING_FAULTS: tuple[Fault, ...] = (
    fault(
        "bgp-disabled",
        "routing",
        "link",
        "One end's BGP connection is disabled.",
        _sessions,
        _bgp_disabled,
    ),
    fault(
        "bgp-asn-mismatch",
        "routing",
        "link",
        "One end expects another AS than the neighbour's.",
        _sessions,
        _bgp_asn,
    ),
    fault(
        "bgp-hold-flap",
        "routing",
        "link",
        "Keepalives stop to arrive a minute after each start of the session.",
        _sessions,
        _bgp_flap,
    ),
    fault(
        "prefix-missing",
        "routing",
        "site",
        "A site no longer announces its network.",
        _announcers,
        _prefix_missing,
    ),
    fault(
        "prefix-leaked",
        "routing",
        "site",
        "A site announces a network that nobody should hear of.",
        _announcers,
        _prefix_leaked,
    ),
    fault(
        "prefix-twice",
        "routing",
        "site",
        "Another site announces the site's network as well.",
        _announcers,
        _prefix_twice,
    ),
    fault(
        "ospf-area-mismatch",
        "routing",
        "router",
        "The caller of a backup line has another OSPF area.",
        _ospf_routers,
        _area,
    ),
)
