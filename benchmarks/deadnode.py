"""How soon the rows of the rest are there when a node, a router, NetBox or everything is dead.

The lab has five nodes and runs in real time, so that a node that is missed by its neighbours is
missed after the full 30 s (595), as on a real cluster. Each console begins from nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from benchmarks.table import Figure, middle
from tests.chaos.outside import World, world
from tests.chaos.reading import (
    ROUTERS,
    Look,
    cards,
    guests,
    members,
    reading,
    records,
    routers,
    until,
)

ROUNDS = 5
_PATIENCE = 45.0
_SETTLED = 9.0
"""Seconds after which corosync has missed a node that lost its power."""
_CARDED = ("pve1", "pve2", "pve3")


def _rest(dead: str) -> dict[str, Look]:
    """What can be read of the lab without the dead one."""
    wanted: dict[str, Look] = {
        "guests": guests,
        "membership": members,
        "routers": routers(*(name for name in ROUTERS if name != dead)),
        "records": records,
    }
    if dead == "netbox":
        del wanted["records"]
    return wanted


async def _times(lab: World, wanted: Mapping[str, Look]) -> dict[str, float]:
    """Seconds until each is there; `_PATIENCE` for what never comes."""
    found: dict[str, float] = {}
    began = time.perf_counter()
    async with reading(lab) as console:

        async def wait(name: str, look: Look) -> None:
            try:
                await until(console, look, _PATIENCE)
            except TimeoutError:
                found[name] = _PATIENCE
            else:
                found[name] = time.perf_counter() - began

        await asyncio.gather(*(wait(name, look) for name, look in wanted.items()))
    return found


def _rounds(lab: World, dead: str) -> dict[str, float]:
    rounds = [asyncio.run(_times(lab, _rest(dead))) for _round in range(ROUNDS)]
    return {name: middle([one[name] for one in rounds]) for name in rounds[0]}


def _measured(what: str, fault: str, target: str) -> Figure:
    """In health and broken in the same minute: the machine's noise is in both."""
    # A node without power leaves the world changed: each case has a lab of its own.
    with world(speed=1.0, nodes=5, delays=1.0) as lab:
        # What is imported by the first one is there for all.
        asyncio.run(_times(lab, _rest(target)))
        healthy = _rounds(lab, target)
        lab.break_(fault, target)
        time.sleep(_SETTLED)
        times = _rounds(lab, target)
        left = {"cards": cards(*(name for name in _CARDED if name != target))}
        times |= asyncio.run(_times(lab, left))
    told = ", ".join(
        f"{name} {_told(seconds)} ({_told(healthy[name])})"
        if name in healthy
        else f"{name} {_told(seconds)}"
        for name, seconds in times.items()
    )
    ratio = times["guests"] / healthy["guests"]
    return Figure(f"{what}: {told}", f"{ratio:.1f}x", "as in health")


def _told(seconds: float) -> str:
    return "never" if seconds >= _PATIENCE else f"{seconds:.2f} s"


_CASES = (
    ("pve3 off (595 after 30 s)", "node-power-off", "pve3"),
    ("pve3 hangs", "server-hang", "pve3"),
    ("pve1, the first endpoint, hangs", "server-hang", "pve1"),
    ("pve1, the first endpoint, refuses", "server-refuse", "pve1"),
    ("pve1, the first endpoint, black-holed", "server-blackhole", "pve1"),
    *((f"{router} hangs", "server-hang", router) for router in ROUTERS),
    ("NetBox hangs", "server-hang", "netbox"),
)


def measure() -> list[Figure]:
    """Medians, those in health in brackets; compared is the time until the first rows of guests."""
    return [_measured(*case) for case in _CASES]
