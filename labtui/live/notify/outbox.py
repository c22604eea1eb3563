"""What one hook has still to tell, and what it has told: rows of the history.

A row is `waiting`, then `sending`, then `told`; or `waiting` again after a failure, `given-up`,
`dropped` (over before anybody heard of it) or `unknown` (the recorder ended while it was sent: it
is not sent twice). Everything blocks. Raises `Unkept`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from labtui.live.history.database import Database

SPAN = 600.0
"""How many may be sent is counted over that many seconds."""
_TOO_OLD = 86400.0
_MOST_TRIES = 10
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 900.0


class Waiting(NamedTuple):
    """A row that waits."""

    id: int
    cause: str
    news: str
    record: bytes
    tries: int
    next_at: float
    at: float


class Batch(NamedTuple):
    """What is to be sent now, in one; nothing, and until when to wait (None: until there is)."""

    rows: tuple[Waiting, ...] = ()
    until: float | None = None


def _critical(row: Waiting) -> bool:
    severity: str = msgspec.json.decode(row.record).get("severity", "")
    return severity == "critical"


class Outbox:
    """The rows of the hook of that name; at most `most` are sent within `SPAN`.

    What is critical is not held up by what was less: it goes, with all that waits, until twice as
    many have been sent.
    """

    def __init__(self, database: Database, hook: str, most: int) -> None:
        self._database, self._hook, self._most = database, hook, most

    def recover(self) -> int:
        """After a start: how many may or may not have been told when the last recorder ended."""
        rows = self._rows("state = 'sending'")
        self._mark(rows, "unknown")
        return len(rows)

    def next(self, now: float) -> Batch:
        """What to send now. What is over before it was told is not told at all."""
        waiting = self._rows("state = 'waiting'")
        stale = [row for row in waiting if now - row.at > _TOO_OLD]
        self._mark(stale, "given-up")
        vain = self._in_vain([row for row in waiting if row not in stale])
        self._mark(vain, "dropped")
        rows = tuple(row for row in waiting if row not in stale and row not in vain)
        if not rows:
            return Batch()
        if rows[0].next_at > now:
            return Batch((), rows[0].next_at)
        sent = self._sent(now)
        left = self._most - len(sent)
        if left <= 0:
            if left > -self._most and any(_critical(row) for row in rows):
                return Batch(rows)
            return Batch((), sent[0] + SPAN)
        return Batch(rows if len(rows) > left == 1 else rows[:1])

    def sending(self, batch: Batch) -> None:
        """It goes out now."""
        self._mark(batch.rows, "sending")

    def told(self, batch: Batch, now: float) -> None:
        """It has arrived."""
        self._mark(batch.rows, "told", sent_at=now, batch=batch.rows[0].id)

    def failed(self, batch: Batch, now: float, *, for_good: bool) -> float | None:
        """It has not; when it is tried again, None when it is given up."""
        tries: int = batch.rows[0].tries + 1
        if for_good or tries >= _MOST_TRIES:
            self._mark(batch.rows, "given-up")
            return None
        again = now + min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (tries - 1))
        self._mark(batch.rows, "waiting", tries=tries, next_at=again)
        return again

    def _in_vain(self, rows: list[Waiting]) -> list[Waiting]:
        by_cause: dict[str, list[Waiting]] = {}
        for row in rows:
            by_cause.setdefault(row.cause, []).append(row)
        return [
            row
            for each in by_cause.values()
            if each[0].news == "new" and each[-1].news == "over" and not each[0].tries
            for row in each
        ]

    def _sent(self, now: float) -> list[float]:
        rows = self._database.all(
            "SELECT max(sent_at) FROM notices WHERE hook = ? AND sent_at > ? GROUP BY batch"
            " ORDER BY batch",
            (self._hook, now - SPAN),
        )
        return [row[0] for row in rows]

    def _rows(self, where: str) -> list[Waiting]:
        rows = self._database.all(
            "SELECT id, cause, news, record, tries, next_at, at FROM notices"  # noqa: S608 - ours
            f" WHERE hook = ? AND {where} ORDER BY id",
            (self._hook,),
        )
        return [Waiting(*row) for row in rows]

    def _mark(self, rows: Any, state: str, **more: float) -> None:
        values: dict[str, Any] = {"state": state, **more}
        setting = ", ".join(f"{name} = ?" for name in values)
        if rows:
            text = f"UPDATE notices SET {setting} WHERE id = ?"  # noqa: S608 - our own columns
            self._database.transaction((text, (*values.values(), row.id)) for row in rows)
