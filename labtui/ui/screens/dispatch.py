"""Dispatch: what each command of the main screen does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from labtui.locale import _
from labtui.ui import candidates
from labtui.ui.candidates import Candidate, Target
from labtui.ui.commands import Command, direct
from labtui.ui.panes.details import Details
from labtui.ui.panes.freshness import topics_of
from labtui.ui.trail import OVERVIEW, Spot, Trail
from labtui.views.filter import EMPTY

if TYPE_CHECKING:
    from labtui.ui.screens.main import MainScreen


class Dispatch:
    """Runs commands by their ids."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._trail = Trail()
        self._do: dict[str, Callable[[], None]] = {
            "place.overview": self._overview,
            "goto": self._goto,
            "trouble": self._trouble,
            "pane.next": partial(self._step, 1),
            "pane.previous": partial(self._step, -1),
            "pane.full": self._full,
            "back": self._back,
            "details": self._details,
            "up": partial(self._move, -1),
            "down": partial(self._move, 1),
            "page.up": partial(self._page, -1),
            "page.down": partial(self._page, 1),
            "first": lambda: screen.scrolled.to_top(),
            "last": lambda: screen.scrolled.to_end(),
            "filter": self._filter,
            "sort.left": partial(self._sort_step, -1),
            "sort.right": partial(self._sort_step, 1),
            "sort.choose": self._sort_choose,
            "sort.reverse": self._sort_reverse,
            "mark": lambda: screen.pane.mark(),
            "mark.all": lambda: screen.pane.mark_all(),
            "copy": self._copy,
            "read": self._read,
            "job.cancel": screen.errands.cancel_job,
            "palette": self._palette,
            "backups": self._backups,
            "help": self._help,
            "quit": screen.quit_app,
        }
        for command in screen.keymap.commands:
            if command.word:
                self._do[command.id] = partial(self._word, command)
        for view in screen.views:
            self._do[f"place.{view.id}"] = partial(self.to_view, view.id)
        for action in screen.actions:
            self._do[action.id] = partial(screen.errands.act, action)
            if action.direct_key:
                self._do[direct(action)] = partial(screen.errands.act, action, at_once=True)

    def run(self, command: str) -> None:
        """Do it."""
        self._do[command]()

    def _go(self, place: str, view: str) -> None:
        """To that place, with keys working on that view; how to come back is remembered."""
        screen, desk = self._screen, self._screen.desk
        self._trail.leave(Spot(desk.place, screen.current), place)
        self._show(place, view)

    def _show(self, place: str, view: str) -> None:
        screen = self._screen
        screen.desk.go(place)
        screen.current = view or screen.current
        screen.call_after_refresh(screen.focus_current)

    def _overview(self) -> None:
        shown = self._screen.desk.overview_ids()
        before = self._trail.home()
        self._show(OVERVIEW, "" if self._screen.current in shown else before)

    def to_view(self, name: str) -> None:
        """Go to a view: into its pane, or to its full size when it has none or is there already."""
        screen, desk = self._screen, self._screen.desk
        pane_here = desk.place == OVERVIEW and name in desk.overview_ids()
        if pane_here and screen.current != name:
            desk.close_details()
        elif not (screen.current == name and desk.close_details()):
            self._go(name, name)
            return
        screen.current = name
        screen.call_after_refresh(screen.focus_current)

    def _step(self, step: int) -> None:
        screen = self._screen
        shown = screen.desk.shown_ids()
        if screen.desk.details is None and screen.current in shown:
            screen.current = shown[(shown.index(screen.current) + step) % len(shown)]
            screen.focus_current()

    def _full(self) -> None:
        screen = self._screen
        if screen.desk.place == OVERVIEW:
            self._go(screen.current, screen.current)
        else:
            self._overview()

    def _back(self) -> None:
        """Out of what was entered last: details, filter, marks, place."""
        screen, pane = self._screen, self._screen.pane
        if screen.desk.close_details():
            screen.call_after_refresh(screen.focus_current)
        elif pane.table.filter.text:
            pane.sift(EMPTY, screen.link.now())
        elif pane.selection.marks:
            pane.unmark()
        elif screen.desk.place != OVERVIEW:
            self._show(*self._trail.back(screen.desk.place))

    def _details(self) -> None:
        screen, pane = self._screen, self._screen.pane
        if screen.desk.details is None and pane.selection.row is not None:
            details = Details(pane, pane.selection.key)
            screen.desk.open_details(details)
            details.ask(screen.link.wire)
            screen.call_after_refresh(screen.focus_current)

    def _move(self, rows: int) -> None:
        self._screen.scrolled.move(rows)

    def _page(self, pages: int) -> None:
        scrolled = self._screen.scrolled
        scrolled.move(pages * max(1, scrolled.page - 1))

    def _filter(self) -> None:
        if self._screen.desk.details is None:
            self._screen.filtering.begin()

    def sort_by(self, column: str, reverse: bool | None = None) -> None:
        """Sort the pane by a column; by the one that it is sorted by already: the other way."""
        screen, pane = self._screen, self._screen.pane
        if column and column == pane.sort_by and reverse is None:
            now_reversed = pane.sort_reverse
            if now_reversed is None:
                now_reversed = pane.view.column(column).descending
            reverse = not now_reversed
        pane.sort(column, reverse, screen.link.now())

    def _sort_step(self, step: int) -> None:
        pane = self._screen.pane
        shown = pane.shown_columns() or tuple(column.id for column in pane.view.columns)
        if pane.sort_by in shown:
            place = (shown.index(pane.sort_by) + step) % len(shown)
        else:
            place = 0 if step > 0 else len(shown) - 1
        pane.sort(shown[place], None, self._screen.link.now())

    def _sort_choose(self) -> None:
        pane = self._screen.pane
        entries = list(candidates.columns(pane.view, pane.sort_by))
        self._find(_("sort by"), "S", entries)

    def _sort_reverse(self) -> None:
        pane = self._screen.pane
        by = pane.sort_by or pane.view.sort or pane.view.columns[0].id
        reverse = pane.sort_reverse
        if reverse is None:
            reverse = pane.view.column(by).descending
        pane.sort(pane.sort_by, not reverse, self._screen.link.now())

    def _copy(self) -> None:
        screen, pane = self._screen, self._screen.pane
        if pane.selection.row is None:
            screen.notice.say(_("nothing is selected"))
            return
        name = screen.errands.name(pane, pane.selection.row)
        screen.app.copy_to_clipboard(name)
        screen.notice.say(_("copied: {text}").format(text=name), "good")

    def _read(self) -> None:
        screen = self._screen
        topics = topics_of(screen.pane.view) | screen.desk.topics()
        screen.link.read_now(topics)
        if screen.desk.details is not None:
            screen.desk.details.ask(screen.link.wire)
        screen.notice.say(_("reading again"))

    def _word(self, command: Command) -> None:
        """A command that is typed, asked for in another way: what it takes has to be typed yet."""
        if command.takes:
            self._goto(f"{command.word} ")
        else:
            self._screen.holding.words[command.word]("")

    def _goto(self, text: str = "") -> None:
        screen = self._screen
        snapshot, now = screen.link.store.snapshot, screen.link.now()
        entries = [
            *candidates.places(screen.views, screen.keymap),
            *candidates.words(screen.keymap),
            *candidates.objects(screen.views, snapshot, now),
        ]
        self._find(_("go to"), ":", entries, text)

    def _trouble(self) -> None:
        screen = self._screen
        snapshot, now = screen.link.store.snapshot, screen.link.now()
        if entries := candidates.troubled(screen.watched, snapshot, now):
            self._find(_("trouble"), "!", entries)
        else:
            screen.notice.say(_("nothing is in trouble"), "good")

    def _palette(self) -> None:
        screen = self._screen
        own = {action.id for action in screen.actions}
        own |= {direct(action) for action in screen.actions}
        entries = [
            *screen.errands.candidates(),
            *candidates.commands(screen.keymap, leave_out=own),
            *candidates.themes(sorted(screen.app.available_themes)),
        ]
        self._find(_("commands"), ">", entries)

    def _backups(self) -> None:
        from labtui.ui.screens.backups import BackupsDialog

        self._screen.open(BackupsDialog(self._screen.link.wire))

    def _find(self, title: str, sign: str, entries: Sequence[Candidate], text: str = "") -> None:
        # Imported when first needed, as the filter line is.
        from labtui.ui.screens.finder import Finder

        self._screen.open(Finder(title, sign, entries, text), self._found)

    def _found(self, candidate: Candidate | None) -> None:
        if candidate is not None:
            self._reach(candidate.target)

    def _reach(self, target: Target) -> None:
        if target.kind == "command":
            self.run(target.name)
        elif target.kind == "word":
            self._screen.holding.words[target.name](target.key)
        elif target.kind == "theme":
            self._screen.app.theme = target.name
        elif target.kind == "column":
            self.sort_by(target.name)
        elif target.name == OVERVIEW:
            self._overview()
        else:
            self._to_object(target.name, target.key)

    def _to_object(self, name: str, key: str) -> None:
        screen, desk = self._screen, self._screen.desk
        desk.close_details()
        if not (desk.place == OVERVIEW and key and name in desk.overview_ids()):
            self._go(name, name)
        screen.current = name
        pane = screen.pane
        if key:
            screen.paint()
            if not pane.seek(key) and pane.table.filter.text:
                pane.sift(EMPTY, screen.link.now())
        screen.call_after_refresh(screen.focus_current)

    def _help(self) -> None:
        from labtui.ui.screens.help import Help

        self._screen.open(Help(self._screen.keymap))
