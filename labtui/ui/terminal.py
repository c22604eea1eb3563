"""Life and death on a terminal: signals, a lost tty and crashes all leave it sane."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable

from textual.app import App

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
_WATCH_PAUSE, _GRACE = 2.0, 3.0


class TidyApp(App[None], inherit_bindings=False):
    """An app whose end never shows what is in its variables.

    With `on_crash` set, whoever started the app tells of the fault; else a traceback is printed.
    """

    on_crash: Callable[[BaseException], None] | None = None

    def _fatal_error(self) -> None:
        """Leave with a traceback, without the locals that Textual would print."""
        error = sys.exception()
        if self.on_crash is not None and error is not None:
            self.on_crash(error)
            self._close_messages_no_wait()
            return
        # Imported when it is needed: it brings a syntax highlighter along.
        import rich
        from rich.segment import Segments
        from rich.traceback import Traceback

        self.bell()
        trace = Traceback(show_locals=False, width=None, suppress=[rich])
        self._exit_renderables.append(Segments(self.console.render(trace, self.console.options)))
        self._close_messages_no_wait()

    @property
    def few_colours(self) -> bool:
        """True when the terminal has sixteen colours at most."""
        stream = sys.__stdout__
        if stream is None or not stream.isatty():
            return False
        return self.console.color_system in (None, "standard")


def on_end(leave: Callable[[], None]) -> Callable[[], None]:
    """Call `leave` on SIGTERM and SIGHUP; returns what undoes that.

    Does nothing where the loop can't watch signals (not the main thread, not POSIX).
    """
    loop = asyncio.get_running_loop()
    watched: list[signal.Signals] = []
    for number in _SIGNALS:
        try:
            loop.add_signal_handler(number, leave)
        except (NotImplementedError, RuntimeError, ValueError):
            break
        watched.append(number)

    def undo() -> None:
        for number in watched:
            loop.remove_signal_handler(number)

    return undo


class TtyWatch:
    """Notices that the terminal is gone although no SIGHUP came (it may be ignored: nohup).

    A thread, because the loop may stand still then: Textual's writer dies of the first failed
    write, and whoever writes next waits for it for ever.
    """

    def __init__(self, pause: float = _WATCH_PAUSE, grace: float = _GRACE) -> None:
        self._number = _tty()
        self._pause = pause
        self._grace = grace
        self._over = threading.Event()

    def start(self, leave: Callable[[], None]) -> None:
        """Call `leave` on this loop when the terminal is gone; end the process if that is vain."""
        if self._number is not None:
            loop = asyncio.get_running_loop()
            watch = threading.Thread(target=self._run, args=(loop, leave), daemon=True)
            watch.start()

    def stop(self) -> None:
        """The terminal is no longer needed; when it is gone, the end itself may yet stand still."""
        if not self.lost:
            self._over.set()

    def _run(self, loop: asyncio.AbstractEventLoop, leave: Callable[[], None]) -> None:
        while not self._over.wait(self._pause):
            if self.lost:
                with contextlib.suppress(RuntimeError):
                    loop.call_soon_threadsafe(leave)
                if not self._over.wait(self._grace):
                    # There is nothing left to restore, and nobody to tell.
                    os._exit(128 + signal.SIGHUP)

    @property
    def lost(self) -> bool:
        """True when there was a terminal and now there is none."""
        return self._number is not None and not os.isatty(self._number)


def _tty() -> int | None:
    stream = sys.__stdin__
    if stream is None:
        return None
    try:
        number = stream.fileno()
    except (OSError, ValueError):
        return None
    return number if os.isatty(number) else None
