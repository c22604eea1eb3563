"""Where the history of a lab is, and the keeper that a console or the recorder has of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from labtui.config.paths import private_folder, state_folder
from labtui.config.schema import Config
from labtui.live.history.keeper import Keeper
from labtui.locale import _
from labtui.model.errors import LabError

if TYPE_CHECKING:
    from labtui.findings import Watch
    from labtui.live.history.election import Election
    from labtui.live.history.writing import Hook

_FOLDER, _FILE = "history", "events.db"
_RECENT = 300.0


def history_file(config: Config) -> Path:
    """The file; it need not be there. A demo lab has one of its own beside its configuration.

    Raises `LabError` when its folder can't be made.
    """
    if config.demo:
        return private_folder(Path(config.path).with_name(_FOLDER)) / _FILE
    return private_folder(state_folder(config.lab) / _FOLDER) / _FILE


def open_history(
    config: Config,
    clock: Callable[[], float] = time.time,
    *,
    election: Election | None = None,
    hooks: Sequence[Hook] = (),
) -> tuple[Keeper | None, str]:
    """The keeper, and what a person should know, or "". None where nothing is to be kept."""
    if not config.history.keep:
        return None, ""
    try:
        path = history_file(config)
    except LabError as error:
        return None, _("the history is not kept: {why}").format(why=error)
    return Keeper(path, config.history.keep, clock, election=election, hooks=hooks), ""


def last_watch(config: Config, now: float) -> Watch | None:
    """What a console or recorder that runs remembers of findings; None without one.

    Blocks on the disk, raises nothing.
    """
    from labtui.live.history.file import Unkept
    from labtui.live.history.writing import watch_in

    try:
        return watch_in(history_file(config), now, _RECENT)
    except (LabError, Unkept, OSError):
        return None
