"""The top line: which lab, is it whole, what is in trouble, how fresh every source is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from labtui.locale import _
from labtui.model.cluster import HaStatus, Membership
from labtui.model.snapshot import Snapshot
from labtui.ui.widgets.canvas import Canvas
from labtui.ui.widgets.cells import Line, Span, clip, line_width
from labtui.views.sources import Chip, chips
from labtui.views.view import View

BROKEN = 3
_MANY, _COUNT_PAUSE = 500, 2.0


class Counts(NamedTuple):
    """Rows that are broken, and rows to keep an eye on."""

    broken: int = 0
    watch: int = 0


class Facts(NamedTuple):
    """All that the top line says."""

    lab: str
    demo: bool
    read_only: bool
    quorum: tuple[Span, ...]
    counts: Counts
    chips: tuple[Chip, ...]


class TopLine(Canvas):
    """One line; draws `Facts`."""

    GROUND: ClassVar[str] = "bar"

    def __init__(self) -> None:
        super().__init__(id="top")
        self.facts = Facts("", False, False, (), Counts(), ())  # noqa: FBT003 - a literal record

    def look(self, facts: Facts) -> None:
        """Show these facts."""
        if facts != self.facts:
            self.facts = facts
            self.redraw()

    def draw(self, width: int, height: int) -> list[Line]:
        return [top_line(self.facts, width)]


class TroubleCounter:
    """Counts rows in trouble over some views; over many rows, at most every two seconds."""

    def __init__(self, views: Sequence[View[Any]]) -> None:
        self._views = views
        self._sequence = -1
        self._at = float("-inf")
        self._rows = 0
        self._counts = Counts()

    def count(self, snapshot: Snapshot, now: float) -> Counts:
        """The counts, as old as two seconds when there are many rows."""
        soon = self._rows > _MANY and abs(now - self._at) < _COUNT_PAUSE
        if soon or (snapshot.sequence == self._sequence and now == self._at):
            return self._counts
        self._sequence, self._at = snapshot.sequence, now
        self._rows = broken = watch = 0
        for view in self._views:
            trouble = view.trouble
            for row in view.rows(snapshot, now):
                level = trouble(row, now)
                self._rows += 1
                broken += level >= BROKEN
                watch += 0 < level < BROKEN
        self._counts = Counts(broken, watch)
        return self._counts


def quorum(snapshot: Snapshot, now: float) -> tuple[Span, ...]:
    """`quorate 3/4` of each cluster, named when there are several."""
    clusters = [(name, m) for name, m in snapshot.of(Membership) if m.quorate is not None]
    spans: list[Span] = []
    for name, membership in clusters:
        ha = snapshot.one(HaStatus, name)
        quorate = membership.quorate and not (ha is not None and ha.quorate is False)
        online, members = len(membership.online), len(membership.members)
        text = (_("quorate") if quorate else _("NO QUORUM")) + f" {online}/{members}"
        if len(clusters) > 1:
            text = f"{name} {text}"
        fresh = snapshot.fresh(Membership, name)
        if fresh is None or fresh.stale(now):
            role = "stale"
        elif not quorate:
            role = "bad"
        else:
            role = "good" if online == members else "warn"
        spans.append(Span(text, role))
    return tuple(spans)


def facts(
    snapshot: Snapshot, now: float, counts: Counts, *, lab: str, demo: bool, read_only: bool
) -> Facts:
    """The facts of a snapshot."""
    return Facts(lab, demo, read_only, quorum(snapshot, now), counts, chips(snapshot, now))


def top_line(told: Facts, width: int) -> Line:
    """The line in that width: good news is left out first, then words, never what is wrong."""
    left: Line = ()
    right: Line = ()
    for words, everybody in ((2, True), (2, False), (1, False), (0, False)):
        left = _left(told, words)
        right = _right(told.chips, everybody)
        if line_width(left) + line_width(right) + 2 <= width:
            break
    room = width - line_width(left) - 1
    right = clip(right, max(0, room))
    fill = max(0, width - line_width(left) - line_width(right))
    return (*left, Span(" " * fill), *right)


def _left(told: Facts, words: int) -> Line:
    """With `words` 2 everything, with 1 not the program's name, with 0 signs for words."""
    spans = [Span(" labtui ", "title")] if words > 1 else [Span(" ")]
    spans.append(Span(f"{told.lab} " if told.lab else "", "accent"))
    if told.demo:
        spans.extend((Span(" " + _("DEMO") + " ", "title", "badge"), Span(" ")))
    if told.read_only:
        spans.extend((Span(" " + _("READ-ONLY") + " ", "title", "badge"), Span(" ")))
    for span in told.quorum:
        spans.extend((Span(" "), span))
    counts = told.counts
    if counts.broken:
        text = _("{n} broken") if words else "{n}!"
        spans.extend((Span("  "), Span(text.format(n=counts.broken), "bad")))
    if counts.watch and words:
        spans.extend((Span("  "), Span(_("{n} to watch").format(n=counts.watch), "warn")))
    return tuple(spans)


_WORST = {"bad": 0, "warn": 1}


def _right(told: Sequence[Chip], everybody: bool) -> Line:
    worst = sorted(told, key=lambda chip: _WORST.get(chip.role, 2))
    shown = told if everybody else [chip for chip in worst if chip.role in _WORST]
    spans: list[Span] = []
    for chip in shown:
        name_role = chip.role if chip.role in _WORST else ""
        spans.extend((Span(f"{chip.source} ", name_role), Span(chip.text, chip.role), Span("  ")))
    rest = len(told) - len(shown)
    if rest:
        text = _("+{n} fresh") if shown else _("{n} fresh")
        spans.append(Span(text.format(n=rest) + " ", "dim"))
    elif spans:
        spans[-1] = Span(" ")
    return tuple(spans)
