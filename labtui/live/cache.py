"""The last snapshot of a lab, kept on disk: read at the start, written now and then and on leaving.

One daemon thread does both, so that neither the event loop nor leaving ever waits for a disk.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from labtui.config.paths import cache_folder
from labtui.config.schema import Config
from labtui.live.cache_file import (
    Backends,
    Kept,
    Unusable,
    decode,
    encode,
    forget,
    read,
    set_aside,
    write,
)
from labtui.live.store import Store
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.snapshot import Snapshot
from labtui.model.upkeep import Lapse

_log = logging.getLogger(__name__)
_FILE = "snapshot"
_PAUSE = 30.0
_FIRST_FRAME = 0.1
_LEAVING = 0.08


def open_cache(config: Config) -> tuple[Cache | None, str]:
    """The cache of that lab, being read already; and what a person should know, or "".

    None for a demo lab and where the configuration wants none; then what was kept is removed.
    """
    if config.demo:
        return None, ""
    try:
        path = cache_folder(config.lab) / _FILE
    except LabError as error:
        return None, _("the last state can't be kept: {why}").format(why=error)
    if not config.cache.keep:
        forget(path)
        return None, ""
    cache = Cache(path, config.lab, backends_of(config))
    cache.load()
    return cache, ""


def cache_file(config: Config) -> Path:
    """Where the last snapshot of that lab is kept. Raises `LabError`."""
    return cache_folder(config.lab) / _FILE


def backends_of(config: Config) -> Backends:
    """What tells this lab from another of the same name: its sources and where they are."""
    found: Backends = {
        f"proxmox/{cluster.name}": tuple(map(str, cluster.endpoints)) for cluster in config.proxmox
    }
    found.update(
        (f"routeros/{router.name}", tuple(map(str, router.addresses))) for router in config.routers
    )
    if config.netbox is not None:
        found["netbox/netbox"] = (config.netbox.url,)
    return found


class Cache:
    """Reads and writes one file: `load`, `restore`, `begin`, `leave`, `finish`, in this order.

    `pause` is the time between two writes in seconds. The file is read once.
    """

    def __init__(self, path: Path, lab: str, backends: Backends, pause: float = _PAUSE) -> None:
        self._path = path
        self._lab = lab
        self._backends = backends
        self._pause = pause
        self._store: Store | None = None
        self._kept: Kept | None = None
        self._words = ""
        self._written = -1
        self._failed = False
        self._told = ""
        self._read = threading.Event()
        self._leaving = threading.Event()
        self._restored = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._left_at = 0.0
        self._done = threading.Event()
        self._lock = threading.Lock()

    def load(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._run, name="labtui cache", daemon=True).start()

    def restore(self, store: Store, patience: float = _FIRST_FRAME) -> str:
        """Put what was read into the store, if that takes no longer than `patience` seconds.

        Returns what is to be said about the file. What comes later is put in after `begin`.
        """
        if not self._read.wait(patience):
            return ""
        self._put(store)
        return self._words

    def begin(self, store: Store) -> None:
        """From now on keep what the store has; call it on the running event loop."""
        with self._lock:
            self._store = store
            self._loop = asyncio.get_running_loop()
            come = self._read.is_set()
        if come:
            self._put(store)

    def leave(self) -> None:
        """Have the last state written once more; does not wait for it."""
        if not self._leaving.is_set():
            self._left_at = time.monotonic()
            self._leaving.set()

    def finish(self, patience: float = _LEAVING) -> None:
        """Wait until that is done, but no longer than `patience` seconds after `leave`.

        Blocks: for when the event loop has ended. What is given up then was no quick disk's.
        """
        self.leave()
        self._done.wait(max(0.0, self._left_at + patience - time.monotonic()))

    def _put(self, store: Store) -> None:
        if not self._restored:
            self._restored = True
            if self._kept is not None:
                store.restore(self._kept.parts, self._kept.freshness)
                self._kept = None

    def _run(self) -> None:
        try:
            self._kept = self._load()
        except Exception as error:  # noqa: BLE001 - no memory is no reason not to start
            _log.warning("cache not read: %s", type(error).__name__)
        with self._lock:
            self._read.set()
            store = self._store
        if store is not None:
            if self._words:
                _log.warning("%s", self._words)
            self._put_later(store)
        while not self._leaving.wait(self._pause):
            self._keep()
        self._keep()
        self._done.set()

    def _put_later(self, store: Store) -> None:
        """Have the loop put it in; one that is gone wants nothing any more."""
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._put, store)

    def _load(self) -> Kept | None:
        try:
            data = read(self._path)
            began = time.perf_counter()
            kept = None if data is None else decode(data, self._lab, self._backends)
        except Unusable as error:
            self._words = self._set_aside(str(error))
            return None
        except OSError as error:
            self._words = self._not_kept(error.strerror or type(error).__name__)
            return None
        if not os.access(self._path.parent, os.W_OK | os.X_OK):
            self._words = self._not_kept(_("it may not be written to"))
        if kept is not None:
            took = (time.perf_counter() - began) * 1000
            _log.info("last state read: %d parts in %.1f ms", len(kept.parts), took)
        return kept

    def _set_aside(self, what: str) -> str:
        try:
            aside = set_aside(self._path)
        except OSError as error:
            return self._not_kept(error.strerror or type(error).__name__)
        return _("the kept state is {what}: set aside as {path}").format(what=what, path=aside)

    def _not_kept(self, why: str) -> str:
        self._failed = True
        return _("the last state can't be kept in {folder}: {why}").format(
            folder=self._path.parent, why=why
        )

    def _keep(self) -> None:
        store = self._store
        if store is None:
            return
        snapshot = store.snapshot
        if snapshot.sequence == self._written or not _news(snapshot):
            return
        try:
            write(self._path, encode(snapshot, self._backends))
        except OSError as error:
            why = error.strerror or type(error).__name__
            if not self._failed:
                _log.warning("%s", self._not_kept(why))
            self._tell(store, why)
            return
        except Exception as error:  # noqa: BLE001 - a fault here must not end the thread
            _log.error("cache not written: %s", type(error).__name__)
            return
        self._written, self._failed = snapshot.sequence, False
        self._tell(store, "")

    def _tell(self, store: Store, why: str) -> None:
        """Why it is not kept, when that is news; "" when it is kept again."""
        if why == self._told or self._loop is None:
            return
        self._told = why
        lapse = Lapse("memory", str(self._path), why, time.time()) if why else None
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(store.show_lapse, "memory", lapse)


def _news(snapshot: Snapshot) -> bool:
    """Whether anything was read since the start: what is only remembered is on the disk already."""
    return any(
        fresh.read_at is not None and not fresh.remembered for fresh in snapshot.freshness.values()
    )
