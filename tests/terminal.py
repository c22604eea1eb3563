"""A real pseudo terminal with a program in it: what it printed, when, and what its screen shows."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte


class Terminal:
    """Runs a command in a pty of a given size. Use as a context manager: it ends what it began."""

    def __init__(
        self,
        command: Sequence[str],
        columns: int = 120,
        rows: int = 36,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.received = 0
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        # Compiled modules are kept, as they are on a user's machine.
        ours = ("PYTHONDONTWRITEBYTECODE", "COLUMNS", "LINES")
        inherited = {n: v for n, v in os.environ.items() if n not in ours}
        surroundings = {
            **inherited,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LC_ALL": "C.UTF-8",
            **(env or {}),
        }
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            list(command),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=surroundings,
            start_new_session=True,
            close_fds=True,
            # A session of its own needs the pty as its controlling terminal to hear of its end.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self._master = master

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        with contextlib.suppress(OSError):
            os.close(self._master)

    def send(self, keys: str) -> float:
        """Type; returns when, on `time.perf_counter`."""
        os.write(self._master, keys.encode())
        return time.perf_counter()

    def read(self, patience: float, draw: bool = True) -> bytes:
        """What arrives within `patience` seconds, at most one portion; empty when nothing does."""
        ready, _writable, _odd = select.select([self._master], [], [], max(0.0, patience))
        if not ready:
            return b""
        try:
            data = os.read(self._master, 65536)
        except OSError:
            # The program has ended and nobody holds the other side.
            return b""
        self.received += len(data)
        if draw:
            self._stream.feed(data)
        return data

    def text(self) -> str:
        """The screen as lines of text."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def until(self, told: Callable[[str], bool], patience: float = 20.0) -> str:
        """Read until the screen satisfies `told`. Raises `AssertionError` with the screen."""
        deadline = time.perf_counter() + patience
        while not told(self.text()):
            left = deadline - time.perf_counter()
            if left <= 0:
                raise AssertionError(f"not within {patience} s:\n{self.text()}")
            self.read(min(left, 0.25))
            if self.process.poll() is not None:
                self._read_rest()
                if not told(self.text()):
                    raise AssertionError(f"ended with {self.process.returncode}:\n{self.text()}")
        return self.text()

    def until_shows(self, *words: str, patience: float = 20.0) -> str:
        """Read until all these words are on the screen."""
        return self.until(lambda screen: all(word in screen for word in words), patience)

    def drain(self, seconds: float) -> int:
        """Read for that long; returns the number of bytes that came."""
        before, end = self.received, time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(min(left, 0.1))
        return self.received - before

    def wait(self, patience: float = 5.0) -> int:
        """Read all until the program ends; returns its exit status."""
        deadline = time.perf_counter() + patience
        while self.process.poll() is None and time.perf_counter() < deadline:
            self.read(0.005)
        status = self.process.wait(0.1)
        self._read_rest()
        return status

    def _read_rest(self) -> None:
        """What the program wrote before it ended lies in the pty still, in portions."""
        for _portion in range(200):
            if not self.read(0.05):
                break
