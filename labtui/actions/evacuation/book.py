"""The journal of an evacuation: what was planned, and each step before it is sent and after. Pure.

An evacuation that was cut off at any point goes on from it. What is written is enough to tell, with
the cluster's own word, which guests have moved, which are on their way and which have not begun.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol, runtime_checkable

import msgspec

from labtui.actions.action import Step
from labtui.model.jobs import JobState

Event = Literal["run", "sending", "sent", "part", "end", "again", "over"]
Order = Literal["", "pause", "stop", "retry"]


class Header(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was planned. `targets` are the nodes that may be used, `back` the way home.

    `wishes` are what was set in the plan (storages, a limit), by the name of the field.
    """

    id: str
    at: float
    action: str
    subject: str
    title: str
    steps: tuple[Step, ...]
    limits: tuple[int, int] = (2, 2)
    targets: tuple[str, ...] = ()
    back: bool = False
    user: str = ""
    wishes: dict[str, str] = {}


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line: `step` is its place in the plan, -1 for the whole.

    `run` begins (again), `sending` is written before a call with the tasks of that guest known
    `before`, `sent` names the task, `part` ended well, `end` is how the step ended (`state`),
    `again` puts a failed one back, `over` is how the run ended.
    """

    at: float
    event: Event
    step: int = -1
    part: str = ""
    state: JobState = "running"
    note: str = ""
    upid: str = ""
    target: str = ""
    before: tuple[str, ...] = ()


class Standing(msgspec.Struct, frozen=True):
    """How far a step is. `state` is running until it has ended; `done` are its parts that are.

    `sending` is the line of a call whose end is not written, `upid` its task where it is known.
    """

    state: JobState = "running"
    done: tuple[str, ...] = ()
    note: str = ""
    target: str = ""
    sending: Entry | None = None
    upid: str = ""

    @property
    def begun(self) -> bool:
        """Whether anything was sent for it."""
        return bool(self.done) or self.sending is not None


class Record(msgspec.Struct, frozen=True):
    """A journal that was read back. `held`: a console works on it now."""

    header: Header
    entries: tuple[Entry, ...] = ()
    held: bool = False

    @property
    def id(self) -> str:
        return self.header.id

    def standings(self) -> tuple[Standing, ...]:
        """How far each step is."""
        found = [Standing(target=step.target) for step in self.header.steps]
        for entry in self.entries:
            if 0 <= entry.step < len(found):
                found[entry.step] = after(found[entry.step], entry)
        return tuple(found)

    @property
    def over(self) -> Entry | None:
        """How it ended; None while it runs or when it was cut off."""
        last = next((e for e in reversed(self.entries) if e.event in ("run", "over")), None)
        return last if last is not None and last.event == "over" else None

    @property
    def interrupted(self) -> bool:
        """Cut off: it has not ended, and nobody works on it."""
        return self.over is None and not self.held

    @property
    def left(self) -> tuple[int, ...]:
        """The steps that have not ended well, those that stay by plan aside."""
        steps, standings = self.header.steps, self.standings()
        return tuple(n for n, s in enumerate(standings) if steps[n].target and s.state != "done")

    @property
    def moved(self) -> tuple[int, ...]:
        """The steps that have ended well."""
        return tuple(n for n, s in enumerate(self.standings()) if s.state == "done")


def after(standing: Standing, entry: Entry) -> Standing:
    """How far a step is after one more line."""
    replace = msgspec.structs.replace
    if entry.event == "sending":
        target = entry.target or standing.target
        return replace(standing, state="running", sending=entry, upid="", target=target)
    if entry.event == "sent":
        return replace(standing, upid=entry.upid)
    if entry.event == "part":
        return replace(standing, done=(*standing.done, entry.part), sending=None, upid="")
    if entry.event == "again":
        # What was looked up once is not looked up again; parts that are done stay so.
        return replace(standing, state="running", note="", sending=None, upid="")
    if entry.event == "end":
        return replace(standing, state=entry.state, note=entry.note, sending=None, upid="")
    return standing


def cut_off(found: Iterable[Record]) -> tuple[Record, ...]:
    """Those that were cut off, the newest of each subject."""
    newest: dict[str, Record] = {}
    for record in sorted(found, key=lambda record: record.header.at):
        newest[record.header.subject] = record
    return tuple(record for record in newest.values() if record.interrupted)


class Book(Protocol):
    """A journal that is being written. Its writes are on the disk when they return."""

    @property
    def id(self) -> str: ...

    async def write(self, entry: Entry) -> None:
        """Raises `LabError` when it is not on the disk: then nothing may be sent."""
        ...

    async def order(self) -> Order:
        """What a person wants of it; `retry` is told once."""
        ...

    async def close(self) -> None: ...


@runtime_checkable
class KeepsBooks(Protocol):
    """A wire that keeps journals. Every failure is a `LabError`."""

    async def new_book(self, header: Header) -> Book: ...

    async def reopen(self, book: str) -> tuple[Record, Book]:
        """`Rejected` while another console works on it."""
        ...

    async def records(self, subject: str = "") -> tuple[Record, ...]:
        """Those of that subject (of all), the newest first."""
        ...

    async def give(self, book: str, order: Order) -> None:
        """Say what is wanted of one that runs."""
        ...


class MemoryBook:
    """A journal that is forgotten with its process: where there is no place for a file."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.entries: list[Entry] = []
        self.wanted: Order = ""

    @property
    def id(self) -> str:
        return self.header.id

    async def write(self, entry: Entry) -> None:
        self.entries.append(entry)

    async def order(self) -> Order:
        wanted = self.wanted
        if wanted == "retry":
            self.wanted = ""
        return wanted

    async def close(self) -> None:
        return None
