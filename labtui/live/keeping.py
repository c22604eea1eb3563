"""A wire that keeps journals of steps and what moves took, and that one can ask to stop."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labtui.actions.action import Call, LogLine, TaskState
from labtui.actions.evacuation.book import Book, Header, Order, Record
from labtui.actions.migration.speed import Move
from labtui.actions.shell import Shell
from labtui.live.moves import Moves
from labtui.live.steps import Books
from labtui.live.wire import LiveWire
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.link_rules import LinkRules
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.model.prefix_counts import Stretch


class KeepingWire:
    """Implements `actions.action.Wire`, `CanStop`, and evacuation's `KeepsBooks`, `KnowsMoves`."""

    def __init__(
        self,
        wire: LiveWire,
        books: Books,
        moves: Moves | None = None,
        history: Path | None = None,
    ) -> None:
        self._wire = wire
        self._books = books
        self._moves = moves or Moves(None)
        self._history = history
        self._stopped = False

    def lent(self) -> KeepingWire:
        """As `LiveWire.lent`. Raises `Rejected`."""
        return KeepingWire(self._wire.lent(), self._books, self._moves, self._history)

    @property
    def stopped(self) -> bool:
        return self._stopped

    def stop(self) -> None:
        """Have the job that works over it begin nothing more."""
        self._stopped = True

    @property
    def snapshot(self) -> Snapshot:
        return self._wire.snapshot

    @property
    def who(self) -> str:
        return self._wire.who

    @property
    def max_age(self) -> float:
        return self._wire.max_age

    def now(self) -> float:
        return self._wire.now()

    async def sleep(self, seconds: float) -> None:
        await self._wire.sleep(seconds)

    async def read(self, source: str, path: str, **params: str | int) -> Any:
        return await self._wire.read(source, path, **params)

    def shell(self, cluster: str, node: str) -> Shell:
        return self._wire.shell(cluster, node)

    @property
    def link_rules(self) -> LinkRules:
        return self._wire.link_rules

    def against_writing(self, router: str) -> str:
        return self._wire.against_writing(router)

    async def log_in_anew(self, router: str) -> None:
        await self._wire.log_in_anew(router)

    async def call(self, call: Call) -> Any:
        return await self._wire.call(call)

    async def task_state(self, source: str, upid: str) -> TaskState:
        return await self._wire.task_state(source, upid)

    async def task_log(self, source: str, upid: str, after: int) -> tuple[LogLine, ...]:
        return await self._wire.task_log(source, upid, after)

    async def moves(self, cluster: str) -> tuple[Move, ...]:
        return await self._moves.of(cluster)

    async def moved(self, move: Move) -> None:
        await self._moves.add(move)

    async def prefix_counts(
        self, since: float, sessions: tuple[str, ...]
    ) -> tuple[Stretch, ...] | None:
        """What BGP connections brought from then on; None without a history. Raises `LabError`."""
        if self._history is None:
            return None
        from labtui.live.history.file import Unkept
        from labtui.live.history.prefix_counts import stretches_in

        path, until = self._history, self.now()
        try:
            # A connection of its own in a thread of its own: the file is read while it is written.
            return await asyncio.to_thread(stretches_in, path, since, until, sessions)
        except (Unkept, OSError) as error:
            raise LabError(_("the history can't be read"), why=str(error)) from None

    async def new_book(self, header: Header) -> Book:
        return await self._books.new_book(header)

    async def reopen(self, book: str) -> tuple[Record, Book]:
        return await self._books.reopen(book)

    async def records(self, subject: str = "") -> tuple[Record, ...]:
        return await self._books.records(subject)

    async def give(self, book: str, order: Order) -> None:
        await self._books.give(book, order)
