"""Quiet: findings that come and go are held, and those that somebody has put aside stand back.

All of it is data that the caller keeps: a `Memory` of what earlier looks found, and `Mark`s that
people set. Nothing here asks for the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from labtui.findings.finding import SEVERITIES, Finding, Severity

CONFIRMED_AFTER = 8.0
"""A finding that is not certain is told when it has lasted that long (seconds)."""
HELD_FOR = 20.0
"""A finding that is gone is still told for so long, since feeds do not fail and mend at once."""
FLAPS = 3
FLAP_SPAN = 900.0
FLAP_HELD = 600.0
"""A finding that came back `FLAPS` times within `FLAP_SPAN` is held for that long."""
FORGOTTEN_AFTER = 3600.0


class Mark(msgspec.Struct, frozen=True):
    """Somebody has seen a finding (`ack`), or wants to hear of it later (`snooze`).

    It holds until `until` (epoch seconds; None for as long as the finding lasts), and no longer
    than the finding is no worse than `severity`.
    """

    finding: str
    kind: Literal["ack", "snooze"]
    by: str
    why: str
    at: float
    severity: Severity
    until: float | None = None


class Entry(msgspec.Struct, frozen=True):
    """What is remembered of one finding. `comings` are the times at which it appeared."""

    finding: Finding
    first: float
    last: float
    comings: tuple[float, ...] = ()

    def flaps(self, now: float) -> bool:
        """Whether it has come too often lately."""
        return len([at for at in self.comings if now - at <= FLAP_SPAN]) >= FLAPS


class Memory(msgspec.Struct, frozen=True):
    """What earlier looks found, by id; `began` and `looked` are the first look and the last."""

    began: float | None = None
    looked: float | None = None
    entries: dict[str, Entry] = {}


class Standing(msgspec.Struct, frozen=True):
    """How a finding stands: told since, seen last, comes and goes, put aside by whom."""

    first: float | None = None
    last: float | None = None
    comings: int = 1
    flapping: bool = False
    clearing: bool = False
    mark: Mark | None = None


def remember(memory: Memory, findings: Iterable[Finding], now: float) -> Memory:
    """The memory with this look."""
    entries: dict[str, Entry] = {}
    for finding in findings:
        before = memory.entries.get(finding.id)
        if before is None:
            entries[finding.id] = Entry(finding, now, now, (now,))
            continue
        # Between two looks may lie any time: only what a look did not find was gone.
        back = before.last != memory.looked and now - before.last > HELD_FOR
        recent = tuple(at for at in before.comings if now - at <= FLAP_SPAN)
        comings = (*recent, now) if back else before.comings
        first = now if back and not before.flaps(now) else before.first
        entries[finding.id] = Entry(finding, first, now, comings)
    for key, entry in memory.entries.items():
        if key not in entries and now - entry.last <= FORGOTTEN_AFTER:
            entries[key] = entry
    return Memory(memory.began if memory.began is not None else now, now, entries)


def told(memory: Memory, now: float) -> dict[str, Entry]:
    """What is to be told now: what has lasted a moment, and what is not gone for long."""
    found = {}
    for key, entry in memory.entries.items():
        gone = now - entry.last
        flapping = entry.flaps(now)
        certain = entry.finding.sure == "certain"
        confirmed = certain or entry.last - entry.first >= CONFIRMED_AFTER or flapping
        if confirmed and gone <= (FLAP_HELD if flapping else HELD_FOR):
            found[key] = entry
    return found


def valid(marks: Sequence[Mark], findings: Mapping[str, Finding], now: float) -> dict[str, Mark]:
    """The marks that hold, by finding; of several on one the newest."""
    found: dict[str, Mark] = {}
    for mark in sorted(marks, key=lambda mark: mark.at):
        finding = findings.get(mark.finding)
        if finding is None or (mark.until is not None and now >= mark.until):
            continue
        if SEVERITIES.index(finding.severity) >= SEVERITIES.index(mark.severity):
            found[mark.finding] = mark
    return found


def standing(entry: Entry, mark: Mark | None, now: float) -> Standing:
    """How a remembered finding stands now."""
    return Standing(
        entry.first,
        entry.last,
        len(entry.comings),
        entry.flaps(now),
        now > entry.last,
        mark,
    )
