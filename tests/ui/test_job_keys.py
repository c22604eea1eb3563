"""What is said to jobs of several steps from the screen, and what leaving asks."""

from __future__ import annotations

from typing import Any

from labtui.actions.action import Step
from labtui.actions.evacuation.book import Book, Entry, Header, Order, Record
from labtui.model.errors import Rejected
from labtui.model.jobs import Job
from tests.snapshots import NOW
from tests.ui.driver import console
from tests.ui.links import FakeWire
from tests.ui.moving import Moving


class BookedWire(FakeWire):
    """Keeps journals, which nobody may write."""

    kept: tuple[Record, ...] = ()
    asked = 0

    async def records(self, subject: str = "") -> tuple[Record, ...]:
        self.asked += 1
        return self.kept

    async def new_book(self, header: Header) -> Book:
        raise AssertionError(header)

    async def reopen(self, book: str) -> tuple[Record, Book]:
        raise AssertionError(book)

    async def give(self, book: str, order: Order) -> None:
        raise AssertionError(order)


def emptying(**more: Any) -> Job:
    values = {
        "id": "job-1",
        "action": "guest.migrate",
        "subject": "lsalab/104,lsalab/105",
        "title": "Migrate 2 guests",
        "state": "running",
        "started": NOW - 10,
        "book": "abcdef",
        **more,
    }
    return Job(**values)


async def test_pause_and_go_on_are_one_key() -> None:
    async with console() as c:
        c.link.jobs_are(emptying())
        await c.press("9")
        assert "p pause" in c.footer
        await c.press("p")
        assert c.link.orders == [("job-1", "pause")]
        assert "begins nothing more" in c.notice
        c.link.jobs_are(emptying(paused=True))
        await c.settle()
        assert "p go on" in c.footer
        await c.press("p")
        assert c.link.orders[-1] == ("job-1", "")


async def test_what_failed_is_tried_again_while_it_runs() -> None:
    async with console() as c:
        c.link.jobs_are(emptying())
        await c.press("9", "R")
        assert c.link.orders == [("job-1", "retry")]
        c.link.refuse = Rejected("not told", where="lsalab", why="nobody works on it")
        await c.press("R")
        assert "nobody works on it" in c.notice


async def test_a_job_of_one_step_is_not_paused() -> None:
    async with console() as c:
        c.link.jobs_are(emptying(subject="lsalab/104", book=""))
        await c.press("9", "p")
        assert "it is one step" in c.notice
        assert c.link.orders == []


async def test_stopping_says_what_becomes_of_the_rest() -> None:
    async with console() as c:
        c.link.jobs_are(emptying())
        await c.press("9", "c")
        assert "nothing more begins" in " ".join(c.dialog.split())
        await c.press("enter")
        assert c.link.cancelled == ["job-1"]


async def test_one_that_failed_is_planned_again() -> None:
    async with console() as c:
        c.link.jobs_are(emptying(subject="lsalab/104", book="", state="failed", ended=NOW))
        await c.press("9", "R")
        assert "Migrate 104 gpu-web  pve1 > pve3" in c.dialog


async def test_one_that_is_done_is_not() -> None:
    async with console() as c:
        c.link.jobs_are(emptying(subject="lsalab/104", book="", state="done", ended=NOW))
        await c.press("9", "R")
        assert c.main.overlay is None
        assert "done already" in c.notice


async def test_one_with_a_journal_that_is_done_is_not_taken_up() -> None:
    async with console() as c:
        c.link.jobs_are(emptying(state="done", ended=NOW))
        await c.press("9", "R")
        assert c.main.overlay is None
        assert "done already" in c.notice


async def test_one_of_whose_journal_nothing_is_left_is_planned_anew() -> None:
    over = (Entry(NOW, "run"), Entry(NOW, "over", state="failed"))
    async with console() as c:
        step = Step("lsalab/104", "104 gpu-web", "stays")
        header = Header("abcdef", NOW, "guest.migrate", "lsalab/104", "x", (step,))
        c.link.wire = wire = BookedWire(c.link.store)
        wire.kept = (Record(header, over),)
        c.link.jobs_are(emptying(subject="lsalab/104", state="failed", ended=NOW))
        await c.press("9", "R")
        assert "Migrate 104 gpu-web  pve1 > pve3" in c.dialog
        assert wire.asked == 1


async def test_leaving_asks_while_steps_are_driven_from_here() -> None:
    async with console() as c:
        c.link.jobs_are(emptying())
        await c.press("q")
        assert "Steps are still driven from here: Migrate 2 guests" in " ".join(c.dialog.split())
        await c.press("escape")
        assert c.main.overlay is None
        assert c.app.is_running
        await c.press("q", "q")
        assert c.app._exit


async def test_ctrl_q_leaves_a_dialog_first_and_asks_too() -> None:
    async with console() as c:
        c.link.jobs_are(emptying())
        await c.press("2", "home", "m", "ctrl+q")
        assert "still driven" in c.dialog
        await c.press("ctrl+q")
        assert c.app._exit


async def test_leaving_asks_nothing_when_the_cluster_does_it_alone() -> None:
    async with console() as c:
        c.link.jobs_are(emptying(subject="lsalab/104", book=""))
        await c.press("q")
        assert c.app._exit


async def test_keys_typed_before_there_is_a_plan_do_nothing() -> None:
    moving = Moving()
    moving.go.clear()
    async with console(actions=[moving.action()]) as c:
        await c.press("2", "home", "m")
        # A name typed ahead has letters that are commands of the dialog and of the panes.
        await c.type_ahead("q", "s", "t", "enter", "e", "y")
        assert c.main.overlay is not None
        assert "still looking" in c.dialog
        moving.go.set()
        await c.settle()
        assert "> pve3" in c.dialog
        assert c.link.jobs == []
        await c.press("escape")
        assert c.main.overlay is None
