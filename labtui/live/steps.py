"""Journals of jobs of several steps: a file each, a line per step, on the disk before it counts.

Files are made 0600 in a folder that is 0700. Who writes holds a lock on the file, which the system
lets go of when that process ends in whatever way: so an interrupted one is told from a running one.
What a person wants of a running one (`pause`) lies beside it, so that another terminal can say it.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from labtui.actions.evacuation.book import (
    Book,
    Entry,
    Header,
    MemoryBook,
    Order,
    Record,
    cut_off,
)
from labtui.live.journal import user
from labtui.locale import _
from labtui.model.errors import LabError, NotFound, Rejected
from labtui.sources.threads import Threads

_LIMIT = 10.0
_KEPT = 100
_NAME = re.compile(r"[0-9a-f]{6,16}")
_ORDERS: tuple[Order, ...] = ("pause", "stop", "retry", "")
_T = TypeVar("_T")


class _Runner(Protocol):
    """Does something with files in the thread. Raises `LabError`."""

    async def __call__(self, work: Callable[[], _T], /) -> _T: ...


class Books:
    """The journals of a lab; with no folder they live as long as the process."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._memory: dict[str, MemoryBook] = {}
        self._threads = Threads(str(folder or ""), lambda: None, size=1)

    def close(self) -> None:
        """Let the thread go."""
        self._threads.close()

    async def new_book(self, header: Header) -> Book:
        """A journal that begins with this line. Raises `LabError` when it can't be written."""
        header = msgspec.structs.replace(header, user=user())
        if self._folder is None:
            book = MemoryBook(header)
            self._memory[header.id] = book
            return book
        path = self._folder / f"{header.id}.jsonl"
        descriptor = await self._run(lambda: _created(path, header))
        return _FileBook(header.id, path, descriptor, self._run)

    async def reopen(self, book: str) -> tuple[Record, Book]:
        """Go on with a journal. `Rejected` while another works on it, `NotFound`."""
        if self._folder is None:
            kept = self._memory.get(book)
            if kept is None:
                raise _unknown(book)
            return Record(kept.header, tuple(kept.entries)), kept
        path = self._path(book)
        record, descriptor = await self._run(lambda: _reopened(path))
        return record, _FileBook(book, path, descriptor, self._run)

    async def records(self, subject: str = "") -> tuple[Record, ...]:
        """Those of that subject (of all), the newest first."""
        folder = self._folder
        if folder is None:
            found = [Record(b.header, tuple(b.entries), held=True) for b in self._memory.values()]
        else:
            found = await self._run(lambda: _records(folder))
        found = [record for record in found if subject in ("", record.header.subject)]
        return tuple(sorted(found, key=lambda record: record.header.at, reverse=True))

    async def give(self, book: str, order: Order) -> None:
        """Say what is wanted of one that runs. Raises `LabError`."""
        if self._folder is None:
            kept = self._memory.get(book)
            if kept is None:
                raise _unknown(book)
            kept.wanted = order
            return
        path = self._path(book)
        await self._run(lambda: _ordered(path, order))

    def _path(self, book: str) -> Path:
        if self._folder is None or not _NAME.fullmatch(book):
            raise _unknown(book)
        return self._folder / f"{book}.jsonl"

    async def _run(self, work: Callable[[], _T]) -> _T:
        def carefully(_client: None) -> _T:
            try:
                return work()
            except FileNotFoundError as error:
                raise _unknown(Path(str(error.filename)).stem) from None
            except OSError as error:
                raise Rejected(
                    _("the journal of steps can't be used"),
                    where=str(self._folder),
                    why=error.strerror or type(error).__name__,
                    remedy=_("nothing is sent without it: mend that and try again"),
                ) from None

        return await self._threads.run(carefully, _LIMIT, _("writing the journal of steps"))


def interrupted_in(folder: Path) -> tuple[Record, ...]:
    """Those of a folder that were cut off, the newest of each node; none when it can't be read."""
    try:
        return cut_off(_records(folder))
    except OSError:
        return ()


