"""The pseudo terminal of the tests shows all that a program wrote, whenever it is asked."""

from __future__ import annotations

import os
import sys

import pytest

from tests.terminal import Terminal

pytestmark = pytest.mark.pty


def ended(code: str) -> Terminal:
    """A program that has ended before anybody read a byte of it."""
    terminal = Terminal([sys.executable, "-c", code], 80, 24)
    os.waitid(os.P_PID, terminal.process.pid, os.WEXITED | os.WNOWAIT)
    return terminal


def test_the_last_words_are_read_after_the_end() -> None:
    with ended("print('last words'); raise SystemExit(3)") as terminal:
        assert terminal.wait() == 3
        assert "last words" in terminal.text()


def test_words_are_found_in_what_a_program_left() -> None:
    with ended("print('last words')") as terminal:
        terminal.until_shows("last words")


def test_an_end_without_the_words_is_told_with_the_screen() -> None:
    with (
        ended("print('last words'); raise SystemExit(3)") as terminal,
        pytest.raises(AssertionError, match=r"ended with 3:\s+last words"),
    ):
        terminal.until_shows("other words")
