"""Jobs of several steps: paused, stopped, tried again, and taken up after a kill."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from labtui.actions import ACTIONS
from labtui.actions.action import Action, Outcome, Plan, Progress, Report, Step, Wire
from labtui.actions.evacuation.action import EVACUATE
from labtui.actions.evacuation.book import Entry, Header, MemoryBook, Record
from labtui.actions.evacuation.draft import draft
from labtui.actions.evacuation.order import Limits
from labtui.actions.evacuation.survey import leaving
from labtui.actions.migration.action import MIGRATE
from labtui.actions.power.action import SHUTDOWN
from labtui.live.jobs import Jobs
from labtui.live.journal import Journal
from labtui.live.store import Store
from labtui.model.errors import NotFound
from labtui.model.jobs import Job
from tests.actions.fake_cluster import FakeCluster
from tests.actions.wire import DictWire
from tests.snapshots import NOW, cluster_lab, guest


def jobs_of(
    store: Store, wire: Wire, ended: Callable[[Job], None] | None = None, **more: Any
) -> Jobs:
    return Jobs(store, wire, (EVACUATE, MIGRATE, SHUTDOWN), Journal(None), None, ended, **more)


async def begun(limit: int = 1) -> tuple[FakeCluster, Store, Jobs, str]:
    """An evacuation of four that is under way."""
    cluster = FakeCluster(guest(101), guest(102), guest(103), guest(104), guest(201, "pve2"))
    facts = await leaving("lab/pve1", cluster)
    plan = draft(facts, "", "", Limits(limit, limit))
    store = Store()
    jobs = jobs_of(store, cluster)
    job_id = jobs.start(EVACUATE, plan)
    for _turn in range(2000):
        await asyncio.sleep(0)
        if cluster.calls:
            break
    return cluster, store, jobs, job_id


def job_of(store: Store) -> Job:
    return store.snapshot.jobs[0]


async def until(told: Callable[[], bool]) -> None:
    for _turn in range(4000):
        if told():
            return
        await asyncio.sleep(0)
    raise AssertionError("did not happen")


async def test_it_is_paused_and_goes_on() -> None:
    cluster, store, jobs, job_id = await begun()
    assert job_of(store).driven
    await jobs.order(job_id, "pause")
    await until(lambda: job_of(store).paused)
    sent = len(cluster.calls)
    for _turn in range(100):
        await asyncio.sleep(0)
    assert len(cluster.calls) <= sent + 1
    await jobs.order(job_id, "")
    job = await jobs.wait(job_id)
    assert (job.state, job.paused, job.driven) == ("done", False, False)


async def test_it_is_stopped_by_cancel_though_it_has_no_task_of_its_own() -> None:
    cluster, _store, jobs, job_id = await begun()
    await jobs.cancel(job_id)
    job = await jobs.wait(job_id)
    assert job.state == "cancelled"
    assert 1 <= sum(each.node != "pve1" for each in cluster.guests.values()) - 1 < 4


async def test_what_has_no_journal_is_told_so() -> None:
    store = Store()
    wire = DictWire(cluster_lab(guest(104)))
    jobs = jobs_of(store, wire)
    with pytest.raises(NotFound, match="paused"):
        await jobs.order("7", "pause")
    with pytest.raises(NotFound, match="nothing to cancel"):
        await jobs.cancel("7")


class Stopping(DictWire):
    """A wire by which a job of several is stopped."""

    stopped = False

    def stop(self) -> None:
        self.stopped = True


async def _several(plan: Plan, wire: Wire, report: Report) -> Outcome:
    del plan, report
    for _turn in range(500):
        await asyncio.sleep(0)
        if getattr(wire, "stopped", False):
            return Outcome("cancelled", "not begun")
    return Outcome("done", "")


async def test_a_job_over_several_guests_is_stopped() -> None:
    values = {name: getattr(SHUTDOWN, name) for name in SHUTDOWN.__struct_fields__}
    action = Action(**{**values, "run": _several, "scope": MIGRATE.scope})
    wire = Stopping(cluster_lab(guest(101), guest(102)))
    store = Store()
    jobs = jobs_of(store, wire)
    job_id = jobs.start(action, Plan(SHUTDOWN.id, "lab/101,lab/102", "Shut down 2", NOW))
    await asyncio.sleep(0)
    assert job_of(store).driven
    await jobs.cancel(job_id)
    assert (await jobs.wait(job_id)).state == "cancelled"


async def test_who_is_told_of_the_end_hears_of_it_once() -> None:
    heard: list[Job] = []

    async def works(plan: Plan, wire: Wire, report: Report) -> Outcome:
        report(Progress(note="x"))
        return Outcome("done", "")

    values = {name: getattr(MIGRATE, name) for name in MIGRATE.__struct_fields__}
    store = Store()
    jobs = jobs_of(store, DictWire(cluster_lab(guest(104))), heard.append)
    await jobs.wait(
        jobs.start(Action(**{**values, "run": works}), Plan("guest.migrate", "lab/104", "t", NOW))
    )
    assert [(job.subject, job.state) for job in heard] == [("lab/104", "done")]


async def test_what_was_interrupted_is_offered_and_its_line_becomes_the_new_jobs() -> None:
    cluster, _store, jobs, job_id = await begun()
    book = next(iter(cluster.books.values()))
    jobs.close()
    await asyncio.sleep(0)
    del job_id
    record = Record(book.header, tuple(book.entries))
    assert record.interrupted
    store = Store()
    again = jobs_of(store, cluster)
    again.offer((record,))
    offered = job_of(store)
    assert (offered.running, offered.book) == (False, record.id)
    assert "interrupted" in offered.note
    again.offer((record,))
    assert len(store.snapshot.jobs) == 1
    cluster.revive()
    facts = await leaving("lab/pve1", cluster)
    job = await again.wait(again.start(EVACUATE, draft(facts, "", "")))
    assert job.state == "done"
    assert [each.book for each in store.snapshot.jobs] == [record.id]


def test_what_was_interrupted_is_told_in_the_words_of_its_kind() -> None:
    store, step = Store(), Step("x", "x", "way", target="there")
    entries = (Entry(NOW, "sending", 0), Entry(NOW, "part", 0, part="1"))
    records = [
        Record(Header(f"abcde{n}", NOW, action, f"it-{n}", action, (step, step)), entries)
        for n, action in enumerate(("node.evacuate", "link.new", "gpu.give", "prefix.allocate"))
    ]
    wire = DictWire(cluster_lab(guest(104)))
    Jobs(store, wire, ACTIONS, Journal(None), None).offer(records)
    assert {job.title: job.note for job in store.snapshot.jobs} == {
        "node.evacuate": "interrupted: 0 of 2 moved; it can be taken up again",
        "link.new": "interrupted: 1 of 2 calls made; it can be taken back",
        "gpu.give": ("interrupted: 0 of 2 steps done; it can be taken up again or taken back"),
        "prefix.allocate": (
            "interrupted: asked for, the answer is not known; it can be given back"
        ),
    }


def test_a_journal_of_an_action_that_is_no_more_is_left_out() -> None:
    store = Store()
    header = Header("abcdef", NOW, "node.vanish", "lab/pve1", "x", ())
    jobs_of(store, DictWire(cluster_lab(guest(104)))).offer((Record(header, ()),))
    assert store.snapshot.jobs == ()


async def test_a_memory_book_tells_retry_once() -> None:
    book = MemoryBook(Header("abcdef", NOW, "node.evacuate", "lab/pve1", "x", ()))
    await book.write(Entry(NOW, "run"))
    book.wanted = "retry"
    assert [await book.order(), await book.order()] == ["retry", ""]
