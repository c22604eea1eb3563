"""Parts for tests of links: calls, IPsec, OSPF and routes between the routers of `labs`."""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.model.interfaces import (
    ActivePeer,
    Association,
    Call,
    Interface,
    Interfaces,
    IpsecPeer,
    IpsecPolicy,
)
from labtui.model.ospf import Ospf, OspfArea, OspfInstance, OspfInterface, OspfNeighbour
from labtui.model.overlay import RouterAddress
from labtui.model.routes import LearntRoute, Routes
from labtui.model.snapshot import Part
from tests.snapshots import NOW

Parts = list[tuple[str, Part]]
CALLER, CALLED = "192.0.2.1", "192.0.2.2"
INSIDE = ("10.9.0.2", "10.9.0.1")


def call(
    *,
    up: bool = True,
    client: dict[str, Any] | None = None,
    keys: dict[str, Any] | None = None,
    sizes: tuple[int, int] = (1450, 1450),
    rates: tuple[float, float] = (900.0, 900.0),
    phase2: str = "established",
) -> Parts:
    """A call from rt-a to rt-b with IPsec; `up`, else nobody is connected."""
    near = Call("rt-a", "l2tp-b", "client", "site-a", CALLED, up, ipsec=True, mtu=1450)
    if up:
        near = msgspec.structs.replace(near, since=NOW - 900, status="connected")
    near = msgspec.structs.replace(near, **(client or {}))
    far = Call("rt-b", "<l2tp-site-a>", "server", "site-a", CALLER, up, mtu=1450, since=NOW - 900)
    active = ActivePeer("rt-a", CALLER, CALLED, "established", "initiator", NOW - 905, 1)
    back = ActivePeer("rt-b", CALLED, CALLER, "established", "responder", NOW - 905, 1)
    here = msgspec.structs.replace(active, **(keys or {}))
    there = () if keys else (back,)
    one = Interfaces(
        (Interface("rt-a", "l2tp-b", "l2tp-out", actual_mtu=sizes[0], running=up),),
        (near,),
        (IpsecPeer("rt-a", "l2tp-b", CALLED),),
        (here,),
        (IpsecPolicy("rt-a", "l2tp-b", CALLER, CALLED, CALLER, CALLED, phase2, active=True),),
        (Association("rt-a", CALLED, CALLER, 1, rate=rates[0]),
         Association("rt-a", CALLER, CALLED, 1, rate=rates[1])),
    )  # fmt: skip
    other = Interfaces(
        (Interface("rt-b", "<l2tp-site-a>", "l2tp-in", actual_mtu=sizes[1], running=True),)
        if up
        else (),
        (far,) if up else (),
        (IpsecPeer("rt-b", "l2tp-in-server", passive=True),),
        there,
    )
    return [("rt-a", one), ("rt-b", other)]


def inside(parts: Parts, *, up: bool = True) -> Parts:
    """The overlay with the addresses of the call in it."""
    ends = {"rt-a": ("l2tp-b", *INSIDE), "rt-b": ("<l2tp-site-a>", *reversed(INSIDE))}
    found: Parts = []
    for name, part in parts:
        if up and name in ends and hasattr(part, "addresses"):
            face, near, far = ends[name]
            row = RouterAddress(face, f"{near}/32", network=far)
            part = msgspec.structs.replace(part, addresses=(*part.addresses, row))
        found.append((name, part))
    return found


def ospf(
    a: str | None = "Full",
    b: str | None = "Full",
    *,
    areas: tuple[str, str] = ("0", "0"),
    kind: str = "ptp",
) -> Parts:
    """OSPF over the call with the states that the two ends see; None for no neighbour."""
    found: Parts = []
    ends = (("rt-a", "l2tp-b", INSIDE, areas[0], a),
            ("rt-b", "<l2tp-site-a>", (INSIDE[1], INSIDE[0]), areas[1], b))  # fmt: skip
    for router, face, (near, far), area, state in ends:
        rows = () if state is None else (OspfNeighbour(far, state=state, interface=face),)
        instances, spaces = (OspfInstance("lab", near),), (OspfArea("backbone", area),)
        faces = (OspfInterface(face, near, "backbone", kind, "ptp"),)
        found.append((router, Ospf(instances, spaces, (), faces, rows)))
    return found


def routes(**extra: tuple[LearntRoute, ...]) -> Parts:
    """Three routers, each announcing its LAN and hearing the others'; more by site's letter."""
    found: Parts = []
    for number, site in enumerate("abc", 1):
        learnt = tuple(
            LearntRoute(f"10.{other}.0.0/24", (65000 + other,))
            for other in (1, 2, 3)
            if other != number
        )
        given = extra.get(site)
        found.append((f"rt-{site}", Routes(learnt if given is None else given,
                                           (f"10.{number}.0.0/24",), len(learnt))))  # fmt: skip
    return found
