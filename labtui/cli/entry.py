"""What a shell starts, and the end of its process.

A daemon thread may be inside a library written in Rust when labtui ends (`asyncssh` reads keys by
`cryptography`). Python up to 3.13 ends such a thread by unwinding its stack as soon as it asks for
the interpreter again (`PyEval_RestoreThread` in the C API's manual); Rust's frames end the process
at that instead, with "FATAL: exception not rethrown" and SIGABRT. So Python is not taken down here:
whatever has to be closed was closed by `main`, and the process ends at once.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import NoReturn

from labtui.cli.exits import Exit, of_output, say
from labtui.cli.main import main
from labtui.locale import _


def run() -> NoReturn:
    """Run the command that was typed, and end the process with its status."""
    try:
        status = _status()
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        status = Exit.DONE
    except OSError as error:
        if not of_output(error):
            raise
        why = error.strerror or type(error).__name__
        status = say(_("standard output can't be written: {why}").format(why=why), Exit.FAILED)
    # Closed, or nobody there to read it.
    with suppress(OSError, ValueError):
        if sys.stderr is not None:
            sys.stderr.flush()
    os._exit(status)


def _status() -> int:
    try:
        return main()
    except SystemExit as end:
        if isinstance(end.code, str):
            return say(end.code, Exit.FAILED)
        return end.code or Exit.DONE
