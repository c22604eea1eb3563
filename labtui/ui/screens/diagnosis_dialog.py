"""The dialog of a diagnosis: its steps as they come, the broken layer, and what to try."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from labtui.locale import _
from labtui.model.diagnosis import Diagnosis, Subject, link_named
from labtui.model.links import links
from labtui.model.overlay import RouterFacts
from labtui.ui.screens.page import Page, hinted
from labtui.ui.widgets.cells import Line, Span, padded, wrapped
from labtui.views import diagnosis as words

if TYPE_CHECKING:
    from labtui.ui.link import LabLink
    from labtui.ui.panes.pane import Pane
    from labtui.ui.screens.main import MainScreen

_LABEL = 14


class DiagnosisDialog(Page[None]):
    """Runs while it is open; leaving it ends what is being asked."""

    WIDEST: ClassVar[int] = 110

    def __init__(self, link: LabLink, subject: Subject) -> None:
        super().__init__()
        self._link = link
        self._subject = subject
        self.told: Diagnosis | None = None
        self._copied = False

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

    @property
    def heading(self) -> str:
        name = self.told.title if self.told is not None else self._subject.one
        return _("diagnosis of {name}").format(name=name)

    def hints(self) -> list[Span]:
        keys = hinted(("esc", _("back")), ("y", _("copy")), ("r", _("again")))
        return [*keys, Span(" " + _("copied") + " ", "good")] if self._copied else keys

    def body(self, width: int) -> list[Line]:
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

    def other_key(self, key: str) -> None:
        if key == "y" and self.told is not None:
            self.app.copy_to_clipboard("\n".join(words.lines(self.told)))
            self._copied = True
            self.show()
        elif key == "r":
            self._start()
            self.show()
        elif key in ("escape", "q", "enter"):
            self.end(None)


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
