"""Every screen at three sizes looks as it did (`tests/ui/pictures/`, made by `make pictures`).

The lab is made up and its clock stands still, so the pictures are the same everywhere.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from labtui.live import freeze as freezing
from labtui.live.freeze import Freeze
from labtui.live.holdback import Holdback
from labtui.live.journal import Journal
from labtui.locale import use_language
from labtui.model.cluster import Membership, Resources, Task, Tasks
from labtui.model.errors import Problem, TimedOut
from labtui.model.jobs import Job
from labtui.model.snapshot import Part
from tests.snapshots import NOW
from tests.ui.album import FOLDER, Album
from tests.ui.driver import LARGE, SMALL, USUAL, Console, console
from tests.ui.labs import parts
from tests.ui.links import FakeLink
from tests.ui.moving import Moving

SIZES = pytest.mark.parametrize("size", [SMALL, USUAL, LARGE], ids=lambda size: f"{size[0]}")
DOWN = Problem(
    "unreachable", "could not read", "192.0.2.1", "connection refused", "look whether it is on"
)


@pytest.fixture(autouse=True)
def _anywhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same time zone and language on every machine."""
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("NO_COLOR", raising=False)
    time.tzset()
    use_language("en")
    yield
    monkeypatch.undo()
    time.tzset()
    use_language("en")


def lab() -> list[tuple[str, Part]]:
    """The usual lab, with tasks and a name in wide glyphs."""
    given = parts()
    tasks = (
        Task("lsalab", "u1", "pve1", "qmigrate", "104", "amy@pve", NOW - 40),
        Task("lsalab", "u2", "pve2", "vzdump", "105", "root@pam", NOW - 900, NOW - 700, "OK"),
        Task(
            "lsalab", "u3", "pve3", "qmstart", "106", "ben@pve", NOW - 9000, NOW - 8990,
            "can't lock file '/var/lock/qemu-server/lock-106.conf' - got timeout",
        ),
    )  # fmt: skip
    named = []
    for source, part in given:
        if isinstance(part, Resources):
            guests = tuple(
                msgspec.structs.replace(guest, name="研究室-陳家豪") if guest.vmid == 106 else guest
                for guest in part.guests
            )
            part = msgspec.structs.replace(part, guests=guests)
        named.append((source, part))
    return [*named, ("lsalab", Tasks(tasks))]


