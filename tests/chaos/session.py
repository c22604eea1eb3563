"""The real console over the real sources and a demo lab that breaks, driven by keys.

A session outlives many cases: the app and the lab go on, which also shows what piles up.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from textual import events
from textual.keys import _character_to_key, key_to_character

from labtui.actions import ACTIONS
from labtui.config.file import load
from labtui.live.lab import LiveLab
from labtui.ui.app import LabtuiApp
from labtui.ui.screens.main import MainScreen
from labtui.ui.widgets import topline
from labtui.views import VIEWS
from tests.chaos import invariants
from tests.chaos.cases import Case, keys
from tests.chaos.heart import Heart, Stall, judged
from tests.chaos.outside import Reference, Refused, World, world

RECOVERED_WITHIN = 90.0
"""Real seconds after the last fault ended; the longest pause between two readings is 66."""
CHECK_EVERY = 1.0
_SUMMED = ("nodes", "guests", "gpus", "wireguard", "bgp", "storage")
SIZES = ((80, 24), (120, 36), (200, 50))


class Counts(NamedTuple):
    """What a process holds: threads, sockets, all file descriptors, resident MiB."""

    threads: int
    sockets: int
    files: int
    memory: float


def counted() -> Counts:
    """Of this process, now."""
    links = []
    for handle in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            links.append(str(handle.readlink()))
    sockets = sum(link.startswith("socket:") for link in links)
    status = Path("/proc/self/status").read_text()
    memory = next(int(x.split()[1]) for x in status.splitlines() if x.startswith("VmRSS:"))
    return Counts(threading.active_count(), sockets, len(links), memory / 1024)


class Outcome(NamedTuple):
    """How a case went. `wrong` are breaches in words; `recovery` seconds until all was well."""

    case: Case
    wrong: tuple[str, ...]
    recovery: float | None
    checks: int
    pressed: int
    stalls: tuple[Stall, ...]
    late: tuple[float, ...]
    counts: Counts
    notes: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()


class _Ears(logging.Handler):
    """Hears what nobody expected: exceptions in tasks, threads, and readers."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        told = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            told += f" ({record.exc_info[1]!r})"
        self.heard.append(f"logged by {record.name}: {told}")

    def loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.heard.append(f"in the loop: {context['message']} {context.get('exception')!r}")

    def thread(self, args: threading.ExceptHookArgs) -> None:
        self.heard.append(f"in thread {args.thread}: {args.exc_value!r}")

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        loop, before, hook = asyncio.get_running_loop(), logging.getLogger(), threading.excepthook
        before.addHandler(self)
        loop.set_exception_handler(self.loop)
        threading.excepthook = self.thread
        try:
            yield
        finally:
            before.removeHandler(self)
            loop.set_exception_handler(None)
            threading.excepthook = hook


