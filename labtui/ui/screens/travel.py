"""Travel: from place to place, into details and back out of what was entered last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.ui.panes.details import Details
from labtui.ui.trail import OVERVIEW, Spot, Trail
from labtui.views.filter import EMPTY

if TYPE_CHECKING:
    from labtui.ui.screens.main import MainScreen


class Travel:
    """Moves the main screen; remembers how to come back."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._trail = Trail()

    def go(self, place: str, view: str) -> None:
        """To that place, with keys working on that view; how to come back is remembered."""
        screen, desk = self._screen, self._screen.desk
        spot, details = Spot(desk.place, screen.current), desk.details
        if details is not None:
            spot = spot._replace(details=details.key, passing=details.passing)
        self._trail.leave(spot, place)
        self._show(Spot(place, view))

    def _show(self, spot: Spot) -> None:
        screen, (place, view, details, passing) = self._screen, spot
        screen.desk.go(place)
        screen.current = view or screen.current
        if details and screen.current in screen.desk.panes:
            self.open_details(details).passing = passing
        screen.call_after_refresh(screen.focus_current)

    def open_details(self, key: str) -> Details:
        """The details of an object of the current pane."""
        screen = self._screen
        details = Details(screen.pane, key)
        screen.desk.open_details(details)
        details.ask(screen.link.wire)
        return details

    def visit(self, name: str, key: str) -> None:
        """To an object's row in its pane at full size; `back` returns to where one was."""
        if name == self._screen.desk.place:
            self._screen.desk.close_details()
        self.go(name, name)
        if key:
            self._seek(key)

    def to_details(self, name: str, key: str) -> None:
        """The details of an object from anywhere; `back` returns to where one was, at once."""
        away = self._screen.desk.place != name
        self.go(name, name)
        self._seek(key)
        self.open_details(key).passing = away

    def next_details(self, key: str) -> None:
        """The details of another row in place of those that are open."""
        desk = self._screen.desk
        passing = desk.details is not None and desk.details.passing
        desk.close_details()
        self._screen.pane.seek(key)
        self.open_details(key).passing = passing
        self._screen.call_after_refresh(self._screen.focus_current)

    def overview(self) -> None:
        """To all panes at once."""
        shown = self._screen.desk.overview_ids()
        before = self._trail.home()
        self._show(Spot(OVERVIEW, "" if self._screen.current in shown else before))

    def to_view(self, name: str) -> None:
        """Go to a view: into its pane, or to its full size when it has none or is there already."""
        screen, desk = self._screen, self._screen.desk
        pane_here = desk.place == OVERVIEW and name in desk.overview_ids()
        if pane_here and screen.current != name:
            desk.close_details()
        elif not (screen.current == name and desk.close_details()):
            self.go(name, name)
            return
        screen.current = name
        screen.call_after_refresh(screen.focus_current)

    def full(self) -> None:
        """The current pane alone, or the overview again."""
        screen = self._screen
        if screen.desk.place == OVERVIEW:
            self.go(screen.current, screen.current)
        else:
            self.overview()

    def back(self) -> None:
        """Out of what was entered last: details, filter, marks, place."""
        screen, pane = self._screen, self._screen.pane
        passing = screen.desk.details is not None and screen.desk.details.passing
        if screen.desk.close_details():
            if passing:
                self._show(self._trail.back(screen.desk.place))
            screen.call_after_refresh(screen.focus_current)
        elif pane.table.filter.text:
            pane.sift(EMPTY, screen.link.now())
        elif pane.selection.marks:
            pane.unmark()
        elif screen.desk.place != OVERVIEW:
            self._show(self._trail.back(screen.desk.place))

    def to_object(self, name: str, key: str) -> None:
        """To an object's row: in its pane on the overview, else in its view at full size."""
        screen, desk = self._screen, self._screen.desk
        desk.close_details()
        if not (desk.place == OVERVIEW and key and name in desk.overview_ids()):
            self.go(name, name)
        screen.current = name
        if key:
            self._seek(key)
        screen.call_after_refresh(screen.focus_current)

    def _seek(self, key: str) -> None:
        """The cursor of the current pane to that object, a filter that hides it taken away."""
        screen, pane = self._screen, self._screen.pane
        screen.paint()
        if not pane.seek(key) and pane.table.filter.text:
            pane.sift(EMPTY, screen.link.now())
