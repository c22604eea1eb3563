"""Journals of evacuations on the disk: one file each, a line per step, on the disk before it counts.

Files are made 0600 in a folder that is 0700. Who writes holds a lock on the file, which the system
lets go of when that process ends in whatever way: so an interrupted one is told from a running one.
What a person wants of a running one (`pause`) lies beside it, so that another terminal can say it.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from labtui.actions.evacuation_book import (
    Book,
    Entry,
    Header,
    MemoryBook,
    Order,
    Record,
)
from labtui.live.journal import user
from labtui.locale import _
from labtui.model.errors import LabError, NotFound, Rejected
from labtui.sources.threads import Threads

_LIMIT = 10.0
_KEPT = 100
_NAME = re.compile(r"[0-9a-f]{6,16}")
_ORDERS: tuple[Order, ...] = ("pause", "stop", "retry", "")
_T = TypeVar("_T")


class Books:
    """The journals of a lab; with no folder they live as long as the process."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._memory: dict[str, MemoryBook] = {}
        self._threads = Threads(str(folder or ""), lambda: None, size=1)

    def close(self) -> None:
        """Let the thread go."""
        self._threads.close()

    async def new_book(self, header: Header) -> Book:
        """A journal that begins with this line. Raises `LabError` when it can't be written."""
        header = msgspec.structs.replace(header, user=user())
        if self._folder is None:
            book = MemoryBook(header)
            self._memory[header.id] = book
            return book
        path = self._folder / f"{header.id}.jsonl"
        descriptor = await self._run(lambda: _created(path, header))
        return _FileBook(header.id, path, descriptor, self._run)

    async def reopen(self, book: str) -> tuple[Record, Book]:
        """Go on with a journal. `Rejected` while another works on it, `NotFound`."""
        if self._folder is None:
            kept = self._memory.get(book)
            if kept is None:
                raise _unknown(book)
            return Record(kept.header, tuple(kept.entries)), kept
        path = self._path(book)
        record, descriptor = await self._run(lambda: _reopened(path))
        return record, _FileBook(book, path, descriptor, self._run)

    async def records(self, subject: str = "") -> tuple[Record, ...]:
        """Those of that subject (of all), the newest first."""
        folder = self._folder
        if folder is None:
            found = [Record(b.header, tuple(b.entries), held=True) for b in self._memory.values()]
        else:
            found = await self._run(lambda: _records(folder))
        found = [record for record in found if subject in ("", record.header.subject)]
        return tuple(sorted(found, key=lambda record: record.header.at, reverse=True))

    async def give(self, book: str, order: Order) -> None:
        """Say what is wanted of one that runs. Raises `LabError`."""
        if self._folder is None:
            kept = self._memory.get(book)
            if kept is None:
                raise _unknown(book)
            kept.wanted = order
            return
        path = self._path(book)
        await self._run(lambda: _ordered(path, order))

    def _path(self, book: str) -> Path:
        if self._folder is None or not _NAME.fullmatch(book):
            raise _unknown(book)
        return self._folder / f"{book}.jsonl"

    async def _run(self, work: Callable[[], _T]) -> _T:
        def carefully(_client: None) -> _T:
            try:
                return work()
            except FileNotFoundError as error:
                raise _unknown(Path(str(error.filename)).stem) from None
            except OSError as error:
                raise Rejected(
                    _("the journal of steps can't be used"),
                    where=str(self._folder),
                    why=error.strerror or type(error).__name__,
                    remedy=_("nothing is sent without it: mend that and try again"),
                ) from None

        return await self._threads.run(carefully, _LIMIT, _("writing the journal of steps"))


class _FileBook:
    """One journal, held by this process."""

    def __init__(
        self,
        book: str,
        path: Path,
        descriptor: int,
        run: Callable[[Callable[[], object]], object],
    ) -> None:
        self._id = book
        self._path = path
        self._descriptor = descriptor
        self._do = run

    @property
    def id(self) -> str:
        return self._id
