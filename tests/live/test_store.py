"""The store: newest wins, failures keep the data, one notice per turn of the loop."""

from __future__ import annotations

import asyncio

from labtui.live.store import Store
from labtui.model.cluster import Membership, Resources
from labtui.model.errors import Problem
from labtui.model.feed import Feed
from labtui.model.snapshot import Snapshot
from tests.snapshots import NOW, guest, membership, node

FEED = Feed("proxmox", "lab", "resources")
PROBLEM = Problem("unreachable", "no connection", "pve1:8006", "refused", "look at it")


def part(*vmids: int) -> Resources:
    return Resources((node("pve1"),), tuple(guest(vmid) for vmid in vmids))


async def test_a_late_answer_loses() -> None:
    store = Store()
    store.expect(FEED, 5)
    newer, older = part(104), part(104, 105)
    assert store.apply(FEED, newer, read_at=NOW, sequence=2)
    assert not store.apply(FEED, older, read_at=NOW + 1, sequence=1)
    assert store.snapshot.parts[FEED] is newer


async def test_a_failure_keeps_the_data_and_the_time_of_the_first_one() -> None:
    store = Store()
    store.expect(FEED, 5)
    store.apply(FEED, part(104), read_at=NOW, sequence=1)
    store.fail(FEED, PROBLEM, at=NOW + 5, sequence=2, next_try=NOW + 10)
    store.fail(FEED, PROBLEM, at=NOW + 10, sequence=3, next_try=NOW + 20)
    fresh = store.snapshot.freshness[FEED]
    assert (fresh.read_at, fresh.failing_since, fresh.next_try) == (NOW, NOW + 5, NOW + 20)
    assert isinstance(store.snapshot.parts[FEED], Resources)
    store.apply(FEED, part(104), read_at=NOW + 20, sequence=4)
    assert store.snapshot.freshness[FEED].problem is None
    assert store.snapshot.freshness[FEED].pace == 5


async def test_listeners_hear_once_per_turn_and_not_after_they_left() -> None:
    store = Store()
    heard: list[Snapshot] = []
    leave = store.subscribe(heard.append)
    store.apply(FEED, part(104), read_at=NOW, sequence=1)
    store.apply(FEED, part(105), read_at=NOW, sequence=2)
    assert heard == []
    await asyncio.sleep(0)
    assert heard == [store.snapshot]
    leave()
    store.apply(FEED, part(106), read_at=NOW, sequence=3)
    await asyncio.sleep(0)
    assert len(heard) == 1


async def test_membership_remembers_since_when() -> None:
    store = Store()
    feed = Feed("proxmox", "lab", "membership")
    store.apply(feed, membership(pve1=True), read_at=100.0, sequence=1)
    store.apply(feed, membership(pve1=False), read_at=200.0, sequence=2)
    store.apply(feed, membership(pve1=False), read_at=300.0, sequence=3)
    kept = store.snapshot.one(Membership, "lab")
    assert kept is not None
    assert kept.members[0].since == 200.0


async def test_a_listener_that_breaks_does_not_silence_the_others() -> None:
    store = Store()
    heard: list[Snapshot] = []
    seen: list[BaseException | None] = []

    def broken(_snapshot: Snapshot) -> None:
        raise ZeroDivisionError

    store.subscribe(broken)
    store.subscribe(heard.append)
    asyncio.get_running_loop().set_exception_handler(
        lambda _loop, context: seen.append(context.get("exception"))
    )
    store.apply(FEED, part(104), read_at=NOW, sequence=1)
    await asyncio.sleep(0)
    assert heard == [store.snapshot]
    assert [type(error) for error in seen] == [ZeroDivisionError]
