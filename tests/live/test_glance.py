"""The glance: other figures alone are no reason to judge the lab anew, all else is."""

from __future__ import annotations

import asyncio
from types import MappingProxyType

import msgspec
import pytest

from labtui.findings import Mark, Triage, Watch
from labtui.live import triage
from labtui.live.glance import LONGEST, Glance
from labtui.live.store import Store
from labtui.live.triage import TriageKeeper
from labtui.model.cluster import Resources
from labtui.model.errors import Problem
from labtui.model.feed import Freshness
from labtui.model.snapshot import Snapshot
from tests.snapshots import NOW, feed_of, guest, membership, node


def rows(cpu: float = 0.1, status: str = "online") -> Resources:
    found = msgspec.structs.replace(node("pve1", status), cpu=cpu)
    return Resources((found,), (guest(104, "pve1"),))


def lab(part: Resources, problem: Problem | None = None) -> Snapshot:
    feed = feed_of(part, "glance")
    fresh = Freshness(5.0, read_at=NOW, problem=problem)
    return Snapshot(parts=MappingProxyType({feed: part}), freshness=MappingProxyType({feed: fresh}))


@pytest.fixture
def glance() -> Glance:
    made = Glance()
    assert made.worth(lab(rows()), (), NOW)
    return made


def test_other_figures_are_no_reason(glance: Glance) -> None:
    assert not glance.worth(lab(rows(cpu=0.9)), (), NOW + 1)


def test_a_state_is(glance: Glance) -> None:
    assert glance.worth(lab(rows(status="offline")), (), NOW + 1)
    assert not glance.worth(lab(rows(cpu=0.7, status="offline")), (), NOW + 2)


def test_a_failure_is(glance: Glance) -> None:
    problem = Problem("unreachable", "reading", "pve1", "refused", "look at it")
    assert glance.worth(lab(rows(), problem), (), NOW + 1)
    assert not glance.worth(lab(rows(), problem), (), NOW + 2)


def test_a_feed_that_falls_silent_is_at_once(glance: Glance) -> None:
    silent = 3 * 5.0 + 5.0
    assert glance.worth(lab(rows()), (), NOW + silent - 0.5)
    assert glance.worth(lab(rows()), (), NOW + silent + 0.5)
    assert not glance.worth(lab(rows()), (), NOW + silent + 1.5)


def test_what_is_put_aside_is(glance: Glance) -> None:
    assert glance.worth(lab(rows()), ("mark",), NOW + 1)


def test_a_new_feed_is(glance: Glance) -> None:
    more = lab(rows())
    part = membership(pve1=True)
    parts = MappingProxyType({**more.parts, feed_of(part, "glance"): part})
    assert glance.worth(msgspec.structs.replace(more, parts=parts), (), NOW + 1)


def test_time_is_a_reason_and_a_clock_set_back(glance: Glance) -> None:
    assert not glance.worth(lab(rows()), (), NOW + LONGEST - 0.1)
    assert glance.worth(lab(rows()), (), NOW + LONGEST)
    assert glance.worth(lab(rows()), (), NOW - 60)


async def test_the_keeper_looks_when_there_is_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []
    look = triage._looked

    def looked(
        watch: Watch | None, snapshot: Snapshot, now: float, marks: tuple[Mark, ...]
    ) -> tuple[Watch, Triage]:
        looks.append(now)
        return look(watch, snapshot, now, marks)

    monkeypatch.setattr(triage, "_looked", looked)
    store, clock = Store("glance"), [NOW]
    keeper = TriageKeeper(store, lambda: clock[0], gap=0.001)
    glances: list[bool] = []
    worth = keeper._glance.worth

    def watched(snapshot: Snapshot, marks: object, now: float) -> bool:
        glances.append(worth(snapshot, marks, now))
        return glances[-1]

    monkeypatch.setattr(keeper._glance, "worth", watched)

    async def read(part: Resources) -> None:
        feed, before = feed_of(part, "glance"), len(glances)
        store.apply(feed, part, read_at=clock[0], sequence=store.snapshot.sequence + 1)
        for _round in range(1000):
            if len(glances) > before and len(looks) == sum(glances):
                return
            await asyncio.sleep(0.005)
        raise AssertionError

    keeper.start()
    try:
        await read(rows())
        before = len(looks)
        clock[0] += 1
        await read(rows(cpu=0.5))
        assert len(looks) == before
        await read(rows(cpu=0.5, status="offline"))
        assert len(looks) == before + 1
    finally:
        keeper.close()