class Session:
    """A console that runs over a world; `play` takes it through one case after the other."""

    def __init__(self, app: LabtuiApp, lab: LiveLab, world: World, reference: Reference) -> None:
        self.app, self.lab, self.world = app, lab, world
        self.ears = _Ears()
        self.heart = Heart()
        self._reference = reference
        self._checks = self._pressed = 0
        self._healthy: tuple[str, ...] = ()
        self._seen: tuple[str, ...] = ()

    @property
    def main(self) -> MainScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    @property
    def alive(self) -> bool:
        return self.app.is_running and self.app._exception is None

    def send(self, key: str) -> None:
        """A key, as the terminal's driver would send it."""
        name = _character_to_key(key) if len(key) == 1 else key
        character = key if len(key) == 1 else key_to_character(name)
        event = events.Key(name, "\r" if name == "enter" else character)
        event.set_sender(self.app)
        driver = self.app._driver
        if driver is not None:
            driver.send_message(event)
            self._pressed += 1

    def said(self) -> tuple[str, ...]:
        """What a person sees at a glance: the panes' summaries, and what fails with its reason."""
        snapshot, now = self.lab.store.snapshot, time.time()
        told = [
            f"{view.id}: {view.summary(view.rows(snapshot, now), now).text}"
            for view in VIEWS
            if view.id in _SUMMED
        ]
        told += [span.text for span in topline.quorum(snapshot, now)]
        told += [
            f"{feed.source} {feed.topic}: {fresh.problem.sentence}"
            for feed, fresh in sorted(snapshot.freshness.items())
            if fresh.problem is not None
        ]
        return tuple(told)

    async def wrong(self) -> list[str]:
        """The breaches of this moment."""
        self._checks += 1
        if not self.alive:
            return [f"the app ended: {self.app._exception!r}"]
        snapshot, now = self.lab.store.snapshot, time.time()
        found = list(invariants.unsaid(self.main.desk.shown(), now))
        found += await asyncio.to_thread(self._lies, snapshot, now)
        found += self.ears.heard
        self.ears.heard.clear()
        return found

    def _lies(self, snapshot: Any, now: float) -> list[str]:
        longest = max(invariants.FORGOTTEN, invariants.REJECTED) / self.world.speed
        read = [f.read_at for f in snapshot.freshness.values() if f.read_at and f.pace <= 60]
        past = self.world.past(min([now, *read]) - longest - 5.0)
        return invariants.lies(snapshot, now, past, self.world.speed)

    async def well(self, since: float = 0.0) -> list[str]:
        """What is not as it should be in a lab in which nothing has been broken `since` then."""
        found = invariants.unrecovered(self.lab.store.snapshot, time.time(), since)
        if not self.lab.store.snapshot.freshness:
            found.append("nothing is read")
        return found or await self.wrong()

    async def play(self, case: Case) -> Outcome:
        """Break, press keys, look, mend, and wait until all is well again."""
        self._checks = self._pressed = 0
        self.heart.late.clear()
        self.heart.stalls.clear()
        await asyncio.to_thread(self._reference.gaps)
        notes: list[str] = []
        self._seen, self._healthy = (), self.said()
        typing = asyncio.create_task(self._type(case.seed))
        try:
            wrong = await self._break(case, notes)
            recovery = await self._recover(wrong)
        finally:
            typing.cancel()
            await asyncio.gather(typing, return_exceptions=True)
        gaps = await asyncio.to_thread(self._reference.gaps)
        stalls = judged(self.heart.stalls, gaps)
        told = tuple(dict.fromkeys(wrong))
        return Outcome(
            case,
            told,
            recovery,
            self._checks,
            self._pressed,
            tuple(stalls),
            tuple(self.heart.late),
            counted(),
            tuple(notes),
            self._seen,
        )

    async def _break(self, case: Case, notes: list[str]) -> list[str]:
        wrong: list[str] = []
        began = time.monotonic()
        for at, begins, blow in case.steps:
            while (left := began + at - time.monotonic()) > 0:
                await asyncio.sleep(min(left, CHECK_EVERY))
                wrong += await self.wrong()
            if not begins and not self._seen:
                self._seen = tuple(told for told in self.said() if told not in self._healthy)
            try:
                if begins:
                    await asyncio.to_thread(
                        self.world.break_, blow.fault, blow.target, **dict(blow.options)
                    )
                else:
                    await asyncio.to_thread(self.world.mend, blow.fault, blow.target)
            except Refused as refused:
                notes.append(f"{blow}: {refused}")
            wrong += await self.wrong()
        return wrong

    async def _recover(self, wrong: list[str]) -> float | None:
        began, mended_at = time.monotonic(), time.time()
        left: list[str] = []
        while time.monotonic() - began < RECOVERED_WITHIN:
            await asyncio.sleep(CHECK_EVERY / 2)
            left = await self.well(mended_at)
            if not left:
                return time.monotonic() - began
            if not self.alive:
                break
            wrong += await self.wrong()
        wrong.append(f"not well again after {time.monotonic() - began:.0f} s: {'; '.join(left)}")
        return None

    async def _type(self, seed: int) -> None:
        for pause, typed in keys(seed):
            await asyncio.sleep(pause)
            for key in typed:
                self.send(key)


@contextlib.asynccontextmanager
async def session(speed: float = 20.0, seed: int = 0, nodes: int = 5) -> AsyncIterator[Session]:
    """A console over a healthy lab, filled; everything is ended with the block."""
    sys.setswitchinterval(0.001)
    size = random.Random(f"size {seed}").choice(SIZES)
    with world(speed, nodes) as lab_outside, Reference() as reference:
        lab = LiveLab(load(Path(lab_outside.config)), ACTIONS)
        app = LabtuiApp(lab, VIEWS, ACTIONS)
        made = Session(app, lab, lab_outside, reference)
        with made.ears.listening():
            async with app.run_test(size=size):
                made.heart.start()
                try:
                    await _filled(made)
                    yield made
                finally:
                    await made.heart.stop()


async def _filled(made: Session) -> None:
    for _turn in range(80):
        await asyncio.sleep(0.25)
        if not await made.well():
            return
    raise AssertionError(f"never well: {await made.well()}")
