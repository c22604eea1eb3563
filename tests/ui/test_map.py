"""The map on the screen: the cursor goes where arrows point, ways and diagnoses are asked for."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from labtui.model.errors import TimedOut
from labtui.model.pings import Ping, Pinged
from labtui.model.routes import Hop, RouteAnswer
from labtui.ui.panes.map import MapPane
from labtui.ui.panes.map_moving import nearest
from labtui.ui.screens.diagnosis_dialog import DiagnosisDialog
from tests.findings.labs import overlay
from tests.findings.labs_links import inside
from tests.snapshots import NOW
from tests.ui.driver import LARGE, SMALL, USUAL, Console, console
from tests.ui.links import FakeLink


class Router:
    """Answers pings at once; has a route to wherever it is said to."""

    def __init__(self, name: str, routes: dict[str, Hop], silent: bool = False) -> None:
        self.name = name
        self._routes = routes
        self._silent = silent
        self.pings: list[Ping] = []

    async def get(self, path: str, deadline: float = 10.0, **words: str | int) -> Any:
        if self._silent:
            raise TimedOut("asking", where=self.name, why="no answer in 5 s")
        return []

    async def look_up(self, address: str) -> RouteAnswer:
        await self.get("")
        hop = self._routes.get(address)
        return RouteAnswer(self.name, address, (hop,) if hop else ())

    async def ping(self, wanted: Ping) -> Pinged:
        await self.get("")
        self.pings.append(wanted)
        return Pinged(wanted.count, wanted.count, 0.011, 0.012, 0.013)


def lab_link() -> FakeLink:
    given = [(source, part) for source, part in inside(overlay(NOW))]
    return FakeLink(given)


def pane(seen: Console) -> MapPane:
    found = seen.main.pane
    assert isinstance(found, MapPane)
    return found


async def test_at_every_size_all_sites_are_named_and_the_cursor_moves() -> None:
    for size in (SMALL, USUAL, LARGE):
        async with console(lab_link(), size=size) as seen:
            await seen.press("7")
            shown = pane(seen)
            for name in "abc":
                assert f" {name} " in shown.text
            visited = set()
            for key in ("left", "up", "right", "down", "left", "down", "right", "right", "up"):
                await seen.press(key)
                visited.add(shown.selection.key)
            assert len(visited) >= 4
            assert any(key.startswith("site/") for key in visited)
            assert any(key.startswith("wireguard/") for key in visited)


async def test_enter_opens_what_is_under_the_cursor() -> None:
    async with console(lab_link()) as seen:
        await seen.press("7")
        pane(seen).seek("site/a")
        await seen.press("enter")
        assert seen.main.desk.details is not None
        assert "rt-a" in seen.main.desk.details.text
        await seen.press("escape")
        assert seen.main.desk.place == "map"


async def test_two_marked_sites_show_the_way_and_where_it_is_unknown() -> None:
    link = lab_link()
    link.sources = [Router("rt-a", {}), Router("rt-b", {}, silent=True)]
    async with console(link) as seen:
        await seen.press("7")
        for site in "ab":
            pane(seen).seek(f"site/{site}")
            await seen.press("space")
        assert pane(seen).pair == ("a", "b")
        assert pane(seen).ways is not None
        assert "a > b: a: no route at rt-a" in pane(seen).text
        assert "unknown from rt-b on" in pane(seen).text
        pane(seen).seek("site/c")
        await seen.press("space")
        assert pane(seen).pair == ("b", "c"), "a third one drops the first"
        await seen.press("escape")
        assert pane(seen).pair is None


async def test_a_diagnosis_is_shown_step_by_step_and_can_be_copied() -> None:
    link = lab_link()
    routers = [Router(f"rt-{site}", {}) for site in "abc"]
    link.sources = list(routers)
    async with console(link) as seen:
        await seen.press("7")
        edge = next(key for key in pane(seen).selection.rows if key.edge is not None)
        pane(seen).seek(edge.key)
        await seen.press("p")
        dialog = seen.main.overlay
        assert isinstance(dialog, DiagnosisDialog)
        assert dialog.told is not None
        assert dialog.told.done
        assert "answers" in dialog.text
        await seen.press("y")
        assert "copied" in dialog.text
        await seen.press("r")
        assert dialog.told is not None
        await seen.press("escape")
        assert seen.main.overlay is None
        assert all(ping.count <= 20 for router in routers for ping in router.pings)


async def test_tunnels_and_sessions_are_diagnosed_and_guests_are_not() -> None:
    link = lab_link()
    link.sources = [Router(f"rt-{site}", {}) for site in "abc"]
    async with console(link) as seen:
        for key in ("4", "5"):
            await seen.press(key, "p")
            assert isinstance(seen.main.overlay, DiagnosisDialog), key
            await seen.press("escape", "0")
        await seen.press("2", "p")
        assert seen.main.overlay is None


async def test_latencies_are_measured_on_wish() -> None:
    link = lab_link()
    link.sources = [Router(f"rt-{site}", {}) for site in "abc"]
    async with console(link) as seen:
        await seen.press("7", "L")
        assert pane(seen).seconds
        assert "12ms" in pane(seen).text


SPOTS = st.dictionaries(
    st.sampled_from("abcdefgh"), st.tuples(st.integers(0, 80), st.integers(0, 24)), min_size=2
)


@given(SPOTS, st.sampled_from(((1, 0), (-1, 0), (0, 1), (0, -1))))
def test_an_arrow_never_goes_back(places: dict[str, tuple[int, int]], way: tuple[int, int]) -> None:
    start = min(places)
    found = nearest(places[start], places, *way, start)
    if found:
        across = places[found][0] - places[start][0]
        down = places[found][1] - places[start][1]
        assert across * way[0] + down * way[1] > 0