class _FileBook:
    """One journal, held by this process until it is closed."""

    def __init__(self, book: str, path: Path, descriptor: int, run: _Runner) -> None:
        self._id = book
        self._path = path
        self._descriptor = descriptor
        self._run = run
        self._writing = 0

    @property
    def id(self) -> str:
        return self._id

    async def write(self, entry: Entry) -> None:
        """On the disk when it returns. Raises `LabError` when it is not."""
        descriptor = self._descriptor
        self._writing += 1
        await self._run(lambda: _append(descriptor, entry))
        self._writing -= 1

    async def order(self) -> Order:
        """What a person wants; one that can't be read is none."""
        path = self._path.with_suffix(".order")
        try:
            return await self._run(lambda: _order(path))
        except LabError:
            return ""

    async def close(self) -> None:
        """Let go of the lock; a write that was left to itself keeps the file until it is done."""
        if not self._writing:
            os.close(self._descriptor)


def _created(path: Path, header: Header) -> int:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _drop_old(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    _append(descriptor, header)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # The name of the file has to be on the disk as well.
        os.fsync(folder)
    finally:
        os.close(folder)
    return descriptor


def _reopened(path: Path) -> tuple[Record, int]:
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND)
    # Who only looks whether it is held has it for a moment.
    if not any(_taken(descriptor, pause) for pause in (0.05, 0.1, 0.0)):
        os.close(descriptor)
        raise Rejected(
            _("not taken up"),
            where=path.stem,
            why=_("another console works on it"),
            remedy=_("`labtui jobs` shows it; it can be paused or stopped from here"),
        )
    record = _read(path)
    if record is None:
        os.close(descriptor)
        raise _unknown(path.stem)
    path.with_suffix(".order").unlink(missing_ok=True)
    if not path.read_bytes().endswith(b"\n"):
        # Cut off within a line: what follows must not be taken for its end.
        os.write(descriptor, b"\n")
    return record, descriptor


def _taken(descriptor: int, pause: float) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        time.sleep(pause)
        return False
    return True


def _append(descriptor: int, line: Header | Entry) -> None:
    data = msgspec.json.encode(line) + b"\n"
    while data:
        data = data[os.write(descriptor, data) :]
    os.fsync(descriptor)


def _read(path: Path) -> Record | None:
    """The journal; lines that can't be read are left out, and without the first there is none."""
    first, *rest = path.read_bytes().split(b"\n")
    try:
        header = msgspec.json.decode(first, type=Header)
    except msgspec.MsgspecError:
        return None
    entries = []
    for line in rest:
        try:
            entries.append(msgspec.json.decode(line, type=Entry))
        except msgspec.MsgspecError:
            continue
    return Record(header, tuple(entries), held=_held(path))


def _held(path: Path) -> bool:
    """Whether a process holds it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _records(folder: Path) -> list[Record]:
    paths = folder.glob("*.jsonl") if folder.is_dir() else ()
    found = (_read(path) for path in paths if _NAME.fullmatch(path.stem))
    return [record for record in found if record is not None]


def _drop_old(folder: Path) -> None:
    """Forget the oldest that have ended, when there are many."""
    paths = sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    for path in paths[: max(0, len(paths) - _KEPT)]:
        record = _read(path)
        if record is not None and record.over is not None:
            path.unlink(missing_ok=True)
            path.with_suffix(".order").unlink(missing_ok=True)


def _order(path: Path) -> Order:
    if not path.exists():
        return ""
    word = path.read_text("utf-8").strip()
    found: Order = next((order for order in _ORDERS if order == word), "")
    if found == "retry":
        path.unlink(missing_ok=True)
    return found


def _ordered(path: Path, order: Order) -> None:
    record = _read(path)
    if record is None:
        raise _unknown(path.stem)
    if not _held(path):
        raise Rejected(
            _("nobody works on it"),
            where=path.stem,
            why=_("it has ended or was interrupted"),
            remedy=_("`labtui jobs resume {id}` takes it up").format(id=path.stem),
        )
    target = path.with_suffix(".order")
    draft = path.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(order)
    draft.replace(target)


def _unknown(book: str) -> NotFound:
    return NotFound(
        _("no such job"), where=book, remedy=_("`labtui jobs` shows those that are known")
    )
