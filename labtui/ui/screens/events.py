"""Events of one object, or what changed in the ten minutes before something, read when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.events import BEFORE, Event, Query
from labtui.ui.screens.page import PageDialog
from labtui.ui.widgets.cells import Line, Span, padded
from labtui.views.events import kind_text, moment, role_of, text_of

if TYPE_CHECKING:
    from labtui.ui.link import LabLink
    from labtui.ui.panes.pane import Pane
    from labtui.ui.screens.main import MainScreen

_HAPPENED = frozenset(("task", "job"))
_TIME, _KIND = 14, 9


class Asked(msgspec.Struct, frozen=True):
    """What is looked up: a heading and the query."""

    title: str
    query: Query


class EventsDialog(PageDialog):
    """Reads once; events that are asked for again are opened again."""

    def __init__(self, link: LabLink, asked: Asked) -> None:
        super().__init__(asked.title, self._made_lines)
        self._link = link
        self._asked = asked
        self._found: tuple[Event, ...] | None = None
        self._failure = ""

    def begin(self) -> None:
        super().begin()
        self.run_worker(self._read(), exclusive=True)

    async def _read(self) -> None:
        try:
            self._found = await self._link.past(self._asked.query)
        except LabError as error:
            self._failure = error.problem.sentence
        self.show()

    def _made_lines(self, width: int) -> list[Line]:
        del width
        return event_lines(self._found, self._failure, self._link.now())


def event_lines(found: tuple[Event, ...] | None, failure: str, now: float) -> list[Line]:
    """A line for each event, or why there is none."""
    if failure:
        return [(Span(failure, "bad"),)]
    if found is None:
        return [(Span(_("Reading the history."), "dim"),)]
    if not found:
        return [(Span(_("Nothing is known to have changed."), "dim"),)]
    return [
        (
            Span(padded(moment(event.at, now), _TIME) + " ", "dim"),
            Span(padded(kind_text(event.kind), _KIND) + " ", "dim"),
            Span(text_of(event), role_of(event)),
        )
        for event in found
    ]


def asked_of(screen: MainScreen, pane: Pane, *, before: bool) -> Asked | None:
    """What the key asks about the row under the cursor; None when there is none."""
    row = pane.selection.row
    if row is None:
        return None
    name = screen.errands.name(pane, row)
    if before:
        at = _time_of(screen, pane)
        title = _("The ten minutes before: {name}") if at else _("The last ten minutes")
        until = at if at is not None else screen.link.now()
        return Asked(title.format(name=name), Query(since=until - BEFORE, until=until))
    title = _("Events of {name}")
    if isinstance(row, Event):
        title = title.format(name=row.name)
        if row.view:
            return Asked(title, Query(view=row.view, row=row.row))
        return Asked(title, Query(object=row.key))
    title, key = title.format(name=name), pane.selection.key
    if pane.view.noun == "finding":
        cause = screen.link.triage.present.cause(key) if screen.link.triage.present else None
        view, place = cause.finding.subject.at if cause is not None else ("", "")
        return Asked(title, Query(view=view, row=place) if view else Query(object=key))
    if pane.view.noun in _HAPPENED:
        return Asked(title, Query(object=key))
    return Asked(title, Query(view=pane.view.id, row=key))


def _time_of(screen: MainScreen, pane: Pane) -> float | None:
    """When that happened; None for an object, which is now."""
    row = pane.selection.row
    if isinstance(row, Event):
        return row.at
    if pane.view.noun != "finding" or screen.link.triage.present is None:
        return None
    from labtui.findings.telling import since_of

    cause = screen.link.triage.present.cause(pane.selection.key)
    return since_of(cause) if cause is not None else None


def open_events(screen: MainScreen, *, before: bool) -> None:
    """The events of what is selected, or those before it."""
    asked = asked_of(screen, screen.pane, before=before)
    if asked is None:
        screen.notice.say(_("nothing is selected"))
        return
    screen.open(EventsDialog(screen.link, asked))
