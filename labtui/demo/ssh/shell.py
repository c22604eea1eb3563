"""The shell of a host: one line of commands, or a login with a prompt."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace

from labtui.demo.ssh import commands, node_commands
from labtui.demo.ssh.lines import ShellError, Step, parse
from labtui.demo.ssh.session import Session

NOT_FOUND = 127
USAGE = 2
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*", re.DOTALL)
_DEEPEST = 8


class Logout(Exception):
    """`exit`: the login ends with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


async def run_line(session: Session, line: str, depth: int = 0) -> int:
    """Run a line and return the exit status. Raises `Logout` for `exit`."""
    try:
        steps = parse(line)
    except ShellError as error:
        session.complain(f"{session.shell_name}: {error}\n")
        return USAGE
    status, at = 0, 0
    while at < len(steps):
        end = at + 1
        while end < len(steps) and steps[end].joint == "|":
            end += 1
        joint = steps[at].joint
        if not (joint == "&&" and status) and not (joint == "||" and not status):
            status = await _pipeline(session, steps[at:end], depth)
        at = end
    return status


async def _pipeline(session: Session, steps: list[Step], depth: int) -> int:
    """Commands joined by `|`: each reads what the one before it wrote; the last one's status."""
    text, status = session.text, 0
    for number, step in enumerate(steps):
        collected: list[str] = []
        last = number == len(steps) - 1
        here = replace(session, text=text)
        if not last:
            here = replace(here, write=collected.append, process=None)
        status = await _run(here, step, depth)
        text = "".join(collected)
    return status


async def _run(session: Session, step: Step, depth: int) -> int:
    session = _redirected(session, step)
    words = list(step.words)
    while words and _VARIABLE.fullmatch(words[0]):
        words.pop(0)
    if not words:
        return 0
    name, arguments = words[0], words[1:]
    if name in ("exit", "logout"):
        raise Logout(int(arguments[0]) & 255 if arguments and arguments[0].isdigit() else 0)
    if name in _WRAPPERS and depth < _DEEPEST:
        return await _wrapped(session, name, arguments, depth)
    command = commands.COMMANDS.get(name.rpartition("/")[2])
    if command is None and session.host.kind == "node":
        command = node_commands.COMMANDS.get(name.rpartition("/")[2])
    if command is None:
        session.complain(f"{session.shell_name}: {name}: command not found\n")
        return NOT_FOUND
    result = command(session, arguments)
    return await result if inspect.isawaitable(result) else result


_WRAPPERS = ("sudo", "env", "timeout", "nice", "exec", "sh", "bash", "command", "stdbuf", "time")

# Their options that are followed by a value.
_VALUED = {"sudo": ("-u", "-g"), "timeout": ("-k", "-s"), "nice": ("-n",), "stdbuf": ("-o",)}


async def _wrapped(session: Session, name: str, arguments: list[str], depth: int) -> int:
    """A command that only runs another one."""
    if name in ("sh", "bash"):
        if "-c" not in arguments[:-1]:
            return 0
        return await run_line(session, arguments[arguments.index("-c") + 1], depth + 1)
    if name == "command" and arguments[:1] == ["-v"]:
        return commands.which(session, arguments[1:])
    rest = list(arguments)
    while rest and (rest[0].startswith("-") or _VARIABLE.fullmatch(rest[0])):
        option = rest.pop(0)
        if option in _VALUED.get(name, ()):
            rest = rest[1:]
    if name == "timeout":
        rest = rest[1:]
    if not rest:
        return 0
    return await _run(session, Step(";", rest), depth + 1)


def _redirected(session: Session, step: Step) -> Session:
    write, complain = session.write, session.complain
    if step.out == "&2":
        write = complain
    elif step.out:
        # Files are not kept: what is written into one is gone.
        write = _nowhere
    if step.err == "&1":
        complain = write
    elif step.err:
        complain = _nowhere
    return replace(session, write=write, complain=complain)


def _nowhere(_text: str) -> None:
    """/dev/null."""


def prompt(session: Session) -> str:
    """`root@pve1:~# `, with a dollar for everybody else."""
    sign = "#" if session.user == "root" else "$"
    return f"{session.user}@{session.host.name}:~{sign} "


def greeting(session: Session) -> str:
    """What a login on a terminal shows before the first prompt."""
    return (
        f"{commands.kernel(session)}\n\n"
        "The programs included with the Debian GNU/Linux system are free software;\n"
        "the exact distribution terms for each program are described in the\n"
        "individual files in /usr/share/doc/*/copyright.\n\n"
        "Debian GNU/Linux comes with ABSOLUTELY NO WARRANTY, to the extent\n"
        "permitted by applicable law.\n"
    )
