"""Dispatch: what each command of the main screen does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from labtui.locale import _
from labtui.ui.candidates import Target
from labtui.ui.commands import Command, direct
from labtui.ui.panes.freshness import topics_of
from labtui.ui.screens.searching import Searching
from labtui.ui.screens.travel import Travel
from labtui.ui.trail import OVERVIEW

if TYPE_CHECKING:
    from labtui.ui.screens.main import MainScreen


class Dispatch:
    """Runs commands by their ids."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self.travel = travel = Travel(screen)
        self.searching = Searching(screen, self._reach)
        self._do: dict[str, Callable[[], None]] = {
            "place.overview": travel.overview,
            "goto": self.searching.goto,
            "trouble": lambda: screen.findings.worst(),
            "finding.ack": lambda: screen.findings.put_aside("ack"),
            "finding.snooze": lambda: screen.findings.put_aside("snooze"),
            "pane.next": partial(self._step, 1),
            "pane.previous": partial(self._step, -1),
            "pane.full": travel.full,
            "back": travel.back,
            "details": self._details,
            **self._rows(),
            "copy": self._copy,
            "page": self._page_of,
            "read": self._read,
            "charts.shorter": partial(self._charts, -1),
            "charts.longer": partial(self._charts, 1),
            "log.next": self._next_log,
            "job.cancel": lambda: screen.errands.jobs.cancel(),
            "job.pause": lambda: screen.errands.jobs.pause(),
            "job.retry": lambda: screen.errands.jobs.retry(),
            "shell.ssh": partial(screen.errands.shell.open, "ssh"),
            "shell.console": partial(screen.errands.shell.open, "console"),
            **self._overlay(),
            "palette": self.searching.palette,
            "backups": self._backups,
            "events.of": partial(self._events, before=False),
            "events.before": partial(self._events, before=True),
            "help": self._help,
            "quit": screen.quit_app,
        }
        for command in screen.keymap.commands:
            if command.word:
                self._do[command.id] = partial(self._word, command)
        for view in screen.views:
            self._do[f"place.{view.id}"] = partial(travel.to_view, view.id)
        for action in screen.actions:
            self._do[action.id] = partial(screen.errands.act, action)
            if action.direct_key:
                self._do[direct(action)] = partial(screen.errands.act, action, at_once=True)

    def _rows(self) -> dict[str, Callable[[], None]]:
        """What moves among the rows of a pane, sifts, sorts and marks them."""
        screen = self._screen
        return {
            "up": partial(self._move, -1),
            "down": partial(self._move, 1),
            "page.up": partial(self._page, -1),
            "page.down": partial(self._page, 1),
            "first": lambda: screen.scrolled.to_top(),
            "last": lambda: screen.scrolled.to_end(),
            "filter": self._filter,
            "sort.left": partial(self._sort_step, -1),
            "sort.right": partial(self._sort_step, 1),
            "sort.choose": self.searching.column,
            "sort.reverse": self._sort_reverse,
            "mark": lambda: screen.pane.mark(),
            "mark.all": lambda: screen.pane.mark_all(),
        }

    def _overlay(self) -> dict[str, Callable[[], None]]:
        """What is the map's own, and diagnoses."""
        from labtui.ui.screens import overlay_keys

        return overlay_keys.commands(self._screen)

    def run(self, command: str) -> None:
        """Do it."""
        self._do[command]()

    def _step(self, step: int) -> None:
        screen = self._screen
        shown = screen.desk.shown_ids()
        if screen.desk.details is not None and screen.findings.here:
            screen.findings.step(step)
        elif screen.desk.details is None and screen.current in shown:
            screen.current = shown[(shown.index(screen.current) + step) % len(shown)]
            screen.focus_current()

    def _details(self) -> None:
        screen, pane = self._screen, self._screen.pane
        if screen.desk.details is None and pane.selection.row is not None:
            self.travel.open_details(pane.selection.key)
            screen.call_after_refresh(screen.focus_current)
        elif screen.desk.details is not None and screen.findings.here:
            screen.findings.choose()

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

    def _sort_reverse(self) -> None:
        pane = self._screen.pane
        by = pane.sort_by or pane.view.sort or pane.view.columns[0].id
        reverse = pane.sort_reverse
        if reverse is None:
            reverse = pane.view.column(by).descending
        pane.sort(pane.sort_by, not reverse, self._screen.link.now())

    def _copy(self) -> None:
        screen, pane = self._screen, self._screen.pane
        if screen.findings.here:
            screen.findings.copy()
            return
        if pane.selection.row is None:
            screen.notice.say(_("nothing is selected"))
            return
        name = screen.errands.name(pane, pane.selection.row)
        screen.app.copy_to_clipboard(name)
        screen.notice.say(_("copied: {text}").format(text=name), "good")

    def _page_of(self) -> None:
        from labtui.ui.screens.pages import copy_page

        copy_page(self._screen)

    def _read(self) -> None:
        screen = self._screen
        topics = topics_of(screen.pane.view) | screen.desk.topics()
        screen.link.read_now(topics)
        if screen.desk.details is not None:
            screen.desk.details.ask(screen.link.wire)
        screen.notice.say(_("reading again"))

    def _charts(self, steps: int) -> None:
        screen = self._screen
        details = screen.desk.details
        if details is None or not details.timeframe(steps):
            screen.notice.say(_("details of a guest, node or session have charts"))

    def _next_log(self) -> None:
        screen = self._screen
        details = screen.desk.details
        if details is None or not details.next_log():
            screen.notice.say(_("details of a guest have logs"))

    def _word(self, command: Command) -> None:
        """A command that is typed, asked for in another way: what it takes has to be typed yet."""
        if command.takes:
            self.searching.goto(f"{command.word} ")
        else:
            self._typed(command.word, "")

    def _typed(self, word: str, rest: str) -> None:
        """A word from the go-to prompt with what stands after it."""
        if word == "lookup":
            from labtui.ui.screens.lookup import look_up

            look_up(self._screen, rest)
        elif word == "route":
            from labtui.ui.screens.route_dialog import check_address

            check_address(self._screen, rest)
        elif word == "backups":
            self._backups()
        elif word in ("calendar", "cards", "usage"):
            from labtui.ui.screens.card_pages import PAGES

            PAGES[word](self._screen, rest)
        else:
            self._screen.holding.words[word](rest)

    def _events(self, *, before: bool) -> None:
        from labtui.ui.screens.events import open_events

        open_events(self._screen, before=before)

    def _backups(self) -> None:
        from labtui.ui.screens.backups import BackupsDialog

        self._screen.open(BackupsDialog(self._screen.link.wire), self._restored)

    def _restored(self, key: str) -> None:
        """The plan of a restore of that guest, when one was chosen."""
        action = next((a for a in self._screen.actions if a.id == "guest.restore"), None)
        if key and action is not None:
            self._screen.errands.plan(action, key, key.rpartition("/")[2])

    def _reach(self, target: Target) -> None:
        if target.kind == "command":
            self.run(target.name)
        elif target.kind == "word":
            self._typed(target.name, target.key)
        elif target.kind == "theme":
            self._screen.app.theme = target.name
        elif target.kind == "column":
            self.sort_by(target.name)
        elif target.name == OVERVIEW:
            self.travel.overview()
        else:
            self.travel.to_object(target.name, target.key)

    def _help(self) -> None:
        from labtui.ui.screens.help import Help

        self._screen.open(Help(self._screen.keymap))
