"""The log: one file in the state folder, rotating, for its owner alone, free of secrets.

A daemon thread takes the secrets out and writes, so that neither that work nor a disk holds the
event loop up. Only labtui's own loggers and asyncio's complaints are written: client libraries
would put down what they send. Nothing goes to the terminal.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from labtui import __version__
from labtui.config.paths import state_folder
from labtui.config.redact import keep_out_secrets_of, redacted
from labtui.config.schema import Config
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.text import clean_lines

FILE = "labtui.log"
_OWN = ("labtui", "asyncio", "py.warnings")
_MOST_WAITING = 5000
_LEAVING = 0.03
_LONGEST = 40_000
_HEAD = 2000
_MIB = 1 << 20
_NOWHERE = logging.NullHandler()


class LogFile:
    """Writes lines to a file and to fresh ones when it is full: `labtui.log`, `.1`, `.2`, ...

    `files` and `size` (bytes of one) bound what is kept. Another console may write and rotate the
    same file. What can't be written is dropped; how much that was, the next line says.
    """

    def __init__(self, path: Path, files: int, size: int) -> None:
        self._path = path
        self._files = files
        self._size = size
        self._queue: queue.SimpleQueue[str | threading.Event] = queue.SimpleQueue()
        self._lost = 0
        self._stream: int | None = None
        threading.Thread(target=self._run, name="labtui log", daemon=True).start()

    def put(self, line: str) -> None:
        """Have a line written; never waits."""
        if self._queue.qsize() >= _MOST_WAITING:
            self._lost += 1
            return
        self._queue.put(line)

    def flush(self, limit: float = _LEAVING) -> bool:
        """Wait until all so far is written, `limit` seconds at most; False when it is not."""
        written = threading.Event()
        self._queue.put(written)
        return written.wait(limit)

    def _run(self) -> None:
        while True:
            item = self._queue.get()
            if isinstance(item, threading.Event):
                item.set()
                continue
            lost = self._lost
            told = f"({lost} lines lost)\n" if lost else ""
            try:
                self._write(f"{told}{_fit_to_keep(item)}\n".encode("utf-8", "backslashreplace"))
                self._lost -= lost
            except Exception:  # noqa: BLE001 - there is nowhere left to tell of it but the next line
                self._lost += 1
                self._let_go()

    def _write(self, data: bytes) -> None:
        stream = self._opened()
        if os.fstat(stream).st_size + len(data) > self._size:
            self._rotate()
            stream = self._opened()
        os.write(stream, data)

    def _opened(self) -> int:
        """The open file; opened anew when another console has rotated it away."""
        if self._stream is not None:
            with suppress(FileNotFoundError):
                if self._path.lstat().st_ino == os.fstat(self._stream).st_ino:
                    return self._stream
            self._let_go()
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._stream = os.open(self._path, flags | os.O_NONBLOCK, 0o600)
        os.fchmod(self._stream, 0o600)
        return self._stream

    def _rotate(self) -> None:
        self._let_go()
        for number in range(self._files - 1, 0, -1):
            with suppress(FileNotFoundError):
                _numbered(self._path, number - 1).replace(_numbered(self._path, number))
        if self._files == 1:
            self._path.unlink(missing_ok=True)

    def _let_go(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            with suppress(OSError):
                os.close(stream)


def log_files(path: Path) -> list[Path]:
    """The log and its earlier files, newest first."""
    numbers = []
    for each in path.parent.glob(path.name + ".*"):
        number = each.name.removeprefix(path.name + ".")
        if number.isdecimal():
            numbers.append(int(number))
    return [path, *(_numbered(path, number) for number in sorted(numbers))]


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}") if number else path


class _Handler(logging.Handler):
    """Makes a line `2026-11-21T06:40:12.123Z warning live.feeds text`, with a trace below."""

    def __init__(self, file: LogFile) -> None:
        super().__init__()
        self._file = file

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._file.put(_line(record))
        except Exception as error:  # noqa: BLE001 - a line that can't be made must not end its maker
            self._file.put(f"(a line of {record.name} could not be made: {type(error).__name__})")


def _line(record: logging.LogRecord) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    name = record.name.removeprefix("labtui.")
    head = f"{whole}.{int(record.msecs):03d}Z {record.levelname.lower()} {name}"
    text = f"{head} {' | '.join(record.getMessage().splitlines())}"
    if record.exc_info:
        trace = logging.Formatter().formatException(record.exc_info)
        text += "".join(f"\n    {line}" for line in trace.splitlines())
    return text


def _fit_to_keep(text: str) -> str:
    """Redacted and cleaned. Redacted first: cut in two, a secret would not be known as one."""
    text = redacted(text)
    if len(text) > _LONGEST:
        # A traceback says at its end what happened.
        text = f"{text[:_HEAD]}\n...\n{text[-_LONGEST:]}"
    return clean_lines(text, 2 * _LONGEST)


class Log:
    """The log of this run. `path` is None when nothing is written, `words` says why if it should.

    `level` is a level of `logging`.
    """

    def __init__(self, path: Path | None, file: LogFile | None, words: str = "") -> None:
        self.path = path
        self.words = words
        self._file = file

    def crash(self, error: BaseException) -> None:
        """Write the traceback of what ended labtui, without the values of its variables."""
        logging.getLogger("labtui").critical(
            "crash", exc_info=(type(error), error, error.__traceback__)
        )
        self.flush(0.3)

    def flush(self, limit: float = _LEAVING) -> None:
        """Wait a moment for what is still to be written."""
        if self._file is not None:
            self._file.flush(limit)


@contextmanager
def logged(config: Config, *, debug: bool = False) -> Iterator[Log]:
    """Log what happens inside. A demo lab is logged only to debug it."""
    keep_out_secrets_of(config)
    # Without any handler, Python prints warnings on the terminal.
    logging.getLogger("labtui").addHandler(_NOWHERE)
    level = "debug" if debug else "off" if config.demo else config.log.level
    if level == "off":
        yield Log(None, None)
        return
    try:
        path = state_folder(config.lab) / FILE
    except LabError as error:
        yield Log(None, None, _("no log: {why}").format(why=error))
        return
    file = LogFile(path, config.log.files, config.log.size * _MIB)
    handler = _Handler(file)
    undo = [_divert(name, handler, level) for name in _OWN]
    logging.captureWarnings(True)  # noqa: FBT003 - the library's own form
    hooks = _hooks()
    logging.getLogger("labtui.cli").info(
        "labtui %s, Python %s, lab %s", __version__, sys.version.split()[0], config.lab
    )
    try:
        yield Log(path, file)
    finally:
        file.flush()
        hooks()
        logging.captureWarnings(False)  # noqa: FBT003
        for each in undo:
            each()


def _divert(name: str, handler: logging.Handler, level: str) -> Callable[[], None]:
    """Have that logger write to the handler alone; returns what undoes it."""
    logger = logging.getLogger(name)
    before = logger.level, logger.propagate
    own = name == "labtui"
    logger.setLevel(level.upper() if own else logging.WARNING)
    logger.propagate = False
    logger.addHandler(handler)

    def undo() -> None:
        logger.removeHandler(handler)
        logger.setLevel(before[0])
        logger.propagate = before[1]

    return undo


def _hooks() -> Callable[[], None]:
    """What Python would print of threads and finalizers that fail goes to the log instead."""
    thread_hook, unraisable_hook = threading.excepthook, sys.unraisablehook
    log = logging.getLogger("labtui")

    def in_thread(told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None and told.exc_type is not SystemExit:
            name = told.thread.name if told.thread else "?"
            what = (told.exc_type, told.exc_value, told.exc_traceback)
            log.error("thread %s ended by a fault", name, exc_info=what)

    def unraisable(told: Any) -> None:
        kind = told.exc_type.__name__ if told.exc_type else "?"
        log.error("fault that nobody could be told of: %s", kind)

    threading.excepthook, sys.unraisablehook = in_thread, unraisable

    def undo() -> None:
        threading.excepthook, sys.unraisablehook = thread_hook, unraisable_hook

    return undo
