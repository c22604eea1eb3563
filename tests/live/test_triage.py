"""The keeper: looks beside the loop, tells who listens, keeps marks for all consoles."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from labtui.findings import Mark, Triage, Watch
from labtui.live import marks, triage
from labtui.live.store import Store
from labtui.live.triage import TriageKeeper
from labtui.model.cluster import Resources
from labtui.model.errors import LabError
from labtui.model.snapshot import Snapshot
from tests.snapshots import NOW, feed_of, guest, membership, node

DOWN = "node-down:lab/pve2"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> float:
        return self.at


class Lab:
    """A store with a dead node in it, and a keeper that looks at it."""

    def __init__(self, path: Path | None = None) -> None:
        self.store, self.clock = Store("lab"), Clock()
        self.keeper = TriageKeeper(self.store, self.clock, path=path, gap=0.0)
        self._sequence = 0

    def read(self, *, alive: bool = False) -> None:
        rows = Resources(
            (node("pve1"), node("pve2", "online" if alive else "offline")), (guest(104, "pve2"),)
        )
        for part in (rows, msgspec.structs.replace(membership(pve1=True, pve2=alive))):
            self._sequence += 1
            feed = feed_of(part, "lab")
            self.store.expect(feed, 5.0)
            self.store.apply(feed, part, read_at=self.clock.at, sequence=self._sequence)

    async def settled(self) -> Triage:
        await until(lambda: self.keeper.settled)
        assert self.keeper.present is not None
        return self.keeper.present


async def until(there: Callable[[], bool]) -> None:
    for _round in range(1000):
        if there():
            return
        await asyncio.sleep(0.005)
    raise AssertionError


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    made = Lab()
    made.keeper.start()
    yield made
    made.keeper.close()


async def test_it_looks_beside_the_loop_and_says_so(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[str] = set()
    look = triage._looked

    def watched(
        watch: Watch | None, snapshot: Snapshot, now: float, kept: tuple[Mark, ...]
    ) -> tuple[Watch, Triage]:
        threads.add(threading.current_thread().name)
        return look(watch, snapshot, now, kept)

    monkeypatch.setattr(triage, "_looked", watched)
    heard: list[int] = []
    lab.keeper.subscribe(lambda: heard.append(1))
    assert lab.keeper.present is None
    lab.read()
    present = await lab.settled()
    assert present.cause(DOWN) is not None
    assert present.settling
    assert lab.keeper.looked_at == NOW
    assert heard
    assert threads and threading.main_thread().name not in threads


async def test_many_snapshots_at_once_are_few_looks(lab: Lab) -> None:
    heard: list[int] = []
    await lab.settled()
    lab.keeper.subscribe(lambda: heard.append(1))
    for _reading in range(50):
        lab.read()
        await asyncio.sleep(0)
    await lab.settled()
    assert len(heard) < 25


async def test_what_is_over_is_gone_after_a_while(lab: Lab) -> None:
    lab.read()
    await lab.settled()
    lab.clock.at += 60
    lab.read(alive=True)
    present = await lab.settled()
    assert present.cause(DOWN) is None
    assert not present.settling


async def test_a_fault_of_a_rule_is_said_and_what_was_known_stays(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.read()
    before = await lab.settled()

    def broken(*_given: object) -> tuple[Watch, Triage]:
        raise ValueError("secret")

    with monkeypatch.context() as patch:
        patch.setattr(triage, "_looked", broken)
        lab.read()
        await until(lambda: lab.keeper.fault != "")
        assert lab.keeper.fault == "fault in labtui: ValueError"
        assert lab.keeper.present is before
    lab.read()
    await until(lambda: lab.keeper.fault == "")


async def test_a_mark_puts_a_cause_aside_until_it_is_taken_up(lab: Lab) -> None:
    lab.read()
    await lab.settled()
    await lab.keeper.put_aside(DOWN, "ack", "  new\nfan ", None)
    cause = (await lab.settled()).cause(DOWN)
    assert cause is not None
    assert cause.quiet
    mark = cause.standing.mark
    assert mark is not None
    assert (mark.why, mark.severity, mark.at) == ("new fan", cause.severity, NOW)
    await lab.keeper.take_up(DOWN)
    cause = (await lab.settled()).cause(DOWN)
    assert cause is not None
    assert not cause.quiet


async def test_what_is_over_cannot_be_put_aside(lab: Lab) -> None:
    lab.read(alive=True)
    await lab.settled()
    with pytest.raises(LabError, match="the finding is over"):
        await lab.keeper.put_aside(DOWN, "ack", "fan", None)


async def test_consoles_hear_of_each_others_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triage, "_FILE_PAUSE", 0.01)
    path = tmp_path / "marks.json"
    one, other = Lab(path), Lab(path)
    for each in (one, other):
        each.keeper.start()
        each.read()
        await each.settled()
    try:
        await one.keeper.put_aside(DOWN, "snooze", "fan", NOW + 60)

        def heard() -> bool:
            cause = other.keeper.present and other.keeper.present.cause(DOWN)
            return bool(cause and cause.quiet)

        await until(heard)
        other.clock.at += 61
        other.read()
        cause = (await other.settled()).cause(DOWN)
        assert cause is not None
        assert not cause.quiet
        path.write_text("{")
        # Whichever of them comes first finds it so, and says it.
        await until(lambda: "damaged" in one.keeper._word + other.keeper._word)
        assert "set aside" in one.keeper.word() + other.keeper.word()
        assert one.keeper.word() == other.keeper.word() == ""
    finally:
        one.keeper.close()
        other.keeper.close()


async def test_a_mark_without_an_end_goes_when_its_finding_has_been_over_for_long(
    tmp_path: Path,
) -> None:
    path = tmp_path / "marks.json"
    lab = Lab(path)
    marks.put(path, Mark(DOWN, "ack", "amy", "fan", NOW, "critical"), NOW)
    lab.keeper.start()
    try:
        await until(lambda: bool(lab.keeper._marks))
        lab.read(alive=True)
        await lab.settled()
        lab.clock.at += triage.OVER_AFTER - 1
        lab.read(alive=True)
        await lab.settled()
        assert marks.read(path).marks
        lab.clock.at += 2
        lab.read(alive=True)
        await until(lambda: not marks.read(path).marks)
    finally:
        lab.keeper.close()


async def test_a_mark_that_cannot_be_kept_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    lab = Lab(tmp_path / "file" / "marks.json")
    lab.keeper.start()
    try:
        lab.read()
        await lab.settled()
        with pytest.raises(LabError, match="could not be kept"):
            await lab.keeper.put_aside(DOWN, "ack", "fan", None)
    finally:
        lab.keeper.close()
