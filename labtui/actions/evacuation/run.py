"""Carrying an evacuation out: its steps within the limits, each journalled, until none is left.

It can be paused, stopped after the present ones, and taken up again: by this console or, when that
was killed, by the next one. What it begins with is always the journal and the cluster's own word.
"""

from __future__ import annotations

import asyncio
import secrets

import msgspec

from labtui.actions import interlock
from labtui.actions.action import Outcome, Plan, Progress, Report, Step, Wire
from labtui.actions.evacuation.book import (
    Book,
    Entry,
    Event,
    Header,
    KeepsBooks,
    MemoryBook,
    Order,
    Record,
    after,
)
from labtui.actions.evacuation.end import ended
from labtui.actions.evacuation.facts import scope_of
from labtui.actions.evacuation.look import Deferred
from labtui.actions.evacuation.order import Limits, admitted
from labtui.actions.evacuation.step import Carrier
from labtui.actions.evacuation.wishes import kept
from labtui.actions.maintenance.offer import carried
from labtui.actions.task_run import POLL, reason
from labtui.locale import _
from labtui.model.errors import LabError

_TRIES = 4
_PAUSE = 10.0
_CLUSTER_PATIENCE = 600.0


async def run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """A plan from its first step, or from where its journal ends."""
    if (stopped := await carried(plan, wire, report)) is not None:
        return stopped
    if plan.book and isinstance(wire, KeepsBooks):
        record, book = await wire.reopen(plan.book)
    else:
        record = Record(header_of(plan, wire.now()))
        book = await new_book(record.header, wire)
    try:
        return await Evacuation(record, book, wire, report).go()
    finally:
        await book.close()


def header_of(plan: Plan, now: float) -> Header:
    """What the journal begins with."""
    steps = tuple(step for step in plan.steps if step.target or step.running)
    targets = tuple(sorted({step.target for step in steps if step.target}))
    return Header(
        secrets.token_hex(3),
        now,
        plan.action,
        plan.subject,
        plan.title,
        steps,
        plan.limits if plan.limits[0] else (2, 2),
        targets,
        plan.action.endswith("return"),
        wishes=kept(plan.inputs),
    )


async def new_book(header: Header, wire: Wire) -> Book:
    """A journal for it; in memory where the wire keeps none."""
    if isinstance(wire, KeepsBooks):
        return await wire.new_book(header)
    return MemoryBook(header)


