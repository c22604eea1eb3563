"""The top line: which lab, is it whole, what is in trouble, how fresh every source is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import events
from textual.message import Message

from labtui.live.holdback import Held
from labtui.locale import _, ngettext
from labtui.model.cluster import Membership
from labtui.model.presence import quorum_lost
from labtui.model.snapshot import Snapshot
from labtui.model.spans import counted_down
from labtui.ui.widgets.canvas import Canvas
from labtui.ui.widgets.cells import Line, Span, cut, line_width
from labtui.views.sources import WAITING, Chip, chips

if TYPE_CHECKING:
    from labtui.findings import Triage

# Cells that a freeze takes with who it was, with the beginning of why, with all of that.
_MOST = (28, 32, 72)


class Counts(NamedTuple):
    """Causes that nobody has put aside, by how bad they are; `note`: how far to trust that."""

    critical: int = 0
    warning: int = 0
    note: str = ""


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

    class WorstAsked(Message):
        """The worst finding was asked for with the mouse."""

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

    def on_click(self, event: events.Click) -> None:
        """A click on the left half, where what is wrong stands, asks for the worst of it."""
        event.stop()
        if event.x < self.size.width // 2:
            self.post_message(self.WorstAsked())


def counted(present: Triage | None, fault: str) -> Counts:
    """What the top line says of that triage."""
    if present is None:
        return Counts(note=_("no findings") if fault else "")
    note = _("no new findings") if fault else _("first minute") if present.settling else ""
    return Counts(present.count("critical"), present.count("warning"), note)


def quorum(snapshot: Snapshot, now: float) -> tuple[Span, ...]:
    """`quorate 3/4` of each cluster, named when there are several."""
    clusters = [(name, m) for name, m in snapshot.of(Membership) if m.quorate is not None]
    spans: list[Span] = []
    for name, membership in clusters:
        quorate = not quorum_lost(snapshot, name, now)
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
    spans.extend(_counts(told.counts, words))
    return tuple(spans)


def _counts(counts: Counts, words: int) -> list[Span]:
    spans: list[Span] = []
    if counts.critical:
        text = _("{n} critical") if words > 1 else "{n}!"
        spans.extend((Span("  "), Span(text.format(n=counts.critical), "bad")))
    if counts.warning and words > 1:
        text = ngettext("{n} warning", "{n} warnings", counts.warning)
        spans.extend((Span("  "), Span(text.format(n=counts.warning), "warn")))
    if counts.note and words > 2:
        spans.extend((Span("  "), Span(counts.note, "dim")))
    return spans


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
