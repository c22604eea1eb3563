"""Feeds: at their pace, each by itself, backing off and never giving up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from labtui.live.feeds import Feeds
from labtui.live.store import Store
from labtui.model.cluster import Resources, Tasks
from labtui.model.errors import LabError, Unreachable
from labtui.model.feed import Feed
from labtui.model.snapshot import Snapshot
from labtui.sources.source import FeedSpec, Reading
from tests.snapshots import NOW

RESOURCES = Feed("proxmox", "lab", "resources")
TASKS = Feed("proxmox", "lab", "tasks")


def never(_jitter: float = 0.0) -> float:
    """No jitter at all, so that pauses are what they are said to be."""
    return 0.0


class Script:
    """A reader that does what its list says, then repeats the last."""

    def __init__(self, *steps: Reading | LabError | Exception | float) -> None:
        self.steps = list(steps)
        self.count = 0

    async def __call__(self, _snapshot: Snapshot) -> Reading:
        step = self.steps[min(self.count, len(self.steps) - 1)]
        self.count += 1
        if isinstance(step, float):
            await asyncio.sleep(step)
            return Reading(Resources())
        if isinstance(step, Exception):
            raise step
        return step


def spec(read: Script, feed: Feed = RESOURCES, pace: float = 0.01, **more: object) -> FeedSpec:
    values: dict[str, object] = {"idle_pace": 3600.0, "deadline": 0.05, **more}
    return FeedSpec(feed, read, pace, **values)  # type: ignore[arg-type]


async def until(told: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not told():  # noqa: ASYNC110 - what is waited for may have no event
            await asyncio.sleep(0.002)


async def test_reads_again_and_again() -> None:
    store, read = Store(), Script(Reading(Resources(), "pve1:8006"))
    feeds = Feeds(store, [spec(read)], lambda: NOW, never)
    feeds.start()
    await until(lambda: read.count >= 3)
    await feeds.close()
    assert store.snapshot.freshness[RESOURCES].via == "pve1:8006"


async def test_what_is_not_complete_is_read_on_at_once() -> None:
    store, read = Store(), Script(Reading(Resources(), unfinished=True), Reading(Resources()))
    feeds = Feeds(store, [spec(read, pace=3600.0)], lambda: NOW, never)
    feeds.start()
    await until(lambda: read.count >= 2)
    # The rest came, so its pace holds again.
    await asyncio.sleep(0.02)
    await feeds.close()
    assert read.count == 2


async def test_a_failure_is_kept_apart_and_healed() -> None:
    store = Store()
    read = Script(Unreachable("no connection", where="pve1"), Reading(Resources()))
    other = Script(Reading(Tasks()))
    feeds = Feeds(store, [spec(read), spec(other, TASKS)], lambda: NOW, never)
    feeds.start()
    await until(lambda: store.snapshot.freshness[RESOURCES].problem is not None)
    await until(lambda: store.snapshot.freshness[RESOURCES].read_at is not None)
    await feeds.close()
    assert store.snapshot.freshness[RESOURCES].problem is None
    assert store.snapshot.freshness[TASKS].problem is None


async def test_a_hung_read_is_let_go_of_and_holds_nobody_up() -> None:
    store, hung, other = Store(), Script(60.0), Script(Reading(Tasks()))
    feeds = Feeds(store, [spec(hung), spec(other, TASKS)], lambda: NOW, never)
    feeds.start()
    await until(lambda: store.snapshot.freshness[RESOURCES].problem is not None)
    assert other.count > 1
    problem = store.snapshot.freshness[RESOURCES].problem
    assert problem is not None
    assert problem.kind == "timed-out"
    await feeds.close()


async def test_a_fault_in_a_reader_is_told_without_its_text() -> None:
    store, read = Store(), Script(ValueError("secret-token"))
    feeds = Feeds(store, [spec(read)], lambda: NOW, never)
    feeds.start()
    await until(lambda: store.snapshot.freshness[RESOURCES].problem is not None)
    await feeds.close()
    problem = store.snapshot.freshness[RESOURCES].problem
    assert problem is not None
    assert "ValueError" in problem.why
    assert "secret" not in problem.sentence


async def test_pauses_grow_with_failures_up_to_a_minute() -> None:
    store = Store()
    read = Script(Unreachable("no"))
    feeds = Feeds(store, [spec(read, pace=0.001)], lambda: NOW, never)
    feeds.start()
    await until(lambda: read.count >= 5)
    waits = store.snapshot.freshness[RESOURCES].next_try
    await feeds.close()
    assert waits is not None
    assert waits - NOW >= 0.001 * 2**4 * 0.9
    slow = Feeds(store, [spec(Script(Unreachable("no")), pace=1e6)], lambda: NOW, never)
    slow.start()
    await asyncio.sleep(0.01)
    await slow.close()
    assert (store.snapshot.freshness[RESOURCES].next_try or 0) - NOW <= 66


async def test_what_is_not_looked_at_is_read_rarely_and_at_once_when_it_is() -> None:
    store, read = Store(), Script(Reading(Resources()))
    now = NOW
    feeds = Feeds(store, [spec(read)], lambda: now, never)
    feeds.wish(frozenset(("tasks",)))
    feeds.start()
    await until(lambda: read.count == 1)
    await asyncio.sleep(0.05)
    assert read.count == 1
    now += 60
    feeds.wish(frozenset(("resources",)))
    await until(lambda: read.count >= 2)
    await feeds.close()


async def test_what_somebody_comes_back_to_is_not_old_before_it_could_be_read() -> None:
    store, read = Store(), Script(Reading(Resources()), 0.03)
    now = NOW
    feeds = Feeds(store, [spec(read, pace=5.0, idle_pace=30.0)], lambda: now, never)
    feeds.wish(frozenset())
    feeds.start()
    await until(lambda: read.count == 1)
    await asyncio.sleep(0.01)
    now += 28
    feeds.wish(frozenset(("resources",)))
    assert not store.snapshot.freshness[RESOURCES].stale(now)
    await until(lambda: store.snapshot.freshness[RESOURCES].pace == 5.0)
    await feeds.close()
    assert store.snapshot.freshness[RESOURCES].read_at == now


async def test_read_now_does_not_wait_for_the_pace() -> None:
    store, read = Store(), Script(Reading(Resources()))
    feeds = Feeds(store, [spec(read, pace=3600.0)], lambda: NOW, never)
    feeds.start()
    await until(lambda: read.count == 1)
    await asyncio.sleep(0)
    feeds.read_now(frozenset(("resources",)))
    await until(lambda: read.count == 2)
    await feeds.close()


async def test_a_feed_waits_for_what_it_needs() -> None:
    store = Store()
    first, second = Script(0.02, Reading(Resources())), Script(Reading(Tasks()))
    specs = [spec(first), spec(second, TASKS, after=("resources",))]
    feeds = Feeds(store, specs, lambda: NOW, never)
    feeds.start()
    await asyncio.sleep(0.01)
    assert second.count == 0
    await until(lambda: second.count > 0)
    await feeds.close()


async def test_it_does_not_wait_for_what_fails_or_what_nobody_reads() -> None:
    store = Store()
    first, second = Script(Unreachable("reading", why="refused")), Script(Reading(Tasks()))
    specs = [spec(first), spec(second, TASKS, after=("resources", "rights"))]
    feeds = Feeds(store, specs, lambda: NOW, never)
    feeds.start()
    await until(lambda: second.count > 0)
    await feeds.close()
