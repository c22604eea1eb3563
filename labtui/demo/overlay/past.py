"""What a router remembers: who is logged in, its log, its history of changes, safe mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labtui.demo.overlay.memory import Memory

LOG_LENGTH = 1000
HISTORY_LENGTH = 100
"""Changes that a router remembers; safe mode ends when one more comes."""


@dataclass(frozen=True)
class LogEntry:
    """A line of a router's log, in the router's own idea of the time."""

    number: int
    moment: float
    topics: str
    message: str


@dataclass(eq=False)
class Session:
    """Somebody who is logged in; `via` is the service."""

    number: int
    user: str
    address: str
    via: str
    since: float


@dataclass(frozen=True)
class Action:
    """A line of the history of changes."""

    number: int
    moment: float
    text: str
    user: str


@dataclass(eq=False)
class SafeHold:
    """Safe mode: who took it on which connection, what was configured then, changes since."""

    user: str
    connection: int
    memory: Memory
    changes: int = 0
