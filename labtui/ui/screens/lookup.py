"""`:lookup WHAT`: what it is, whose, and where now; routers are asked when this is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from labtui.locale import _
from labtui.model.lookup import Found, Sightings, parse
from labtui.model.lookup_names import lookup, with_sighted
from labtui.model.records.index import first_inventory
from labtui.ui.screens.page import Page, hinted
from labtui.ui.widgets.cells import Line, Span, padded
from labtui.views.figures import span
from labtui.views.lookup import sections
from labtui.views.view import Section

if TYPE_CHECKING:
    from labtui.ui.link import LabLink
    from labtui.ui.screens.main import MainScreen

_LABEL = 12


class LookupDialog(Page[None]):
    """Shows what was read at once, and what the routers say when they have said it."""

    WIDEST: ClassVar[int] = 110

    def __init__(self, link: LabLink, what: str) -> None:
        super().__init__()
        self._link = link
        self._found: Found = lookup(link.store.snapshot, parse(what))
        self._sightings: Sightings | None = None

    def begin(self) -> None:
        super().begin()
        self.run_worker(self._ask(), exclusive=True)

    async def _ask(self) -> None:
        self._sightings = await self._link.seek(self._found.query)
        self._found = with_sighted(self._found, self._sightings, self._link.store.snapshot)
        self.show()

    @property
    def page(self) -> str:
        """Where NetBox shows the first object of it; empty when it has none."""
        inventory = first_inventory(self._link.store.snapshot)
        first = self._found.first
        return first.page(inventory.url) if first is not None and inventory is not None else ""

    @property
    def heading(self) -> str:
        return _("lookup {what}").format(what=self._found.query.text)

    def body(self, width: int) -> list[Line]:
        del width
        snapshot, now = self._link.store.snapshot, self._link.now()
        return section_lines(sections(self._found, self._sightings, snapshot, now))

    def hints(self) -> list[Span]:
        own = hinted(("o", _("copy its page in NetBox"))) if self.page else []
        return [*super().hints(), *own]

    def other_key(self, key: str) -> None:
        if key == "o" and self.page:
            # The terminal's own browser, for the console may run on another machine.
            self.app.copy_to_clipboard(self.page)
        else:
            self.end(None)


def section_lines(made: tuple[Section, ...]) -> list[Line]:
    """A heading for each section, its lines below."""
    lines: list[Line] = []
    for number, section in enumerate(made):
        if number:
            lines.append(())
        old = _("{span} old").format(span=span(section.age)) if section.age is not None else ""
        lines.append((Span(section.title, "title"), Span(f"  {old}" if old else "", "stale")))
        lines.extend(
            (Span(padded(label, _LABEL) + " ", "dim"), Span(cell.text, cell.role))
            for label, cell in section.lines
        )
    return lines


def look_up(screen: MainScreen, what: str) -> None:
    """Open it for what was typed."""
    if what.strip():
        screen.open(LookupDialog(screen.link, what))
    else:
        screen.notice.say(_("look up what? :lookup 10.0.0.5, a MAC, vlan 170, AS65001, a name"))
