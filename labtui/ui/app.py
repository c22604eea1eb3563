"""The app: puts screen, keys, themes and the lab together. A thin shell over `screens.main`."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from textual.theme import Theme

from labtui.actions.action import Action
from labtui.config.theme import ThemeFile
from labtui.locale import use_language
from labtui.ui import themes as theming
from labtui.ui.commands import register
from labtui.ui.driver import TerminalDriver
from labtui.ui.ink import Ink
from labtui.ui.keys import Keymap
from labtui.ui.link import LabLink
from labtui.ui.panes.findings_view import findings_view, placed
from labtui.ui.screens.main import MainScreen
from labtui.ui.terminal import TidyApp, TtyWatch, on_end
from labtui.ui.widgets.canvas import Canvas
from labtui.views.view import View

_CLOSING = 1.0


class LabtuiApp(TidyApp):
    """labtui on a terminal. Reads nothing until the first frame is painted."""

    TITLE = "labtui"
    CSS_PATH = Path(__file__).with_name("labtui.tcss")
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False
    ALLOW_SELECT: ClassVar[bool] = False
    ENABLE_SELECT_AUTO_SCROLL: ClassVar[bool] = False

    def __init__(
        self,
        link: LabLink,
        views: Sequence[View[Any]],
        actions: Sequence[Action],
        *,
        themes: Sequence[ThemeFile] = (),
        theme: str = "",
        keys: Mapping[str, str] | None = None,
        language: str = "",
        plain_glyphs: bool = False,
        complaints: Iterable[str] = (),
    ) -> None:
        if language:
            use_language(language)
        # Textual takes NO_COLOR out of the environment, and turns colours into greys unless the
        # terminal's own are asked for.
        no_colour = "NO_COLOR" in os.environ
        super().__init__(driver_class=TerminalDriver, ansi_color=True if no_colour else None)
        self.link = link
        self.plain_glyphs = plain_glyphs
        # Its keys are known only when the commands of all views are.
        findings = findings_view(link.triage, lambda command: self.keymap.key(command))
        self._views, self._actions, self._keys = placed(views, findings), actions, keys or {}
        self.animation_level = "none"
        self._no_colour = no_colour
        self._ink: Ink | None = None
        self._messages = list(complaints)
        self._choose_theme(themes, theme)
        self._watch = TtyWatch()
        self._undo_signals = contextlib.ExitStack()

    def _choose_theme(self, files: Sequence[ThemeFile], wanted: str) -> None:
        for made in theming.registered(files).values():
            self.register_theme(made)
        few = self.few_colours
        name, message = theming.choose(wanted, tuple(self.available_themes), few_colours=few)
        self.theme = name
        if message:
            self._messages.append(message)

    @cached_property
    def keymap(self) -> Keymap:
        """The keys in force. Made of the registers: not before the first frame."""
        return Keymap(register(self._views, self._actions), self._keys)

    @property
    def ink(self) -> Ink:
        """What roles look like in the present theme."""
        if self._ink is None:
            variables = self.get_css_variables()
            self._ink = Ink(variables, ansi=self.native_ansi_color, no_colour=self._no_colour)
        return self._ink

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """A value for each role, so that no theme can lack one."""
        return theming.role_defaults(self.get_theme(self.theme))

    def get_default_screen(self) -> MainScreen:
        """The one screen that everything happens on."""
        return MainScreen(
            self.link, self._views, self._actions, lambda: self.keymap, tuple(self._messages)
        )

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self._theme_changed)
        if not self.is_headless:
            self._undo_signals.callback(on_end(self.exit))
            self._watch.start(self.exit)

    def _theme_changed(self, _theme: Theme) -> None:
        self._ink = None
        for screen in self.screen_stack:
            for canvas in screen.query(Canvas):
                canvas.renew()

    async def on_unmount(self) -> None:
        self._undo_signals.close()
        self._watch.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING):
                await self.link.close()
