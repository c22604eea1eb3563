"""Holding back: `:freeze`, `:thaw`, `:write`, `:readonly`, from the words typed to what is said."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from labtui.live.holdback import Word
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.spans import seconds_of

if TYPE_CHECKING:
    from labtui.ui.screens.main import MainScreen


class Holding:
    """Carries these words to the gate of the lab; what that says stands in the notice."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self.words: dict[str, Callable[[str], None]] = {
            "freeze": lambda reason: self._ask(lambda: screen.link.gate.freeze(reason)),
            "thaw": lambda _rest: self._ask(lambda: screen.link.gate.thaw()),
            "write": self._write,
            "readonly": lambda _rest: self._say(screen.link.gate.lower()),
        }

    def _ask(self, wish: Callable[[], Awaitable[Word]]) -> None:
        async def asked() -> None:
            self._say(await wish())

        self._screen.run_worker(asked(), group="holding")

    def _write(self, rest: str) -> None:
        """`10m reason`."""
        span, _blank, reason = rest.strip().partition(" ")
        seconds = seconds_of(span)
        if seconds is None:
            self._screen.notice.say(_("write for how long, and why? :write 10m WHY"), "warn")
            return
        try:
            self._say(self._screen.link.gate.elevate(seconds, reason))
        except LabError as error:
            self._screen.notice.tell(error.problem)

    def _say(self, word: Word) -> None:
        self._screen.notice.say(word.text, "good" if word.well else "bad")
        self._screen.paint()
