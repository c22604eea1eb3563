"""The dialog of a diagnosis: its steps as they come, the broken layer, and what to try."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from labtui.locale import _
from labtui.model.diagnosis import Diagnosis, Subject, link_named
from labtui.model.links import links
from labtui.model.overlay import RouterFacts
from labtui.ui.screens.dialog import Dialog
from labtui.ui.widgets import frame
from labtui.ui.widgets.cells import Line, Span, closed, padded, wrapped
from labtui.views import diagnosis as words

if TYPE_CHECKING:
    from labtui.ui.link import LabLink
    from labtui.ui.panes.pane import Pane
    from labtui.ui.screens.main import MainScreen

_LABEL = 14


class DiagnosisDialog(Dialog[None]):
    """Runs while it is open; leaving it ends what is being asked."""

    WIDEST: ClassVar[int] = 110

    def __init__(self, link: LabLink, subject: Subject) -> None:
        super().__init__()
        self._link = link
        self._subject = subject
        self.told: Diagnosis | None = None
        self._copied = False
        self._top = 0

    def begin(self) -> None:
        super().begin()
        self._start()

    def _start(self) -> None:
        self.told, self._copied, self._top = None, False, 0
        self.run_worker(self._follow(), group="diagnosis", exclusive=True)

    async def _follow(self) -> None:
        async for told in self._link.probing.diagnose(self._subject):
            self.told = told
            self.show()

    def lines(self, width: int, height: int) -> list[Line]:
        body = self._body(width - 4)
        room = max(1, height - 2)
        self._top = max(0, min(self._top, len(body) - room))
        sight = body[self._top : self._top + room]
        thumb = frame.thumb_rows(self._top, room, len(body), len(sight))
        name = self.told.title if self.told is not None else self._subject.one
        title = _("diagnosis of {name}").format(name=name)
        framed = [frame.top(width, [Span(f" {title} ", "title")], on=True)]
        for y, line in enumerate(sight):
            inner = closed((Span(" "), *closed(line, width - 4), Span(" ")), width - 2)
            framed.append(frame.side(inner, on=True, thumb=y in thumb))
        keys = []
        for key, text in (("esc", _("back")), ("y", _("copy")), ("r", _("again"))):
            keys += [Span(f" {key}", "key"), Span(f" {text} ")]
        if self._copied:
            keys.append(Span(" " + _("copied") + " ", "good"))
        framed.append(frame.bottom(width, keys, on=True))
        return framed

    def _body(self, width: int) -> list[Line]:
        told = self.told
        if told is None:
            return [(Span(_("asking the routers ..."), "dim"),)]
        lines: list[Line] = []
        for step in told.steps:
            role = words.ROLES[step.verdict]
            head = f"{words.SIGNS[step.verdict]} {padded(words.step_text(step.step), _LABEL)}"
            took = f"{step.took:5.1f}s"
            room = max(10, width - _LABEL - 3 - len(took))
            for number, text in enumerate(wrapped(words.told(step), room)):
                first = number == 0
                lines.append((
                    Span(head if first else " " * (_LABEL + 2), role),
                    Span(" " + padded(text, room), role if step.verdict == "bad" else ""),
                    Span(took if first else "", "dim"),
                ))  # fmt: skip
        text, role = words.verdict(told)
        lines += [(), (Span(text, role),)]
        if told.broken is not None and (advice := words.advice(told.broken)):
            tried = _("try: {advice}").format(advice=advice)
            lines += [(Span(part),) for part in wrapped(tried, width)]
        return lines

    def press(self, key: str, character: str | None) -> bool:
        page = max(1, self.size.height - 4)
        steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -page, "pagedown": page}
        if key in steps:
            self._top += steps[key]
            self.show()
        elif key == "y" and self.told is not None:
            self.app.copy_to_clipboard("\n".join(words.lines(self.told)))
            self._copied = True
            self.show()
        elif key == "r":
            self._start()
            self.show()
        elif key in ("escape", "q", "enter"):
            self.end(None)
        return True


def subject_of(screen: MainScreen, pane: Pane) -> Subject | None:
    """What a diagnosis of the row under the cursor would be of; None when it is of nothing."""
    from labtui.ui.panes.map import MapPane

    if isinstance(pane, MapPane):
        return pane.subject()
    snapshot, now = screen.link.store.snapshot, screen.link.now()
    key, noun = pane.selection.key, pane.view.noun
    if pane.selection.row is None:
        return None
    if noun == "feed":
        backend, _slash, rest = key.partition("/")
        router = rest.partition("/")[0]
        known = snapshot.one(RouterFacts, router) is not None
        return Subject("router", router) if backend == "routeros" or known else None
    link = link_named(links(snapshot, now), noun, key)
    return Subject("link", link.key) if link is not None else None


def open_diagnosis(screen: MainScreen) -> None:
    """Diagnose what is selected."""
    subject = subject_of(screen, screen.pane)
    if subject is None:
        screen.notice.say(_("links, tunnels, sessions, routers and sites can be diagnosed"))
        return
    screen.open(DiagnosisDialog(screen.link, subject))
