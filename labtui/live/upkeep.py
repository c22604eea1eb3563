"""The watch over what labtui needs of its host: room on the disk, its configuration, its journals.

A daemon thread looks, so that a disk that hangs holds nothing up.
"""

from __future__ import annotations

import asyncio
import os
import stat
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from labtui.config.paths import state_folder
from labtui.config.schema import Config
from labtui.live.store import Store
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.upkeep import Chore, Lapse

_PAUSE = 60.0
_ROOM = 64 * 1024 * 1024
"""Bytes that the history, the last state, the journal and the log should have left."""


class Beside(Protocol):
    """What runs beside a lab as long as that does, in a thread of its own."""

    def begin(self, store: Store, /) -> None:
        """Called on the running loop."""

    def leave(self) -> None:
        """End; waits for nothing."""


def upkeep_of(
    config: Config, *, journal: Path | None = None, log: Path | None = None
) -> Upkeep | None:
    """The watch for that configuration; None for a demo lab, and where labtui may write nothing.

    `journal` and `log` are the files that this run appends to.
    """
    if config.demo:
        return None
    try:
        folder = state_folder(config.lab)
    except LabError:
        # Said by everything else that would write there.
        return None
    appended: dict[Chore, Path | None] = {"journal": journal, "log": log}
    return Upkeep(
        Path(config.path), folder, {chore: path for chore, path in appended.items() if path}
    )


class Upkeep:
    """Tells the store of what lapses, and when it is well again. `begin` on the running loop.

    `config` is the file that was loaded, `folder` where labtui writes, `appended` are the files
    that grow line by line; `pause` is in seconds.
    """

    def __init__(
        self,
        config: Path,
        folder: Path,
        appended: Mapping[Chore, Path] = MappingProxyType({}),
        *,
        pause: float = _PAUSE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._config, self._folder, self._appended = config, folder, dict(appended)
        self._pause, self._clock = pause, clock
        self._loaded = _content(config)
        self._told: dict[Chore, Lapse | None] = {}
        self._leaving = threading.Event()

    def begin(self, store: Store) -> None:
        """Look now and then until `leave`."""
        loop = asyncio.get_running_loop()
        thread = threading.Thread(
            target=self._run, args=(loop, store), name="labtui upkeep", daemon=True
        )
        thread.start()

    def leave(self) -> None:
        """Let the thread end; nobody waits for it."""
        self._leaving.set()

    def _run(self, loop: asyncio.AbstractEventLoop, store: Store) -> None:
        while not self._leaving.is_set():
            self._tell(loop, store, "disk", self._folder, room_lapse(self._folder))
            self._tell(loop, store, "config", self._config, self._config_lapse())
            for chore, path in self._appended.items():
                self._tell(loop, store, chore, path, append_lapse(path))
            self._leaving.wait(self._pause)

    def _tell(
        self, loop: asyncio.AbstractEventLoop, store: Store, chore: Chore, path: Path, why: str
    ) -> None:
        before = self._told.get(chore)
        if why == (before.why if before is not None else ""):
            return
        lapse = None
        if why:
            # Fewer bytes or another reason: it has lapsed since the first.
            since = before.since if before is not None else self._clock()
            lapse = Lapse(chore, str(path), why, since)
        self._told[chore] = lapse
        # A loop that is gone wants to hear nothing any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(store.show_lapse, chore, lapse)

    def _config_lapse(self) -> str:
        now = _content(self._config)
        if now is None:
            return _("it is gone or can't be read: the next start will fail")
        if now != self._loaded:
            return _("it was changed since this start, and is taken up by the next one")
        with suppress(OSError):
            if stat.S_IMODE(self._config.stat().st_mode) & 0o022:
                return _("others may write to it")
        return ""


def room_lapse(folder: Path) -> str:
    """What is wrong with the room on the disk of that folder; empty when there is enough."""
    try:
        found = os.statvfs(folder)
    except OSError as error:
        return error.strerror or type(error).__name__
    free = found.f_bavail * found.f_frsize
    if free < _ROOM:
        return _("{free} MiB are free").format(free=free // (1024 * 1024))
    # File systems that make them as they go count none.
    return _("no file can be made any more") if found.f_files and not found.f_favail else ""


def append_lapse(path: Path) -> str:
    """Why nothing can be appended to that file; empty when it can be. Nothing is written."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_NOFOLLOW))
    except FileNotFoundError:
        if os.access(path.parent, os.W_OK | os.X_OK):
            return ""
        return _("its folder is gone or can't be written to")
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def _content(path: Path) -> int | None:
    """What tells one content from another in this process; the secrets in it are not kept."""
    try:
        return hash(path.read_bytes())
    except OSError:
        return None
