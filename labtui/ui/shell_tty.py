"""The terminal while something else than the screen has it: raw keys, bytes out, its size, its end.

What is shown comes from a guest and may leave any mode of the terminal on; `RESET` undoes what
would disturb whoever has the terminal next. Bytes go out by a thread: a terminal behind a stalled
link takes none for minutes, and the event loop must not stand still for that.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import signal
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from typing import Any

# Mouse, focus, paste, synchronised output; keyboard protocols of kitty and xterm; other screen;
# soft reset (cursor, keypad, wrap, insert, scroll region, character sets), colours. The other
# screen by 1047 and not by 1049, which also puts the cursor where it was before the console began
# (ctlseqs of xterm): the next prompt would stand in what the shell has written.
_MODES = ("1000", "1001", "1002", "1003", "1004", "1005", "1006", "1015", "1016", "2004", "2026")
RESET = (
    "".join(f"\x1b[?{mode}l" for mode in _MODES)
    + "\x1b[=0u\x1b[>4;0m\x1b[?1047l\x1b[?47l\x1b[!p"
    + "\x1b7\x1b[r\x1b8\x1b[?7h\x1b[?25h\x1b[?1l\x1b>\x1b[?5l\x1b[4l\x1b(B\x0f\x1b[0m"
).encode()
_MOST_WAITING = 1 << 18
_CHUNK = 4096
_LAST_WORDS = 1.0
# What the keyboard sends while a child has the terminal is the child's alone.
_KEYBOARD = (signal.SIGINT, signal.SIGQUIT)


class Gone(OSError):
    """The terminal is not there any more."""


class Outlet:
    """Writes to the terminal in a thread. `put` waits while too much waits to be written."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._room = asyncio.Event()
        self._room.set()
        self._waiting = 0
        self._gone = False
        self._over = asyncio.Event()
        threading.Thread(target=self._run, name="terminal", daemon=True).start()

    async def put(self, data: bytes) -> None:
        """Have it written. Raises `Gone`."""
        await self._room.wait()
        if self._gone:
            raise Gone
        self._waiting += len(data)
        if self._waiting > _MOST_WAITING:
            self._room.clear()
        self._queue.put(data)

    async def close(self, last: bytes = b"") -> None:
        """Write the last of it and end; a terminal that takes nothing is not waited for."""
        self._queue.put(last)
        self._queue.put(None)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS):
                await self._over.wait()

    def _run(self) -> None:
        try:
            while (data := self._queue.get()) is not None:
                view = memoryview(data)
                while view:
                    view = view[self._written(view) :]
                self._tell(self._done, len(data))
        except OSError:
            self._tell(self._lost)
        self._tell(self._over.set)

    def _written(self, view: memoryview) -> int:
        try:
            return os.write(self._fd, view)
        except BlockingIOError:
            # Somebody made it non-blocking, and left it so.
            os.set_blocking(self._fd, True)
            return 0

    def _tell(self, what: Callable[..., object], *more: object) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(what, *more)

    def _done(self, size: int) -> None:
        self._waiting -= size
        if self._waiting <= _MOST_WAITING:
            self._room.set()

    def _lost(self) -> None:
        self._gone = True
        self._room.set()


class Terminal:
    """Our own terminal: standard input and output."""

    def __init__(self, keys: int | None = None, out: int | None = None) -> None:
        self._keys = sys.__stdin__.fileno() if keys is None and sys.__stdin__ else keys or 0
        self._out = sys.__stdout__.fileno() if out is None and sys.__stdout__ else out or 1

    @property
    def there(self) -> bool:
        """Whether both ends are a terminal."""
        return os.isatty(self._keys) and os.isatty(self._out)

    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        try:
            found = os.get_terminal_size(self._out)
        except OSError:
            return 80, 24
        return found.columns or 80, found.lines or 24

    def write(self, data: bytes) -> None:
        """Write a little, at once; a terminal that is gone is for others to notice."""
        with contextlib.suppress(OSError):
            os.write(self._out, data)

    def outlet(self) -> Outlet:
        """Where to write; one at a time."""
        return Outlet(self._out)

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Whatever is done to the settings of the terminal is undone."""
        before: list[Any] | None = None
        with contextlib.suppress(termios.error):
            before = termios.tcgetattr(self._keys)
        try:
            yield
        finally:
            if before is not None:
                with contextlib.suppress(termios.error):
                    termios.tcsetattr(self._keys, termios.TCSANOW, before)
                    # Late answers of the terminal to questions of a guest are no keys for us.
                    termios.tcflush(self._keys, termios.TCIFLUSH)

    @contextlib.contextmanager
    def raw(self) -> Iterator[asyncio.Queue[bytes]]:
        """Every byte that is typed, as it comes; an empty one when the terminal is gone."""
        loop = asyncio.get_running_loop()
        typed: asyncio.Queue[bytes] = asyncio.Queue()

        def read() -> None:
            try:
                data = os.read(self._keys, _CHUNK)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                loop.remove_reader(self._keys)
            typed.put_nowait(data)

        with self.kept():
            tty.setraw(self._keys, termios.TCSANOW)
            loop.add_reader(self._keys, read)
            try:
                yield typed
            finally:
                loop.remove_reader(self._keys)

    @contextlib.contextmanager
    def resized(self, tell: Callable[[], None]) -> Iterator[None]:
        """Call `tell` on the loop whenever the size has changed."""
        with _handled((signal.SIGWINCH,), tell):
            yield

    @contextlib.contextmanager
    def lent(self) -> Iterator[None]:
        """For a child that has the terminal: its keys end it and not us, its modes are undone."""
        with self.kept(), _handled(_KEYBOARD, _nothing):
            try:
                yield
            finally:
                self.write(RESET)


@contextlib.contextmanager
def _handled(numbers: tuple[signal.Signals, ...], tell: Callable[[], None]) -> Iterator[None]:
    """Have the loop hear these signals for a while; what heard them before does so again.

    A handler and not `SIG_IGN`, which a child would inherit.
    """
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        loop.add_signal_handler(number, tell)
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            if handler is not None:
                signal.signal(number, handler)


def _nothing() -> None:
    """The child has heard it as well."""
