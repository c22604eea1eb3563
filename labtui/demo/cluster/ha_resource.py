"""A guest under high availability: what is wanted, what the manager makes of it, its failures."""

from __future__ import annotations

from dataclasses import dataclass

from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.tasks import Task


@dataclass(eq=False)
class Resource:
    """A guest under high availability; `state` is the manager's, `wanted` what was requested."""

    guest: Guest
    wanted: str
    state: str
    move_to: str | None = None
    task: Task | None = None
    max_restart: int = 1
    max_relocate: int = 1
    failback: bool = True
    comment: str = ""
    restarts: int = 0
    relocations: int = 0
    stop_first: bool = False
    """Whether the next move is a relocation: stop, move, start."""
    home: str | None = None
    """Where it goes back to when a maintenance ends."""

    @property
    def active(self) -> bool:
        """Whether an agent has to look after it."""
        return self.state not in ("stopped", "disabled", "error", "ignored", "queued")
