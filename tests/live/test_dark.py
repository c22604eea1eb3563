"""A silent router: what the others see tells the router, its line and our own line apart."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from labtui.live.diagnosis.run import diagnose
from labtui.model.diagnosis import Checked, Subject
from labtui.model.errors import Forbidden, TimedOut
from labtui.model.links import links
from labtui.model.overlay import WireGuard, WireGuardPeer
from labtui.model.pings import Ping, Pinged
from labtui.model.routes import Exit, RouteAnswer, Routes
from labtui.model.snapshot import Part, Snapshot
from tests.findings.labs import overlay
from tests.findings.labs_links import inside
from tests.snapshots import NOW, snapshot

GATEWAY = "192.0.2.129"


class Router:
    """Says that it is there, and reaches only some addresses."""

    def __init__(self, name: str, reached: set[str], *, silent: bool = False) -> None:
        self.name, self.reached, self.silent = name, reached, silent
        self.pings: list[Ping] = []

    async def get(self, path: str, deadline: float = 10.0, **words: str | int) -> Any:
        if self.silent:
            raise TimedOut("asking", where=self.name, why="no answer in 5 s")
        return []

    async def look_up(self, address: str) -> RouteAnswer:
        return RouteAnswer(self.name, address, ())

    async def ping(self, wanted: Ping) -> Pinged:
        if "no ping" in self.reached:
            raise Forbidden("asking", where=self.name, why="not enough permissions (9)")
        self.pings.append(wanted)
        back = wanted.count if wanted.address in self.reached else 0
        return Pinged(wanted.count, back, status="" if back else "timeout")


def lab(*exits: Exit, third_stands: bool = False) -> Snapshot:
    """Three routers; what leads to rt-b is dead, but for what rt-c says of its tunnel."""
    parts: list[tuple[str, Part]] = []
    for source, part in inside(overlay(NOW)):
        if isinstance(part, WireGuard):
            peers = tuple(_aged(peer, source, third_stands) for peer in part.peers)
            part = msgspec.structs.replace(part, peers=peers)
        if source != "rt-b" or not isinstance(part, Routes):
            parts.append((source, part))
    if exits:
        parts.append(("rt-b", Routes(exits=exits)))
    whole = snapshot(*parts)
    # rt-b was read last a quarter of an hour ago.
    late = {
        feed: msgspec.structs.replace(fresh, read_at=NOW - 900)
        for feed, fresh in whole.freshness.items()
        if feed.source == "rt-b"
    }
    return msgspec.structs.replace(whole, freshness={**whole.freshness, **late})


def _aged(peer: WireGuardPeer, source: str, third_stands: bool) -> WireGuardPeer:
    if peer.interface == "wg-ac" or (third_stands and source == "rt-c"):
        return peer
    return msgspec.structs.replace(peer, handshake_at=NOW - 900)


async def step(seen: Snapshot, *routers: Router) -> Checked:
    """The last step of a diagnosis of a = b."""
    key = next(link.key for link in links(seen, NOW) if "wg-ab" in link.key)
    known = {router.name: router for router in routers}
    told = [one async for one in diagnose(Subject("link", key), known, seen, lambda: NOW)]
    assert told[-1].broken is not None
    return told[-1].broken


OTHERS = {"192.0.2.3"}
DARK = Router("rt-b", set(), silent=True)


async def test_somebody_else_reaches_it() -> None:
    found = await step(lab(), Router("rt-a", OTHERS), DARK, Router("rt-c", {"192.0.2.2"}))
    assert (found.reason, found.layers, found.value("who")) == ("from-here", ("underlay",), "rt-c")


async def test_a_link_to_it_stands() -> None:
    found = await step(lab(third_stands=True), Router("rt-a", OTHERS), DARK, Router("rt-c", set()))
    assert (found.reason, found.layers) == ("alive", ("underlay",))
    assert found.value("link") == "b = c"


async def test_it_is_our_own_line() -> None:
    found = await step(lab(), Router("rt-a", set()), DARK, Router("rt-c", set()))
    assert (found.reason, found.layers, found.about) == ("own-line", ("underlay",), "rt-a")


@pytest.mark.parametrize(
    ("exits", "reached", "reason", "layers"),
    [
        ((), set(), "dark", ("router", "underlay")),
        ((Exit(GATEWAY),), {GATEWAY}, "behind-gateway", ("router",)),
        ((Exit(GATEWAY, True),), set(), "gateway-dark", ("underlay",)),
        ((Exit(GATEWAY),), set(), "dark", ("router", "underlay")),
    ],
)
async def test_the_gateway_before_it(
    exits: tuple[Exit, ...], reached: set[str], reason: str, layers: tuple[str, ...]
) -> None:
    near = Router("rt-a", OTHERS | reached)
    found = await step(lab(*exits), near, DARK, Router("rt-c", set()))
    assert (found.reason, found.layers) == (reason, layers)
    assert all(ping.count <= 10 for ping in near.pings), "every ping is counted"
    assert len(near.pings) <= 12


async def test_without_the_policy_test_both_are_named() -> None:
    """The underlay can't be pinged: the handshake's age is all there is."""
    found = await step(lab(Exit(GATEWAY)), Router("rt-a", {"no ping"}), DARK)
    assert found.step == "handshake"
    assert len(found.layers) == 1 or found.layers == ("tunnel", "underlay")
