"""The demo lab as a process of its own: started, waited for, ended with us."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from labtui.cli.exits import Exit
from labtui.locale import _

_END = 1.0


@contextmanager
def demo_lab(guests: int, speed: float) -> Iterator[Path]:
    """Start the demo lab; gives the path of its configuration file.

    The lab ends when its standard input closes, so it can't outlive us whatever happens to us.
    """
    command = [sys.executable, "-m", "labtui.demo", "--guests", str(guests), "--speed", str(speed)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        if process.stdout is None:
            raise SystemExit(Exit.FAILED)
        ready = process.stdout.readline()
        try:
            told = json.loads(ready)
            path = Path(told["config"])
        except (ValueError, KeyError, TypeError):
            sys.stderr.write(_("labtui: the demo lab did not start\n"))
            raise SystemExit(Exit.FAILED) from None
        yield path
    finally:
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
        try:
            process.wait(_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
