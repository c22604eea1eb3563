"""Memory of the last start: on the screen at once, replaced part by part, never in the way."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from labtui.live import cache as caching
from labtui.live.cache import Cache
from labtui.live.cache_file import Backends, encode, write
from labtui.live.store import Store
from labtui.model.cluster import Membership, Resources
from labtui.model.feed import Feed
from labtui.model.ospf import Ospf
from labtui.model.safeguards import Agents
from labtui.model.snapshot import Snapshot
from tests.live.test_store import PROBLEM
from tests.snapshots import NOW, cluster_lab, guest, membership

BACKENDS: Backends = {"proxmox/lab": ("10.0.0.1:8006",)}
RESOURCES = Feed("proxmox", "lab", "resources")
MEMBERSHIP = Feed("proxmox", "lab", "membership")


def kept_lab(path: Path, **online: bool) -> Snapshot:
    """Write a lab as an earlier start would have."""
    lab = msgspec.structs.replace(cluster_lab(guest(104), tasks=(), **online), lab="test")
    write(path, encode(lab, BACKENDS))
    return lab


_made: list[Cache] = []


def cache_at(path: Path, pause: float = 0.02) -> Cache:
    _made.append(Cache(path, "test", BACKENDS, pause))
    return _made[-1]


@pytest.fixture(autouse=True)
def no_cache_outlives_its_test() -> Iterator[None]:
    yield
    while _made:
        _made.pop().leave()


def loaded(cache: Cache, store: Store) -> str:
    cache.load()
    return cache.restore(store, 5.0)


async def until(told: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not told():  # noqa: ASYNC110 - what is waited for happens in a thread
            await asyncio.sleep(0.002)


async def test_the_last_state_is_there_dated_and_stale(tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    lab = kept_lab(path)
    store = Store("test")
    assert loaded(cache_at(path), store) == ""
    assert store.snapshot.parts == lab.parts
    assert store.snapshot.remembered_at == NOW
    for fresh in store.snapshot.freshness.values():
        assert fresh.read_at == NOW
        assert fresh.remembered
        assert fresh.stale(NOW + 0.1)


async def test_a_reading_replaces_its_part_alone(tmp_path: Path) -> None:
    kept_lab(tmp_path / "snapshot")
    store = Store("test")
    loaded(cache_at(tmp_path / "snapshot"), store)
    store.expect(RESOURCES, 5)
    store.apply(RESOURCES, Resources(), read_at=NOW + 60, sequence=1)
    now = store.snapshot
    assert now.one(Resources, "lab") == Resources()
    assert not now.freshness[RESOURCES].stale(NOW + 61)
    assert now.freshness[MEMBERSHIP].remembered
    assert now.remembered_at is None


async def test_what_comes_late_replaces_nothing_newer(tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    kept_lab(path, pve1=True, pve2=False)
    store = Store("test")
    cache = cache_at(path)
    # Read already, but not put in: as if the disk had been slow.
    store.apply(RESOURCES, Resources(), read_at=NOW + 60, sequence=1)
    store.apply(MEMBERSHIP, membership(pve1=True, pve2=False), read_at=NOW + 60, sequence=1)
    cache.load()
    cache.begin(store)
    await until(
        lambda: store.snapshot.one(Membership, "lab") is not None and len(store.snapshot.parts) > 2
    )
    cache.finish(5)
    assert store.snapshot.one(Resources, "lab") == Resources()
    part = store.snapshot.one(Membership, "lab")
    assert part is not None
    assert [member.since for member in part.members] == [NOW - 60, NOW - 60]
    assert not store.snapshot.freshness[RESOURCES].remembered


async def test_since_when_survives_a_restart(tmp_path: Path) -> None:
    kept_lab(tmp_path / "snapshot", pve1=True, pve2=False, pve3=True)
    store = Store("test")
    loaded(cache_at(tmp_path / "snapshot"), store)
    read = msgspec.structs.replace(membership(pve1=True, pve2=False, pve3=False))
    store.apply(MEMBERSHIP, read, read_at=NOW + 900, sequence=1)
    part = store.snapshot.one(Membership, "lab")
    assert part is not None
    assert {member.name: member.since for member in part.members} == {
        "pve1": NOW - 60,
        "pve2": NOW - 60,
        "pve3": NOW + 900,
    }


async def test_a_failure_leaves_it_remembered(tmp_path: Path) -> None:
    kept_lab(tmp_path / "snapshot")
    store = Store("test")
    loaded(cache_at(tmp_path / "snapshot"), store)
    store.fail(RESOURCES, PROBLEM, at=NOW + 1, sequence=1, next_try=None)
    assert store.snapshot.freshness[RESOURCES].remembered
    assert store.snapshot.remembered_at == NOW


async def test_what_nobody_answered_leaves_it_remembered(tmp_path: Path) -> None:
    kept_lab(tmp_path / "snapshot")
    store = Store("test")
    loaded(cache_at(tmp_path / "snapshot"), store)
    store.fail(RESOURCES, PROBLEM, at=NOW + 1, sequence=1, next_try=None)
    assert store.apply(MEMBERSHIP, membership(), read_at=NOW + 2, sequence=1, heard=False)
    fresh = store.snapshot.freshness[MEMBERSHIP]
    assert (fresh.read_at, fresh.remembered, fresh.sequence) == (NOW, True, 1)
    unknown = Feed("proxmox", "lab", "agents")
    store.apply(unknown, Agents({}), read_at=NOW + 2, sequence=1, heard=False)
    assert store.snapshot.freshness[unknown].read_at is None
    assert store.snapshot.remembered_at == NOW
    # Once the source has spoken, nothing to ask is an answer too.
    store.apply(RESOURCES, Resources(), read_at=NOW + 3, sequence=2)
    store.apply(MEMBERSHIP, membership(), read_at=NOW + 4, sequence=2, heard=False)
    fresh = store.snapshot.freshness[MEMBERSHIP]
    assert (fresh.read_at, fresh.remembered) == (NOW + 4, False)
    assert store.snapshot.remembered_at is None


async def test_another_source_of_that_name_says_nothing_of_this_one(tmp_path: Path) -> None:
    kept_lab(tmp_path / "snapshot")
    store = Store("test")
    loaded(cache_at(tmp_path / "snapshot"), store)
    router = Feed("routeros", RESOURCES.source, "ospf")
    store.apply(router, Ospf(), read_at=NOW + 1, sequence=1)
    store.apply(RESOURCES, Resources(), read_at=NOW + 2, sequence=1, heard=False)
    assert store.snapshot.freshness[RESOURCES].remembered


async def test_what_comes_after_a_failure_is_shown_with_it(tmp_path: Path) -> None:
    kept_lab(tmp_path / "snapshot")
    store = Store("test")
    store.fail(RESOURCES, PROBLEM, at=NOW + 1, sequence=1, next_try=None)
    loaded(cache_at(tmp_path / "snapshot"), store)
    fresh = store.snapshot.freshness[RESOURCES]
    assert (fresh.problem, fresh.read_at, fresh.remembered) == (PROBLEM, NOW, True)
    assert store.apply(RESOURCES, Resources(), read_at=NOW + 9, sequence=2)


async def test_it_is_written_now_and_then_and_on_leaving(tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    store = Store("test")
    cache = cache_at(path)
    loaded(cache, store)
    cache.begin(store)
    store.apply(RESOURCES, cluster_resources(104), read_at=NOW, sequence=1)
    await until(path.exists)
    store.apply(RESOURCES, cluster_resources(105), read_at=NOW + 5, sequence=2)
    cache.finish(5)
    again = Store("test")
    loaded(cache_at(path), again)
    part = again.snapshot.one(Resources, "lab")
    assert part is not None
    assert part.guests[0].vmid == 105


def cluster_resources(vmid: int) -> Resources:
    return Resources(guests=(guest(vmid),))


async def test_without_news_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    kept_lab(path)
    store = Store("test")
    cache = cache_at(path)
    loaded(cache, store)
    cache.begin(store)
    path.unlink()
    store.expect(RESOURCES, 5)
    await asyncio.sleep(0.06)
    cache.finish(5)
    assert not path.exists()


async def test_a_disk_that_hangs_holds_up_neither_start_nor_leaving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def hang(*_arguments: object) -> None:
        released.wait(10)

    store = Store("test")
    reading = cache_at(tmp_path / "snapshot")
    monkeypatch.setattr(caching, "read", hang)
    reading.load()
    assert reading.restore(store, 0.01) == ""
    reading.begin(store)
    monkeypatch.undo()
    writing = cache_at(tmp_path / "snapshot")
    loaded(writing, store)
    monkeypatch.setattr(caching, "write", hang)
    writing.begin(store)
    store.apply(RESOURCES, Resources(), read_at=NOW, sequence=1)
    began = time.monotonic()
    for cache in (reading, writing):
        cache.leave()
    for cache in (reading, writing):
        cache.finish()
    # The limit is 0.08 s; ten seconds is what hanging would take.
    assert time.monotonic() - began < 5
    released.set()


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "damaged"),
        (lambda path: path.write_bytes(os.urandom(3000)), "damaged"),
        (lambda path: path.chmod(0o644), "open to others"),
        (lambda path: write(path, encode(Snapshot(lab="other"), BACKENDS)), "of another lab"),
    ],
)
async def test_a_file_that_is_not_ours_is_set_aside_with_a_word(
    tmp_path: Path, spoil: Callable[[Path], object], word: str
) -> None:
    path = tmp_path / "snapshot"
    kept_lab(path)
    spoil(path)
    store = Store("test")
    said = loaded(cache_at(path), store)
    assert word in said
    assert "snapshot.damaged" in said
    assert store.snapshot.parts == {}
    assert not path.exists()
    assert (tmp_path / "snapshot.damaged").exists()
    assert loaded(cache_at(path), store) == ""


async def test_a_folder_that_can_not_be_written_to_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(30, "Read-only file system")

    store = Store("test")
    cache = cache_at(tmp_path / "snapshot", 0.005)
    monkeypatch.setattr(caching, "write", refuse)
    assert loaded(cache, store) == ""
    cache.begin(store)
    for sequence in range(1, 5):
        store.apply(RESOURCES, Resources(), read_at=NOW, sequence=sequence)
        await asyncio.sleep(0.01)
    cache.finish(5)
    told = [record.getMessage() for record in caplog.records]
    assert len([line for line in told if "Read-only file system" in line]) == 1
    await asyncio.sleep(0)
    assert [each.why for each in store.snapshot.lapses] == ["Read-only file system"]


async def test_a_folder_without_the_right_to_write_is_said_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    assert str(tmp_path) in loaded(cache_at(tmp_path / "snapshot"), Store("test"))
