"""The hours that cards are given and used, counted up in the history's file.

Each look adds the time since the last one. While nobody looked, a card counts as given when the
same guest has it before and after; whether it worked then is not known. Blocks, and is for the
keeper's thread.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from labtui.live.history.database import Database
from labtui.live.history.observe import read_at
from labtui.model.card_hours import Holding, HourRow, holdings, split
from labtui.model.cluster import Resources
from labtui.model.devices import Hardware
from labtui.model.guests import GuestConfigs
from labtui.model.snapshot import Snapshot

_NAME = "holdings"
_FLUSH, _GAP, _PAUSE = 60.0, 180.0, 5.0
_MOST_GAP = 31 * 86400.0
_ADD = (
    "INSERT INTO card_hours VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (hour, card, guest, person, project) DO UPDATE SET"
    " given = given + excluded.given, told = told + excluded.told, used = used + excluded.used"
)
_Key = tuple[int, Holding]


class CardHours:
    """What is counted and not yet written. `began` anew whenever this process begins to write."""

    def __init__(self) -> None:
        self._last: tuple[float, tuple[Holding, ...]] | None = None
        self._sums: dict[_Key, list[float]] = {}
        self._flushed = 0.0

    def begin(self, database: Database) -> None:
        """Go on from what the writer before has left."""
        self._sums, self._last = {}, None
        kept = database.kept(_NAME)
        if kept is None:
            return
        try:
            held = msgspec.msgpack.decode(kept[1], type=tuple[Holding, ...])
        except msgspec.MsgspecError:
            return
        self._last = (kept[0], held)

    def look(
        self, snapshot: Snapshot, now: float, keep: float, database: Database, *, last: bool = False
    ) -> None:
        """Count what has passed, and write it once a minute. Raises `Unkept`."""
        if not last and self._last is not None and 0 <= now - self._last[0] < _PAUSE:
            return
        if not _read(snapshot, now):
            return
        held = holdings(snapshot, now)
        if not held and self._last is None:
            return
        if self._last is not None:
            self._count(*self._last, now, held)
        self._last = (now, held)
        if last or now - self._flushed >= _FLUSH or now < self._flushed:
            self._write(now, keep, database)

    def _count(
        self, since: float, before: tuple[Holding, ...], now: float, held: tuple[Holding, ...]
    ) -> None:
        seconds = now - since
        if not 0 < seconds <= _MOST_GAP:
            return
        known = seconds <= _GAP
        plain = {_bare(each) for each in before}
        for each in held:
            if _bare(each) not in plain:
                continue
            for hour, part in split(since, now):
                sums = self._sums.setdefault((hour, _bare(each)), [0.0, 0.0, 0.0])
                sums[0] += part
                if known and each.busy is not None:
                    sums[1] += part
                    sums[2] += part if each.busy else 0.0

    def _write(self, now: float, keep: float, database: Database) -> None:
        rows = [
            (hour, h.card, h.model, h.guest, h.person, h.project, *sums)
            for (hour, h), sums in self._sums.items()
        ]
        old = ("DELETE FROM card_hours WHERE hour < ?", (int(now - keep),))
        database.transaction([*((_ADD, row) for row in rows), old])
        self._sums, self._flushed = {}, now
        held = self._last[1] if self._last is not None else ()
        database.keep(_NAME, msgspec.msgpack.encode(held), now)


def _read(snapshot: Snapshot, now: float) -> bool:
    """Whether who has which card was read just now, in every cluster that has cards."""
    clusters = [cluster for cluster, _part in snapshot.of(Hardware)]
    parts = (Hardware, GuestConfigs, Resources)
    return bool(clusters) and all(
        read_at(snapshot, part, cluster, now) is not None for cluster in clusters for part in parts
    )


def _bare(holding: Holding) -> Holding:
    return msgspec.structs.replace(holding, busy=None)


def hours_in(path: Path, since: float, until: float) -> tuple[HourRow, ...] | None:
    """The hours of a span, in order; None while there is no history. Raises `Unkept`."""
    database = Database.reading(path)
    if database is None:
        return None
    try:
        if not database.all("SELECT 1 FROM sqlite_master WHERE name = 'card_hours'"):
            return ()
        rows = database.all(
            "SELECT hour, card, model, guest, person, project, given, told, used FROM card_hours"
            " WHERE hour > ? AND hour < ? ORDER BY hour, card",
            (int(since) - 3600, int(until)),
        )
    finally:
        database.close()
    return tuple(HourRow(*row) for row in rows)
