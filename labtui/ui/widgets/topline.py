"""The top line: which lab, is it whole, what is in trouble, how fresh every source is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple

from labtui.live.holdback import Held
from labtui.locale import _
from labtui.model.cluster import HaStatus, Membership
from labtui.model.snapshot import Snapshot
from labtui.model.spans import counted_down
from labtui.ui.widgets.canvas import Canvas
from labtui.ui.widgets.cells import Line, Span, cut, line_width
from labtui.views.sources import WAITING, Chip, chips
from labtui.views.view import View

BROKEN = 3
_MANY, _COUNT_PAUSE = 500, 2.0
# Cells that a freeze takes with who it was, with the beginning of why, with all of that.
_MOST = (28, 32, 72)


class Counts(NamedTuple):
    """Rows that are broken, and rows to keep an eye on."""

    broken: int = 0
    watch: int = 0


Badge = tuple[str, ...]
"""What holds writes back, or lets them through for a while: in a word, and in more and more."""


class Facts(NamedTuple):
    """All that the top line says."""

    lab: str
    demo: bool
    badges: tuple[Badge, ...]
    quorum: tuple[Span, ...]
    counts: Counts
    chips: tuple[Chip, ...]


class TopLine(Canvas):
    """One line; draws `Facts`."""

    GROUND: ClassVar[str] = "bar"

    def __init__(self) -> None:
        super().__init__(id="top")
        self.facts = Facts("", False, (), (), Counts(), ())  # noqa: FBT003 - a literal record

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
        self.counts = Counts()

    def due(self, snapshot: Snapshot, now: float) -> bool:
        """Whether the counts may be others by now."""
        soon = self._rows > _MANY and abs(now - self._at) < _COUNT_PAUSE
        return not soon and (snapshot.sequence != self._sequence or now != self._at)

    def look(self, snapshot: Snapshot, now: float) -> None:
        """Count here and now, if it is due."""
        if self.due(snapshot, now):
            self.draft(snapshot, now)()

    def draft(self, snapshot: Snapshot, now: float) -> Callable[[], None]:
        """Count, in any thread; what is returned makes the counts the ones that are shown."""
        rows = broken = watch = 0
        for view in self._views:
            trouble = view.trouble
            for row in view.rows(snapshot, now):
                level = trouble(row, now)
                rows += 1
                broken += level >= BROKEN
                watch += 0 < level < BROKEN
        counts = Counts(broken, watch)

        def put() -> None:
            self._sequence, self._at, self._rows = snapshot.sequence, now, rows
            self.counts = counts

        return put


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
            role, text = "stale", f"{text}?"
        elif not quorate:
            role = "bad"
        else:
            role = "good" if online == members else "warn"
        spans.append(Span(text, role))
    return tuple(spans)


def facts(
    snapshot: Snapshot, now: float, counts: Counts, *, lab: str, demo: bool, held: Held
) -> Facts:
    """The facts of a snapshot."""
    return Facts(lab, demo, badges(held, now), quorum(snapshot, now), counts, chips(snapshot, now))


def badges(held: Held, now: float) -> tuple[Badge, ...]:
    """Frozen (by whom, why), read-only, or elevated for how much longer."""
    found: list[Badge] = []
    if held.freeze is not None:
        freeze, word = held.freeze, _("FROZEN")
        by = _("{frozen} by {user}").format(frozen=word, user=freeze.by or "?")
        why = f"{by}: {freeze.why}" if freeze.why else by
        if freeze.problem:
            word = f"{word}?"
            by = why = f"{word} {freeze.problem}"
        found.append(
            (word, *(cut(text, most) for text, most in zip((by, why, why), _MOST, strict=True)))
        )
    if held.read_only:
        found.append((_("READ-ONLY"),))
    elif held.until is not None and held.freeze is None:
        left = counted_down(held.until - now)
        found.append((_("WRITES {left}").format(left=left),))
    return tuple(found)


def top_line(told: Facts, width: int) -> Line:
    """The line in that width: good news is left out first, then words; what fits is whole."""
    all_of_them = len(told.chips)
    fewer = [(2, False, most) for most in range(all_of_them - 1, 2, -1)]
    least = [(0, False, most) for most in range(all_of_them, -1, -1)]
    left: Line = _left(told, 0)
    right: Line = ()
    for words, everybody, most in (
        (4, True, all_of_them),
        (4, False, all_of_them),
        (3, True, all_of_them),
        (3, False, all_of_them),
        (2, False, all_of_them),
        *fewer,
        (1, False, all_of_them),
        *least,
    ):
        tried = _left(told, words), _right(told.chips, everybody=everybody, most=most)
        if sum(map(line_width, tried)) + 2 <= width:
            left, right = tried
            break
    fill = max(0, width - line_width(left) - line_width(right))
    return (*left, Span(" " * fill), *right)


def _left(told: Facts, words: int) -> Line:
    """With `words` 4 everything; with 2 not the program's name, with 1 signs for words."""
    spans = [Span(" labtui ", "title")] if words > 2 else [Span(" ")]
    spans.append(Span(f"{told.lab} " if told.lab else "", "accent"))
    if told.demo:
        spans.extend((Span(" " + _("DEMO") + " ", "title", "badge"), Span(" ")))
    for badge in told.badges:
        text = badge[min((0, 1, 1, 2, 3)[words], len(badge) - 1)]
        spans.extend((Span(f" {text} ", "title", "badge"), Span(" ")))
    for span in told.quorum:
        spans.extend((Span(" "), span))
    counts = told.counts
    if counts.broken:
        text = _("{n} broken") if words > 1 else "{n}!"
        spans.extend((Span("  "), Span(text.format(n=counts.broken), "bad")))
    if counts.watch and words > 1:
        spans.extend((Span("  "), Span(_("{n} to watch").format(n=counts.watch), "warn")))
    return tuple(spans)


_WORST = {"bad": 0, "warn": 1}


def _right(told: Sequence[Chip], *, everybody: bool, most: int) -> Line:
    """All sources, or those that are not well (`most` of them whole), and how many more."""
    worst = sorted(told, key=lambda chip: _WORST.get(chip.role, 2))
    unwell = [chip for chip in worst if chip.role in _WORST]
    shown = told if everybody else unwell[:most]
    if not everybody and len(unwell) > len(shown):
        text = _("+{n} not well") if shown else _("{n} sources not well")
        more = Span(text.format(n=len(unwell) - len(shown)) + " ", unwell[0].role)
        return (*_chip_spans(shown), more)
    spans = _chip_spans(shown)
    left_out = [chip for chip in told if chip not in shown]
    waiting = sum(chip.text == WAITING for chip in left_out)
    if fresh := len(left_out) - waiting:
        text = _("+{n} fresh") if shown else _("{n} fresh")
        spans.append(Span(text.format(n=fresh) + " ", "dim"))
    if waiting:
        spans.append(Span(_("{n} not read yet").format(n=waiting) + " ", "dim"))
    if spans and not left_out:
        spans[-1] = Span(" ")
    return tuple(spans)


def _chip_spans(told: Sequence[Chip]) -> list[Span]:
    spans: list[Span] = []
    for chip in told:
        name_role = chip.role if chip.role in _WORST else ""
        spans.extend((Span(f"{chip.source} ", name_role), Span(chip.text, chip.role), Span("  ")))
    return spans
