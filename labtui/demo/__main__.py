"""`python -m labtui.demo`: the demo lab as a process of its own.

It prints one line of JSON when everything answers and ends when its standard input ends or on
SIGTERM or SIGINT, leaving nothing behind.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from labtui.demo.service import start_lab

_LONGEST_END = 0.5


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m labtui.demo", description="Run the demo lab.")
    parser.add_argument("--guests", type=int, default=58, help="how many guests (default 58)")
    parser.add_argument("--speed", type=float, default=1.0, help="world seconds per second")
    parser.add_argument("--seed", type=int, default=836, help="another lab of the same kind")
    parser.add_argument("--version", choices=("9.2", "8.4"), default="9.2", help="Proxmox VE")
    options = parser.parse_args(argv)
    if options.guests < 0 or not 0 < options.speed <= 1000:
        parser.error("--guests must not be negative and --speed lie between 0 and 1000")
    return options


def _watch_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Wait in a thread for the end of standard input; pipes, terminals and files all do."""
    while True:
        try:
            data = os.read(0, 4096)
        except OSError:
            data = b""
        if not data:
            break
    if not loop.is_closed():
        loop.call_soon_threadsafe(stop.set)


async def _run(options: argparse.Namespace) -> int:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watcher = threading.Thread(target=_watch_input, args=(loop, stop), daemon=True)
    async with start_lab(
        guests=options.guests, speed=options.speed, seed=options.seed, version=options.version
    ) as lab:
        sys.stdout.write(json.dumps(lab.ready_line()) + "\n")
        sys.stdout.flush()
        watcher.start()
        waiting = asyncio.create_task(stop.wait())
        driver = lab.driver
        assert driver is not None  # noqa: S101 - set before the block is entered
        await asyncio.wait((waiting, driver), return_when=asyncio.FIRST_COMPLETED)
        if driver.done() and not stop.is_set():
            sys.stderr.write(f"the demo world has stopped: {driver.exception()!r}\n")
            return 1
        waiting.cancel()
        _end_soon(lab.directory)
    return 0


def _end_soon(directory: Path) -> None:
    """Connections that a fault made hang may close slowly; none is worth waiting for."""

    def end() -> None:
        shutil.rmtree(directory, ignore_errors=True)
        os._exit(0)

    timer = threading.Timer(_LONGEST_END, end)
    timer.daemon = True
    timer.start()


def main(argv: Sequence[str] | None = None) -> int:
    """Run until told to stop; the exit status is 0 unless the world itself broke."""
    return asyncio.run(_run(_arguments(argv)))


if __name__ == "__main__":
    raise SystemExit(main())
