"""The name of a task: `UPID:node:PID:PSTART:START:type:id:user[!token]:`."""

from __future__ import annotations

import re

import msgspec

# PSTART has 8 hex digits, 9 on nodes up for long; the id may be empty (pve-common UPID.pm).
_FORM = re.compile(
    r"UPID:(?P<node>[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)"
    r":(?P<pid>[0-9A-Fa-f]{8}):(?P<pstart>[0-9A-Fa-f]{8,9}):(?P<started>[0-9A-Fa-f]{8})"
    r":(?P<kind>[^:\s/]+):(?P<subject>[^:\s/]*):(?P<user>[^:\s/]+):"
)


class Upid(msgspec.Struct, frozen=True):
    """The parts of a task's name. `started` is seconds since the epoch on the node's clock.

    `subject` is a guest's number, a storage or empty; `user` has the token after `!`.
    """

    text: str
    node: str
    pid: int
    pstart: int
    started: int
    kind: str
    subject: str
    user: str


def parse_upid(text: str) -> Upid | None:
    """The parts of a task's name, None when it is none."""
    match = _FORM.fullmatch(text)
    if match is None or not text.isprintable():
        return None
    return Upid(
        text,
        match["node"],
        int(match["pid"], 16),
        int(match["pstart"], 16),
        int(match["started"], 16),
        match["kind"],
        match["subject"],
        match["user"],
    )
