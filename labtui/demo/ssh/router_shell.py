"""What one sees of a router over SSH: RouterOS's prompt, and a few commands."""

from __future__ import annotations

import time

from labtui.demo.ssh.session import Session

_LEAVE = ("/quit", "quit")
_FAILED = 1


async def serve(session: Session, command: str | None) -> int:
    """One command, or lines until the client leaves. RouterOS ends its lines with CR and LF."""
    if command:
        known = _answer(session, command.strip())
        session.write(_lines(known or _unknown(command)))
        return 0 if known is not None else _FAILED
    if session.process is None:
        return 0
    # Here and not above: the login knows of this module.
    from labtui.demo.ssh.login import read_line

    session.write(_lines(f"\n  MikroTik RouterOS (c) {session.host.name}\n"))
    while True:
        session.write(f"[{session.user}@{session.host.name}] > ")
        line = await read_line(session)
        if line == "" or (line is not None and line.strip() in _LEAVE):
            session.write(_lines("interrupted") if line == "" else "")
            return 0
        if line is not None and line.strip():
            session.write(_lines(_answer(session, line.strip()) or _unknown(line)))


def _answer(session: Session, line: str) -> str | None:
    """What a command prints; None for one that is not known."""
    name = session.host.name
    now = time.gmtime(session.lab.state.now)
    site = next(site for site in session.lab.state.lab.sites if site.router == name)
    known = {
        "/system identity print": f"  name: {name}",
        "/ip address print": f" 0 {session.lab.address(session.host)}/24 bridge",
        "/system clock print": time.strftime("  time: %H:%M:%S\n  date: %Y-%m-%d", now),
        "/system resource print": f"  version: {site.router_version}\n  board-name: CCR2004",
    }
    words = " ".join(line.split())
    return known.get(words if words.startswith("/") else f"/{words}")


def _unknown(line: str) -> str:
    word = line.split()[0]
    return f"bad command name {word} (line 1 column 1)"


def _lines(text: str) -> str:
    return "".join(f"{line}\r\n" for line in text.splitlines())
