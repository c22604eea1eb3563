"""From a key to a job: the plan dialog in all its states, the direct key, refusals, jobs."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from labtui.actions.action import Plan
from labtui.model.errors import Forbidden, Rejected, TimedOut
from tests.ui.driver import LARGE, SMALL, USUAL, Console, console
from tests.ui.links import FakeLink
from tests.ui.moving import Moving


async def opened(c: Console, key: str = "m") -> None:
    await c.press("2", "home", key)


@pytest.mark.parametrize("size", [SMALL, USUAL, LARGE])
async def test_the_dialog_shows_the_whole_plan(size: tuple[int, int]) -> None:
    async with console(size=size) as c:
        await opened(c)
        text = c.dialog
        for words in (
            "Migrate 107 gpu-web  pve1 > pve3",
            " live ",
            "now       running, 4 cores, 16G",
            "takes     about 20 s",
            "▸ pve3  51% memory after, 14% cpu",
            "pve2  72% memory after, 9% cpu, memory gets tight",
            "✗ pve4  not online",
            "does      POST /nodes/pve1/qemu/104/migrate target=pve3 online=1",
            "enter go",
            "t other target",
            "o offline",
            "y copy call",
            "esc leave",
        ):
            assert " ".join(words.split()) in " ".join(text.split()), f"{words}\n{text}"


async def test_enter_goes_with_the_plan_that_was_shown() -> None:
    async with console() as c:
        await opened(c)
        await c.press("t", "o", "enter")
        assert c.main.overlay is None
        (plan,) = c.link.jobs
        assert (plan.chosen, plan.mode) == ("pve2", "offline")


async def test_targets_go_round_over_the_possible_ones() -> None:
    async with console() as c:
        await opened(c)
        await c.press("t")
        assert "> pve2" in c.dialog
        await c.press("t")
        assert "> pve3" in c.dialog
        await c.press("up")
        assert "> pve2" in c.dialog


async def test_escape_does_nothing_to_the_lab() -> None:
    async with console() as c:
        await opened(c)
        await c.press("escape")
        assert c.main.overlay is None
        assert c.link.jobs == []


async def test_it_opens_at_once_and_says_that_it_is_looking() -> None:
    moving = Moving()
    moving.go.clear()
    async with console(actions=[moving.action()]) as c:
        await opened(c)
        assert "Looking: what would it take" in c.dialog
        await c.press("enter")
        assert c.link.jobs == []
        moving.go.set()
        await c.settle()
        assert "enter go" in c.dialog


async def test_a_survey_that_hangs_can_be_left() -> None:
    moving = Moving()
    moving.go.clear()
    async with console(actions=[moving.action()]) as c:
        await opened(c)
        await c.press("escape")
        assert c.main.overlay is None
        moving.go.set()
        await c.settle()
        assert c.link.jobs == []


async def test_a_failed_survey_says_why_and_what_to_do() -> None:
    moving = Moving()
    moving.error = TimedOut("no answer", where="pve1:8006", why="10 s over", remedy="try again")
    async with console(actions=[moving.action()]) as c:
        await opened(c)
        assert "no answer (pve1:8006): 10 s over" in c.dialog
        assert "try again" in c.dialog
        await c.press("enter")
        assert c.link.jobs == []


async def test_blockers_stand_in_the_place_of_go() -> None:
    moving = Moving(blockers=("locked (backup): wait until that ends", "no quorum"))
    async with console(actions=[moving.action()]) as c:
        await opened(c)
        assert "✗ locked (backup): wait until that ends" in c.dialog
        assert "✗ no quorum" in c.dialog
        assert "enter go" not in c.dialog
        await c.press("enter")
        assert c.link.jobs == []


async def test_warnings_are_shown() -> None:
    moving = Moving(warnings=("it is shut down and started again",))
    async with console(actions=[moving.action()]) as c:
        await opened(c)
        assert "mind     it is shut down" in c.dialog


async def test_a_plan_without_calls_does_not_go() -> None:
    async with console(actions=[Moving(calls=()).action()]) as c:
        await opened(c)
        assert "there is nothing to do" in c.dialog
        await c.press("enter")
        assert c.link.jobs == []


async def test_what_has_to_be_typed() -> None:
    async with console(actions=[Moving(confirm="gpu-web").action()]) as c:
        await opened(c)
        await c.press("enter")
        assert "type gpu-web to go:" in c.dialog
        await c.type("gpu-wet")
        await c.press("enter")
        assert c.link.jobs == []
        await c.press("backspace")
        await c.type("b")
        await c.press("enter")
        assert len(c.link.jobs) == 1


async def test_a_dangerous_action_always_asks_for_more_than_a_key() -> None:
    async with console(actions=[Moving().action(danger=True)]) as c:
        await opened(c, "M")
        assert c.link.jobs == []
        await c.press("enter")
        assert "type 107 to go:" in c.dialog
        await c.press("escape")
        assert "enter go" in c.dialog


async def test_the_call_can_be_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console() as c:
        copied: list[str] = []
        monkeypatch.setattr(c.app, "copy_to_clipboard", copied.append)
        await opened(c)
        await c.press("c")
        assert copied == ["POST /nodes/pve1/qemu/104/migrate target=pve3 online=1"]


async def test_a_refused_start_is_told() -> None:
    link = FakeLink()
    link.refuse = Rejected("not started", where="lsalab", why="the facts changed", remedy="again")
    async with console(link) as c:
        await opened(c)
        await c.press("enter")
        assert "the facts changed" in c.dialog


async def test_the_direct_key_goes_at_once_when_all_is_well() -> None:
    async with console() as c:
        await opened(c, "M")
        assert len(c.link.jobs) == 1
        assert "started: Migrate 107" in c.notice


@pytest.mark.parametrize(
    "changes",
    [{"warnings": ("tight",)}, {"blockers": ("locked",)}, {"confirm": "x"}, {"calls": ()}],
)
async def test_the_direct_key_shows_the_plan_when_anything_is_to_be_said(
    changes: dict[str, Any],
) -> None:
    async with console(actions=[Moving(**changes).action()]) as c:
        await opened(c, "M")
        assert c.link.jobs == []
        assert "Migrate 107" in c.dialog


async def test_the_direct_key_tells_of_a_failure() -> None:
    moving = Moving()
    moving.error = Forbidden("may not", where="pve1", why="VM.Migrate is missing", remedy="ask")
    async with console(actions=[moving.action()]) as c:
        await opened(c, "M")
        assert c.notice == "may not (pve1): VM.Migrate is missing. Ask."


async def test_a_key_that_cannot_act_says_why() -> None:
    moving = Moving()
    moving.reason = "107 can't be moved: pve4 is away"
    async with console(actions=[moving.action()]) as c:
        await opened(c)
        assert c.notice == "107 can't be moved: pve4 is away"
        assert c.main.overlay is None
        await c.press("1", "m")
        assert c.notice == "migrate is for a guest; what is selected here is a node"


@pytest.mark.parametrize("key", ["m", "M"])
async def test_a_read_only_console_shows_the_plan_and_refuses(key: str) -> None:
    async with console(FakeLink(read_only=True)) as c:
        c.expect("READ-ONLY")
        await opened(c, key)
        assert "this console is read-only: nothing is sent" in c.dialog
        assert "enter go" not in c.dialog
        await c.press("enter")
        assert c.link.jobs == []


async def test_the_demo_says_so_on_every_frame() -> None:
    async with console(FakeLink(demo=True), size=SMALL) as c:
        for keys in (["2"], ["enter"], ["m"], ["escape"], ["?"], ["escape", ":"]):
            await c.press(*keys)
            assert "DEMO" in c.screen.splitlines()[0]


async def test_the_lab_goes_on_behind_a_dialog() -> None:
    async with console() as c:
        await opened(c)
        await c.later(30)
        assert "lsalab 31s" in c.screen.splitlines()[0]


async def test_the_mouse_does_not_reach_under_a_dialog() -> None:
    async with console() as c:
        await opened(c)
        before = c.selected
        await c.click(5, c.pane("guests").region.y + 1 + 10)
        await c.click(80, 5)
        assert (c.main.current, c.selected) == ("guests", before)


def test_the_fake_plan_is_ready() -> None:
    plan: Plan = Moving()._draft("lsalab/104", "", "")
    assert plan.ready
    assert asyncio.iscoroutinefunction(Moving()._survey)


async def test_a_mark_that_is_hidden_is_not_what_a_key_acts_on() -> None:
    """Marked, then filtered away: what is under the cursor is what is meant."""
    async with console() as c:
        await c.press("2", "home", "space", "/")
        await c.type("id:115")
        await c.press("enter", "M")
        assert c.pane("guests").selection.marks
        assert [plan.subject for plan in c.link.jobs] == ["lsalab/115"]


async def test_a_mark_elsewhere_asks_before_it_goes() -> None:
    async with console() as c:
        await c.press("2", "home", "space", "down", "M")
        assert c.link.jobs == []
        assert "Migrate 107" in c.dialog


async def test_a_key_does_nothing_to_what_a_filter_hides() -> None:
    async with console() as c:
        await c.press("2", "home", "/")
        await c.type("zzzz")
        await c.press("enter", "M")
        assert c.link.jobs == []
        assert c.notice == "nothing is selected"
