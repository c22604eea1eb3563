"""Exit statuses, the same for every command (listed in `labtui --help`), and saying why it ends."""

from __future__ import annotations

import errno
import sys
from enum import IntEnum

from labtui.model.errors import LabError


class Exit(IntEnum):
    """How a command ended."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    BLOCKED = 3
    UNKNOWN = 4
    INTERRUPTED = 130


def say(text: str, status: Exit) -> Exit:
    """Why it ends so, on standard error."""
    sys.stderr.write(f"labtui: {text}\n")
    return status


def of_output(error: OSError) -> bool:
    """Whether it is our own output that can't be written: an error of a stream names no file."""
    return error.filename is None and error.errno in (errno.EPIPE, errno.ENOSPC, errno.EIO)


def failed(error: LabError, status: Exit = Exit.FAILED) -> Exit:
    """What failed and what to do about it, on standard error."""
    return say(f"{error}. {error.remedy}".rstrip(". ") + ".", status)
