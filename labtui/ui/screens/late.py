"""What answers keys is loaded when the first key or paint asks for it: after the first frame."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from labtui.ui.keys import Keymap
    from labtui.ui.screens.dispatch import Dispatch
    from labtui.ui.screens.errands import Errands
    from labtui.ui.screens.filtering import Filtering
    from labtui.ui.screens.findings import Findings
    from labtui.ui.screens.holding import Holding
    from labtui.ui.screens.main import MainScreen


class LoadedLate:
    """The parts of the main screen that it does without at first."""

    @property
    def _main(self) -> MainScreen:
        return cast("MainScreen", self)

    @cached_property
    def keymap(self) -> Keymap:
        """The keys in force."""
        return self._main.make_keymap()

    def key_of(self, command: str) -> str:
        """The key of a command, as a person reads it."""
        return self.keymap.key(command)

    @cached_property
    def dispatch(self) -> Dispatch:
        """Carries out the commands."""
        from labtui.ui.screens.dispatch import Dispatch

        return Dispatch(self._main)

    @cached_property
    def errands(self) -> Errands:
        """Carries actions from the key to the job."""
        from labtui.ui.screens.errands import Errands

        return Errands(self._main)

    @cached_property
    def filtering(self) -> Filtering:
        """The filter line."""
        from labtui.ui.screens.filtering import Filtering

        return Filtering(self._main)

    @cached_property
    def findings(self) -> Findings:
        """Findings: the worst, what helps, putting aside."""
        from labtui.ui.screens.findings import Findings

        return Findings(self._main)

    @cached_property
    def holding(self) -> Holding:
        """Freezes, thaws, elevates."""
        from labtui.ui.screens.holding import Holding

        return Holding(self._main)
