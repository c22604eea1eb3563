"""All that the screen knows of the living lab: one Protocol, implemented by `labtui.live.lab`."""

from __future__ import annotations

from typing import Protocol

from labtui.actions.action import Action, Plan, Wire
from labtui.live.holdback import Holdback
from labtui.live.store import Store


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

    def read_now(self, topics: frozenset[str]) -> None:
        """Read those topics at once."""
        ...

    def start_job(self, action: Action, plan: Plan) -> str:
        """Carry a plan out; returns the job's id. Raises `LabError`."""
        ...

    async def cancel_job(self, job_id: str) -> None:
        """Stop what a job started. Raises `LabError`."""
        ...

    def now(self) -> float:
        """Seconds since the epoch."""
        ...
