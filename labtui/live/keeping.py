"""A wire that keeps journals of steps beside carrying calls: what an evacuation is run over."""

from __future__ import annotations

from typing import Any

from labtui.actions.action import Call, LogLine, TaskState
from labtui.actions.evacuation.book import Book, Header, Order, Record
from labtui.live.steps import Books
from labtui.live.wire import LiveWire
from labtui.model.snapshot import Snapshot


class KeepingWire:
    """Implements `actions.action.Wire` and `actions.evacuation_book.KeepsBooks`."""

    def __init__(self, wire: LiveWire, books: Books) -> None:
        self._wire = wire
        self._books = books

    def lent(self) -> KeepingWire:
        """As `LiveWire.lent`. Raises `Rejected`."""
        return KeepingWire(self._wire.lent(), self._books)

    @property
    def snapshot(self) -> Snapshot:
        return self._wire.snapshot

    @property
    def max_age(self) -> float:
        return self._wire.max_age

    def now(self) -> float:
        return self._wire.now()

    async def sleep(self, seconds: float) -> None:
        await self._wire.sleep(seconds)

    async def read(self, source: str, path: str, **params: str | int) -> Any:
        return await self._wire.read(source, path, **params)

    async def call(self, call: Call) -> Any:
        return await self._wire.call(call)

    async def task_state(self, source: str, upid: str) -> TaskState:
        return await self._wire.task_state(source, upid)

    async def task_log(self, source: str, upid: str, after: int) -> tuple[LogLine, ...]:
        return await self._wire.task_log(source, upid, after)

    async def new_book(self, header: Header) -> Book:
        return await self._books.new_book(header)

    async def reopen(self, book: str) -> tuple[Record, Book]:
        return await self._books.reopen(book)

    async def records(self, subject: str = "") -> tuple[Record, ...]:
        return await self._books.records(subject)

    async def give(self, book: str, order: Order) -> None:
        await self._books.give(book, order)
