"""The console over a lab that does just what it is told: `-m benchmarks.scripted_console MODE`.

`idle`: nothing is read; `equal`: the same rows are read again each second; `changing`: the cpu and
memory cells of every visible guest change each second.
"""

from __future__ import annotations

import asyncio
import sys
import time

from labtui.actions import ACTIONS
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.model.cluster import Resources
from labtui.ui.app import LabtuiApp
from labtui.views import VIEWS
from tests.snapshots import GIB, feed_of, guest, node

GUESTS = 50


def resources(step: int) -> Resources:
    """Guests whose cpu and memory differ between even and odd steps, by width-keeping values."""
    odd = step % 2
    guests = tuple(
        guest(vmid, cpu=0.15 + 0.10 * odd, cpus=1, memory=(11 + odd) * GIB, memory_max=64 * GIB)
        for vmid in range(100, 100 + GUESTS)
    )
    return Resources((node("pve1"),), guests)


class ScriptedLab(LiveLab):
    """A lab without any backend: its store is filled by a script."""

    def __init__(self, mode: str) -> None:
        super().__init__(Config("", "bench"), ACTIONS, read_only=True)
        self._mode = mode
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        feed = feed_of(Resources(), "bench")
        self.store.expect(feed, 3600.0)
        self.store.apply(feed, resources(0), read_at=time.time(), sequence=1)
        step = 1
        while self._mode != "idle":
            await asyncio.sleep(1.0)
            step += 1
            now = step if self._mode == "changing" else 0
            self.store.apply(feed, resources(now), read_at=time.time(), sequence=step)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        await super().close()


if __name__ == "__main__":
    LabtuiApp(ScriptedLab(sys.argv[1]), VIEWS, ACTIONS).run()
