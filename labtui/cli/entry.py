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
from typing import NoReturn

from labtui.cli.exits import Exit, of_output, say
from labtui.cli.main import main
from labtui.locale import _


def run() -> NoReturn:
    """Run the command that was typed, and end the process with its status."""
    try:
        status: object = main()
    except SystemExit as end:
        status = Exit.DONE if end.code is None else end.code
    except OSError as error:
        if not of_output(error):
            raise
        os._exit(_unwritten(error))
    if not isinstance(status, int):
        sys.stderr.write(f"{status}\n")
        status = Exit.FAILED
    os._exit(_flushed(status))


def _flushed(status: int) -> int:
    """Bring out what is still held back; the status, or another one when that can't be."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (BrokenPipeError, ValueError):
        # Whoever read our output has seen enough; or it is closed already.
        return status
    except OSError as error:
        return _unwritten(error)
    return status


def _unwritten(error: OSError) -> Exit:
    why = error.strerror or type(error).__name__
    return say(_("standard output can't be written: {why}").format(why=why), Exit.FAILED)
