"""What an action is, the plan it makes, and the wire it works through.

An action is a value. It surveys the lab (reads only), drafts a plan from what it found (pure, so
that choosing another target costs nothing), and carries the plan out. It knows the outside only as
a `Wire`, so it is tested with a dictionary and printed with `--dry-run`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec

from labtui.model.guests import Guest
from labtui.model.jobs import JobState
from labtui.model.snapshot import Snapshot

Params = tuple[tuple[str, str | int], ...]


class Call(msgspec.Struct, frozen=True):
    """One literal call of a server: what will be sent, and what the plan shows."""

    source: str
    method: str
    path: str
    params: Params = ()

    def __str__(self) -> str:
        return " ".join(
            (self.method, self.path, *(f"{name}={value}" for name, value in self.params))
        )


class LogLine(msgspec.Struct, frozen=True):
    """A line of a task's log: its number from 1, and its cleaned text."""

    number: int
    text: str


class TaskState(msgspec.Struct, frozen=True):
    """How a task is doing; `exit` is None while it runs, `OK` or `WARNINGS: n` for success."""

    running: bool
    exit: str | None = None


class Wire(Protocol):
    """All that an action may do to the outside. Every failure is a `model.errors.LabError`."""

    @property
    def snapshot(self) -> Snapshot: ...

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    async def sleep(self, seconds: float) -> None: ...

    async def read(self, source: str, path: str, **params: str | int) -> Any:
        """GET from that source; plain data, not cleaned."""
        ...

    async def call(self, call: Call) -> Any:
        """A write. Never repeated; `OutcomeUnknown` when its answer was lost."""
        ...

    async def task_state(self, source: str, upid: str) -> TaskState: ...

    async def task_log(self, source: str, upid: str, after: int) -> tuple[LogLine, ...]:
        """The lines with a number greater than `after`."""
        ...


class Fact(msgspec.Struct, frozen=True):
    """A line of the plan: `target` - `pve3  51% memory after`."""

    label: str
    text: str


class Choice(msgspec.Struct, frozen=True):
    """A target (or another way) that could be taken: why it would do, or why not."""

    id: str
    reasons: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    score: float = 0.0


class Plan(msgspec.Struct, frozen=True):
    """What will happen, frozen: shown, printed and run as it is.

    `modes` are the ways it could be done (live, offline, restart) of which `mode` is taken;
    `confirm` is a text to be typed first, empty for none; `stands_on` are facts (name, value) that
    must still hold when it starts. `estimate` is in seconds.
    """

    action: str
    subject: str
    title: str
    made_at: float
    mode: str = ""
    modes: tuple[str, ...] = ()
    chosen: str = ""
    choices: tuple[Choice, ...] = ()
    facts: tuple[Fact, ...] = ()
    calls: tuple[Call, ...] = ()
    blockers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    estimate: float | None = None
    confirm: str = ""
    stands_on: tuple[tuple[str, str], ...] = ()

    @property
    def ready(self) -> bool:
        """True when nothing speaks against it."""
        return not self.blockers and bool(self.calls)

    @property
    def stuck(self) -> bool:
        """True when it is blocked whatever the target is: no other choice would help."""
        chosen = next((choice for choice in self.choices if choice.id == self.chosen), None)
        return bool(self.blockers) and chosen is not None and not chosen.blockers


class Progress(msgspec.Struct, frozen=True, omit_defaults=True):
    """News of a running job; what is None is as before. Rate in bytes/s, left in seconds."""

    note: str | None = None
    fraction: float | None = None
    rate: float | None = None
    left: float | None = None
    upid: str | None = None
    line: str | None = None


class Outcome(msgspec.Struct, frozen=True):
    """How a job ended, in a sentence."""

    state: JobState
    note: str


Report = Callable[[Progress], None]


class Action(msgspec.Struct, frozen=True):
    """One thing that can be done to an object of a noun.

    `applies` returns why not, or an empty text. `survey` reads what a draft needs and returns it;
    `draft` makes the plan from it for a choice and a mode (empty: the best). `run` carries a plan
    out, `cancel` stops what a running one started. `danger` asks for more than a key press.
    Tasks of `kinds` that run already (started before, or by others) are taken up by `follow`.
    """

    id: str
    noun: str
    key: str
    title: str
    hint: str
    applies: Callable[[str, Snapshot], str]
    survey: Callable[[str, Wire], Awaitable[Any]]
    draft: Callable[[Any, str, str], Plan]
    run: Callable[[Plan, Wire, Report], Awaitable[Outcome]]
    cancel: Callable[[str, str, Wire], Awaitable[None]] | None = None
    danger: bool = False
    direct_key: str = ""
    kinds: tuple[str, ...] = ()
    follow: Callable[[Guest, str, str, Wire, Report, float], Awaitable[Outcome]] | None = None
