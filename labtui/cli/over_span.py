"""What the history on the disk kept of a span, for a command that was told `--since`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from labtui.cli.exits import Exit
from labtui.cli.point import point
from labtui.config.schema import Config
from labtui.live.history.file import Unkept
from labtui.live.history.opening import history_file
from labtui.locale import _
from labtui.model.errors import LabError

_T = TypeVar("_T")


class Span(NamedTuple):
    """From when to when, in seconds since the epoch."""

    begin: float
    end: float


def kept_since(
    config: Config, since: str, read: Callable[[Path, float, float], _T | None]
) -> tuple[_T, Span] | Exit:
    """What `read` finds of the span up to now, or how to end after saying why there is nothing.

    `read` gives None without a history. Reads no server.
    """
    now = time.time()
    try:
        span = Span(point(since, now), now)
    except ValueError as error:
        sys.stderr.write(f"labtui: {error}\n")
        return Exit.USAGE
    try:
        found = read(history_file(config), *span)
    except (LabError, Unkept, OSError) as error:
        sys.stderr.write(_("labtui: the history can't be read: {why}\n").format(why=error))
        return Exit.FAILED
    if found is None:
        text = _("labtui: there is no history yet; a console or `labtui record` begins it\n")
        sys.stderr.write(text)
        return Exit.FAILED
    return found, span
