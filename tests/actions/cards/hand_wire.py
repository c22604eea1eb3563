"""The demo's cluster with journals, whose calls can be refused, lost or cut off one by one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from labtui.actions.action import Call, Plan
from labtui.actions.cards.action import GIVE
from labtui.actions.evacuation.book import Book, Header, MemoryBook, Order, Record
from labtui.model.errors import OutcomeUnknown, Rejected
from tests.actions.stage_wire import LAB, StageWire
from tests.demo.cluster_api import ApiStage, api_stage

FAULTS = ("refused", "lost", "unheard", "killed")


class Killed(BaseException):
    """The console is gone at that moment."""


class HandWire(StageWire):
    """`fault` strikes at the call of that number, from 0.

    refused: the server says no. lost: it was never taken, nobody knows. unheard: it was taken, the
    answer is lost. killed: the console ends before it is sent.
    """

    def __init__(self, stage: ApiStage) -> None:
        super().__init__(stage)
        self.books: dict[str, MemoryBook] = {}
        self.at = -1
        self.fault = ""
        self.times = 1

    async def call(self, call: Call) -> Any:
        if "/agent/" in call.path:
            return await super().call(call)
        number = len([c for c in self.calls if "/agent/" not in c.path])
        struck = self.at <= number < self.at + self.times and self.at >= 0
        if not struck or not self.fault:
            return await super().call(call)
        if self.fault == "killed":
            self.fault = ""
            raise Killed
        if self.fault == "unheard":
            await super().call(call)
            raise OutcomeUnknown("no answer", where="pve1")
        self.calls.append(call)
        if self.fault == "lost":
            raise OutcomeUnknown("no answer", where="pve1")
        raise Rejected("refused", why="the server says no", said="the server says no", status=500)

    # -- KeepsBooks

    async def new_book(self, header: Header) -> Book:
        book = MemoryBook(header)
        self.books[header.id] = book
        return book

    async def reopen(self, book: str) -> tuple[Record, Book]:
        kept = self.books[book]
        return Record(kept.header, tuple(kept.entries)), kept

    async def records(self, subject: str = "") -> tuple[Record, ...]:
        return tuple(Record(book.header, tuple(book.entries)) for book in self.books.values())

    async def give(self, book: str, order: Order) -> None:
        self.books[book].wanted = order

    # -- what is looked at

    def configs(self) -> dict[int, dict[str, Any]]:
        """Every configuration and what waits in it."""
        guests = self.stage.state.guests.values()
        return {guest.vmid: {**guest.config, "pending": dict(guest.pending)} for guest in guests}

    def running(self) -> set[int]:
        return {guest.vmid for guest in self.stage.state.guests.values() if guest.running}

    async def hand_plan(self, *cards: str, to: str, **answers: str) -> Plan:
        """The plan of giving these cards of pve1 (`41:00`) to that guest."""
        await self.look(hardware=True)
        subject = ",".join(f"{LAB}/pve1/0000:{card}.0" for card in cards)
        facts = await GIVE.survey(subject, self)
        assert GIVE.answer is not None
        for name, value in answers.items():
            facts = GIVE.answer(facts, name, value)
        return GIVE.draft(facts, self.key(to) if to != "nobody" else to, "")


@asynccontextmanager
async def hand_wire(version: str = "9.2") -> AsyncIterator[HandWire]:
    """The classic case: two guests with two lines each for the two cards of one mapping.

    dora runs and has both, web-02 names both and is off.
    """
    async with api_stage(version) as stage:
        stage.wait(12)
        wire = HandWire(stage)
        dora, web = stage.guest("gpu-dora"), stage.guest("web-02")
        dora.config["hostpci1"] = "mapping=rtx4090,pcie=1"
        dora.devices = ("0000:41:00.0", "0000:41:00.1", "0000:42:00.0", "0000:42:00.1")
        web.set_running(running=False, now=stage.state.now)
        web.config["machine"] = "q35"
        stage.wait(12)
        await wire.look(hardware=True)
        yield wire
