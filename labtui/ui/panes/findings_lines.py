"""One cause as the lines of a list: how bad and what, since when and whom it hits, what helps."""

from __future__ import annotations

import enum

from labtui.locale import _, ngettext
from labtui.ui.panes.findings_steps import steps
from labtui.ui.panes.findings_view import KeyOf, Row, level, role, since_of
from labtui.ui.widgets.cells import Line, Span, clip, closed, padded, width_of, wrapped
from labtui.views.figures import span

_MOST_LINES = 3


class Fullness(enum.IntEnum):
    """How much is said of a cause for which there is room, or not."""

    LEAST = 0
    USUAL = 1
    ALL = 2


def times_told(row: Row, now: float) -> tuple[object, ...]:
    """What the lines of a cause say of the time: while it is equal, so are they."""
    at, cause = since_of(row.cause), row.cause
    dated = cause.standing.mark is not None or cause.finding.as_of is not None
    return (span(now - at) if at is not None else "", int(now) if dated else 0)


def block(
    row: Row, now: float, gutter: Span, inner: int, fullness: Fullness, key_of: KeyOf
) -> list[Line]:
    """The lines, each `inner` cells wide. A notice has one line unless all is to be told."""
    cause, ground = row.cause, gutter.ground
    how = role(cause)
    sign = level(cause) + " "
    at = since_of(cause)
    age = span(now - at) if at is not None else ""
    room = max(12, inner - 2 - width_of(sign) - 2)
    said = list(wrapped(cause.finding.words.say(), max(10, room - width_of(age) - 1)))
    lines: list[Line] = []
    for number, part in enumerate(said[:_MOST_LINES]):
        first = number == 0
        text = padded(part, room - width_of(age) - 1) + " " + age if first else part
        lead = gutter if first else Span(" ", "", ground)
        begin = Span(sign if first else " " * width_of(sign), how, ground)
        words = Span(text, "dim" if cause.quiet else "strong" if how == "bad" else "", ground)
        lines.append((lead, begin, words))
    loud = cause.severity != "notice" and not cause.quiet
    if fullness == Fullness.ALL or (loud and fullness >= Fullness.LEAST):
        lines.append((Span(" " * (1 + width_of(sign)), "", ground), *_more(row, now, ground)))
    if fullness == Fullness.ALL and (loud or ground):
        indent = Span(" " * (1 + width_of(sign)), "", ground)
        lines.extend((indent, *help_) for help_ in _helps(row, key_of, ground, room))
    return [_grounded(line, inner, ground) for line in lines if len(line) > 1]


def _grounded(line: Line, inner: int, ground: str) -> Line:
    """Cut and filled to that width, all of it on one ground."""
    made = closed(clip(line, inner - 1), inner)
    return tuple(each._replace(ground=ground) for each in made)


def _more(row: Row, now: float, ground: str) -> Line:
    """Whom it hits; how sure; how much follows; what is peculiar to it."""
    from labtui.findings.telling import hit_by, mark_text, moment, sure_word

    cause = row.cause
    finding, standing = cause.finding, cause.standing
    parts: list[tuple[str, str]] = []
    if standing.mark is not None:
        parts.append((mark_text(standing.mark, now), "info"))
    elif finding.planned:
        parts.append((_("planned"), "info"))
    if whom := hit_by(cause.affected, named=False):
        parts.append((whom, "dim" if cause.quiet else ""))
    if finding.as_of is not None:
        parts.append((_("as of {time}").format(time=moment(finding.as_of, now)), "warn"))
    if standing.flapping:
        parts.append((_("comes and goes"), "warn"))
    if standing.clearing:
        parts.append((_("perhaps over"), "good"))
    if sure := sure_word(finding.sure):
        parts.append((sure, "dim"))
    if more := cause.size - 1:
        text = ngettext("{n} effect", "{n} effects", more).format(n=more)
        grave = [each.finding for each in cause.effects if each.finding.severity == "critical"]
        # What is as bad as the cause itself is said in words, where there is room.
        parts.append((f"{text}: {grave[0].words.say()}" if grave else text, "dim"))
    spans: list[Span] = []
    for text, how in parts:
        if spans:
            spans.append(Span(" · ", "dim", ground))
        spans.append(Span(text, how, ground))
    return tuple(spans)


def _helps(row: Row, key_of: KeyOf, ground: str, room: int) -> list[Line]:
    """The first thing to do, and the first that a key does: on one line when that holds both."""
    found = steps(row.cause)
    if not found:
        return []
    first = (Span(f"→ {found[0].text}", "info", ground),)
    able = next((step for step in found if step.action and key_of(step.action)), None)
    if able is None:
        return [first]
    key = Span(f"  {key_of(able.action)}", "key", ground)
    if able is found[0]:
        return [(*first, key)]
    both = (*first, key, Span(f" {able.text}", "dim", ground))
    if sum(width_of(each.text) for each in both) <= room:
        return [both]
    return [first, (key, Span(f" {able.text}", "dim", ground))]
