"""Carrying a hand-over out: all of it, or everything as it was.

Each step is in the journal before it is sent. Until the receiver runs (or, where nothing is
started, until all is written) a failure puts every configuration back and starts again whoever was
shut down for it. What was cut off is gone on with, or put back, from the journal and what the
servers say.
"""

from __future__ import annotations

import secrets

import msgspec

from labtui.actions.action import Outcome, Plan, Progress, Report, Step, Wire
from labtui.actions.cards.agent import seen
from labtui.actions.cards.power import back_on, power
from labtui.actions.cards.write import put_back, write
from labtui.actions.evacuation.book import (
    Book,
    Entry,
    Header,
    KeepsBooks,
    MemoryBook,
    Record,
    after,
)
from labtui.actions.task_run import reason
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.presence import seen_guests

BACK = "back"


async def run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """A plan from its first step, or from where its journal ends."""
    if plan.book and isinstance(wire, KeepsBooks):
        record, book = await wire.reopen(plan.book)
    else:
        name = secrets.token_hex(3)
        header = Header(name, wire.now(), plan.action, plan.subject, plan.title, plan.steps)
        record = Record(header)
        book = await wire.new_book(header) if isinstance(wire, KeepsBooks) else MemoryBook(header)
    try:
        return await HandOver(record, book, wire, report).go(back=plan.mode == BACK)
    finally:
        await book.close()


class HandOver:
    """One run over a journal."""

    def __init__(self, record: Record, book: Book, wire: Wire, report: Report) -> None:
        self._steps = record.header.steps
        self._standings = list(record.standings())
        self._book = book
        self._wire = wire
        self._report = report
        self._notes: list[str] = []

    async def go(self, *, back: bool = False) -> Outcome:
        """Every step, or all of them back."""
        self._report(Progress(book=self._book.id))
        await self._write(-1, "run")
        undone = any(standing.state in ("failed", "cancelled") for standing in self._standings)
        try:
            if back or (undone and not self._settled(len(self._steps))):
                outcome = await self._back(_("put back on demand") if back else _("taken back"))
            else:
                outcome = await self._forward()
        except LabError as error:
            # Its journal stays open: it can be gone on with or put back when they answer again.
            text = _("cut off, it can be taken up again: {why}")
            return Outcome("unknown", text.format(why=reason(error)))
        if outcome.state != "unknown" or self._settled(len(self._steps)):
            await self._write(-1, "over", state=outcome.state, note=outcome.note)
        return outcome

    def _settled(self, before: int) -> bool:
        """Whether the steps before that one have made it stand, so that nothing is taken back."""
        asked = [n for n, step in enumerate(self._steps) if step.way == "see"]
        writes = [n for n, step in enumerate(self._steps) if step.way == "write"]
        # The receiver is asked right after its start.
        last = asked[0] - 1 if asked else max(writes, default=-1)
        done = all(self._standings[n].state == "done" for n in range(last + 1))
        return last < before and done

    async def _forward(self) -> Outcome:
        wrong: list[str] = []
        for number, step in enumerate(self._steps):
            if self._standings[number].state == "done":
                continue
            settled = self._settled(number)
            if await self._book.order() == "stop" and not settled:
                return await self._back(_("stopped"))
            self._tell(number, step)
            outcome = await self._one(number, step)
            if outcome.state == "done":
                await self._write(number, "end", state="done", note=outcome.note)
                if step.way in ("see", "plugged"):
                    self._notes.append(outcome.note)
                continue
            told = f"{step.label}: {outcome.note}"
            self._report(Progress(line=told))
            if not settled:
                await self._write(number, "end", state="failed", note=outcome.note)
                return await self._back(told)
            await self._write(number, "end", state=outcome.state, note=outcome.note)
            wrong.append(told)
        if wrong:
            text = _("the cards are handed over; but {wrong}")
            return Outcome("failed", text.format(wrong="; ".join(wrong)))
        return Outcome("done", "; ".join((_("the cards are handed over"), *self._notes)))

    async def _one(self, number: int, step: Step) -> Outcome:
        async def sends() -> None:
            await self._write(number, "sending", part=step.way)

        if step.way == "write":
            return await write(step, self._wire, sends)
        if step.way == "plugged":
            from labtui.actions.cards.usb import plugged

            return await plugged(step, self._wire)
        if step.way != "see":
            return await power(step, self._wire, self._news, sends)
        found = seen_guests(self._wire.snapshot).get(step.subject)
        if found is None:
            return Outcome("done", _("not asked whether it sees them"))
        wanted = msgspec.json.decode(step.note, type=dict[str, int])
        if not wanted:
            return Outcome("done", _("not asked whether it sees them"))
        well, said = await seen(found.guest, wanted, self._wire)
        return Outcome("unknown" if well is False else "done", said)

    async def _back(self, why: str) -> Outcome:
        """Every configuration as it was, then whoever ran before runs again."""
        self._report(Progress(note=_("taking it back: {why}").format(why=why)))
        left: list[str] = []
        begun = [n for n, standing in enumerate(self._standings) if self._touched(n)]
        for number in reversed([n for n in begun if self._steps[n].way == "write"]):
            await self._one_back(number, left)
        if not left:
            # Started with half of it they would take what is another's.
            for number in [n for n in begun if self._steps[n].way in ("shutdown", "stop")]:
                await self._one_back(number, left)
        if left:
            text = _("{why}; not all is as it was: {left}")
            return Outcome("unknown", text.format(why=why, left="; ".join(left)))
        return Outcome("failed", _("{why}; everything is as it was before").format(why=why))

    def _touched(self, number: int) -> bool:
        """Whether something of it may have been done, and is not taken back yet."""
        standing = self._standings[number]
        return standing.state != "cancelled" and (standing.begun or standing.state != "running")

    async def _one_back(self, number: int, left: list[str]) -> None:
        step = self._steps[number]

        async def sends() -> None:
            await self._write(number, "sending", part=BACK)

        if step.way == "write":
            outcome = await put_back(step, self._wire, sends)
        else:
            outcome = await back_on(step, self._wire, self._news, sends)
        self._report(Progress(line=f"{step.label}: {outcome.note}"))
        if outcome.state == "done":
            await self._write(number, "end", state="cancelled", note=outcome.note)
        else:
            left.append(f"{step.label}: {outcome.note}")

    def _news(self, news: Progress) -> None:
        self._report(msgspec.structs.replace(news, fraction=None))

    def _tell(self, number: int, step: Step) -> None:
        words = {
            "shutdown": _("shutting {guest} down"),
            "stop": _("stopping {guest}"),
            "write": _("writing {guest}"),
            "start": _("starting {guest}"),
            "see": _("asking {guest} whether it sees them"),
            "plugged": _("looking whether {guest} has it"),
        }
        note = words[step.way].format(guest=step.label)
        self._report(Progress(note=note, fraction=number / len(self._steps)))

    async def _write(self, number: int, event: str, **more: object) -> None:
        entry = msgspec.convert(
            {"at": self._wire.now(), "event": event, "step": number, **more}, Entry
        )
        await self._book.write(entry)
        if number >= 0:
            self._standings[number] = after(self._standings[number], entry)
