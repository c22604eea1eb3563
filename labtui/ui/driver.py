"""The driver of the terminal: writes thriftily, and sleeps until something is typed.

Textual's own reads keys in a thread that wakes ten times a second to see whether it should end, and
is waited for when it does (`linux_driver.py` of 8.2): up to a fifth of a second before anything
else can have the terminal. It also ends the app when what comes is not UTF-8. Here it is woken.
"""

from __future__ import annotations

import os
import selectors
from codecs import getincrementaldecoder

from textual._time import get_time
from textual.drivers.linux_driver import LinuxDriver

from labtui.ui.escape import Parser
from labtui.ui.thrift import Thrift

_AT_ONCE = 4096
"""Bytes read at a time; what is pasted may be more."""


class TerminalDriver(LinuxDriver):
    """Textual's driver for Linux terminals, saying nothing twice and never looking in vain.

    While a shell has the terminal the app goes on painting. What it writes then is dropped: the
    writing thread has ended, and after thirty writes its queue would hold the event loop for ever.
    """

    _thrift: Thrift | None = None
    _away = False
    # What `disable_input` wakes the reading thread with: the ends of a pipe, to read and to write.
    _ending: tuple[int, int] | None = None

    def start_application_mode(self) -> None:
        """Take the terminal, in whatever style it was left; everything is painted anew."""
        self._away, self._thrift = False, None
        self._ending = os.pipe()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def disable_input(self) -> None:
        """Read no more keys; the thread that did has ended then."""
        ending, self._ending = self._ending, None
        if ending is None:
            super().disable_input()
            return
        reading, writing = ending
        os.write(writing, b"\0")
        super().disable_input()
        os.close(reading)
        os.close(writing)

    def close(self) -> None:
        """Let go of the terminal, for a while or for good."""
        super().close()
        self._away = True

    def write(self, data: str) -> None:
        """Write to the terminal, while it is ours."""
        if self._away:
            return
        if self._thrift is None:
            self._thrift = Thrift()
        super().write(self._thrift.rewritten(data))

    def run_input_thread(self) -> None:
        """Hand on what is typed until `disable_input`."""
        if self._ending is None:
            return
        ending, _writing = self._ending
        parser = Parser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(ending, selectors.EVENT_READ)
            while ending not in (ready := _ready(selector, parser)):
                if self.fileno in ready:
                    data = os.read(self.fileno, _AT_ONCE)
                    if not data:
                        # The end of it is ready to be read for ever.
                        selector.unregister(self.fileno)
                    # To the parser, no text is the end of all, and half a character has none yet.
                    elif text := decode(data):
                        for event in parser.feed(text):
                            self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)


def _ready(selector: selectors.BaseSelector, parser: Parser) -> set[int]:
    """What can be read, or nothing when an escape has stood alone for long enough."""
    due = parser._timeout_time  # noqa: SLF001 - when `tick` has something to tell
    patience = None if due is None else max(0.0, due - get_time())
    return {key.fd for key, _mask in selector.select(patience)}
