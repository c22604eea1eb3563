"""`python -m labtui.demo`: the demo lab as a process of its own.

It prints one line of JSON when everything answers and ends when its standard input ends or on
SIGTERM or SIGINT, leaving nothing behind.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import os
import shutil
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from labtui.demo.faults import FAULTS, described
from labtui.demo.scenarios import SCENARIOS, scenario_named
from labtui.demo.scenarios.scenario import Scenario
from labtui.demo.settings import write_private
from labtui.demo.standard_lab import MOST_NODES, MOST_ROUTERS, default_lab
from labtui.demo.wellknown import write_control_file

WRONG_USE = 2
_LONGEST_END = 0.5


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m labtui.demo", description="Run the demo lab.")
    parser.add_argument("--guests", type=int, default=58, help="how many guests (default 58)")
    parser.add_argument("--nodes", type=int, default=4, help="how many nodes (default 4)")
    parser.add_argument("--routers", type=int, default=4, help="how many routers (default 4)")
    parser.add_argument("--speed", type=float, default=1.0, help="world seconds per second")
    parser.add_argument("--seed", type=int, default=836, help="another lab of the same kind")
    parser.add_argument("--version", choices=("9.2", "8.4"), default="9.2", help="Proxmox VE")
    parser.add_argument("--scenario", help="an outage by name, or a TOML file with one")
    parser.add_argument("--list-scenarios", action="store_true", help="print them as JSON")
    parser.add_argument("--list-faults", action="store_true", help="print them as JSON")
    options = parser.parse_args(argv)
    if options.guests < 0 or not 0 < options.speed <= 1000:
        parser.error("--guests must not be negative and --speed lie between 0 and 1000")
    if not 4 <= options.nodes <= MOST_NODES or not 4 <= options.routers <= MOST_ROUTERS:
        parser.error(f"--nodes lie between 4 and {MOST_NODES}, --routers 4 and {MOST_ROUTERS}")
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


async def _run(options: argparse.Namespace, scenario: Scenario | None) -> int:
    # The largest part, which lists of scenarios and faults do without.
    from labtui.demo.service import start_lab

    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watcher = threading.Thread(target=_watch_input, args=(loop, stop), daemon=True)
    # What the start makes stays to the end: there is no garbage to be looked for among it.
    gc.disable()
    facts = default_lab(options.guests, options.seed, options.nodes, options.routers)
    async with AsyncExitStack() as stack:
        lab = await stack.enter_async_context(
            start_lab(speed=options.speed, version=options.version, lab=facts)
        )
        if scenario is not None:
            try:
                lab.player.begin(scenario)
            except KeyError as error:
                sys.stderr.write(f"labtui: this lab is too small for it: {error.args[0]}\n")
                return WRONG_USE
        # Standard error may be the terminal on which the console draws.
        log = lab.directory / "demo.log"
        write_private(log, "")
        logging.basicConfig(filename=log, level=logging.WARNING)
        gc.freeze()
        gc.enable()
        file = write_control_file(lab.control() | {"scenario": options.scenario or ""})
        sys.stdout.write(json.dumps(lab.ready_line()) + "\n")
        sys.stdout.flush()
        watcher.start()
        waiting = asyncio.create_task(stop.wait())
        driver = lab.driver
        assert driver is not None  # noqa: S101 - set before the block is entered
        await asyncio.wait((waiting, driver), return_when=asyncio.FIRST_COMPLETED)
        if file is not None:
            file.unlink(missing_ok=True)
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
    """Run until told to stop; the exit status is 0 unless the world itself broke.

    It is 2 for a scenario that is not there or not right.
    """
    options = _arguments(argv)
    if options.list_scenarios:
        return _print([scenario_named(name).as_json(default_lab()) for name in SCENARIOS])
    if options.list_faults:
        return _print([described(fault) for fault in FAULTS])
    try:
        scenario = scenario_named(options.scenario) if options.scenario else None
    except (KeyError, ValueError) as error:
        sys.stderr.write(f"labtui: {error.args[0]}\n")
        return WRONG_USE
    return asyncio.run(_run(options, scenario))


def _print(data: object) -> int:
    sys.stdout.write(json.dumps(data) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
