"""Runs a diagnosis: step after step, told as it goes, over at the first that is broken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import msgspec

from labtui.live.diagnosis.at_once import as_answered
from labtui.live.diagnosis.bench import Bench, Router
from labtui.live.diagnosis.ends import far_inner, inner
from labtui.live.diagnosis.link import link_steps, reach
from labtui.live.diagnosis.pair import pair_steps, route_step
from labtui.live.diagnosis.way import between
from labtui.model.diagnosis import Checked, Diagnosis, Subject
from labtui.model.links import CARRIERS, Link
from labtui.model.pings import Ping
from labtui.model.snapshot import Snapshot

LONGEST = 90.0
"""Seconds after which no further step begins."""
_TROUBLE = ("down", "one-way", "never", "degraded")
_MOST_LINKS = 8
_AT_ONCE = 4


async def diagnose(
    subject: Subject,
    routers: Mapping[str, Router],
    snapshot: Snapshot,
    clock: Callable[[], float],
) -> AsyncIterator[Diagnosis]:
    """The diagnosis after each step; the last one is `done`. Raises nothing but a cancellation."""
    bench = Bench(routers, snapshot, clock())
    told = Diagnosis(subject, title(subject, bench), clock())
    yield told
    until = asyncio.get_running_loop().time() + LONGEST
    async for step in _steps(bench, subject):
        told = msgspec.structs.replace(told, steps=(*told.steps, step))
        if step.verdict == "bad" or asyncio.get_running_loop().time() > until:
            break
        yield told
    yield msgspec.structs.replace(told, done=True, ended=clock())


def title(subject: Subject, bench: Bench) -> str:
    """What is diagnosed, as a person calls it."""
    if subject.kind == "link":
        link = bench.by_key.get(subject.one)
        return link.name if link is not None else subject.one
    return subject.one if subject.kind == "router" else f"{subject.one} > {subject.other}"


async def _steps(bench: Bench, subject: Subject) -> AsyncIterator[Checked]:
    if subject.kind == "pair":
        steps = pair_steps(bench, subject.one, subject.other)
    elif subject.kind == "router":
        steps = _router_steps(bench, subject.one)
    else:
        link = bench.by_key.get(subject.one)
        if link is None:
            bench.begin()
            yield bench.said("router", "unknown", "gone", subject.one)
            return
        steps = _whole_link(bench, link)
    async for step in steps:
        yield step


async def _whole_link(bench: Bench, link: Link) -> AsyncIterator[Checked]:
    """A link, then whether each side has a route to what is behind the other."""
    async for step in link_steps(bench, link):
        yield step
    sites = tuple(dict.fromkeys(end.site for end in link.ends))
    if len(sites) != 2:
        return
    one, other = sites
    bench.begin()
    trails = await between(bench, one, other)
    for trail in trails:
        if trail is None:
            yield bench.said("route", "unknown", "no-home", link.key)
            return
        yield route_step(bench, trail)
    async for step in pair_steps(bench, one, other):
        if step.step in ("beyond", "size") or step.reason == "two-origins":
            yield step


async def _router_steps(bench: Bench, router: str) -> AsyncIterator[Checked]:
    """A router, then its links: those in trouble first, by all their steps."""
    mine = [link for link in bench.links if link.kind in CARRIERS and router in link.routers]
    if why := await bench.silent(router):
        # Whoever has a link to it knows more.
        known = next((link for link in mine if link.far is not None), None)
        if known is None:
            bench.begin()
            yield bench.said("router", "bad", "silent", router, ("router", "underlay"), why=why)
            return
        async for step in link_steps(bench, known):
            yield step
        return
    async for step in reach(bench, (router,)):
        yield step
    async for step in _links_of(bench, mine):
        yield step


async def _links_of(bench: Bench, mine: list[Link]) -> AsyncIterator[Checked]:
    """All steps of the links in trouble; with none in trouble a ping through each that stands."""
    ill = [link for link in mine if link.state in _TROUBLE or any(end.off for end in link.ends)]
    inside = [link for link in mine if link.kind not in ("ipsec", "vxlan")]
    well = [link for link in inside if link.state == "up" and link.far is not None]
    for link in (ill or well)[:_MOST_LINKS]:
        async for step in link_steps(bench, link):
            told = step.step != "router" or step.verdict == "bad"
            if told if ill else step.step in ("tunnel", "size"):
                yield step


def latencies(bench: Bench, links: tuple[Link, ...]) -> AsyncIterator[tuple[str, float | None]]:
    """(key, seconds there and back) of links that stand, as their answers come."""

    async def one(link: Link) -> tuple[str, float | None]:
        for end in link.ends:
            target, source = far_inner(link, end), inner(end)
            if not (target and source):
                continue
            got = await bench.ping(end.router, Ping(target, source, 3))
            if not isinstance(got, str):
                return link.key, got.mean
        return link.key, None

    return as_answered(one, links, _AT_ONCE)