JOBS = (
    Job("3", "guest.migrate", "lsalab/104", "Migrate 104 web-amy  pve1 > pve2", "running", NOW - 9,
        progress=0.63, note="memory, pass 2", rate=1.1 * 2**30, left=6.0, upid="UPID:pve1:1",
        log=("starting migration of VM 104 to node 'pve2'", "migration active")),
    Job("2", "guest.migrate", "lsalab/105", "Migrate 105 db-amy  pve2 > pve3", "failed", NOW - 70,
        ended=NOW - 60, note="no space left on device (it is on pve2)"),
    Job("1", "guest.migrate", "lsalab/106", "Migrate 106 gpu-amy  pve3 > pve1", "done", NOW - 300,
        ended=NOW - 280, note="it is on pve1, running, 41 ms downtime"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def rows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made on the loop however long they take: the same frames on a machine that is busy."""
    monkeypatch.setattr("labtui.ui.panes.table._SLOW", float("inf"))


@asynccontextmanager
async def album(
    size: tuple[int, int], failed: Path, link: FakeLink | None = None, **options: Any
) -> AsyncIterator[tuple[Console, Album]]:
    async with console(link or FakeLink(lab()), size=size, **options) as c:
        # Else its footer knows half a second later which shells there can be.
        c.main.errands.get_ready()
        book = Album(c, size, failed)
        yield c, book
        book.close()


async def goto(c: Console, name: str) -> None:
    await c.press(":")
    await c.type(name)
    await c.press("enter")


@SIZES
async def test_panes_and_details(size: tuple[int, int], tmp_path: Path) -> None:
    async with album(size, tmp_path) as (c, book):
        book.take("overview")
        for key, name in zip("12345", ("nodes", "guests", "gpus", "wireguard", "bgp"), strict=True):
            await c.press("0", key, key, "home")
            book.take(name)
            await c.press("enter")
            book.take(f"{name}-details")
        for name in ("tasks", "storage", "sources"):
            await goto(c, name)
            book.take(name)
            await c.press("enter")
            book.take(f"{name}-details")


@SIZES
async def test_jobs(size: tuple[int, int], tmp_path: Path) -> None:
    async with album(size, tmp_path) as (c, book):
        c.link.jobs_are(*JOBS)
        await c.press("9")
        book.take("jobs")
        await c.press("home", "enter")
        book.take("job-details")
        await c.press("escape", "0")
        book.take("overview-with-jobs")


@SIZES
async def test_what_opens_above_the_panes(size: tuple[int, int], tmp_path: Path) -> None:
    async with album(size, tmp_path) as (c, book):
        await c.press("2", "home")
        for key, name in (("ctrl+p", "palette"), ("?", "help"), (":", "go-to"), ("!", "trouble")):
            await c.press(key)
            book.take(name)
            await c.press("escape")
        await c.press("S")
        book.take("sort-by")
        await c.press("escape", "space", "space", "/")
        await c.type("state:running node:pve1")
        book.take("filter")
        await c.press("ctrl+u")
        await c.type("cpux:5")
        book.take("filter-unknown-field")
        await c.press("escape", "escape", "Z")
        book.take("notice")


@SIZES
async def test_plans(size: tuple[int, int], tmp_path: Path) -> None:
    tied = "passed-through or local devices (hostpci0) tie it to pve1"
    moving = Moving()
    async with album(size, tmp_path, actions=[moving.action()]) as (c, book):
        await c.press("2", "home", "m")
        book.take("plan")
        await c.press("t")
        book.take("plan-other-target")
        await c.press("escape")
        moving.changes = {"blockers": (tied, "locked (backup): wait until that ends")}
        await c.press("m")
        book.take("plan-blocked")
        await c.press("escape")
        moving.changes = {"confirm": "gpu-web", "warnings": ("it is shut down and started again",)}
        await c.press("m")
        await c.press("enter", "g", "p")
        book.take("plan-typed")
        await c.press("escape", "escape")
        moving.error = TimedOut("no answer", where="pve1:8006", why="10 s over", remedy="try again")
        await c.press("m")
        book.take("plan-failed")


@SIZES
async def test_everything_down(size: tuple[int, int], tmp_path: Path) -> None:
    async with album(size, tmp_path) as (c, book):
        await c.later(900)
        for feed in c.link.store.snapshot.freshness:
            c.link.fail(feed, DOWN)
        await c.settle()
        book.take("down")
        await goto(c, "sources")
        book.take("down-sources")


@SIZES
async def test_old_among_fresh(size: tuple[int, int], tmp_path: Path) -> None:
    """One router is silent, and who is in the cluster; NetBox too."""
    async with album(size, tmp_path) as (c, book):
        await c.later(600)
        for source, part in c.link.given:
            if source not in ("702", "netbox") and not isinstance(part, Membership):
                c.link.read(source, part)
        for feed in c.link.store.snapshot.freshness:
            if feed.source in ("702", "netbox") or feed.topic == "membership":
                c.link.fail(feed, DOWN)
        await c.settle()
        book.take("old-among-fresh")
        await c.press("2", "home", "enter")
        book.take("old-among-fresh-details")


@SIZES
async def test_held_back(size: tuple[int, int], tmp_path: Path) -> None:
    link = FakeLink(lab())
    journal = Journal(tmp_path / "journal.jsonl")
    path = tmp_path / "freeze.json"
    link.gate = Holdback(path=path, journal=journal, elevation=600, clock=link.now)
    async with album(size, tmp_path, link) as (c, book):
        link.gate.elevate(581, "swap a disk")
        await c.settle()
        book.take("elevated")
        freezing.write(path, Freeze("amy", "192.0.2.7", NOW - 300, "disk swap in pve2"))
        await link.gate.look()
        await c.press("2", "home", "m")
        book.take("frozen")


@SIZES
async def test_a_start_with_nothing_there(size: tuple[int, int], tmp_path: Path) -> None:
    link = FakeLink([], demo=True, read_only=True)
    async with album(size, tmp_path, link) as (c, book):
        book.take("nothing-configured")
        known = FakeLink(lab())
        known.start()
        for feed in known.store.snapshot.freshness:
            link.store.expect(feed, 5.0)
        await c.settle()
        book.take("loading")
        for feed in known.store.snapshot.freshness:
            link.fail(feed, DOWN)
        await c.settle()
        book.take("never-answered")


@pytest.mark.parametrize("size", [SMALL, USUAL], ids=lambda size: f"{size[0]}")
async def test_in_traditional_chinese(size: tuple[int, int], tmp_path: Path) -> None:
    async with album(size, tmp_path, language="zh_TW") as (c, book):
        book.take("zh-overview")
        await c.press("2", "home", "enter")
        book.take("zh-guests-details")
        await c.press("escape", "?")
        book.take("zh-help")
        await c.press("escape", "m")
        book.take("zh-plan")


@pytest.mark.parametrize("theme", ["labtui-light", "high-contrast", "ansi-16"])
async def test_other_themes(theme: str, tmp_path: Path) -> None:
    async with album(USUAL, tmp_path, theme=theme) as (c, book):
        await c.press("2", "home")
        book.take(f"theme-{theme}")


async def test_ascii(tmp_path: Path) -> None:
    async with album(SMALL, tmp_path, plain_glyphs=True) as (c, book):
        await c.press("2", "m")
        book.take("ascii")


def test_no_picture_is_left_over() -> None:
    """Each committed picture is taken by a test above: names are literals there."""
    source = Path(__file__).read_text(encoding="utf-8")
    for path in FOLDER.glob("*.txt"):
        name = path.stem.rpartition("-")[0]
        stem = name.removesuffix("-details").removeprefix("theme-")
        assert f'"{name}"' in source or f'"{stem}"' in source, path.name
