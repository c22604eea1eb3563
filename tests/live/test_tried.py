"""What consoles tried lately: asked of the history while somebody looks, and not too often."""

from __future__ import annotations

import asyncio

from labtui.live.tried import Tried
from labtui.model.errors import Unexpected
from labtui.model.events import Event, Query, Said


def _event(number: int, after: str, kind: str = "job", key: str = "c1/j1") -> Event:
    said = Said("{name}: {after}", (("name", "Bounce 702"), ("after", after)))
    return Event(number, 100.0 + number, kind, "", key, "Bounce 702", "", after, "", said,
                 "wireguard", "t1")  # fmt: skip


class Past:
    """The history, newest first; `wrong`: it can't be read."""

    def __init__(self, *events: Event, wrong: bool = False) -> None:
        self.events, self.wrong = events, wrong
        self.asked: list[Query] = []

    async def __call__(self, query: Query) -> tuple[Event, ...]:
        self.asked.append(query)
        await asyncio.sleep(0)
        if self.wrong:
            raise Unexpected("reading the history")
        return self.events


async def _looked(past: Past | None) -> tuple[Tried, list[int]]:
    told: list[int] = []
    tried = Tried(past, lambda: 5000.0, lambda: told.append(1))
    tried.look()
    for _ in range(5):
        await asyncio.sleep(0)
    return tried, told


async def test_of_each_job_the_newest_word_counts_and_other_events_do_not() -> None:
    past = Past(_event(3, "failed"), _event(2, "up", "tunnel"), _event(1, "running"))
    tried, told = await _looked(past)
    assert [event.after for event in tried.events] == ["failed"]
    assert told == [1]
    assert past.asked == [Query(since=5000.0 - 3600.0)]


async def test_it_is_not_asked_again_at_once() -> None:
    past = Past()
    tried, told = await _looked(past)
    tried.look()
    tried.close()
    assert len(past.asked) == 1
    assert told == []


async def test_without_a_history_nothing_is_known() -> None:
    tried, _told = await _looked(None)
    assert tried.events == ()


async def test_a_history_that_cannot_be_read_changes_nothing() -> None:
    tried, told = await _looked(Past(_event(1, "done"), wrong=True))
    assert (tried.events, told) == ((), [])
