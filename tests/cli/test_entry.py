"""The end of the process: its status, its last words, and nothing that is taken down after them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import LABTUI


def ended(main: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """A process whose `main` is that body."""
    code = f"{before}\nimport labtui.cli.entry as entry\n"
    code += f"def main():\n    {main}\nentry.main = main\nentry.run()\n"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("main", "status", "words"),
    [
        ("return 3", 3, ""),
        ("raise SystemExit", 0, ""),
        ("raise SystemExit(2)", 2, ""),
        ("raise SystemExit('no lab')", 1, "labtui: no lab\n"),
    ],
)
def test_the_status_is_the_command_s(main: str, status: int, words: str) -> None:
    done = ended(main)
    assert (done.returncode, done.stderr) == (status, words)


def test_what_was_printed_comes_out() -> None:
    done = ended("print('x' * 9999); print('last'); return 0")
    assert (done.returncode, done.stdout) == (0, "x" * 9999 + "\nlast\n")


def test_python_is_not_taken_down_under_its_threads() -> None:
    # What runs then is what would abort the process: threads that are inside a library in Rust.
    done = ended("return 0", "import atexit; atexit.register(print, 'taken down', flush=True)")
    assert (done.returncode, done.stdout) == (0, "")


def test_a_fault_of_our_own_is_told() -> None:
    done = ended("raise KeyError('why')")
    assert done.returncode == 1
    assert "KeyError" in done.stderr


def test_a_reader_that_has_seen_enough_is_no_failure() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@" | true', "sh", *LABTUI, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_can_not_be_written_is_a_failure_in_words(unbuffered: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*LABTUI, "completion", "bash"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8", "PYTHONUNBUFFERED": unbuffered},
        )
    assert done.returncode == 1
    assert done.stderr == "labtui: standard output can't be written: No space left on device\n"


def test_half_a_line_of_complaint_comes_out() -> None:
    done = ended("import sys; sys.stderr.write('half a line'); return 4")
    assert (done.returncode, done.stderr) == (4, "half a line")
