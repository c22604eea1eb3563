"""Panes without rows say why, and rows that are old look old."""

from __future__ import annotations

import msgspec

from labtui.model.cluster import Resources
from labtui.model.errors import Problem
from labtui.model.feed import Feed, Freshness
from labtui.ui.panes.freshness import silent
from tests.ui.driver import console
from tests.ui.labs import guests, nodes
from tests.ui.links import FakeLink, stale

FEED = Feed("proxmox", "lsalab", "resources")
UNREACHABLE = Problem(
    "unreachable", "could not read resources", "pve1:8006", "connection refused", "start pveproxy"
)


async def test_loading() -> None:
    link = FakeLink([])
    link.store.expect(FEED, 5.0)
    async with console(link) as c:
        c.expect("Loading: waiting for the first answer of lsalab.")


async def test_nothing_there() -> None:
    async with console(FakeLink([("lsalab", Resources())])) as c:
        c.expect("No guests, or none that the account may see (VM.Audit).")
        c.expect("This cluster has no nodes that the account may see.")


async def test_no_source() -> None:
    async with console(FakeLink([])) as c:
        c.expect("No source for this is configured.")


async def test_filtered_away() -> None:
    async with console() as c:
        await c.press("2", "/")
        await c.type("nobody")
        await c.press("enter")
        c.expect("Nothing matches nobody. esc shows all 58.", "/nobody  0 of 58")
        await c.press("escape")
        c.expect("107")


async def test_not_permitted() -> None:
    link = FakeLink([])
    link.store.expect(FEED, 5.0)
    async with console(link) as c:
        why = "VM.Audit is missing on /vms"
        link.fail(FEED, Problem("forbidden", "could not read", "pve1:8006", why, "ask for it"))
        await c.settle()
        c.expect("Not permitted on lsalab:", "VM.Audit is missing", "ask for it")


async def test_unreachable_with_why_since_when_and_next_try() -> None:
    link = FakeLink([])
    link.store.expect(FEED, 5.0)
    async with console(link) as c:
        link.fail(FEED, UNREACHABLE)
        await c.settle()
        c.expect("lsalab can't be read:", "connection refused", "start pveproxy", "since ")
        c.expect("next try in 7s", "DOWN")
        await c.later(2)
        c.expect("next try in 5s")


async def test_old_rows_stay_and_look_old() -> None:
    async with console() as c:
        link = c.link
        await c.later(900)
        link.fail(FEED, UNREACHABLE)
        await c.settle()
        c.expect("pve1", "as of ", "lsalab DOWN 15m")
        assert c.pane("nodes").faded
        assert not c.pane("bgp").faded or "as of" in c.pane("bgp").text


async def test_one_old_source_of_many_is_named_and_the_rest_stays_bright() -> None:
    async with console() as c:
        snapshot = c.link.store.snapshot
        feed = Feed("routeros", "702", "wireguard")
        old = msgspec.structs.replace(snapshot.freshness[feed], read_at=c.link.clock - 900)
        fresh = {**snapshot.freshness, feed: old}
        c.link.store.snapshot = msgspec.structs.replace(snapshot, freshness=fresh)
        await c.settle()
        c.expect("702 as of ")
        assert not c.pane("wireguard").faded


async def test_a_stale_pane_is_fresh_again_after_a_reading() -> None:
    async with console() as c:
        stale(c.link, "resources", 600)
        await c.settle()
        assert c.pane("guests").faded
        c.link.read("lsalab", Resources(nodes(), guests(), ()))
        await c.settle()
        assert not c.pane("guests").faded
        c.expect_not("as of")


async def test_a_quorum_that_is_old_news_is_in_doubt() -> None:
    async with console() as c:
        c.expect("quorate 3/4 ")
        stale(c.link, "membership", 600)
        await c.settle()
        c.expect("quorate 3/4?")


def test_a_source_is_named_once_for_all_its_feeds() -> None:
    feeds = [Feed("routeros", "rt-702", topic) for topic in ("bgp", "facts", "wireguard")]
    late = msgspec.structs.replace(UNREACHABLE, what="could not read routes")
    one, other = Freshness(pace=5.0, problem=UNREACHABLE), Freshness(pace=5.0, problem=late)
    told = silent(list(zip(feeds, (one, other, Freshness(pace=5.0)), strict=True)), 0.0)
    assert sum("connection refused" in text for text, _role in told) == 1
    waiting = silent([(feed, Freshness(pace=5.0)) for feed in feeds], 0.0)
    assert [text for text, _role in waiting] == ["Loading: waiting for the first answer of rt-702."]
