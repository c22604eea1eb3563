"""The desk: the panes and the details, and which of them are in sight.

Panes are made when they are first shown. A pane keeps its cursor, sort and filter for as long as
the app runs, so that going somewhere and back costs nothing and loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.reactive import Reactive
from textual.widget import Widget

from labtui.model.snapshot import Snapshot
from labtui.ui import tiling
from labtui.ui.panes.freshness import topics_of
from labtui.ui.panes.pane import Pane
from labtui.ui.panes.table import Table
from labtui.ui.tiling import Place
from labtui.views.view import View

if TYPE_CHECKING:
    from labtui.ui.panes.details import Details


class _Tiles(Layout):
    """Puts each child of the desk where the desk says; the others nowhere."""

    name = "tiles"

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        del greedy
        places = parent.places(size) if isinstance(parent, Desk) else {}
        return [
            WidgetPlacement(Region(*places[child]), NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child in places
        ]


class Desk(Widget):
    """Holds the panes, which `make` makes of views.

    `place` is `overview`, or the id of the one view that fills it.
    """

    # It never scrolls: another size lays out its panes anew by itself.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), repaint=False)

    def __init__(self, views: Sequence[View[Any]], make: Callable[[View[Any]], Pane]) -> None:
        super().__init__(id="desk")
        self.views = {view.id: view for view in views}
        self.panes: dict[str, Pane] = {}
        self.place = "overview"
        self.opened = ""
        self.details: Details | None = None
        self._make = make
        self._tiles = _Tiles()
        self._placed: dict[str, Place] = {}

    @property
    def layout(self) -> Layout:
        return self._tiles

    def compose(self) -> ComposeResult:
        # There from the first layout on: what is mounted later costs one more, with a blank frame.
        yield from self._make_missing()

    def on_resize(self) -> None:
        # The layout comes with the new size; it has only to be told of other panes.
        placed = {name for name, pane in self.panes.items() if pane.display}
        if self.details is None and placed != set(self.shown_ids()):
            self.arrange_panes()

    def overview_ids(self) -> tuple[str, ...]:
        """Ids of the views that the overview has at this size, in reading order."""
        columns = tiling.overview_columns(*(self.size or self.app.size))
        return tuple(name for column in columns for name in column if name in self.views)

    def shown_ids(self) -> tuple[str, ...]:
        """Ids of the views in sight, in reading order."""
        return self.overview_ids() if self.place == "overview" else (self.place,)

    def shown(self) -> list[Pane]:
        """The panes in sight, also while the details cover them."""
        return [self.panes[name] for name in self.shown_ids() if name in self.panes]

    def topics(self) -> frozenset[str]:
        """The topics of what is in sight."""
        views = (self.views[name] for name in self.shown_ids())
        return frozenset().union(*(topics_of(view) for view in views))

    def places(self, size: Size) -> dict[Widget, Place]:
        """Where each widget goes, for the layout."""
        if self.details is not None and self.details.is_attached:
            return {self.details: tiling.whole(*size)}
        if self.place != "overview":
            pane = self.panes.get(self.place)
            return {pane: tiling.whole(*size)} if pane else {}
        self._placed = self._overview(size)
        return {self.panes[name]: place for name, place in self._placed.items()}

    def _overview(self, size: Size) -> dict[str, Place]:
        wants = {name: pane.wanted for name, pane in self.panes.items()}
        return tiling.overview(*size, wants, self.opened, tuple(self.panes))

    def arrange_panes(self) -> None:
        """Make the panes that come into sight, and lay out anew."""
        if missing := self._make_missing():
            self.mount(*missing)
        in_sight = set(self.shown_ids()) if self.details is None else set()
        for name, pane in self.panes.items():
            pane.display = name in in_sight
        self._lay_out()

    def _make_missing(self) -> list[Pane]:
        missing = [name for name in self.shown_ids() if name not in self.panes]
        for name in missing:
            self.panes[name] = self._make(self.views[name])
        return [self.panes[name] for name in missing]

    def _lay_out(self) -> None:
        # A widget keeps its arrangement until a child of it asks for another.
        for child in self.children:
            child.refresh(repaint=False, layout=True)
            break
        self.refresh(repaint=False, layout=True)

    def drafts(self, snapshot: Snapshot, now: float) -> list[Callable[[], Callable[[], None]]]:
        """What has to be made anew before `look` can show this snapshot, for the workroom."""
        return [
            partial(_drafted, table, snapshot, now)
            for table in self._tables()
            if (table.drawn or table.view.heavy) and table.due(snapshot, now)
        ]

    @property
    def slow(self) -> bool:
        """Whether rows in sight take so long to make that it is better done elsewhere."""
        return any(table.slow for table in self._tables())

    def _tables(self) -> list[Table]:
        panes = [self.details.pane] if self.details is not None else self.shown()
        return [pane.table for pane in panes]

    def look(self, snapshot: Snapshot, now: float, *, settled: bool = True) -> None:
        """Show this snapshot; lay out anew only when a pane needs another height.

        Not `settled`: the rows that a pane has are shown as they are, newer ones being made.
        """
        if self.details is not None:
            self.details.look(snapshot, now, settled=settled)
            return
        for pane in self.shown():
            pane.look(snapshot, now, settled=settled)
        if self.place == "overview" and self.size and self._overview(self.size) != self._placed:
            self._lay_out()

    def go(self, place: str) -> None:
        """Show the overview, or one view alone."""
        self.close_details()
        self.place = place
        self.arrange_panes()

    def hear(self, *, mouse: bool) -> None:
        """Have the panes hear the mouse or not."""
        for pane in self.panes.values():
            pane.deaf = not mouse

    def activate(self, name: str) -> None:
        """Have keys work on that pane."""
        for view, pane in self.panes.items():
            pane.active = view == name
        self.open_pane(name)

    def open_pane(self, name: str) -> None:
        """In a narrow terminal: open that pane, fold the others."""
        if self.opened != name:
            self.opened = name
            if self.place == "overview" and self.size.width < tiling.TWO_COLUMNS:
                self._lay_out()

    def open_details(self, details: Details) -> None:
        """Cover the desk with an object's details."""
        self.details = details
        self.mount(details)
        self.arrange_panes()

    def close_details(self) -> bool:
        """Take the details away; False when there were none."""
        if self.details is None:
            return False
        self.details.pane.selection.find(self.details.key)
        self.details.remove()
        self.details = None
        self.arrange_panes()
        return True


def _drafted(table: Table, snapshot: Snapshot, now: float) -> Callable[[], None]:
    return partial(table.take, table.draft(snapshot, now))
