"""The driver of the terminal, over a pipe in place of one."""

from __future__ import annotations

import asyncio
import io
import os
import selectors
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from textual import events
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread
from textual.message import Message

from labtui.ui.driver import TerminalDriver

PATIENCE = 5.0


class Reading(TerminalDriver):
    """Reads from a pipe; what it hears is kept."""

    def __init__(self, fileno: int) -> None:
        self.fileno = fileno
        self.heard: list[str] = []
        self.exit_event = threading.Event()
        self._debug = False
        self._ending = os.pipe()
        self._key_thread = threading.Thread(target=self.run_input_thread, daemon=True)
        self._key_thread.start()

    def _disable_mouse_support(self) -> None:
        """There is no mouse in a pipe."""

    def process_message(self, message: Message) -> None:
        assert isinstance(message, events.Key)
        self.heard.append(message.key)

    def hears(self, *keys: str) -> bool:
        """Whether it hears just these in the end."""
        ends = time.monotonic() + PATIENCE
        while self.heard != list(keys) and time.monotonic() < ends:
            time.sleep(0.005)
        return self.heard == list(keys)

    @property
    def ended(self) -> bool:
        assert self._key_thread is not None
        return not self._key_thread.is_alive()


@contextmanager
def reading() -> Iterator[tuple[Reading, io.FileIO]]:
    """A driver, and what it reads from to write into."""
    source, sink = os.pipe()
    with open(sink, "wb", buffering=0) as keyboard:  # noqa: PTH123 - a pipe has no path
        driver = Reading(source)
        try:
            yield driver, keyboard
        finally:
            driver.disable_input()
            os.close(source)


def test_what_is_typed_is_handed_on() -> None:
    with reading() as (driver, keyboard):
        keyboard.write(b"a\x1b[A")
        assert driver.hears("a", "up")


def test_escape_alone_is_heard_without_another_key() -> None:
    with reading() as (driver, keyboard):
        keyboard.write(b"\x1b")
        assert driver.hears("escape")


def test_half_a_character_waits_for_its_other_half() -> None:
    with reading() as (driver, keyboard):
        keyboard.write("陳".encode()[:1])
        time.sleep(0.05)
        keyboard.write("陳".encode()[1:])
        assert driver.hears("陳")


def test_bytes_that_are_no_text_end_nothing() -> None:
    with reading() as (driver, keyboard):
        keyboard.write(b"\xff\xe9a")
        keyboard.write(b"b")
        for _round in range(100):
            if driver.heard[-1:] == ["b"]:
                break
            time.sleep(0.02)
        assert driver.heard[-2:] == ["a", "b"]
        assert not driver.ended


def test_nobody_waits_for_the_end_of_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not look from time to time whether it should end: it is told."""
    waits: list[float | None] = []

    class Watched(selectors.SelectSelector):
        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            waits.append(timeout)
            return super().select(timeout)

    monkeypatch.setattr("labtui.ui.driver.selectors.SelectSelector", Watched)
    with reading() as (driver, keyboard):
        keyboard.write(b"a")
        assert driver.hears("a")
        time.sleep(0.3)
        driver.disable_input()
        assert driver.ended
        driver.disable_input()
    assert set(waits) == {None}
    assert len(waits) <= 3


def test_an_end_of_file_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[bytes] = []
    read = os.read

    def counted(fileno: int, most: int) -> bytes:
        reads.append(read(fileno, most))
        return reads[-1]

    with reading() as (driver, keyboard):
        monkeypatch.setattr("labtui.ui.driver.os.read", counted)
        keyboard.write(b"a")
        assert driver.hears("a")
        keyboard.close()
        time.sleep(0.1)
        assert not driver.ended
    assert reads.count(b"") == 1


async def test_what_is_painted_while_a_shell_has_the_terminal_holds_nothing_up() -> None:
    terminal = io.StringIO()
    driver = TerminalDriver.__new__(TerminalDriver)
    driver._writer_thread = WriterThread(terminal)
    driver._writer_thread.start()
    driver.write("before")
    driver.close()

    def paint() -> None:
        for number in range(10 * MAX_QUEUED_WRITES):
            driver.write(f"\x1b[1;1H{number}")

    painting = threading.Thread(target=paint, daemon=True)
    painting.start()
    await asyncio.to_thread(painting.join, 5)
    assert not painting.is_alive()
    assert terminal.getvalue().endswith("before")
