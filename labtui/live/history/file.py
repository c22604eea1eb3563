"""The file itself: made for its owner alone, brought to the present form, set aside if damaged."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from labtui.live.history.schema import STEPS, VERSION
from labtui.locale import _

if TYPE_CHECKING:
    from sqlite3 import Connection, Error

_CHECKED_UP_TO = 32 << 20


class Unkept(Exception):
    """The file can't be used; its text says why in a few words. `damaged`: set it aside."""

    def __init__(self, why: str, *, damaged: bool = False) -> None:
        super().__init__(why)
        self.damaged = damaged


def begin(connection: Connection, path: Path, *, write: bool) -> None:
    """Look whether the file can be used, and make it ready. Raises `Unkept` and SQLite's errors."""
    if _version_of(connection) > VERSION:
        raise Unkept(_("of a newer version of labtui"))
    if not write:
        return
    if 0 < path.stat().st_size <= _CHECKED_UP_TO:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found is None or found[0] != "ok":
            raise Unkept(_("damaged"), damaged=True)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    _migrate(connection)


def set_aside(path: Path) -> Path:
    """Rename a damaged file with what belongs to it. Raises `OSError`."""
    aside = path.with_name(path.name + ".damaged")
    for end in ("", "-wal", "-shm"):
        part = path.with_name(path.name + end)
        if part.exists() or part.is_symlink():
            part.replace(aside.with_name(aside.name + end))
    return aside


def prepare(path: Path) -> None:
    """Have the file there, of mode 0600: SQLite gives its other two files the same mode."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        if path.is_symlink():
            raise Unkept(_("a link"), damaged=True) from error
        raise Unkept(error.strerror or type(error).__name__) from error
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_uid != os.geteuid():
            raise Unkept(_("open to others"), damaged=True)
        os.fchmod(descriptor, 0o600)
    except OSError as error:
        raise Unkept(error.strerror or type(error).__name__) from error
    finally:
        os.close(descriptor)


def _migrate(connection: Connection) -> None:
    """In one piece; whoever comes at the same time finds it done."""
    if _version_of(connection) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in STEPS[_version_of(connection) :]:
            for statement in step.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version={VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(Exception):
            connection.execute("ROLLBACK")
        raise


def _version_of(connection: Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def judged(error: Error) -> Unkept:
    """SQLite's own words are few and the same everywhere."""
    import sqlite3

    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else -1
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Unkept(_("damaged"), damaged=True)
    words = {
        sqlite3.SQLITE_FULL: _("the disk is full"),
        sqlite3.SQLITE_READONLY: _("it may not be written to"),
        sqlite3.SQLITE_CANTOPEN: _("it can't be opened"),
        sqlite3.SQLITE_IOERR: _("the disk fails"),
        sqlite3.SQLITE_BUSY: _("somebody else holds it"),
    }
    return Unkept(words.get(primary, str(error)))
