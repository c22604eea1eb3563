"""All that the screen knows of the living lab: one Protocol, implemented by `labtui.live.lab`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from labtui.actions.action import Action, Plan, Wire
from labtui.live.holdback import Holdback
from labtui.live.store import Store
from labtui.model import lookup
from labtui.model.events import Event, Query

if TYPE_CHECKING:
    from labtui.actions.evacuation.book import Order
    from labtui.live.entry.entry import Entry
    from labtui.live.history.keeper import Keeper
    from labtui.live.probing import Probing
    from labtui.live.triage import TriageKeeper


class LabLink(Protocol):
    """The lab behind the screen. Tests give the app a fake of their own."""

    @property
    def store(self) -> Store:
        """Where the present snapshot is, and who tells of a new one."""
        ...

    @property
    def wire(self) -> Wire:
        """What an action's survey reads through."""
        ...

    @property
    def gate(self) -> Holdback:
        """What holds writes back: read-only, frozen, not elevated."""
        ...

    @property
    def triage(self) -> TriageKeeper:
        """What is wrong at present, and what people have put aside."""
        ...

    @property
    def entry(self) -> Entry:
        """Shells and consoles: whether they may be opened, and how."""
        ...

    @property
    def probing(self) -> Probing:
        """Diagnoses, ways between sites, latencies: asked of the routers on wish."""
        ...

    @property
    def history(self) -> Keeper | None:
        """What keeps the history, if anything does."""
        ...

    @property
    def lab(self) -> str:
        """The lab's name."""
        ...

    @property
    def demo(self) -> bool:
        """True when this is the demo lab: every frame says so."""
        ...

    def start(self) -> None:
        """Begin to read; called after the first frame is painted."""
        ...

    async def close(self) -> None:
        """Let go of everything; never waits for anything that hangs."""
        ...

    def wish(self, topics: frozenset[str]) -> None:
        """Say which topics (names in `model.snapshot.TOPICS`) are on the screen."""
        ...

    async def past(self, query: Query) -> tuple[Event, ...]:
        """What happened, the newest first. Raises `LabError`."""
        ...

    async def seek(self, query: lookup.Query) -> lookup.Sightings:
        """What the routers say of an address or MAC now. Raises nothing."""
        ...

    def read_now(self, topics: frozenset[str]) -> None:
        """Read those topics at once."""
        ...

    def start_job(self, action: Action, plan: Plan) -> str:
        """Carry a plan out; returns the job's id. Raises `LabError`."""
        ...

    async def order_job(self, job_id: str, order: Order) -> None:
        """Have a job of several steps pause, go on (empty) or try again. Raises `LabError`."""
        ...

    async def cancel_job(self, job_id: str) -> None:
        """Stop what a job started. Raises `LabError`."""
        ...

    def now(self) -> float:
        """Seconds since the epoch."""
        ...
