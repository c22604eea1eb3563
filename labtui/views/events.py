"""Events: what happened in the lab, the newest first, as the history on the disk has it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from labtui.locale import N_, _
from labtui.model.events import BEFORE, Event, Said, put_together
from labtui.model.snapshot import Snapshot
from labtui.views.figures import exact_span, span
from labtui.views.view import Cell, Column, Role, Section, Summary, View

_ROLES: dict[str, Role] = {"good": "good", "warn": "warn", "bad": "bad"}
_MOST = 40
_HOUR = 3600.0


def say(said: Said) -> str:
    """The words in the language in use."""
    return put_together(said, _)


def kind_text(kind: str) -> str:
    """What changed, in a word."""
    return {
        "node": _("node"),
        "quorum": _("quorum"),
        "guest": _("guest"),
        "place": _("guest"),
        "lock": _("guest"),
        "ha": _("HA"),
        "storage": _("storage"),
        "gpu": _("gpu"),
        "tunnel": _("tunnel"),
        "session": _("session"),
        "source": _("source"),
        "router": _("router"),
        "task": _("task"),
        "job": _("job"),
        "cause": _("cause"),
        "history": _("history"),
    }.get(kind, kind)


def moment(at: float, now: float) -> str:
    """Day and time; the time alone when it is today."""
    then, today = time.localtime(at), time.localtime(now)
    return time.strftime("%H:%M:%S" if then[:3] == today[:3] else "%m-%d %H:%M:%S", then)


def role_of(event: Event) -> Role:
    """What it means."""
    return _ROLES.get(event.weight, "")


def _when(event: Event, now: float) -> Cell:
    return Cell(moment(event.at, now), "dim")


def text_of(event: Event) -> str:
    """What happened, with a cause's severity: colour is never the only sign."""
    severity = {"critical": _("CRITICAL"), "warning": _("warning"), "notice": _("notice")}
    word = severity.get(event.after, "") if event.kind == "cause" else ""
    return f"{word}  {say(event.said)}" if word else say(event.said)


def _what(event: Event, now: float) -> Cell:
    text = text_of(event)
    if event.unseen is not None:
        text += " " + _("(some time since {time})").format(time=moment(event.unseen, now))
    return Cell(text, role_of(event))


def _summary(rows: Sequence[Event], now: float) -> Summary:
    bad = sum(event.weight == "bad" and now - event.at <= _HOUR for event in rows)
    lately = sum(now - event.at <= _HOUR for event in rows)
    text = _("{n} in the last hour").format(n=lately)
    return Summary(text, "bad" if bad else "")


def before(events: Sequence[Event], at: float, without: int = 0) -> list[Event]:
    """What changed in the ten minutes before that time, the newest first."""
    return [
        event for event in events if at - BEFORE <= event.at <= at and event.id not in (0, without)
    ]


def _details(event: Event, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    lines = [
        (_("what"), Cell(text_of(event), role_of(event))),
        (
            _("when"),
            Cell(
                time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(event.at))
                + _(", {span} ago").format(span=span(now - event.at))
            ),
        ),
        (_("object"), Cell(event.name)),
        (_("kind"), Cell(kind_text(event.kind))),
        (_("before"), Cell(event.before)),
        (_("after"), Cell(event.after)),
    ]
    if event.unseen is not None:
        text = _("nobody looked for {span}, so it may have happened earlier")
        lines.append((_("note"), Cell(text.format(span=exact_span(event.at - event.unseen)))))
    about = Section(_("Event"), tuple(lines))
    earlier = before(snapshot.events, event.at, event.id)[:_MOST]
    if not earlier:
        nothing = Cell(_("nothing that we know of"), "dim")
        return about, Section(_("The ten minutes before"), (("", nothing),))
    told = tuple((moment(each.at, now), _what(each, now)) for each in earlier)
    return about, Section(_("The ten minutes before"), told)


EVENTS: View[Event] = View(
    id="events",
    key="",
    title=N_("events"),
    noun="event",
    needs=(),
    wants=frozenset(("events",)),
    columns=(
        Column(
            "at", N_("time"), 14, _when, lambda e: e.at, descending=True, unit="time", timed=True
        ),
        Column(
            "kind",
            N_("kind"),
            8,
            lambda e, n: Cell(kind_text(e.kind), "dim"),
            lambda e: e.kind,
            priority=1,
        ),
        Column("object", N_("object"), 18, lambda e, n: Cell(e.name), lambda e: e.name),
        Column("what", N_("what"), 30, _what, lambda e: say(e.said), grow=True, timed=True),
        Column(
            "before",
            N_("before"),
            10,
            lambda e, n: Cell(e.before, "dim"),
            lambda e: e.before,
            priority=3,
        ),
        Column(
            "after",
            N_("after"),
            10,
            lambda e, n: Cell(e.after, "dim"),
            lambda e: e.after,
            priority=3,
        ),
    ),
    rows=lambda snapshot, now: snapshot.events,
    row_key=lambda event: str(event.id),
    trouble=lambda event, now: 0,
    summary=_summary,
    details=_details,
    empty=N_("Nothing has happened since the history began, or none is kept."),
    sort="at",
)
