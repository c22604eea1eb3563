"""The system's `ssh` with our terminal: started, awaited beside the event loop, tidied up after."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE
from typing import NamedTuple

from labtui.live.entry.ssh_order import Order
from labtui.model.text import clean
from labtui.ui.shell_tty import Terminal

_GRACE = 2.0
_LAST_WORDS = 0.3
_CHUNK = 4096
_LONGEST = 200


class Ended(NamedTuple):
    """How it ended: its status, negative for a signal, and the last line of what it said itself."""

    status: int
    said: str = ""


async def run_ssh(binary: str, order: Order, terminal: Terminal) -> Ended:
    """Run it to its end. Raises `OSError`.

    Nothing waits for it but the caller: feeds go on. When the caller is cancelled it is ended. What
    it says of itself goes to the terminal through here, so that the reason can be told afterwards;
    whatever it asks, it asks on the terminal.
    """
    with _settings(order.settings) as path, terminal.lent():
        line = order.line(binary, path)
        process = await asyncio.create_subprocess_exec(*line, stderr=PIPE)
        complaints = _Complaints(terminal)
        reading = asyncio.create_task(complaints.read(process.stderr))
        try:
            status = await process.wait()
            # A master connection that it leaves behind keeps the other end open.
            await asyncio.wait((reading,), timeout=_LAST_WORDS)
        except BaseException:
            await _ended(process)
            raise
        finally:
            reading.cancel()
        return Ended(status, complaints.last)


class _Complaints:
    """What ssh says of itself: passed on, and the last line of it kept."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._tail = b""

    @property
    def last(self) -> str:
        lines = self._tail.decode("utf-8", "replace").splitlines()
        return clean(next((line.strip() for line in reversed(lines) if line.strip()), ""), _LONGEST)

    async def read(self, stream: asyncio.StreamReader | None) -> None:
        """Until its end."""
        while stream is not None and (data := await stream.read(_CHUNK)):
            self._tail = (self._tail + data)[-_CHUNK:]
            self._terminal.write(data)


async def _ended(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_GRACE):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


@contextlib.contextmanager
def _settings(text: str) -> Iterator[str]:
    """A file of these settings for as long as it is needed, for its owner alone."""
    if not text:
        yield ""
        return
    descriptor, name = tempfile.mkstemp(prefix="labtui-ssh-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        yield name
    finally:
        with contextlib.suppress(OSError):
            Path(name).unlink()
