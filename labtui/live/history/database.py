"""The file of the history: SQLite in WAL mode, for its owner alone (0600).

Every method blocks and is for one thread. SQLite is imported when a file is opened. What was
committed is not lost when the process is killed; a power cut may cost the last moment
(`synchronous=NORMAL`), and damages nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from labtui.live.history.compare import Change, Key, Known
from labtui.live.history.file import Unkept, begin, judged, prepare
from labtui.locale import _
from labtui.model.events import Event, Query, Said

if TYPE_CHECKING:
    from sqlite3 import Connection

_T = TypeVar("_T")

NoticeRow = tuple[str, str, str, str, float, bytes]
"""Hook, cause, news, severity, when, and the record to tell (JSON)."""
_BUSY = 5.0
_EVENT = "id, at, kind, source, key, name, before, after, weight, said, view, row, unseen"
_NOTICE = (
    "INSERT INTO notices (hook, cause, news, severity, at, record, state)"
    " VALUES (?, ?, ?, ?, ?, ?, 'waiting')"
)
_STATE = "kind, key, source, name, value, since, at, view, row"


class Database:
    """An open file. `write`: it may be written to, and is made when it is missing.

    Raises `Unkept`, here and in every method.
    """

    def __init__(self, path: Path, *, write: bool) -> None:
        self._path = path
        self._write = write
        if write:
            prepare(path)
        self._connection = self._guarded(self._open)

    def close(self) -> None:
        """Close the file; never raises."""
        with suppress(Exception):
            self._connection.close()

    @classmethod
    def reading(cls, path: Path) -> Database | None:
        """The file to read from; None while nobody has begun one."""
        if not path.exists():
            return None
        database = cls(path, write=False)
        if int(database._one("PRAGMA user_version")[0]):
            return database
        database.close()
        return None

    def version(self) -> int:
        """Changes with every commit of another process."""
        return int(self._one("PRAGMA data_version")[0])

    def known(self) -> dict[Key, Known]:
        """How everything is, as far as written."""
        rows = self._all(f"SELECT {_STATE} FROM states")  # noqa: S608 - our own columns
        return self._guarded(lambda: {(row[0], row[1]): _known(row[2:]) for row in rows})

    def words(self) -> dict[str, Said]:
        """The words in which causes were told."""
        rows = self._all("SELECT key, said FROM states WHERE kind = 'cause' AND said IS NOT NULL")
        return self._guarded(lambda: {key: _said(blob) for key, blob in rows})

    def record(
        self,
        changes: Iterable[Change],
        words: Mapping[str, Said] | None = None,
        notices: Iterable[NoticeRow] = (),
    ) -> int:
        """Write changes with their events in one piece, and what hooks shall tell of them.

        What the file knows already, because somebody else has written it meanwhile, is left out.
        Returns how many events were written.
        """
        told = words or {}

        def work(connection: Connection) -> int:
            written, fresh = 0, set()
            for change in changes:
                if not _knows(connection, change):
                    written += _put(connection, change, told.get(change.key[1]))
                    fresh.add(change.key[1])
            for notice in notices:
                if notice[1] in fresh and (notice[2] != "over" or _was_told(connection, notice)):
                    connection.execute(_NOTICE, notice)
            return written

        return self._transaction(work)

    def events(self, query: Query) -> tuple[Event, ...]:
        """The events asked for, the newest first."""
        where, values = _where(query)
        rows = self._all(
            f"SELECT {_EVENT} FROM events{where} ORDER BY at DESC, id DESC LIMIT ?",  # noqa: S608
            (*values, query.most),
        )
        return tuple(self._guarded(lambda: [_event(row) for row in rows]))

    def keep(self, name: str, value: bytes, at: float) -> None:
        """Keep a value under a name."""
        self._transaction(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", (name, at, value)
            )
        )

    def kept(self, name: str) -> tuple[float, bytes] | None:
        """When that was kept, and the value."""
        rows = self._all("SELECT at, value FROM kept WHERE name = ?", (name,))
        return (float(rows[0][0]), bytes(rows[0][1])) if rows else None

    def prune(self, before: float, most: int) -> bool:
        """Forget at most `most` of what is older; True when there is more to forget."""
        old = "SELECT id FROM events WHERE at < ? ORDER BY at LIMIT ?"
        spent = "kind IN ('task', 'job') AND value != 'running' AND at < ?"

        def work(connection: Connection) -> int:
            gone = connection.execute(
                f"DELETE FROM events WHERE id IN ({old})",  # noqa: S608
                (before, most),
            ).rowcount
            connection.execute(f"DELETE FROM states WHERE {spent}", (before,))  # noqa: S608
            connection.execute("DELETE FROM states WHERE value IN ('gone','over') AND at < ?",
                               (before,))  # fmt: skip
            connection.execute("DELETE FROM notices WHERE at < ?", (before,))
            return int(gone)

        return self._transaction(work) >= most

    def transaction(self, statements: Iterable[tuple[str, tuple[Any, ...]]]) -> None:
        """Carry several statements out in one piece."""

        def work(connection: Connection) -> None:
            for text, values in statements:
                connection.execute(text, values)

        self._transaction(work)

    def all(self, text: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """The rows of a query."""
        return self._all(text, values)

    def _one(self, text: str) -> Any:
        return self._guarded(lambda: self._connection.execute(text).fetchone())

    def _all(self, text: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return self._guarded(lambda: self._connection.execute(text, values).fetchall())

    def _transaction(self, work: Callable[[Connection], _T]) -> _T:
        def whole() -> _T:
            connection = self._connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                with suppress(Exception):
                    connection.execute("ROLLBACK")
                raise
            return result

        return self._guarded(whole)

    def _guarded(self, work: Callable[[], _T]) -> _T:
        import sqlite3

        try:
            return work()
        except sqlite3.Error as error:
            raise judged(error) from error
        except (msgspec.MsgspecError, ValueError, TypeError) as error:
            # Bytes that are no text, and texts where numbers belong.
            raise Unkept(_("damaged"), damaged=True) from error

    def _open(self) -> Connection:
        import sqlite3

        mode = "rwc" if self._write else "ro"
        uri = f"{self._path.absolute().as_uri()}?mode={mode}"
        # One thread uses it at a time; which one that is may change at the end.
        connection = sqlite3.connect(
            uri, uri=True, timeout=_BUSY, isolation_level=None, check_same_thread=False
        )
        try:
            begin(connection, self._path, write=self._write)
        except BaseException:
            connection.close()
            raise
        return connection


def _knows(connection: Connection, change: Change) -> bool:
    """Whether somebody has written that already, or something that was read later."""
    row = connection.execute(
        "SELECT value, at FROM states WHERE kind = ? AND key = ?", change.key
    ).fetchone()
    return row is not None and (row[0] == change.known.value or row[1] > change.known.at)


def _was_told(connection: Connection, notice: NoticeRow) -> bool:
    """Whether that hook has told of the cause, or is about to, since it was over last."""
    last = connection.execute(
        "SELECT news FROM notices WHERE hook = ? AND cause = ? AND state != 'dropped'"
        " ORDER BY id DESC LIMIT 1",
        notice[:2],
    ).fetchone()
    return last is not None and last[0] != "over"


def _put(connection: Connection, change: Change, words: Said | None) -> int:
    blob = msgspec.msgpack.encode(words) if words is not None else None
    connection.execute(
        f"INSERT OR REPLACE INTO states ({_STATE}, said)"  # noqa: S608
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*change.key, *change.known, blob),
    )
    event = change.event
    if event is None:
        return 0
    values = (
        event.at, event.kind, event.source, event.key, event.name, event.before, event.after,
        event.weight, msgspec.msgpack.encode(event.said), event.view, event.row, event.unseen,
    )  # fmt: skip
    marks = ", ".join("?" * len(values))
    connection.execute(
        f"INSERT INTO events ({_EVENT.removeprefix('id, ')}) VALUES ({marks})",  # noqa: S608
        values,
    )
    return 1


def _where(query: Query) -> tuple[str, tuple[Any, ...]]:
    parts: list[str] = []
    values: list[Any] = []
    if query.view:
        # A session's row has the connection's key and more, a feed's that of its source.
        parts.append("view = ? AND (row = ? OR substr(?, 1, length(row) + 1) = row || '/')")
        values += (query.view, query.row, query.row)
    if query.object:
        wanted = query.object
        parts.append(
            "(key = ? OR name = ? OR row = ? OR substr(row, -length(?) - 1) = '/' || ?"
            " OR substr(name, 1, length(?) + 1) = ? || ' '"
            " OR substr(name, -length(?) - 1) = ' ' || ?)"
        )
        values += [wanted] * 9
    for sign, bound in ((">=", query.since), ("<=", query.until)):
        if bound is not None:
            parts.append(f"at {sign} ?")
            values.append(bound)
    return (" WHERE " + " AND ".join(parts) if parts else ""), tuple(values)


def _event(row: Any) -> Event:
    unseen = float(row[12]) if row[12] is not None else None
    values = (row[0], float(row[1]), *row[2:9], _said(row[9]), row[10], row[11], unseen)
    return Event(*values)


def _known(row: Any) -> Known:
    return Known(row[0], row[1], row[2], float(row[3]), float(row[4]), row[5], row[6])


def _said(blob: bytes) -> Said:
    return msgspec.msgpack.decode(blob, type=Said)
