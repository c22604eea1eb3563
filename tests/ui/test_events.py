"""`:events`, the events of what is selected, and what changed before it."""

from __future__ import annotations

from labtui.model.errors import LabError
from labtui.model.events import BEFORE, Query
from tests.snapshots import NOW
from tests.ui.driver import SMALL, USUAL, console
from tests.views.test_events import event


async def test_the_pane_shows_what_the_store_is_given_and_asks_for_it_only_then() -> None:
    async with console(size=USUAL) as it:
        assert not any("events" in wish for wish in it.link.wishes)
        await it.press(":")
        await it.type("events")
        await it.press("enter")
        assert "events" in it.link.wishes[-1]
        it.expect("Nothing has happened since the history began")
        it.link.store.show_events((event(2, 5, "pve4"), event(1, 90, "pve3")))
        await it.settle()
        it.expect("node pve4 is away", "node pve3 is away", "2 in the last hour")
        await it.press("enter")
        it.expect("The ten minutes before", "node pve3 is away")
        await it.press("escape", "/")
        await it.type("pve3")
        await it.press("enter")
        it.expect_not("node pve4 is away")


async def test_a_key_opens_the_events_of_any_row() -> None:
    async with console(size=USUAL) as it:
        it.link.events = (event(2, 5, "pve1"), event(1, 90, "pve1"))
        await it.press("1", "h")
        key = it.pane("nodes").selection.key
        assert it.link.queries == [Query(view="nodes", row=key)]
        assert "Events of " in it.dialog
        assert "node pve1 is away" in it.dialog
        await it.press("escape", "H")
        assert it.link.queries[-1] == Query(since=NOW - BEFORE, until=NOW)
        assert "The last ten minutes" in it.dialog


async def test_from_an_event_the_keys_go_to_its_object_and_its_time() -> None:
    async with console(size=USUAL) as it:
        rows = (event(2, 5, "pve4"), event(1, 90, "836", view="", row="", key="836/x"))
        it.link.store.show_events(rows)
        await it.press(":")
        await it.type("events")
        await it.press("enter", "h")
        assert it.link.queries[-1] == Query(view="nodes", row="lab/pve4")
        await it.press("escape", "H")
        assert it.link.queries[-1] == Query(since=NOW - 5 - BEFORE, until=NOW - 5)
        assert "Nothing is known to have changed." in it.dialog
        await it.press("escape", "down", "h")
        assert it.link.queries[-1] == Query(object="836/x")


async def test_what_can_not_be_read_is_said_and_many_can_be_scrolled() -> None:
    async with console(size=SMALL) as it:
        it.link.refuse = LabError("the history can't be read", why="the disk fails")
        await it.press("1", "h")
        assert "the disk fails" in it.dialog
        await it.press("escape")
        it.link.refuse = None
        it.link.events = tuple(event(n, n, f"n{n:03}") for n in range(1, 101))
        await it.press("h")
        assert "node n001 is away" in it.dialog
        await it.press("end")
        assert "node n100 is away" in it.dialog
        await it.press("x")
        assert "node n100" not in it.screen