class Evacuation:
    """One run over a journal."""

    def __init__(self, record: Record, book: Book, wire: Wire, report: Report) -> None:
        self._header = record.header
        self._book = book
        self._wire = wire
        self._report = report
        self._limits = Limits(*record.header.limits)
        self._standings = list(record.standings())
        self._tries: dict[int, int] = {}
        self._not_before: dict[int, float] = {}
        self._news: dict[int, Progress] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._order: Order = ""
        self._held_since: float | None = None

    async def go(self) -> Outcome:
        """Until nothing is left, or nothing more may begin."""
        self._report(Progress(book=self._book.id))
        await self._write(-1, "run")
        for number in self._goers():
            if self._standings[number].state not in ("running", "done"):
                await self._write(number, "again")
        try:
            while await self._turn():
                await self._wait()
        finally:
            for task in self._tasks.values():
                task.cancel()
        outcome = ended(self._header, self._standings, self._order, self._wire.snapshot)
        await self._write(-1, "over", state=outcome.state, note=outcome.note)
        return outcome

    def _goers(self) -> list[int]:
        return [n for n, step in enumerate(self._header.steps) if step.target]

    def _waiting(self) -> list[int]:
        """Those that have not begun, the ones under way at the last start first."""
        found = [
            n
            for n in self._goers()
            if self._standings[n].state == "running" and n not in self._tasks
        ]
        return sorted(found, key=lambda n: not self._standings[n].begun)

    async def _turn(self) -> bool:
        """Begin what may begin; False when there is nothing to wait for."""
        for number, task in list(self._tasks.items()):
            if task.done():
                del self._tasks[number]
                task.result()
        await self._ordered()
        waiting = self._waiting()
        if self._order == "stop" or not waiting:
            self._show()
            return bool(self._tasks)
        why = self._why_none()
        if why and not self._tasks and self._given_up():
            return False
        if not why:
            self._begin(waiting)
        self._show(why)
        return True

    async def _ordered(self) -> None:
        """What a person wants now."""
        order = await self._book.order()
        if order == "retry":
            for number in self._goers():
                if self._standings[number].state not in ("running", "done"):
                    self._tries.pop(number, None)
                    await self._write(number, "again")
            order = ""
        self._order = order

    def _why_none(self) -> str:
        """Why nothing may begin now: a pause, no quorum, the node away."""
        if self._order == "pause":
            return _("paused")
        wire = self._wire
        standing = interlock.judge(
            scope_of(self._header.subject), wire.snapshot, wire.now(), wire.max_age, ()
        )
        if not standing.blockers:
            self._held_since = None
            return ""
        if self._held_since is None:
            self._held_since = wire.now()
        return _("waiting: {why}").format(why=standing.blockers[0])

    def _given_up(self) -> bool:
        """True when the cluster has not been fit for it for too long."""
        since = self._held_since
        return since is not None and self._wire.now() - since > _CLUSTER_PATIENCE

    def _begin(self, waiting: list[int]) -> None:
        steps = self._header.steps
        for number in waiting:
            under_way = [self._step(other) for other in self._tasks]
            step = self._step(number)
            # What was under way when it was cut off still is, whatever the limits say now.
            begun = self._standings[number].sending is not None
            if self._not_before.get(number, 0.0) > self._wire.now():
                continue
            if begun or admitted(step, under_way, self._limits):
                self._tasks[number] = asyncio.create_task(
                    self._carry(number), name=f"evacuation of {steps[number].subject}"
                )

    def _step(self, number: int) -> Step:
        target = self._standings[number].target
        return msgspec.structs.replace(self._header.steps[number], target=target)

    async def _carry(self, number: int) -> None:
        """One step to its end, or back into the row for later."""
        step = self._header.steps[number]

        async def write(event: Event, **more: object) -> None:
            await self._write(number, event, **more)

        carrier = Carrier(
            step, self._standings[number], self._header, self._wire, write, self._teller(number)
        )
        try:
            outcome = await carrier.go()
        except Deferred as why:
            outcome = await self._deferred(number, carrier, str(why))
        except LabError as error:
            outcome = await self._deferred(number, carrier, reason(error))
        self._news.pop(number, None)
        if outcome.state != "running":
            await self._write(number, "end", state=outcome.state, note=outcome.note)
            self._report(Progress(line=f"{step.label}: {outcome.note or outcome.state}"))

    async def _deferred(self, number: int, carrier: Carrier, why: str) -> Outcome:
        """Later again a few times, then failed; nobody is left shut down for nothing."""
        tries = self._tries[number] = self._tries.get(number, 0) + 1
        if tries < _TRIES:
            self._not_before[number] = self._wire.now() + _PAUSE
            self._report(Progress(line=f"{self._header.steps[number].label}: {why}"))
            return Outcome("running", why)
        outcome = Outcome("failed", why)
        done = self._standings[number].done
        if "shutdown" in done and "migrate" not in done:
            try:
                return await carrier.put_back(outcome)
            except (Deferred, LabError) as error:
                return Outcome("failed", f"{why}; {error}")
        return outcome

    def _teller(self, number: int) -> Report:
        label = self._header.steps[number].label

        def tell(news: Progress) -> None:
            before = self._news.get(number, Progress())
            changes = {
                name: value
                for name in ("note", "fraction", "rate", "left")
                if (value := getattr(news, name)) is not None
            }
            self._news[number] = msgspec.structs.replace(before, **changes)
            line = f"{label}: {news.line}" if news.line is not None else None
            if news.upid or line:
                self._report(Progress(upid=news.upid, line=line))

        return tell

    async def _write(self, number: int, event: Event, **more: object) -> None:
        entry = msgspec.convert(
            {"at": self._wire.now(), "event": event, "step": number, **more}, Entry
        )
        await self._book.write(entry)
        if number >= 0:
            self._standings[number] = after(self._standings[number], entry)

    def _show(self, why: str = "") -> None:
        goers = self._goers()
        done = sum(self._standings[n].state == "done" for n in goers)
        parts = sum(self._news.get(n, Progress()).fraction or 0.0 for n in self._tasks)
        rates = [news.rate for news in self._news.values() if news.rate]
        told = "; ".join(
            f"{self._header.steps[n].label}: {self._news.get(n, Progress()).note or '...'}"
            for n in sorted(self._tasks)
        )
        text = _("{done} of {all} moved").format(done=done, all=len(goers))
        if self._order == "stop":
            why = _("stopping after the present ones")
        note = "; ".join(part for part in (text, why, told) if part)
        left = sum(
            self._header.steps[n].estimate for n in goers if self._standings[n].state == "running"
        ) / max(1, self._limits.source)
        self._report(
            Progress(
                note=note,
                fraction=(done + parts) / len(goers) if goers else 1.0,
                rate=sum(rates) if rates else None,
                left=left,
                paused=self._order == "pause",
            )
        )

    async def _wait(self) -> None:
        """Until one has ended, for a turn at most."""
        pause = asyncio.ensure_future(self._wire.sleep(POLL))
        try:
            await asyncio.wait({pause, *self._tasks.values()}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pause.cancel()
