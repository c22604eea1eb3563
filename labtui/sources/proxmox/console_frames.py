"""What goes over the websocket of a termproxy, as bytes. Pure.

The client sends `USER:TICKET` and a newline once, then `0:LENGTH:DATA` for what is typed,
`1:COLUMNS:ROWS:` for a size and `2` as a sign of life. The server answers the first line with `OK`
or not at all; all that follows is what the screen shows, unframed (pve-xtermjs `termproxy/src/
main.rs`, `xterm.js/src/main.js`). Its front end takes no frame of more than 128 KiB.
"""

from __future__ import annotations

from collections.abc import Iterator

PING = b"2"
LONGEST = 8192
_WELCOME = b"OK"
_LARGEST = 9_999


def hello(user: str, ticket: str) -> bytes:
    """The first line. ValueError when it would not be one line."""
    if not user or "\n" in user + ticket or ":" in user:
        raise ValueError("not a user and a ticket")
    return f"{user}:{ticket}\n".encode()


def typed(data: bytes) -> Iterator[bytes]:
    """Frames for what was typed; nothing typed is no frame."""
    for start in range(0, len(data), LONGEST):
        part = data[start : start + LONGEST]
        yield b"0:%d:" % len(part) + part


def sized(columns: int, rows: int) -> bytes:
    """The frame for a new size."""
    across, down = (max(1, min(each, _LARGEST)) for each in (columns, rows))
    return b"1:%d:%d:" % (across, down)


class Welcome:
    """Waits for the `OK`, however it is cut. `seen` becomes True or False once it is known."""

    def __init__(self) -> None:
        self._head = b""
        self.seen: bool | None = None

    def take(self, data: bytes) -> bytes:
        """What the screen shows of these bytes."""
        if self.seen is not None:
            return data if self.seen else b""
        self._head += data
        if not self._head.startswith(_WELCOME[: len(self._head)]):
            self.seen = False
            return b""
        if len(self._head) < len(_WELCOME):
            return b""
        self.seen = True
        return self._head[len(_WELCOME) :]
