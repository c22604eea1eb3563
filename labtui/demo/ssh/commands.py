"""The small commands that every host has, `systemctl` and `nvidia-smi` apart from them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from labtui.demo.cluster.gpu_use import owners
from labtui.demo.ssh import nvidia, services
from labtui.demo.ssh.hosts import opened
from labtui.demo.ssh.session import Command, Commands, Session

DAY = 86_400
_KERNELS = {
    True: ("7.0.14-11-pve", "#1 SMP PREEMPT_DYNAMIC PMX 7.0.14-11 (2026-08-06T23:36Z)"),
    False: ("6.8.12-15-pve", "#1 SMP PREEMPT_DYNAMIC PMX 6.8.12-15 (2025-09-12T11:02Z)"),
}
_GUEST_KERNEL = ("6.1.0-40-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2025-09-20)")
_BUILTINS = ("echo", "true", "false", "cd", "pwd", "exit")


def clock(session: Session) -> float:
    """Epoch seconds by the clock of the host."""
    lab, host = session.lab, session.host
    offset = lab.node(host).clock_offset if host.kind == "node" else 0.0
    return lab.state.now + offset


def kernel(session: Session) -> str:
    """`uname -a`; of a node the same that its status says."""
    modern = session.lab.state.modern
    release, version = _KERNELS[modern] if session.host.kind == "node" else _GUEST_KERNEL
    return f"Linux {session.host.name} {release} {version} x86_64 GNU/Linux"


def uptime_seconds(session: Session) -> float:
    """How long the host runs."""
    guest = session.lab.guest(session.host)
    since = guest.started_at if guest else session.lab.node(session.host).booted_at
    return max(0.0, session.lab.state.now - since)


def _load(session: Session) -> float:
    guest = session.lab.guest(session.host)
    if guest is not None:
        return guest.load * guest.maxcpu
    node = session.lab.node(session.host)
    return node.figures.cpu * node.lab.cores if node.figures else 0.0


def _hostname(session: Session, arguments: list[str]) -> int:
    name = session.host.name
    if arguments[:1] in (["-f"], ["--fqdn"]):
        name = f"{name}.lab.example"
    elif arguments[:1] in (["-I"], ["-i"]):
        name = f"{session.lab.address(session.host)} "
    session.write(f"{name}\n")
    return 0


def _uptime(session: Session, arguments: list[str]) -> int:
    seconds, now = uptime_seconds(session), datetime.fromtimestamp(clock(session), UTC)
    if arguments[:1] == ["-s"]:
        since = datetime.fromtimestamp(clock(session) - seconds, UTC)
        session.write(f"{since:%Y-%m-%d %H:%M:%S}\n")
        return 0
    days, rest = divmod(int(seconds), DAY)
    hours, minutes = rest // 3600, rest % 3600 // 60
    day = f"{days} day{'s' if days != 1 else ''}, " if days else ""
    span = f"{hours:2d}:{minutes:02d}" if hours else f"{minutes} min"
    load = _load(session)
    session.write(
        f" {now:%H:%M:%S} up {day}{span},  1 user,  "
        f"load average: {load:.2f}, {load * 0.97:.2f}, {load * 0.94:.2f}\n"
    )
    return 0


def _echo(session: Session, arguments: list[str]) -> int:
    end = "\n"
    if arguments[:1] == ["-n"]:
        arguments, end = arguments[1:], ""
    session.write(" ".join(arguments) + end)
    return 0


def _date(session: Session, arguments: list[str]) -> int:
    now = clock(session)
    if arguments[:1] == ["+%s"]:
        session.write(f"{int(now)}\n")
    else:
        session.write(f"{datetime.fromtimestamp(now, UTC):%a %b %e %H:%M:%S %Z %Y}\n")
    return 0


def _uname(session: Session, arguments: list[str]) -> int:
    words = kernel(session).split(" ")
    flags = "".join(each.lstrip("-") for each in arguments) or "s"
    if "a" in flags:
        session.write(f"{kernel(session)}\n")
        return 0
    shown = {"s": words[0], "n": words[1], "r": words[2], "m": words[-2]}
    session.write(" ".join(shown[each] for each in "snrm" if each in flags) + "\n")
    return 0


def _id(session: Session, _arguments: list[str]) -> int:
    if session.user == "root":
        session.write("uid=0(root) gid=0(root) groups=0(root)\n")
    else:
        name = session.user
        session.write(f"uid=1000({name}) gid=1000({name}) groups=1000({name}),27(sudo)\n")
    return 0


def _whoami(session: Session, _arguments: list[str]) -> int:
    session.write(f"{session.user}\n")
    return 0


def _cat(session: Session, arguments: list[str]) -> int:
    if not arguments:
        session.write(session.text or "")
        return 0
    status = 0
    for path in arguments:
        found = _files(session).get(path)
        if found is None:
            session.complain(f"cat: {path}: No such file or directory\n")
            status = 1
        else:
            session.write(found)
    return status


def _files(session: Session) -> dict[str, str]:
    """The few files that can be read."""
    seconds, load = uptime_seconds(session), _load(session)
    release = "13 (trixie)" if session.lab.state.modern else "12 (bookworm)"
    return {
        "/etc/hostname": f"{session.host.name}\n",
        "/etc/os-release": f'PRETTY_NAME="Debian GNU/Linux {release}"\nID=debian\n',
        "/proc/uptime": f"{seconds:.2f} {seconds * 0.8:.2f}\n",
        "/proc/loadavg": f"{load:.2f} {load * 0.97:.2f} {load * 0.94:.2f} 2/1234 99\n",
    }


def which(session: Session, arguments: list[str]) -> int:
    """`which`, `command -v`: where commands lie; 1 if one is missing."""
    from labtui.demo.ssh import node_commands

    known = {**COMMANDS, **(node_commands.COMMANDS if session.host.kind == "node" else {})}
    status = 0
    for name in arguments:
        if name in _BUILTINS:
            session.write(f"{name}\n")
        elif name in known and not (name == "nvidia-smi" and session.host.nvidia == "missing"):
            session.write(f"/usr/bin/{name}\n")
        else:
            status = 1
    return status


async def _nvidia_smi(session: Session, arguments: list[str]) -> int:
    host = session.host
    # Such a process waits in the kernel; only the end of its client ends it here.
    if session.process is not None:
        await opened(host.graphics, session.process.wait_closed())
    if host.nvidia in nvidia.FAILURES:
        status, out, err = nvidia.FAILURES[host.nvidia]
    elif host.kind == "jump":
        status, out, err = nvidia.FAILURES["missing"]
    else:
        where = host.name if host.vmid is None else host.vmid
        status, out, err = nvidia.nvidia_smi(session.lab.state, where, arguments)
    session.write(out)
    session.complain(err)
    return status


def _ps(session: Session, arguments: list[str]) -> int:
    host = session.host
    where = host.name if host.vmid is None else host.vmid
    if host.kind != "jump":
        session.write(owners(session.lab.state, where, arguments))
    return 0


def _head(session: Session, arguments: list[str]) -> int:
    lines = (session.text or "").splitlines(keepends=True)
    session.write("".join(lines[: _count(arguments)]))
    return 0


def _tail(session: Session, arguments: list[str]) -> int:
    lines = (session.text or "").splitlines(keepends=True)
    session.write("".join(lines[-_count(arguments) :]))
    return 0


def _count(arguments: list[str]) -> int:
    numbers = [each.lstrip("-n") for each in arguments]
    return next((int(each) for each in numbers if each.isdigit() and int(each)), 10)


def _grep(session: Session, arguments: list[str]) -> int:
    flags = "".join(each[1:] for each in arguments if each.startswith("-"))
    words = [each for each in arguments if not each.startswith("-")]
    if not words:
        session.complain("Usage: grep [OPTION]... PATTERNS [FILE]...\n")
        return 2
    try:
        pattern = re.compile(words[0], re.IGNORECASE if "i" in flags else 0)
    except re.error:
        session.complain("grep: Invalid regular expression\n")
        return 2
    lines = (session.text or "").splitlines(keepends=True)
    found = [line for line in lines if (pattern.search(line) is None) == ("v" in flags)]
    if "c" in flags:
        session.write(f"{len(found)}\n")
    elif "q" not in flags:
        session.write("".join(found))
    return 0 if found else 1


def _wc(session: Session, arguments: list[str]) -> int:
    text = session.text or ""
    lines, words = text.count("\n"), len(text.split())
    if arguments[:1] == ["-l"]:
        session.write(f"{lines}\n")
    else:
        session.write(f"{lines:7d} {words:7d} {len(text.encode()):7d}\n")
    return 0


def _quiet(status: int) -> Command:
    """A command that says nothing."""

    def run(_session: Session, _arguments: list[str]) -> int:
        return status

    return run


COMMANDS: Commands = {
    "cat": _cat,
    "cd": _quiet(0),
    "date": _date,
    "echo": _echo,
    "false": _quiet(1),
    "grep": _grep,
    "head": _head,
    "hostname": _hostname,
    "id": _id,
    "nvidia-smi": _nvidia_smi,
    "ps": _ps,
    "systemctl": services.systemctl,
    "tail": _tail,
    "true": _quiet(0),
    "uname": _uname,
    "uptime": _uptime,
    "wc": _wc,
    "which": which,
    "whoami": _whoami,
}
