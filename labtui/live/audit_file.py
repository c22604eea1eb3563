"""The lines of the audit: what one says, the file that they are in, and the local syslog."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Literal

import msgspec

from labtui.locale import _
from labtui.model.text import clean

FILE = "audit.jsonl"
SYSLOG_SOCKET = "/dev/log"
Event = Literal["begun", "ended", "told"]
_LONGEST_SYSLOG = 1500
# Facility authpriv (10), severity notice (5), as RFC 5424 numbers them.
_PRIORITY = 10 * 8 + 5


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of the file. `at` is epoch seconds, `id` is that of the job within its process.

    `told` is what somebody wanted of a job on its way (`note`: stop, pause, go on, try again).
    """

    at: float
    event: Event
    id: str
    user: str
    action: str
    subject: str
    title: str
    sudo: str = ""
    origin: str = ""
    calls: tuple[str, ...] = ()
    state: str = ""
    note: str = ""
    upid: str = ""


def line(entry: Entry) -> str:
    """An entry on one line, for syslog."""
    who = f"{entry.user} (sudo {entry.sudo})" if entry.sudo else entry.user
    parts = [f"user={who}", f"from={entry.origin or '-'}", f"action={entry.action}"]
    parts += [f"on={entry.subject}", f"job={entry.id}"]
    if entry.event == "told":
        parts += [f"wants={entry.note!r}"]
    elif entry.event == "ended":
        parts += [f"state={entry.state}", f"note={entry.note!r}"]
    else:
        parts += [f"calls={'; '.join(entry.calls)!r}"]
    return clean(f"{entry.event} {' '.join(parts)}", _LONGEST_SYSLOG)


def read(path: Path, since: float = 0.0) -> list[Entry]:
    """The entries of a file from then on; lines that can't be read are left out. Raises OSError."""
    found = []
    with path.open("rb") as file:
        for text in file:
            try:
                entry = msgspec.json.decode(text, type=Entry)
            except msgspec.MsgspecError:
                continue
            if entry.at >= since:
                found.append(entry)
    return found


def append(path: Path, entry: Entry) -> str:
    """Why it could not be written, or an empty text. Blocks."""
    text = json.dumps(msgspec.to_builtins(entry), ensure_ascii=False, sort_keys=True) + "\n"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
            os.write(descriptor, text.encode("utf-8", "backslashreplace"))
        finally:
            os.close(descriptor)
    except OSError as error:
        why = error.strerror or type(error).__name__
        return _("the audit is not written: {why}").format(why=why)
    return ""


def send(path: str, text: str) -> str:
    """To the local syslog, one datagram; why not, or an empty text. Blocks for a second at most."""
    data = f"<{_PRIORITY}>labtui[{os.getpid()}]: {text}".encode()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.settimeout(1.0)
            sock.sendto(data, path)
    except OSError as error:
        why = error.strerror or type(error).__name__
        return _("no syslog ({path}: {why})").format(path=path, why=why)
    return ""
