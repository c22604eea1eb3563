"""A driver of the console that reads like its user's words."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from textual import events
from textual.keys import _character_to_key, key_to_character
from textual.pilot import Pilot

from labtui.actions.action import Action
from labtui.config.theme import load_themes
from labtui.ui.app import LabtuiApp
from labtui.ui.panes.pane import Pane
from labtui.ui.screens.finder import Finder
from labtui.ui.screens.main import MainScreen
from labtui.ui.widgets.canvas import Canvas
from labtui.views import VIEWS
from labtui.views.view import View
from tests.ui.links import FakeLink
from tests.ui.moving import Moving

SMALL, USUAL, LARGE = (80, 24), (120, 36), (200, 50)
THEMES = Path(__file__).parents[2] / "themes"


class Console:
    """What a person does at the console, and what that person then sees.

    One who is `hasty` does not wait for what can be gone to, when it takes its time.
    """

    hasty = False

    def __init__(self, app: LabtuiApp, link: FakeLink, pilot: Pilot[None]) -> None:
        self.app = app
        self.link = link
        self._pilot = pilot

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self._key(key)
        await self.settle()

    async def type_ahead(self, *keys: str) -> None:
        """Press keys faster than anything can be shown."""
        for key in keys:
            self._send(key)
        await self.settle()

    async def _key(self, key: str) -> None:
        self._send(key)
        await self._quiet()

    def _send(self, key: str) -> None:
        name = _character_to_key(key) if len(key) == 1 else key
        character = key if len(key) == 1 else key_to_character(name)
        if name == "enter":
            character = "\r"
        event = events.Key(name, character)
        event.set_sender(self.app)
        driver = self.app._driver
        assert driver is not None
        driver.send_message(event)

    async def _quiet(self) -> None:
        """Until everybody has heard everything; Textual's own pause waits for much longer."""
        for _round in range(20):
            await self._pilot.pause(0)
            screen = self.main
            if not (screen._callbacks or screen._layout_required or screen._dirty_widgets):
                break

    async def type(self, text: str) -> None:
        await self.press(*("space" if letter == " " else letter for letter in text))

    async def click(self, x: int, y: int, times: int = 1) -> None:
        await self._pilot.click(offset=(x, y), times=times)
        await self.settle()

    async def wheel_down(self, x: int, y: int) -> None:
        """Turn the mouse's wheel once, there on the screen."""
        self.main.get_widget_at(x, y)[0].post_message(
            events.MouseScrollDown(None, x, y, 0, 1, 0, shift=False, meta=False, ctrl=False)
        )
        await self.settle()

    async def settle(self) -> None:
        """Wait until what came in is on the screen."""
        for _round in range(2):
            await self._quiet()
            self.main.paint()
            await self._drafted()
            await self._judged()
            self.main.paint()
        await self._quiet()

    async def _drafted(self) -> None:
        """Until what is made beside the loop is there: rows of a large lab, what can be gone to."""
        for _round in range(500):
            overlay = self.main.overlay
            seeking = isinstance(overlay, Finder) and overlay._more is not None
            if not (self.main.drafting.room.busy or (seeking and not self.hasty)):
                break
            await asyncio.sleep(0.01)

    async def _judged(self) -> None:
        """Until the triage, made beside the loop as well, is that of what came in."""
        for _round in range(500):
            if self.link.triage.settled:
                break
            await asyncio.sleep(0.005)

    async def later(self, seconds: float) -> None:
        """Time passes."""
        self.link.clock += seconds
        await self.settle()

    async def resize(self, size: tuple[int, int]) -> None:
        await self._pilot.resize_terminal(*size)
        await self.settle()

    @property
    def main(self) -> MainScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    def pane(self, name: str) -> Pane:
        return self.main.desk.panes[name]

    @property
    def selected(self) -> str:
        """The key of the object under the cursor."""
        return self.main.pane.selection.key

    @property
    def screen(self) -> str:
        """The whole screen as text, the topmost dialog included."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    @property
    def notice(self) -> str:
        return self.main.notice.message

    @property
    def footer(self) -> str:
        return self.main.footer.text

    @property
    def dialog(self) -> str:
        """What the topmost dialog shows."""
        overlay = self.main.overlay
        assert overlay is not None
        canvases = [overlay] if isinstance(overlay, Canvas) else overlay.query(Canvas)
        return "\n".join(canvas.text for canvas in canvases)

    def expect(self, *words: str) -> None:
        for word in words:
            assert word in self.screen, f"{word!r} is not in\n{self.screen}"

    def expect_not(self, *words: str) -> None:
        for word in words:
            assert word not in self.screen, f"{word!r} is in\n{self.screen}"


@contextlib.asynccontextmanager
async def console(
    link: FakeLink | None = None,
    *,
    size: tuple[int, int] = USUAL,
    views: Sequence[View[Any]] = VIEWS,
    actions: Sequence[Action] | None = None,
    **options: Any,
) -> AsyncIterator[Console]:
    """A console over that lab (the usual one by default), started and filled."""
    link = link or FakeLink()
    options.setdefault("themes", load_themes((THEMES,))[0])
    options.setdefault("theme", "labtui-dark")
    given = (Moving().action(),) if actions is None else actions
    app = LabtuiApp(link, views, given, **options)
    async with app.run_test(size=size) as pilot:
        made = Console(app, link, pilot)
        await made.settle()
        yield made
