"""The freeze file: who stopped all writes of every console that sees it, since when, and why.

A JSON object with `by`, `from`, `at` (seconds since the epoch) and `why`, of mode 0664. While it is
there, nothing is written. What can't be read or understood counts as a freeze: a disk that is away
must not let writes through. Nothing here may run on the event loop.
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from labtui.locale import _
from labtui.model.errors import Rejected
from labtui.model.text import clean

MODE = 0o664
_LARGEST = 1 << 16
_LONGEST_NAME, LONGEST_REASON = 64, 200
_LATEST = 4e9


class Freeze(msgspec.Struct, frozen=True):
    """A freeze in force. `problem`: why the file is none, while it counts as one all the same.

    `here`: of this console alone, for the file could not be written.
    """

    by: str = ""
    origin: str = ""
    at: float | None = None
    why: str = ""
    problem: str = ""
    here: bool = False


class _Content(msgspec.Struct):
    by: str = ""
    origin: str = msgspec.field(default="", name="from")
    at: float | None = None
    why: str = ""


def read(path: Path) -> Freeze | None:
    """The freeze in force, None when there is none. Raises nothing."""
    try:
        # Nothing that waits for a writer, nothing that leads elsewhere.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        # Its folder may be on a disk that is not there now.
        return None if path.parent.is_dir() else Freeze(problem=_("its folder is not there"))
    except OSError as error:
        why = _("it is a link") if path.is_symlink() else error.strerror or type(error).__name__
        return Freeze(problem=why)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return Freeze(problem=_("it is no file"))
        return _understood(os.read(descriptor, _LARGEST + 1))
    except OSError as error:
        return Freeze(problem=error.strerror or type(error).__name__)
    finally:
        os.close(descriptor)


def _understood(data: bytes) -> Freeze:
    """What was written, cleaned: the file is everybody's, so its text is text from outside."""
    try:
        if len(data) > _LARGEST:
            return Freeze(problem=_("it is damaged"))
        told = msgspec.json.decode(data, type=_Content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Freeze(problem=_("it is damaged"))
    return Freeze(
        clean(told.by, _LONGEST_NAME),
        clean(told.origin, _LONGEST_NAME),
        told.at if told.at is not None and 0 <= told.at <= _LATEST else None,
        clean(told.why, LONGEST_REASON),
    )


def write(path: Path, freeze: Freeze) -> None:
    """Make the file. Raises `FileExistsError` when there is a freeze already, else `OSError`."""
    import json

    told = {"by": freeze.by, "from": freeze.origin, "at": freeze.at, "why": freeze.why}
    text = json.dumps(told, ensure_ascii=True) + "\n"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, MODE), "w", encoding="ascii") as stream:
        with suppress(OSError):
            # The umask must not keep the others from reading it.
            os.fchmod(stream.fileno(), MODE)
        stream.write(text)


def remove(path: Path) -> bool:
    """Take the file away; False when there was none. Raises `OSError`."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def told(freeze: Freeze, path: Path | None) -> str:
    """Who froze, since when, why; or why the file at `path` counts as a freeze."""
    if freeze.problem:
        text = _("all counts as frozen, for the freeze file {path} can't be relied on: {why}")
        return text.format(path=path or "", why=freeze.problem)
    who = freeze.by or "?"
    if freeze.origin:
        who = _("{user} (from {address})").format(user=who, address=freeze.origin)
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(freeze.at)) if freeze.at else "?"
    text = _("{who} has frozen all writes since {time}").format(who=who, time=when)
    return f"{text} ({freeze.why})" if freeze.why else text


def remedy(freeze: Freeze) -> str:
    """What to do about it."""
    if freeze.problem:
        return _("mend that, or `:thaw` (`labtui thaw`) if the file may go")
    return _("ask, then `:thaw` (`labtui thaw`)")


def make(path: Path, wanted: Freeze) -> None:
    """Like `write`; one that is there already is as good. Raises `Rejected` with the reason."""
    try:
        write(path, wanted)
    except FileExistsError:
        return
    except OSError as error:
        raise Rejected(_("not frozen"), why=error.strerror or type(error).__name__) from None


def take_away(path: Path) -> bool:
    """Like `remove`; raises `Rejected` with the reason."""
    try:
        return remove(path)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Rejected(_("the freeze file stays"), where=str(path), why=why) from None
