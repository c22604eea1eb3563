"""The journals of evacuations on the disk: private, held by one, read back after a torn line."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from labtui.actions.action import Step
from labtui.actions.evacuation.book import Entry, Header
from labtui.live.steps import Books, interrupted_in
from labtui.model.errors import NotFound, Rejected

STEPS = (
    Step("lab/101", "101 web", "live", "pve1", "pve2", parts=("migrate",)),
    Step("lab/102", "102 db", "stays", "pve1", note="tied"),
)


def header(name: str = "abcdef", at: float = 1.0) -> Header:
    return Header(name, at, "node.evacuate", "lab/pve1", "Empty pve1", STEPS)


@pytest.fixture
async def books(tmp_path: Path) -> AsyncIterator[Books]:
    made = Books(tmp_path / "evacuations")
    yield made
    made.close()


async def test_what_is_written_is_read_back(books: Books, tmp_path: Path) -> None:
    book = await books.new_book(header())
    await book.write(Entry(2.0, "sending", 0, "migrate", target="pve2", before=("UPID:a",)))
    await book.write(Entry(3.0, "part", 0, "migrate"))
    await book.write(Entry(4.0, "end", 0, state="done", note="it is on pve2"))
    path = tmp_path / "evacuations" / "abcdef.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    (record,) = await books.records("lab/pve1")
    assert record.held
    assert record.moved == (0,)
    assert record.left == ()
    assert record.standings()[0].note == "it is on pve2"
    assert await books.records("lab/pve2") == ()
    await book.close()


async def test_who_is_gone_leaves_it_interrupted_and_another_takes_it_up(books: Books) -> None:
    book = await books.new_book(header())
    await book.write(Entry(2.0, "run"))
    with pytest.raises(Rejected):
        await books.reopen("abcdef")
    await book.close()
    (record,) = await books.records()
    assert record.interrupted
    assert record.left == (0,)
    record, again = await books.reopen("abcdef")
    await again.write(Entry(3.0, "over", state="done"))
    await again.close()
    (record,) = await books.records()
    assert record.over is not None
    assert not record.interrupted


async def test_the_next_start_is_told_of_the_newest_of_each_node(
    books: Books, tmp_path: Path
) -> None:
    folder = tmp_path / "evacuations"
    assert interrupted_in(folder) == ()
    book = await books.new_book(header("aaaaaa", 1.0))
    assert interrupted_in(folder) == ()
    await book.close()
    assert [record.id for record in interrupted_in(folder)] == ["aaaaaa"]
    later = await books.new_book(header("bbbbbb", 2.0))
    await later.write(Entry(3.0, "over", state="done"))
    await later.close()
    assert interrupted_in(folder) == ()


async def test_a_torn_line_is_left_out_and_what_follows_is_whole(
    books: Books, tmp_path: Path
) -> None:
    book = await books.new_book(header())
    await book.write(Entry(2.0, "sending", 0, "migrate"))
    await book.close()
    path = tmp_path / "evacuations" / "abcdef.jsonl"
    path.write_bytes(path.read_bytes() + b'{"at":3.0,"event":"pa')
    record, again = await books.reopen("abcdef")
    assert record.standings()[0].sending is not None
    await again.write(Entry(4.0, "end", 0, state="done"))
    await again.close()
    (record,) = await books.records()
    assert record.moved == (0,)


async def test_rubbish_in_the_folder_is_no_journal(books: Books, tmp_path: Path) -> None:
    folder = tmp_path / "evacuations"
    folder.mkdir()
    (folder / "abcdef.jsonl").write_bytes(b"\xff\x00 nothing")
    (folder / "other.txt").write_text("x")
    assert await books.records() == ()
    for name in ("abcdef", "000000", "../../etc/passwd"):
        with pytest.raises(NotFound):
            await books.reopen(name)


async def test_orders_reach_who_works_on_it_and_nobody_else(books: Books) -> None:
    book = await books.new_book(header())
    assert await book.order() == ""
    await books.give("abcdef", "pause")
    assert await book.order() == "pause"
    await books.give("abcdef", "retry")
    assert [await book.order(), await book.order()] == ["retry", ""]
    await books.give("abcdef", "stop")
    await book.close()
    with pytest.raises(Rejected):
        await books.give("abcdef", "pause")
    # Whoever takes it up begins without an order of before.
    _record, again = await books.reopen("abcdef")
    assert await again.order() == ""
    await again.close()


async def test_the_newest_is_the_first(books: Books) -> None:
    for name, at in (("aaaaaa", 1.0), ("bbbbbb", 3.0), ("cccccc", 2.0)):
        await (await books.new_book(header(name, at))).close()
    assert [record.id for record in await books.records()] == ["bbbbbb", "cccccc", "aaaaaa"]


async def test_without_a_place_on_the_disk_nothing_is_begun(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    books = Books(tmp_path / "file" / "evacuations")
    with pytest.raises(Rejected):
        await books.new_book(header())
    books.close()


async def test_without_a_folder_it_is_kept_in_memory() -> None:
    books = Books(None)
    book = await books.new_book(header())
    await book.write(Entry(2.0, "end", 0, state="done"))
    (record,) = await books.records()
    assert record.moved == (0,)
    assert not record.interrupted
    await books.give("abcdef", "stop")
    assert await book.order() == "stop"
    books.close()
