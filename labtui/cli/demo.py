"""The demo lab as a process of its own: started, waited for, ended with us."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from labtui.cli.exits import Exit
from labtui.locale import _

_END = 1.0
_PROGRAM = (sys.executable, "-m", "labtui.demo")


@contextmanager
def demo_lab(options: argparse.Namespace) -> Iterator[Path]:
    """Start the demo lab; gives the path of its configuration file.

    The lab ends when its standard input closes, so it can't outlive us whatever happens to us.
    """
    process = subprocess.Popen(
        [*_PROGRAM, *_words(options)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    directory = ""
    try:
        if process.stdout is None:
            raise SystemExit(Exit.FAILED)
        ready = process.stdout.readline()
        try:
            told = json.loads(ready)
            path, directory = Path(told["config"]), str(told["directory"])
        except (ValueError, KeyError, TypeError):
            raise SystemExit(_not_started(process)) from None
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
            # It would have tidied up itself, had it been given the time.
            if directory:
                shutil.rmtree(directory, ignore_errors=True)


def ask_demo(word: str) -> Any:
    """What the demo lab tells of itself without running, as it prints it in JSON."""
    done = subprocess.run([*_PROGRAM, word], stdout=subprocess.PIPE, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise SystemExit(Exit.FAILED) from None


def _words(options: argparse.Namespace) -> list[str]:
    given = {
        "--guests": options.demo_guests,
        "--nodes": options.demo_nodes,
        "--routers": options.demo_routers,
        "--speed": options.demo_speed,
        "--scenario": options.scenario,
    }
    return [
        text for name, value in given.items() if value is not None for text in (name, str(value))
    ]


def _not_started(process: subprocess.Popen[bytes]) -> Exit:
    """The exit status; a wrong use the lab has told in words already."""
    with suppress(subprocess.TimeoutExpired):
        if process.wait(_END) == Exit.USAGE:
            return Exit.USAGE
    sys.stderr.write(_("labtui: the demo lab did not start\n"))
    return Exit.FAILED
