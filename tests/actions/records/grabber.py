"""Has NetBox hand out addresses: `python -m ... URL FOLDER POOL HOW-MANY`.

Prints each that it got. Its journals are files, as in a console.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from labtui.actions.evacuation.book import Book, Header, Record
from labtui.actions.records.allocation import allocate, keep
from labtui.live.steps import Books
from labtui.model.inventory import Inventory
from labtui.model.records.refs import Ref
from labtui.sources.netbox.source import NetboxSource
from tests.actions.records.stage import SourceWire
from tests.demo.netbox_server import WRITER
from tests.snapshots import snapshot
from tests.sources.netbox.canned import config


class GrabbingWire(SourceWire):
    """With journals in files."""

    def __init__(self, source: NetboxSource, folder: Path) -> None:
        super().__init__(source, snapshot(("netbox", Inventory("4.6"))))
        self.books = Books(folder)

    async def new_book(self, header: Header) -> Book:
        return await self.books.new_book(header)

    async def reopen(self, book: str) -> tuple[Record, Book]:
        return await self.books.reopen(book)

    async def records(self, subject: str = "") -> tuple[Record, ...]:
        return await self.books.records(subject)

    async def give(self, book: str, order: Any) -> None:
        await self.books.give(book, order)


async def grab(url: str, folder: Path, pool: int, count: int) -> list[str]:
    """Take as many at once; what was given."""
    source = NetboxSource(config(url, token=WRITER))
    wire = GrabbingWire(source, folder)

    async def one() -> str:
        given = await allocate(wire, Ref("ipam/prefixes", pool, "pool"), "address", "test")
        await keep(wire, given)
        return given.value

    try:
        return list(await asyncio.gather(*(one() for _number in range(count))))
    finally:
        wire.books.close()
        await source.close()


if __name__ == "__main__":
    _program, url, folder, pool, count = sys.argv
    sys.stdout.write("\n".join(asyncio.run(grab(url, Path(folder), int(pool), int(count)))))
