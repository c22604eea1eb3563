"""The end by a fault of our own: the traceback goes to the log, two lines to the terminal.

Neither shows the value of a variable.
"""

from __future__ import annotations

import sys
import traceback

from labtui.cli.exits import Exit
from labtui.cli.log import Log
from labtui.config.redact import redacted
from labtui.locale import _
from labtui.model.text import clean


def tell_crash(error: BaseException, log: Log) -> int:
    """Log the fault and say where to look; returns the exit status.

    The message of the error is left to the log: it may quote what a backend sent.
    """
    log.crash(error)
    sys.stderr.write(
        _("labtui: ended by a fault of its own ({kind} in {place})\n").format(
            kind=type(error).__name__, place=_place(error)
        )
    )
    if log.path is not None:
        text = _("The traceback is in {path}; 'labtui report' packs it for a bug report.\n")
        sys.stderr.write(text.format(path=clean(str(log.path))))
    else:
        sys.stderr.write(_("With --debug the traceback is written to a log.\n"))
    return Exit.FAILED


def _place(error: BaseException) -> str:
    """Where it happened last: module and line."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "?"
    name = frames[-1].filename.rpartition("/")[2]
    return redacted(clean(f"{name}:{frames[-1].lineno}"))
