"""Route checks on the screen: the key `R` on a row, and `:route ADDRESS`; routers are asked now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.locale import _
from labtui.model.links import links
from labtui.model.route_checks import RouteCheck, RouteQuestion, between, for_address, for_row
from labtui.ui.screens.page import PageDialog
from labtui.ui.widgets.cells import Line, Span, padded, wrapped
from labtui.views import route_checks as words

if TYPE_CHECKING:
    from labtui.ui.link import LabLink
    from labtui.ui.screens.main import MainScreen

_LABEL = 10


class RouteDialog(PageDialog):
    """Shows the answers as they come; leaving it ends what is still asked."""

    def __init__(self, link: LabLink, title: str, questions: tuple[RouteQuestion, ...]) -> None:
        super().__init__(title, self._made_lines)
        self._link = link
        self._questions = questions
        self.answers: list[RouteCheck] = []

    def begin(self) -> None:
        super().begin()
        self.run_worker(self._follow(), group="routes", exclusive=True)

    async def _follow(self) -> None:
        async for answer in self._link.probing.check_routes(self._questions):
            self.answers.append(answer)
            self.show()

    def _made_lines(self, width: int) -> list[Line]:
        every = links(self._link.store.snapshot, self._link.now())
        lines: list[Line] = []
        for answer in words.ordered(self.answers):
            made = words.section(answer, every)
            lines.append((Span(made.title, "title"),))
            for label, cell in made.lines:
                head = label
                for part in wrapped(cell.text, max(20, width - _LABEL - 1)):
                    lines.append((Span(padded(head, _LABEL) + " ", "dim"), Span(part, cell.role)))
                    head = ""
        if left := len(self._questions) - len(self.answers):
            text = _("asking {n} more").format(n=left) if self.answers else _("asking the routers")
            lines.append((Span(text, "dim"),))
        return lines


def open_checks(screen: MainScreen) -> None:
    """Check what is selected: a prefix, a link, a router, a site, or between two marked sites."""
    from labtui.ui.panes.map import MapPane

    pane, link = screen.pane, screen.link
    snapshot, now = link.store.snapshot, link.now()
    if isinstance(pane, MapPane) and pane.pair is not None:
        _open(screen, " = ".join(pane.pair), between(snapshot, *pane.pair))
        return
    if pane.selection.row is None:
        screen.notice.say(_("nothing is selected"))
        return
    name = screen.errands.name(pane, pane.selection.row)
    key = name if pane.view.noun == "prefix" else pane.selection.key
    _open(screen, name, for_row(snapshot, now, pane.view.noun, key))


def check_address(screen: MainScreen, rest: str) -> None:
    """`:route ADDRESS`: that address at every router."""
    try:
        questions = for_address(screen.link.store.snapshot, rest.strip())
    except ValueError:
        screen.notice.say(_("the way to which address? :route 10.121.170.7"))
        return
    _open(screen, rest.strip(), questions)


def _open(screen: MainScreen, name: str, questions: tuple[RouteQuestion, ...]) -> None:
    if not questions:
        screen.notice.say(_("no router of ours can be asked for a way there"), "warn")
        return
    title = _("route check: {name}").format(name=name)
    screen.open(RouteDialog(screen.link, title, questions))
