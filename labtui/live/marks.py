"""The marks: findings that people have put aside, in one file that all consoles of a user share.

A JSON object `{"marks": [...]}` in the lab's state folder, 0600, replaced as a whole. Whoever
changes it holds a lock beside it, so that two consoles that do so at once lose nothing. A file that
is damaged, or open to others, is renamed and told. Nothing here may run on the event loop.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from labtui.findings.quiet import Mark
from labtui.live import cache_file
from labtui.live.cache_file import Unusable
from labtui.locale import _
from labtui.model.errors import Rejected
from labtui.model.text import clean

LONGEST_REASON = 200
_LONGEST_NAME, _LONGEST_ID, _MOST = 64, 300, 1000


class _Content(msgspec.Struct):
    marks: list[Mark]


class Marks(msgspec.Struct, frozen=True):
    """What the file says. `word`: what was wrong with it, for a person; empty when nothing was."""

    marks: tuple[Mark, ...] = ()
    word: str = ""


def stamp(path: Path) -> tuple[int, int, int] | None:
    """What differs when the file is another; None when there is none. Raises `OSError`."""
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return None
    return facts.st_ino, facts.st_mtime_ns, facts.st_size


def read(path: Path) -> Marks:
    """The marks of the file. Raises nothing: one that can't be used is set aside with a word."""
    try:
        return _read(path)
    except OSError as error:
        why = error.strerror or type(error).__name__
        return Marks(word=_("the marks in {path} can't be read: {why}").format(path=path, why=why))


def put(path: Path, mark: Mark, now: float) -> Marks:
    """Add a mark in place of an earlier one on the same finding. Raises `Rejected`."""
    return _changed(path, now, (mark,), (mark.finding,))


def drop(path: Path, findings: Collection[str], now: float) -> Marks:
    """Take the marks of these findings away. Raises `Rejected`."""
    return _changed(path, now, (), findings)


def _read(path: Path) -> Marks:
    """As `read`. Raises `OSError` when the file may be well and can't be read, or set aside."""
    try:
        data = cache_file.read(path)
        return Marks(_understood(data)) if data is not None else Marks()
    except Unusable as error:
        aside = cache_file.set_aside(path)
        text = _("the marks of findings were {why}: set aside as {path}, and all is told again")
        return Marks(word=text.format(why=error, path=aside))


def _changed(path: Path, now: float, more: tuple[Mark, ...], without: Collection[str]) -> Marks:
    """The file with those marks and without others; what has ended goes at the same time."""
    try:
        with _locked(path):
            before = _read(path)
            kept = [
                mark
                for mark in before.marks
                if mark.finding not in without and (mark.until is None or now < mark.until)
            ]
            marks = (*kept, *more)[-_MOST:]
            told = {"marks": [msgspec.to_builtins(mark) for mark in marks]}
            cache_file.write(path, json.dumps(told, ensure_ascii=True, indent=1).encode() + b"\n")
    except OSError as error:
        raise Rejected(
            _("the mark could not be kept"),
            where=str(path),
            why=error.strerror or type(error).__name__,
        ) from None
    return Marks(marks, before.word)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Alone with the file. The lock is a file of its own, since the other one is replaced."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path.with_name(path.name + ".lock"), flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _understood(data: bytes) -> tuple[Mark, ...]:
    """What was written, cleaned: by hand, or by another version. Raises `Unusable`."""
    try:
        told = msgspec.json.decode(data, type=_Content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Unusable(_("damaged")) from None
    return tuple(
        msgspec.structs.replace(
            mark,
            finding=mark.finding[:_LONGEST_ID],
            by=clean(mark.by, _LONGEST_NAME),
            why=clean(mark.why, LONGEST_REASON),
        )
        for mark in told.marks[-_MOST:]
    )
