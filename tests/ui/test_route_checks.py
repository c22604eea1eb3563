"""Route checks on the screen: `R` on each kind of row, and `:route`; and what sessions brought."""

from __future__ import annotations

from typing import Any

from labtui.actions.action import Wire
from labtui.model.errors import TimedOut
from labtui.model.links import links
from labtui.model.prefix_counts import Stretch
from labtui.model.route_checks import RouteCheck, RouteQuestion
from labtui.model.routes import Hop, RouteAnswer
from labtui.ui.screens.route_dialog import RouteDialog
from labtui.views.wireguard import WIREGUARD
from tests.findings.labs import overlay
from tests.findings.labs_links import inside
from tests.snapshots import NOW
from tests.ui.driver import LARGE, SMALL, USUAL, Console, console
from tests.ui.links import FakeLink, FakeWire


class Router:
    """Has one route to everywhere inside, or nothing to say."""

    def __init__(self, name: str, face: str = "", *, silent: bool = False) -> None:
        self.name, self._face, self._silent = name, face, silent
        self.asked: list[RouteQuestion] = []

    async def check_route(self, question: RouteQuestion) -> RouteCheck:
        if self._silent:
            raise TimedOut("asking", where=self.name, why="no answer in 5 s")
        self.asked.append(question)
        hop = Hop("10.0.0.0/8", "10.255.0.1", self._face, "bgp", 20, path=(65002,))
        hops = (hop,) if self._face else ()
        table = RouteAnswer(self.name, question.address, hops)
        return RouteCheck(question, bool(hops), "ok" if hops else "", self._face, "", table)


def lab_link() -> tuple[FakeLink, dict[str, Router]]:
    link = FakeLink([(source, part) for source, part in inside(overlay(NOW))])
    routers = {
        "rt-a": Router("rt-a", "wg-ab"),
        "rt-b": Router("rt-b"),
        "rt-c": Router("rt-c", silent=True),
    }
    link.sources = list(routers.values())
    return link, routers


def dialog(seen: Console) -> RouteDialog:
    found = seen.main.overlay
    assert isinstance(found, RouteDialog)
    return found


async def test_an_address_at_every_router_at_each_size() -> None:
    for size in (SMALL, USUAL, LARGE):
        link, _routers = lab_link()
        async with console(link, size=size) as seen:
            await seen.press(":")
            await seen.type("route 10.2.0.1")
            await seen.press("enter")
            text = dialog(seen).text
            assert "rt-a > 10.2.0.1" in text
            assert "by wg-ab" in text
            assert "the link a = b" in text
            assert "NO ROUTE" in text
            assert "did not answer" in text
            assert text.index("NO ROUTE") < text.index("by wg-ab"), "what is astray comes first"
            await seen.press("escape")
            assert seen.main.overlay is None


async def test_no_address_is_said_and_asks_nobody() -> None:
    link, routers = lab_link()
    async with console(link) as seen:
        await seen.press(":")
        await seen.type("route nowhere")
        await seen.press("enter")
        assert seen.main.overlay is None
        assert "which address" in seen.main.notice.text
        assert not any(router.asked for router in routers.values())


async def test_a_tunnel_asks_both_its_ends_for_the_other_site() -> None:
    link, routers = lab_link()
    async with console(link) as seen:
        await seen.press("4")
        tunnel = next(
            row for row in seen.main.pane.selection.rows if "wg-ab" in WIREGUARD.row_key(row)
        )
        seen.main.pane.seek(WIREGUARD.row_key(tunnel))
        await seen.press("R")
        assert "rt-a >" in dialog(seen).text
        assert [question.about for question in routers["rt-a"].asked] == ["b"]
        assert [question.about for question in routers["rt-b"].asked] == ["a"]


async def test_sessions_and_links_have_the_key_and_guests_have_not() -> None:
    link, _routers = lab_link()
    async with console(link) as seen:
        await seen.press("5", "R")
        assert isinstance(seen.main.overlay, RouteDialog)
        await seen.press("escape", "0", ":")
        await seen.type("links")
        await seen.press("enter")
        await seen.press("R")
        assert isinstance(seen.main.overlay, RouteDialog)
        await seen.press("escape", "0", "2", "R")
        assert seen.main.overlay is None


async def test_a_router_asks_for_all_other_sites_and_the_map_between_two() -> None:
    link, routers = lab_link()
    async with console(link) as seen:
        await seen.press("7")
        seen.main.pane.seek("site/a")
        await seen.press("R")
        assert {question.about for question in routers["rt-a"].asked} == {"b", "c"}
        await seen.press("escape")
        routers["rt-a"].asked.clear()
        for site in "ab":
            seen.main.pane.seek(f"site/{site}")
            await seen.press("space")
        await seen.press("R")
        assert [question.about for question in routers["rt-a"].asked] == ["b"]
        assert "a = b" in dialog(seen).text


class Counting(FakeWire):
    """A wire with a history beside it."""

    found: tuple[Stretch, ...] | None = ()
    spans: list[float]

    async def prefix_counts(
        self, since: float, sessions: tuple[str, ...]
    ) -> tuple[Stretch, ...] | None:
        self.spans.append(self.now() - since)
        if self.found is None:
            return None
        return tuple(each for each in self.found if each.session in sessions)


def counting(link: FakeLink, found: tuple[Stretch, ...] | None) -> Counting:
    wire = Counting(link.store)
    wire.found, wire.spans = found, []
    given: Wire = wire
    link.wire = given
    return wire


async def test_the_details_of_a_session_have_its_prefixes_over_time() -> None:
    link, _routers = lab_link()
    name = next(each for each in ("rt-a/to-b",))
    wire = counting(
        link, (Stretch(name, NOW - 3000, NOW - 600, 9), Stretch(name, NOW - 600, NOW, 2))
    )
    async with console(link) as seen:
        await seen.press("5")
        key = next(each.key for each in seen.main.pane.selection.rows if "rt-a/to-b" in each.key)
        seen.main.pane.seek(key)
        await seen.press("enter")
        details: Any = seen.main.desk.details
        assert details is not None
        assert "now 2" in details.text
        assert "2 to 9" in details.text
        await seen.press("]")
        assert wire.spans == [3600.0, 86400.0]
        assert "last day" in details.text


async def test_without_a_history_or_counts_it_says_so() -> None:
    for found, words in ((None, "no history is kept here"), ((), "nothing was counted yet")):
        link, _routers = lab_link()
        counting(link, found)
        async with console(link) as seen:
            await seen.press("5", "enter")
            details: Any = seen.main.desk.details
            assert words in details.text


async def test_the_link_of_a_session_has_both_ends() -> None:
    link, _routers = lab_link()
    counting(link, (Stretch("rt-a/to-b", NOW - 99, NOW, 0), Stretch("rt-b/to-a", NOW - 99, NOW, 5)))
    async with console(link) as seen:
        every = links(link.store.snapshot, NOW)
        key = next(each.key for each in every if each.kind == "bgp" and each.name == "a = b")
        await seen.press(":")
        await seen.type("links")
        await seen.press("enter")
        seen.main.pane.seek(key)
        await seen.press("enter")
        details: Any = seen.main.desk.details
        assert "rt-b/to-a" in details.text
        assert "none in that time" in details.text
