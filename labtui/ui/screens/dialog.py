"""A dialog: lines in the middle of the main screen, above the panes, which stay live behind it.

No modal screen of Textual's: each change behind one of those paints the whole terminal anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

from textual.widget import Widget

from labtui.ui.widgets.canvas import Canvas
from labtui.ui.widgets.cells import Line

T = TypeVar("T")


class Overlay(Widget, Generic[T]):
    """What lies above the panes and has all keys. `then` gets its result when it ends.

    `type` is how keys that came after the one that ended it are typed again.
    """

    then: Callable[[T], None] | None = None
    leave: Callable[[], None] | None = None
    type: Callable[[str, str | None], bool] | None = None

    def press(self, key: str, character: str | None) -> bool:
        """A key was pressed; False when it means nothing here."""
        raise NotImplementedError

    def paste(self, text: str) -> None:
        """Text was pasted; only what takes text does anything with it."""

    def end(self, result: T) -> None:
        """Go away with a result."""
        if self.leave is not None:
            self.leave()
        if self.then is not None:
            self.then(result)

    def begin(self) -> None:
        """It is on the screen now: take the size that is needed."""

    def show(self) -> None:
        """The room has changed: take the size that is needed now."""

    def room(self) -> tuple[int, int]:
        """Width and height of the screen."""
        return self.screen.size.width, self.screen.size.height


class Dialog(Canvas, Overlay[T]):
    """An overlay of framed lines. Give it `lines`; call `show` when they may have changed."""

    GROUND: ClassVar[str] = "surface"
    WIDEST: ClassVar[int] = 100

    def lines(self, width: int, height: int) -> list[Line]:
        """The framed lines for that much room."""
        raise NotImplementedError

    def begin(self) -> None:
        self.show()

    def show(self) -> None:
        """Draw anew, in as many lines as that takes."""
        if not self.is_attached:
            return
        across, down = self.room()
        width = min(self.WIDEST, max(20, across - 4))
        height = min(len(self.lines(width, down - 2)), down - 2)
        place(self, width, height)
        self.redraw()

    def draw(self, width: int, height: int) -> list[Line]:
        return self.lines(width, height)


AnyOverlay = Overlay[Any]


def place(overlay: AnyOverlay, width: int, height: int) -> None:
    """Put it into the middle, that large."""
    across, down = overlay.room()
    overlay.styles.width = width
    overlay.styles.height = height
    overlay.styles.offset = (max(0, (across - width) // 2), max(0, (down - height) // 2))
