"""The way that packets take now from one site to another, asked for router by router."""

from __future__ import annotations

from labtui.live.diagnosis.bench import Bench
from labtui.model.paths import Ground, Trail, begin, ground, home_address, step


async def walk(bench: Bench, router: str, address: str, on: Ground | None = None) -> Trail:
    """From that router to that address, as each router's routes have it now. Raises nothing."""
    on = on or ground(bench.where, bench.links)
    trail = begin(router, address)
    while not trail.ending:
        trail = step(trail, await bench.route(trail.next, address), on)
    return trail


async def between(bench: Bench, one: str, other: str) -> tuple[Trail | None, Trail | None]:
    """The way there and the way back; None where no router or no address of a site is known."""
    here, there = home_address(bench.snapshot, one), home_address(bench.snapshot, other)
    if not (here[0] and there[0]):
        return None, None
    on = ground(bench.where, bench.links)
    return await walk(bench, here[0], there[1], on), await walk(bench, there[0], here[1], on)
