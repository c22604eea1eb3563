"""The suite's own eyes: a lie is seen, what was true just before is none, stalls are judged."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec
import pytest

from labtui.model.cluster import Membership, Resources
from labtui.model.errors import Problem
from labtui.model.feed import Freshness
from labtui.model.snapshot import Snapshot
from labtui.views.nodes import NODES as NODES_VIEW
from tests.chaos import invariants
from tests.chaos.cases import alone, keys, mix
from tests.chaos.heart import Heart, Stall, judged
from tests.chaos.invariants import lies, unmarked, unrecovered, unsaid
from tests.snapshots import NOW, cluster_lab, feed_of, guest
from tests.ui.driver import console
from tests.ui.links import FakeLink

SPEED = 10.0
NODES = ["pve1", "pve2", "pve3"]


def truth(**changes: Any) -> dict[str, Any]:
    return {
        "views": dict.fromkeys(NODES, NODES),
        "quorate": dict.fromkeys(NODES, True),
        "measured": NODES,
        "guests": {"104": ["pve1", "running"]},
        "away": [],
        "peers": {},
        "sessions": {},
        **changes,
    }


def lab() -> Snapshot:
    return cluster_lab(guest(104))


def aged(snapshot: Snapshot, kind: type, seconds: float, **changes: Any) -> Snapshot:
    """The same with one feed read so long ago."""
    part = next(part for part in snapshot.parts.values() if isinstance(part, kind))
    feed = feed_of(part, "lab")
    known = snapshot.freshness[feed]
    other = msgspec.structs.replace(known, read_at=NOW - seconds, **changes)
    return msgspec.structs.replace(snapshot, freshness={**snapshot.freshness, feed: other})


def test_what_is_true_is_no_lie() -> None:
    assert lies(lab(), NOW, [(NOW - 60, truth())], SPEED) == []


def test_a_node_that_is_gone_but_said_to_be_up() -> None:
    gone = truth(views={"pve1": ["pve1", "pve2"], "pve2": ["pve1", "pve2"], "pve3": []})
    [told] = lies(lab(), NOW, [(NOW - 60, gone)], SPEED)
    assert "pve1 pve2 pve3 are up" in told
    assert lies(lab(), NOW, [(NOW - 60, truth()), (NOW - 0.5, gone)], SPEED) == []


def test_a_guest_that_stands_still_but_is_said_to_run() -> None:
    stopped = truth(guests={"104": ["pve1", "stopped"]})
    [told] = lies(lab(), NOW, [(NOW - 60, stopped)], SPEED)
    assert "104 is running" in told
    unpublished = [(NOW - 60, truth()), (NOW - 20, stopped | {"measured": []})]
    assert lies(lab(), NOW, unpublished, SPEED) == []


def test_a_guest_that_is_elsewhere() -> None:
    elsewhere = truth(guests={"104": ["pve2", "running"]})
    [told] = lies(lab(), NOW, [(NOW - 60, elsewhere)], SPEED)
    assert "104 is on pve1" in told
    assert len(lies(lab(), NOW, [(NOW - 60, truth(guests={}))], SPEED)) == 2


def test_a_guest_that_has_just_been_moved_offline_runs_by_the_figures_of_the_node_it_left() -> None:
    past = [
        (NOW - 60, truth(guests={"104": ["pve2", "running"]})),
        (NOW - 1, truth(guests={"104": ["pve1", "stopped"]})),
    ]
    assert lies(lab(), NOW, past, SPEED) == []


def test_a_guest_that_was_recovered_runs_by_the_figures_of_the_node_that_died() -> None:
    dead = truth(guests={"104": ["pve2", "stopped"]}, measured=["pve1", "pve3"])
    moved = dead | {"guests": {"104": ["pve1", "stopped"]}}
    past = [(NOW - 60, truth(guests={"104": ["pve2", "running"]})), (NOW - 20, dead)]
    assert lies(lab(), NOW, [*past, (NOW - 1, moved)], SPEED) == []
    [told] = lies(lab(), NOW, [*past, (NOW - 10, moved)], SPEED)
    assert "104 is running" in told


def test_marked_as_old_is_no_lie_and_unmarked_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = truth(guests={"104": ["pve1", "stopped"]})
    assert lies(aged(lab(), Resources, 600), NOW, [(NOW - 60, stopped)], SPEED) == []
    snapshot, past = aged(lab(), Membership, 600), [(NOW - 700, truth())]
    assert lies(snapshot, NOW, past, SPEED) == []
    unaged = msgspec.structs.replace(NODES_VIEW, aged=lambda _row, _snapshot, _now: None)
    monkeypatch.setattr(invariants, "NODES", unaged)
    told = lies(snapshot, NOW, past, SPEED)
    assert [line.split(",")[0] for line in told] == [f"nodes says up of {name}" for name in NODES]


def test_not_well_again_while_a_feed_fails_or_was_not_read() -> None:
    assert unrecovered(lab(), NOW) == []
    assert unrecovered(lab(), NOW, since=NOW + 1)
    problem = Problem("timed-out", "reading", "pve1", "no answer in 12 s")
    assert "no answer in 12 s" in unrecovered(aged(lab(), Resources, 0, problem=problem), NOW)[0]


async def test_a_pane_that_hides_its_age_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    link = FakeLink()
    async with console(link) as c:
        link.clock += 3600
        await c.settle()
        panes = c.main.desk.shown()
        assert list(unsaid(panes, link.clock)) == []
        monkeypatch.setattr(Freshness, "stale", lambda _fresh, _now: False)
        link.clock += 1
        await c.settle()
        told = " ".join(unsaid(panes, link.clock))
        assert "nodes does not say that it is old" in told
        assert "nodes shows in green what is old" in told
        assert any("counts as fresh" in each for each in unmarked(link.store.snapshot, link.clock))


def test_a_seed_makes_the_same_case_and_keys() -> None:
    register = [
        {"name": "link-cut", "layer": "underlay", "targets": ["1", "2"]},
        {"name": "server-hang", "layer": "server", "targets": ["pve1", "pve2", "netbox"]},
        {"name": "nothing", "layer": "guest", "targets": []},
    ]
    assert mix(register, 7) == mix(register, 7)
    assert len({mix(register, seed).blows for seed in range(20)}) > 10
    names = [case.name for case in alone(register)]
    assert names == ["link-cut 1", "server-hang pve1", "server-hang netbox"]
    one, other = keys(7), keys(7)
    assert [next(one) for _each in range(50)] == [next(other) for _each in range(50)]


async def test_the_heart_misses_beats_when_the_loop_is_blocked() -> None:
    heart = Heart()
    heart.start()
    await asyncio.sleep(0.02)
    time.sleep(0.12)  # noqa: ASYNC251 - to block is what is tested
    await asyncio.sleep(0.02)
    await heart.stop()
    [longest] = sorted(heart.stalls, key=lambda stall: stall.wall)[-1:]
    assert longest.wall > 0.1
    assert longest.computed < longest.wall


@pytest.mark.parametrize(
    ("stall", "gaps", "guilty"),
    [
        (Stall(0.0, 0.4, computed=0.01, preempted=0), [], True),
        (Stall(0.0, 0.4, computed=0.01, preempted=0), [(0.0, 0.3)], False),
        (Stall(0.0, 0.4, computed=0.01, preempted=9), [], False),
        (Stall(0.0, 0.4, computed=0.06, preempted=9), [], True),
    ],
)
def test_whose_stall_it_was(stall: Stall, gaps: list[tuple[float, float]], guilty: bool) -> None:
    assert judged([stall], gaps)[0].guilty is guilty
