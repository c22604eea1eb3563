"""What a client gets after it was let in: one command, or a shell with or without a terminal."""

from __future__ import annotations

import asyncssh

from labtui.demo.ssh import router_shell
from labtui.demo.ssh.hosts import Host, SshLab, opened
from labtui.demo.ssh.session import Session
from labtui.demo.ssh.shell import Logout, greeting, prompt, run_line

_INTERRUPTED = 130


async def serve_process(lab: SshLab, host: Host, process: asyncssh.SSHServerProcess[str]) -> None:
    """Serve one channel to its end."""
    user = str(process.get_extra_info("username"))
    write = process.stdout.write
    # On a terminal there is but one stream.
    complain = process.stderr.write if process.get_terminal_type() is None else write
    session = Session(lab, host, user, write, complain, process)
    try:
        status = await _serve(session, process)
    except (OSError, asyncssh.Error):
        # The client went away in the middle; nobody is left to be told.
        return
    if not process.is_closing():
        process.exit(status & 255)


async def _serve(session: Session, process: asyncssh.SSHServerProcess[str]) -> int:
    if process.subsystem:
        process.stderr.write("subsystem request failed\n")
        return 1
    if not await _goes(session):
        return _INTERRUPTED
    try:
        if session.host.kind == "router":
            return await router_shell.serve(session, process.command)
        if process.command:
            return await run_line(session, process.command)
        return await interact(session)
    except Logout as logout:
        return logout.status


async def interact(session: Session) -> int:
    """Read lines and run them until the client ends. Raises `Logout` for `exit`."""
    if session.terminal:
        session.shell_name = "-bash"
        session.write(greeting(session) + prompt(session))
    status = 0
    while True:
        line = await read_line(session)
        if line is None:
            status = _INTERRUPTED
        elif line == "":
            if session.terminal:
                session.write("logout\n")
            return status
        elif line.strip():
            if not await _goes(session):
                return _INTERRUPTED
            status = await run_line(session, line.rstrip("\r\n"))
        if session.terminal:
            session.write(prompt(session))


async def _goes(session: Session) -> bool:
    """Wait while commands hang on this host; false when the client went away first."""
    if session.host.hangs != "command" or session.process is None:
        return True
    return await opened(session.host.flowing, session.process.wait_closed())


async def read_line(session: Session) -> str | None:
    """A line with its end, empty at the end of all, None for Ctrl+C. A resize changes nothing."""
    if session.process is None:
        return ""
    while True:
        try:
            return await session.process.stdin.readline()
        except asyncssh.TerminalSizeChanged:
            continue
        except asyncssh.BreakReceived:
            session.write("^C\n")
            return None
        except asyncssh.SignalReceived as signal:
            if signal.signal in ("HUP", "TERM", "KILL"):
                return ""
