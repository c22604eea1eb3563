"""Searching: what the finder is opened with, and what becomes of the entry that is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from labtui.locale import _
from labtui.ui import candidates
from labtui.ui.candidates import Candidate, Target
from labtui.ui.commands import direct

if TYPE_CHECKING:
    from labtui.ui.screens.main import MainScreen


class Searching:
    """Opens the finder; `reach` does or goes to what was chosen there."""

    def __init__(self, screen: MainScreen, reach: Callable[[Target], None]) -> None:
        self._screen = screen
        self._reach = reach

    def goto(self, text: str = "") -> None:
        """Places, typed commands and every object, beginning with that text."""
        screen = self._screen
        snapshot, now = screen.link.store.snapshot, screen.link.now()
        entries = [
            *candidates.places(screen.views, screen.keymap),
            *candidates.words(screen.keymap),
        ]

        def objects() -> list[Candidate]:
            return list(candidates.objects(screen.views, snapshot, now))

        self._find(_("go to"), ":", entries, text, objects)

    def trouble(self) -> None:
        """Every row in trouble and every source that fails, to go to."""
        screen = self._screen
        snapshot, now = screen.link.store.snapshot, screen.link.now()
        if entries := candidates.troubled(screen.watched, snapshot, now):
            self._find(_("trouble"), "!", entries)
        else:
            screen.notice.say(_("nothing is in trouble"), "good")

    def palette(self) -> None:
        """What can be done with the row, every command, every theme."""
        screen = self._screen
        own = {action.id for action in screen.actions}
        own |= {direct(action) for action in screen.actions}
        entries = [
            *screen.errands.candidates(),
            *candidates.commands(screen.keymap, leave_out=own),
            *candidates.themes(sorted(screen.app.available_themes)),
        ]
        self._find(_("commands"), ">", entries)

    def column(self) -> None:
        """What the pane can be sorted by."""
        pane = self._screen.pane
        self._find(_("sort by"), "S", list(candidates.columns(pane.view, pane.sort_by)))

    def _find(
        self,
        title: str,
        sign: str,
        entries: Sequence[Candidate],
        text: str = "",
        more: Callable[[], Sequence[Candidate]] | None = None,
    ) -> None:
        # Imported when first needed, as the filter line is.
        from labtui.ui.screens.finder import Finder

        self._screen.open(Finder(title, sign, entries, text, more), self._found)

    def _found(self, candidate: Candidate | None) -> None:
        if candidate is not None:
            self._reach(candidate.target)
