"""How one task is doing and what it says: `/nodes/{n}/tasks/{upid}/status` and `.../log`."""

from __future__ import annotations

import msgspec

from labtui.locale import _
from labtui.model.errors import NotFound
from labtui.model.text import clean
from labtui.sources.proxmox.decode import Rows, Text, as_struct
from labtui.sources.proxmox.errors import Question

# The answers for an empty log and for that of a task not known there (Tasks.pm, 8.4 and 9.2).
_EMPTY = "no content"
_NO_LOG = "unable to open file"


class TaskStatus(msgspec.Struct, frozen=True):
    """`exit` is None while it runs; `OK` and `WARNINGS: n` are success."""

    running: bool
    exit: str | None = None

    @property
    def succeeded(self) -> bool:
        """True when it ended well, with warnings or without."""
        return self.exit is not None and (self.exit == "OK" or self.exit.startswith("WARNINGS"))


class _Status(msgspec.Struct):
    status: str
    exitstatus: Text | None = None


class _Line(msgspec.Struct):
    n: int
    t: Text | None = None


_LINES = Rows(_Line)


def read_status(body: bytes, question: Question) -> TaskStatus:
    """The state of a task. Raises `Unexpected`."""
    told = as_struct(body, question, _Status)
    if told.status == "running":
        return TaskStatus(running=True)
    # A worker that was killed leaves no exit status behind.
    return TaskStatus(running=False, exit=clean(str(told.exitstatus or "unexpected status")))


def read_log(body: bytes, question: Question) -> list[tuple[int, str]]:
    """(number from 1, text) of the lines; empty for an empty log.

    Raises `NotFound` when the node has no such log, `Unexpected` for rubbish.
    """
    lines, _left_out = _LINES.read(
        body, question, lambda line: (line.n, clean(_drawable(str(line.t or ""))))
    )
    if len(lines) == 1 and lines[0][0] == 1:
        text = lines[0][1]
        if text == _EMPTY:
            return []
        if text.startswith(_NO_LOG):
            raise NotFound(
                question.what, where=question.where, why=_("the node has no log of this task")
            )
    return lines


def _drawable(text: str) -> str:
    """The line as a terminal would leave it: programs draw progress with `\\r` and `\\b`."""
    text = text.rstrip("\r\n").rsplit("\r", 1)[-1]
    return text.replace("\b", "")
