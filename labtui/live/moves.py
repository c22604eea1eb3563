"""The moves of a lab that have ended well, for the estimates of later ones: one small file.

A line of JSON for each, readable by its owner alone. What can't be read or written is left out: an
estimate is worth no failure, so only the log hears of it.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

import msgspec

from labtui.actions.migration.speed import Move
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.sources.threads import Threads

_log = logging.getLogger(__name__)
_KEPT = 200
_LIMIT = 5.0


class Moves:
    """Those of all clusters of a lab; with no path they live as long as the process."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: list[Move] = []
        self._read_once = False
        self._threads = Threads(str(path or ""), lambda: None, size=1)

    def close(self) -> None:
        """Let the thread go."""
        self._threads.close()

    async def of(self, cluster: str) -> tuple[Move, ...]:
        """Those of a cluster, the newest last."""
        return tuple(move for move in await self._all() if move.cluster == cluster)

    async def add(self, move: Move) -> None:
        """Remember one."""
        known = await self._all()
        known.append(move)
        del known[: max(0, len(known) - _KEPT)]
        path, kept = self._path, list(known)
        if path is None:
            return
        try:
            await self._threads.run(
                lambda _client: _write(path, kept), _LIMIT, _("remembering a move")
            )
        except (LabError, OSError) as error:
            _log.warning("moves not kept: %s", type(error).__name__)

    async def _all(self) -> list[Move]:
        if not self._read_once and self._path is not None:
            path = self._path
            try:
                found = await self._threads.run(
                    lambda _client: _read(path), _LIMIT, _("reading earlier moves")
                )
            except (LabError, OSError) as error:
                _log.warning("moves not read: %s", type(error).__name__)
                found = []
            if not self._read_once:
                # Another may have read them meanwhile, and added to them.
                self._read_once = True
                self._known = found
        return self._known


def _read(path: Path) -> list[Move]:
    """The moves of a file; lines that are none are left out."""
    if not path.exists():
        return []
    found = []
    for line in path.read_bytes().split(b"\n"):
        try:
            found.append(msgspec.json.decode(line, type=Move))
        except msgspec.MsgspecError:
            continue
    return found[-_KEPT:]


def _write(path: Path, moves: list[Move]) -> None:
    """The whole file anew, in one go: it is small, and half of one would be worth nothing."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.writelines(msgspec.json.encode(move) + b"\n" for move in moves)
    draft.replace(path)
