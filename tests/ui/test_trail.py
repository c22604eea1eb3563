"""Back is where one was before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labtui.ui.trail import OVERVIEW, Spot, Trail
from tests.ui.driver import console

PLACES = st.sampled_from([OVERVIEW, "jobs", "guests", "storage"])


async def test_escape_leads_back_to_the_pane_that_was_left() -> None:
    async with console() as c:
        await c.press("3", "9")
        assert c.main.current == "jobs"
        await c.press("escape")
        assert (c.main.desk.place, c.main.current) == (OVERVIEW, "gpus")
        c.expect("1 nodes", "3 gpus")


async def test_escape_goes_through_every_place_in_turn() -> None:
    async with console() as c:
        await c.press("2", "2", "9", ":")
        await c.type("storage")
        await c.press("enter")
        seen = []
        for _press in range(3):
            await c.press("escape")
            seen.append((c.main.desk.place, c.main.current))
        assert seen == [("jobs", "jobs"), ("guests", "guests"), (OVERVIEW, "guests")]


async def test_the_overview_remembers_its_pane() -> None:
    async with console() as c:
        await c.press("5", "9", "0")
        assert c.main.current == "bgp"


@given(st.lists(PLACES, max_size=30))
def test_the_way_back_ends_and_never_stands_still(places: list[str]) -> None:
    trail, here = Trail(), OVERVIEW
    for place in places:
        trail.leave(Spot(here, "x"), place)
        here = place
    for _step in range(30):
        before, here = here, trail.back(here).place
        if here == OVERVIEW:
            break
        assert here != before
    assert here == OVERVIEW


def test_home_forgets_the_rest() -> None:
    trail = Trail()
    trail.leave(Spot(OVERVIEW, "gpus"), "jobs")
    assert trail.home() == "gpus"
    assert trail.back("jobs") == Spot(OVERVIEW, "")
