"""Filtering: the line that opens on `/` and sifts the pane with every letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.locale import N_
from labtui.ui.widgets.footer import Hint
from labtui.ui.widgets.prompt import Field
from labtui.views.filter import doubts, parse

if TYPE_CHECKING:
    from labtui.ui.screens.main import MainScreen

_HINTS = (
    Hint("enter", N_("keep")),
    Hint("esc", N_("show all")),
    Hint("field:value", ""),
    Hint("field:>5G", "", weight=1),
    Hint("!not", "", weight=1),
    Hint("~regex", "", weight=1),
    Hint('"two words"', "", weight=1),
)


class Filtering:
    """Owns the filter line of the main screen."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._field: Field | None = None

    @property
    def active(self) -> bool:
        """True while a filter is being typed."""
        return self._field is not None

    def hints(self) -> tuple[Hint, ...]:
        """The keys while a filter is being typed."""
        return _HINTS if self.active else ()

    def begin(self) -> None:
        """Open the line with the filter in force."""
        screen = self._screen
        self._field = Field("/", screen.pane.table.filter.text)
        screen.drafting.warm(screen.pane.table)
        screen.mount(self._field, before=screen.footer)
        screen.hint()

    def sift(self, text: str) -> None:
        """Show what the text lets through; say what can't be understood."""
        screen = self._screen
        wanted = parse(text)
        pane = screen.pane
        pane.sift(wanted, screen.link.now())
        doubt = doubts(pane.view, wanted, pane.table.everything, pane.table.texts)
        screen.notice.say(doubt, "warn")

    def end(self) -> None:
        """Close the line; the filter stays."""
        if self._field is not None:
            self._field.remove()
            self._field = None
            self._screen.focus_current()

    def key(self, key: str, character: str | None) -> bool:
        """True while a filter is being typed: every key is for it, or for the pane above it."""
        if self._field is None:
            return False
        pane = self._screen.pane
        moves = {"up": -1, "down": 1, "pageup": -pane.page, "pagedown": pane.page}
        if key in moves:
            pane.move(moves[key])
        elif key in ("enter", "tab"):
            self.end()
        elif key in ("escape", "ctrl+c"):
            self.sift("")
            self.end()
        elif self._field.press(key, character) and self._field.text != pane.table.filter.text:
            self.sift(self._field.text)
        return True

    def paste(self, text: str) -> None:
        """Take what was pasted."""
        if self._field is not None:
            self._field.insert(text)
            self.sift(self._field.text)
