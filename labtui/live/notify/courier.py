"""The courier of one hook: a daemon thread that sends what waits in its outbox, in order."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from labtui.config.schema import NotifyConfig
from labtui.live.history.database import Database
from labtui.live.history.file import Unkept
from labtui.live.notify.hooks import several
from labtui.live.notify.outbox import Batch, Outbox
from labtui.live.notify.sending import Unsent, send

_log = logging.getLogger(__name__)
_PAUSE = 30.0
_AGAIN = 10.0


class Courier:
    """Sends for that hook from the history at `path`. `wake` when there is news, then `leave`."""

    def __init__(
        self, config: NotifyConfig, path: Path, clock: Callable[[], float] = time.time
    ) -> None:
        self._config, self._path, self._clock = config, path, clock
        self._wake = threading.Event()
        self._leaving = threading.Event()
        self._done = threading.Event()

    def start(self) -> None:
        """Begin."""
        name = f"labtui notify {self._config.name}"
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def wake(self) -> None:
        """There is something to tell. Any thread may call."""
        self._wake.set()

    def leave(self, patience: float = 0.0) -> bool:
        """End; what is being sent may take `patience` seconds to its end. Blocks for so long."""
        self._leaving.set()
        self._wake.set()
        return self._done.wait(patience)

    def _run(self) -> None:
        database: Database | None = None
        while not self._leaving.is_set():
            try:
                if database is None:
                    database = self._opened()
                pause = self._turn(Outbox(database, self._config.name, self._config.most))
            except Unkept as error:
                _log.warning("notify %s: %s", self._config.name, error)
                pause = _AGAIN
                if database is not None:
                    database.close()
                    database = None
            except Exception as error:  # noqa: BLE001 - a fault of one record must not end the rest
                _log.error("notify %s", self._config.name, exc_info=error)
                pause = _AGAIN
            if pause > 0:
                self._wake.wait(pause)
                self._wake.clear()
        if database is not None:
            database.close()
        self._done.set()

    def _opened(self) -> Database:
        database = Database(self._path, write=True)
        if count := Outbox(database, self._config.name, self._config.most).recover():
            text = "notify %s: %d may or may not have been told when the last recorder ended"
            _log.warning(text, self._config.name, count)
        return database

    def _turn(self, outbox: Outbox) -> float:
        """Send what is due; how long to wait then (seconds)."""
        now = self._clock()
        batch = outbox.next(now)
        if not batch.rows:
            return _PAUSE if batch.until is None else max(0.1, min(_PAUSE, batch.until - now))
        outbox.sending(batch)
        try:
            send(self._config, _record(batch))
        except Unsent as error:
            again = outbox.failed(batch, self._clock(), for_good=error.for_good)
            then = f"again in {again - self._clock():.0f} s" if again is not None else "given up"
            _log.warning("notify %s: %s (%s)", self._config.name, error, then)
            return 0.0
        outbox.told(batch, self._clock())
        _log.info("notify %s: %d told", self._config.name, len(batch.rows))
        return 0.0


def _record(batch: Batch) -> dict[str, Any]:
    records: list[dict[str, Any]] = [msgspec.json.decode(row.record) for row in batch.rows]
    return records[0] if len(records) == 1 else several(records)
