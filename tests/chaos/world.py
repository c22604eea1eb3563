"""The demo lab of the chaos suite, in a process of its own: `python -m tests.chaos.world`.

It is the ordinary lab with its ordinary control listener. Next to it a recorder looks into the
worlds themselves, past every server, and tells what was true when: what a pane may have said at
some moment can be told from a lie. It ends when its standard input ends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import threading
import time
from typing import Any

from aiohttp import web

from labtui.demo.overlay.world import peers_of
from labtui.demo.running import RunningLab
from labtui.demo.service import start_lab
from labtui.demo.standard_lab import default_lab

LOOK_EVERY = 0.05
"""Real seconds between two looks into the worlds."""
KEPT = 600.0
"""Real seconds for which the past is kept."""
_MEASURED = 20.0
"""World seconds: figures older than that are no longer what the node publishes."""


def truth_of(lab: RunningLab) -> dict[str, Any]:
    """What is true now, in the words of the panes."""
    state = lab.cluster.state
    members = state.membership
    running = {
        str(guest.vmid): [guest.node, "running" if guest.running else "stopped"]
        for guest in state.guests.values()
    }
    peers = {
        f"{router.name}/{peer.interface.name}/{peer.public_key}": False
        for router in lab.overlay.routers.values()
        for peer in peers_of(router)
    }
    for tunnel in lab.overlay.tunnels:
        passing = tunnel.passing(lab.overlay.now)
        for end in tunnel.ends:
            if end.router is not None:
                key = f"{end.router.name}/{end.peer.interface.name}/{end.peer.public_key}"
                peers[key] = passing
    sessions = {
        f"{side.router.name}/{side.connection.name}": side.established
        for adjacency in lab.overlay.adjacencies
        for side, _other in adjacency.sides
        if side.router is not None
    }
    return {
        "views": {name: sorted(members.view(name)) for name in members.names},
        "quorate": {name: members.told_quorate(name) for name in members.names},
        "main": sorted(members.main),
        "measured": sorted(
            node.name
            for node in state.nodes.values()
            if node.figures is not None and state.now - node.figures.at < _MEASURED
        ),
        "guests": running,
        "away": sorted(map(list, state.storage_health.away)),
        "peers": peers,
        "sessions": sessions,
        "servers": {name: fronts[0].mode.value for name, fronts in lab.fronts.items()},
        "routers": {name: router.up for name, router in lab.overlay.routers.items()},
    }


class Recorder:
    """Keeps what was true, from when on; a truth holds until the next one begins."""

    def __init__(self, lab: RunningLab) -> None:
        self._lab = lab
        self.past: list[tuple[float, dict[str, Any]]] = [(time.time(), truth_of(lab))]

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = truth_of(self._lab)
            if now != self.past[-1][1]:
                self.past.append((time.time(), now))
                while len(self.past) > 1 and self.past[1][0] < time.time() - KEPT:
                    self.past.pop(0)

    def since(self, at: float) -> list[tuple[float, dict[str, Any]]]:
        """All truths that held at that moment or later."""
        first = sum(begun <= at for begun, _truth in self.past) - 1
        return self.past[max(0, first) :]


async def _serve(recorder: Recorder) -> tuple[web.AppRunner, int]:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response(recorder.since(float(request.query["since"])))

    application = web.Application()
    application.router.add_get("/truth", answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port: int = runner.addresses[0][1]
    return runner, port


def _end_with_input(directory: str) -> None:
    while os.read(0, 4096):
        pass
    # Connections that hang close slowly; nothing here is worth waiting for.
    import shutil

    shutil.rmtree(directory, ignore_errors=True)
    os._exit(0)


async def _run(options: argparse.Namespace) -> None:
    facts = default_lab(options.guests, options.seed, options.nodes, 4)
    async with start_lab(speed=options.speed, lab=facts, delay_scale=options.delays) as lab:
        recorder = Recorder(lab)
        looking = asyncio.create_task(recorder.run())
        _runner, port = await _serve(recorder)
        ready = lab.ready_line() | {"truth": f"http://127.0.0.1:{port}/truth"}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        directory = str(lab.directory)
        threading.Thread(target=_end_with_input, args=(directory,), daemon=True).start()
        driver = lab.driver
        assert driver is not None
        await asyncio.wait((looking, driver), return_when=asyncio.FIRST_COMPLETED)
        for task in (looking, driver):
            if task.done():
                task.result()


def main() -> None:
    """Run until the input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--speed", type=float, default=20.0)
    parser.add_argument("--nodes", type=int, default=5)
    parser.add_argument("--guests", type=int, default=58)
    parser.add_argument("--seed", type=int, default=836)
    parser.add_argument("--delays", type=float, help="1 for the full 30 s before a 595")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
