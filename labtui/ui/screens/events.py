"""Events of one object, or what changed in the ten minutes before something, read when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
from textual import events

from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.events import BEFORE, Event, Query
from labtui.ui.screens.dialog import Dialog
from labtui.ui.widgets import frame
from labtui.ui.widgets.cells import Line, Span, closed, padded
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


class EventsDialog(Dialog[None]):
    """Reads once; events that are asked for again are opened again."""

    WIDEST: ClassVar[int] = 120

    def __init__(self, link: LabLink, asked: Asked) -> None:
        super().__init__()
        self._link = link
        self._asked = asked
        self._found: tuple[Event, ...] | None = None
        self._failure = ""
        self._top = 0

    def begin(self) -> None:
        super().begin()
        self.run_worker(self._read(), exclusive=True)

    async def _read(self) -> None:
        try:
            self._found = await self._link.past(self._asked.query)
        except LabError as error:
            self._failure = error.problem.sentence
        self.show()

    def lines(self, width: int, height: int) -> list[Line]:
        body = event_lines(self._found, self._failure, self._link.now())
        room = max(1, height - 2)
        self._top = max(0, min(self._top, len(body) - room))
        sight = body[self._top : self._top + room]
        thumb = frame.thumb_rows(self._top, room, len(body), len(sight))
        title = [Span(f" {self._asked.title} ", "title")]
        framed = [frame.top(width, title, on=True)]
        for y, line in enumerate(sight):
            inner = closed((Span(" "), *closed(line, width - 4), Span(" ")), width - 2)
            framed.append(frame.side(inner, on=True, thumb=y in thumb))
        keys = [Span(" esc", "key"), Span(" " + _("back") + " ")]
        framed.append(frame.bottom(width, keys, on=True))
        return framed

    def press(self, key: str, character: str | None) -> bool:
        page = max(1, self.size.height - 4)
        steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -page, "pagedown": page,
                 "space": page, "home": -100_000, "end": 100_000}  # fmt: skip
        if key in steps:
            self._scroll(steps[key])
        else:
            self.end(None)
        return True

    def _scroll(self, rows: int) -> None:
        self._top += rows
        self.show()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll(-3)


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
