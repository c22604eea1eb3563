"""How many prefixes each BGP connection brings, kept in the history's file as stretches.

A count that stays is one row that grows; what changes quicker than every `_LEAST` seconds is
written as it was at those moments. While nobody looked, nothing is known. Blocks, and is for the
keeper's thread.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from labtui.live.history.database import Database
from labtui.live.history.observe import read_at
from labtui.model.overlay import Bgp
from labtui.model.prefix_counts import Stretch, counts
from labtui.model.snapshot import Snapshot

_LEAST, _FLUSH, _GAP, _PAUSE = 60.0, 60.0, 180.0, 10.0
_PUT = (
    "INSERT INTO prefix_counts VALUES (?, ?, ?, ?)"
    " ON CONFLICT (session, since) DO UPDATE SET until = excluded.until"
)
_NEWEST = "SELECT session, MAX(since), until, count FROM prefix_counts GROUP BY session"


class PrefixCounts:
    """What is known and not yet written."""

    def __init__(self) -> None:
        self._open: dict[str, Stretch] = {}
        self._pending: dict[tuple[str, float], Stretch] = {}
        self._looked = self._flushed = 0.0

    def begin(self, database: Database) -> None:
        """Go on from what the writer before has left."""
        found = [Stretch(*row) for row in database.all(_NEWEST)]
        self._open, self._pending = {each.session: each for each in found}, {}

    def look(
        self, snapshot: Snapshot, now: float, keep: float, database: Database, *, last: bool = False
    ) -> None:
        """Take what was read just now, and write it once a minute. Raises `Unkept`."""
        if not last and 0 <= now - self._looked < _PAUSE:
            return
        self._looked = now
        fresh = [
            router
            for router, _part in snapshot.of(Bgp)
            if read_at(snapshot, Bgp, router, now) is not None
        ]
        for session, count in counts(snapshot, fresh, now).items():
            self._take(session, count, now)
        if last or now - self._flushed >= _FLUSH or now < self._flushed:
            self._write(now, keep, database)

    def _take(self, session: str, count: int, now: float) -> None:
        known = self._open.get(session)
        if known is None or not 0 <= now - known.until <= _GAP:
            new = Stretch(session, now, now, count)
        elif known.count == count:
            new = msgspec.structs.replace(known, until=now)
        elif now - known.since < _LEAST:
            return
        else:
            ended = msgspec.structs.replace(known, until=now)
            self._pending[session, ended.since] = ended
            new = Stretch(session, now, now, count)
        self._open[session] = new
        self._pending[session, new.since] = new

    def _write(self, now: float, keep: float, database: Database) -> None:
        rows = [(one.session, one.since, one.until, one.count) for one in self._pending.values()]
        old = ("DELETE FROM prefix_counts WHERE until < ?", (now - keep,))
        database.transaction([*((_PUT, row) for row in rows), old])
        self._pending, self._flushed = {}, now


def stretches_in(
    path: Path, since: float, until: float, sessions: tuple[str, ...] = ()
) -> tuple[Stretch, ...] | None:
    """Those of a span, of some connections or of all; None without a history. Raises `Unkept`."""
    database = Database.reading(path)
    if database is None:
        return None
    try:
        if not database.all("SELECT 1 FROM sqlite_master WHERE name = 'prefix_counts'"):
            return ()
        rows = database.all(
            "SELECT session, since, until, count FROM prefix_counts"
            " WHERE until >= ? AND since <= ? ORDER BY since",
            (since, until),
        )
    finally:
        database.close()
    found = (Stretch(*row) for row in rows)
    return tuple(each for each in found if not sessions or each.session in sessions)
