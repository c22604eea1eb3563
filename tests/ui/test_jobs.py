"""Jobs on the screen: the strip while they run, and how one is stopped."""

from __future__ import annotations

from typing import Any

from labtui.model.errors import Rejected
from labtui.model.jobs import Job
from tests.snapshots import NOW
from tests.ui.driver import console


def job(number: int, **more: Any) -> Job:
    values = {
        "id": f"job-{number}",
        "action": "guest.migrate",
        "subject": f"lsalab/{number}",
        "title": f"Migrate {number}  pve1 > pve2",
        "state": "running",
        "started": NOW - 10,
        **more,
    }
    return Job(**values)


async def test_running_jobs_are_shown_and_disappear_after_they_ended() -> None:
    async with console() as c:
        running = job(104, progress=0.63, rate=1.1 * 2**30, left=6.0, note="copying")
        c.link.jobs_are(running)
        await c.settle()
        c.expect("▸ Migrate 104", "63%", "1.1G/s", "6s left", "copying")
        c.link.jobs_are(job(104, state="done", ended=NOW))
        await c.settle()
        c.expect("✓ Migrate 104", "done in 10s")
        await c.later(30)
        c.expect_not("Migrate 104")


async def test_more_jobs_than_lines_are_counted() -> None:
    async with console() as c:
        c.link.jobs_are(*(job(number) for number in range(104, 109)))
        await c.settle()
        c.expect("and 2 more")


async def test_a_job_is_cancelled_after_a_question() -> None:
    async with console() as c:
        c.link.jobs_are(job(104))
        await c.press("c")
        assert "choose the job first: 9 shows them" in c.notice
        await c.press("9", "c")
        assert "Stop this job? Migrate 104" in c.dialog
        await c.press("escape")
        assert c.link.cancelled == []
        await c.press("c", "enter")
        assert c.link.cancelled == ["job-104"]
        c.link.refuse = Rejected("can't be stopped", where="lsalab", why="it is over")
        await c.press("c", "enter")
        assert "can't be stopped (lsalab): it is over." in c.notice


async def test_a_job_that_ended_is_not_cancelled() -> None:
    async with console() as c:
        c.link.jobs_are(job(104, state="failed", ended=NOW))
        await c.press("9", "c")
        assert "ended already" in c.notice
