"""What an action is, the plan it makes, and the wire it works through.

An action is a value. It surveys the lab (reads only), drafts a plan from what it found (pure, so
that choosing another target costs nothing), and carries the plan out. It knows the outside only as
a `Wire`, so it is tested with a dictionary and printed with `--dry-run`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal, Protocol, runtime_checkable

import msgspec

from labtui.actions.call import NETBOX as NETBOX
from labtui.actions.call import ROUTER as ROUTER
from labtui.actions.call import SSH as SSH
from labtui.actions.call import Call as Call
from labtui.actions.call import Params as Params
from labtui.model.guests import Guest
from labtui.model.jobs import JobState
from labtui.model.snapshot import Snapshot


class LogLine(msgspec.Struct, frozen=True):
    """A line of a task's log: its number from 1, and its cleaned text."""

    number: int
    text: str


class TaskState(msgspec.Struct, frozen=True):
    """How a task is doing; `exit` is None while it runs, `OK` or `WARNINGS: n` for success."""

    running: bool
    exit: str | None = None


class Right(msgspec.Struct, frozen=True):
    """A privilege of Proxmox VE on a path of its permission tree."""

    privilege: str
    path: str


class Scope(msgspec.Struct, frozen=True):
    """What an action lays hands on, for `actions.interlock`.

    `label` is what a person calls it, `nodes` have to be there, `task_ids` are what tasks on it
    have as their `id`, `rights` are needed for every call of the plan. `unquorate`: it writes
    nothing into the cluster, so that a lost quorum does not forbid it. `routers`: it writes on
    those and in no cluster. `records`: it writes in NetBox; what it does besides has scopes of its
    own, which it asks about itself.
    """

    cluster: str
    label: str
    nodes: tuple[str, ...] = ()
    task_ids: tuple[str, ...] = ()
    rights: tuple[Right, ...] = ()
    unquorate: bool = False
    routers: tuple[str, ...] = ()
    records: bool = False


class Wire(Protocol):
    """All that an action may do to the outside. Every failure is a `model.errors.LabError`."""

    @property
    def snapshot(self) -> Snapshot: ...

    @property
    def max_age(self) -> float:
        """How old what a plan rests on may be, in seconds."""
        ...

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


@runtime_checkable
class CanStop(Protocol):
    """A wire by which a job of several steps is told to begin nothing more."""

    @property
    def stopped(self) -> bool: ...

    def stop(self) -> None: ...


class Fact(msgspec.Struct, frozen=True):
    """A line of the plan: `target` - `pve3  51% memory after`."""

    label: str
    text: str


class Choice(msgspec.Struct, frozen=True):
    """A target (or another way) that could be taken: why it would do, or why not.

    `label` is what stands in a list of them where `id` is too long for one.
    """

    id: str
    reasons: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    score: float = 0.0
    label: str = ""


InputKind = Literal["text", "number", "choice", "flag"]


class Input(msgspec.Struct, frozen=True):
    """Something a person may set in a plan: a name, an amount, one of some words, yes or no.

    `value` is text whatever the kind; a flag is `1` or `0`, and `options` are what a choice may be.
    `problem` says why the value will not do.
    """

    id: str
    label: str
    value: str = ""
    kind: InputKind = "text"
    options: tuple[str, ...] = ()
    hint: str = ""
    problem: str = ""


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One object of a plan that is for several: how, from where to where, and when.

    Without a target it stays, and `note` says why. `wave` counts from 1: what is of one wave may
    go side by side. `parts` are what is done for it, one after the other, each with its call of
    `calls`. `estimate` is in seconds.
    """

    subject: str
    label: str
    way: str
    source: str = ""
    target: str = ""
    wave: int = 0
    estimate: float = 0.0
    note: str = ""
    running: bool = False
    parts: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()


class Plan(msgspec.Struct, frozen=True):
    """What will happen, frozen: shown, printed and run as it is.

    `modes` are the ways it could be done (live, offline, restart) of which `mode` is taken;
    `confirm` is a text to be typed first, empty for none; `stands_on` are facts (name, value) that
    must still hold when it starts. `estimate` is in seconds. `subject` is the key of what it works
    on, or several with a comma between them; `choice_label` is what the choices are (targets).
    `steps` are the objects of a plan for several, `limits` how many of them go at a time (from one
    node, to one node), and `book` is the journal that it goes on with.
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
    inputs: tuple[Input, ...] = ()
    choice_label: str = ""
    steps: tuple[Step, ...] = ()
    limits: tuple[int, int] = (0, 0)
    book: str = ""

    @property
    def ready(self) -> bool:
        """True when nothing speaks against it."""
        wrong = any(item.problem for item in self.inputs)
        return not self.blockers and not wrong and bool(self.calls)

    @property
    def stuck(self) -> bool:
        """True when it is blocked whatever the target is: no other choice would help."""
        chosen = next((choice for choice in self.choices if choice.id == self.chosen), None)
        return bool(self.blockers) and chosen is not None and not chosen.blockers


def subjects(subject: str) -> tuple[str, ...]:
    """The keys of the objects that a plan or a job works on."""
    return tuple(key for key in subject.split(",") if key)


class Progress(msgspec.Struct, frozen=True, omit_defaults=True):
    """News of a running job; what is None is as before. Rate in bytes/s, left in seconds.

    `book` is the journal of its steps, by which it can be paused, stopped and taken up again.
    """

    note: str | None = None
    fraction: float | None = None
    rate: float | None = None
    left: float | None = None
    upid: str | None = None
    line: str | None = None
    book: str | None = None
    paused: bool | None = None


class Outcome(msgspec.Struct, frozen=True):
    """How a job ended, in a sentence."""

    state: JobState
    note: str


Report = Callable[[Progress], None]


class Action(msgspec.Struct, frozen=True):
    """One thing that can be done to an object of a noun.

    `applies` returns why not, or an empty text. `scope` says what it lays hands on: the interlock
    is asked about that at the start of each job, whatever the action does itself.

    `survey` reads what a draft needs, `actions.interlock` included; `draft` makes the plan from it
    for a choice and a mode (empty: the best). `run` carries a plan out, `cancel` stops what a
    running one started. `danger` asks for more than a key press.
    `answer` takes a value for one of the plan's inputs and gives the facts to draft from anew.
    `bulk`: it takes several objects, their keys with commas between them. Actions of a greater
    `weight` leave the footer first.
    Tasks of `kinds` that run already (started before, or by others) are taken up by `follow`, and
    `resumed` gives the facts for going on with a journal, where that is not an evacuation's.
    """

    id: str
    noun: str
    key: str
    title: str
    hint: str
    applies: Callable[[str, Snapshot], str]
    scope: Callable[[str, Snapshot], Scope]
    survey: Callable[[str, Wire], Awaitable[Any]]
    draft: Callable[[Any, str, str], Plan]
    run: Callable[[Plan, Wire, Report], Awaitable[Outcome]]
    cancel: Callable[[str, str, Wire], Awaitable[None]] | None = None
    danger: bool = False
    direct_key: str = ""
    kinds: tuple[str, ...] = ()
    follow: Callable[[Guest, str, str, Wire, Report, float], Awaitable[Outcome]] | None = None
    answer: Callable[[Any, str, str], Any] | None = None
    bulk: bool = False
    weight: int = 0
    resumed: Callable[[str, Wire], Awaitable[Any]] | None = None
