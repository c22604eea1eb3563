"""The agent inside virtual machines: what it says of its system, and programs that it runs.

It answers when it is configured, the machine runs, its system has had time to boot and nothing has
silenced it. Programs take a moment of world time and can be asked for once after they have ended.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from labtui.demo.cluster.configuration import options
from labtui.demo.cluster.gpu_use import nvidia_smi, owners
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.statistics import disk_fraction, guest_rates

BOOT_SECONDS = 15.0
"""World seconds from the start of a machine to the first word of its agent."""

PROGRAM_SECONDS = 0.4
COMMANDS = (
    "guest-exec-status",
    "guest-exec",
    "guest-get-osinfo",
    "guest-get-timezone",
    "guest-get-users",
    "guest-get-host-name",
    "guest-get-fsinfo",
    "guest-get-vcpus",
    "guest-network-get-interfaces",
    "guest-fsfreeze-status",
    "guest-fstrim",
    "guest-ping",
    "guest-info",
    "guest-shutdown",
)

Json = Any


class AgentError(Exception):
    """The agent does not answer, or refuses; the text is that of the API."""


@dataclass
class Program:
    """A program that was begun: its end in world seconds, exit status, output, errors."""

    ends: float
    status: int
    output: str
    errors: str


def configured(guest: Guest) -> bool:
    """Whether the configuration has an agent."""
    parts = options(str(guest.config.get("agent", "0")))
    return parts.get("enabled", parts.get("", "0")) == "1"


def address_of(state: ClusterState, guest: Guest) -> tuple[str, str]:
    """Hardware address and IP address of the first interface; empty text when none is known."""
    text = str(guest.config.get("net0", ""))
    parts = options(text)
    mac = next((value for value in parts.values() if value.count(":") == 5), "")
    spec = next((item for item in state.lab.guests if item.vmid == guest.vmid), None)
    address = spec.address if spec is not None and spec.mac.lower() == mac.lower() else ""
    return mac.lower(), address


class Agents:
    """The agents of all machines."""

    def __init__(self, state: ClusterState) -> None:
        self._state = state
        self._programs: dict[int, dict[int, Program]] = {}

    def check(self, guest: Guest) -> None:
        """Raise `AgentError` when no answer comes."""
        if not configured(guest):
            raise AgentError("No QEMU guest agent configured")
        if not guest.running:
            raise AgentError(f"VM {guest.vmid} is not running")
        young = self._state.now - guest.started_at < BOOT_SECONDS
        if guest.state != "running" or young or guest.vmid in self._state.silent_agents:
            raise AgentError("QEMU guest agent is not running")

    def ask(self, guest: Guest, command: str) -> Json:
        """The answer to a command without parameters. Raises `AgentError`."""
        self.check(guest)
        answers: dict[str, Callable[[], Json]] = {
            "ping": dict,
            "get-osinfo": lambda: self._system(guest),
            "get-host-name": lambda: {"host-name": guest.name},
            "get-timezone": lambda: {"zone": "UTC", "offset": 0},
            "get-time": lambda: int(self._state.now * 1e9),
            "get-users": list,
            "get-vcpus": lambda: [
                {"logical-id": number, "online": True, "can-offline": number > 0}
                for number in range(guest.maxcpu)
            ],
            "get-fsinfo": lambda: self._file_systems(guest),
            "get-memory-blocks": list,
            "info": lambda: self._about(),
            "network-get-interfaces": lambda: self._interfaces(guest),
            "fstrim": lambda: {"paths": [{"path": "/", "trimmed": 1 << 28, "minimum": 0}]},
            "shutdown": dict,
        }
        return answers[command]()

    def execute(self, guest: Guest, command: list[str]) -> int:
        """Begin a program; its process id. Raises `AgentError`."""
        self.check(guest)
        programs = self._programs.setdefault(guest.vmid, {})
        status, output, errors = self._run(guest, command)
        pid = 1_000 + (guest.vmid * 37 + len(programs) * 11) % 30_000
        while pid in programs:
            pid += 1
        programs[pid] = Program(self._state.now + PROGRAM_SECONDS, status, output, errors)
        return pid

    def outcome(self, guest: Guest, pid: int) -> Json:
        """How a program stands; one that has ended is forgotten. Raises `AgentError`."""
        self.check(guest)
        programs = self._programs.get(guest.vmid, {})
        program = programs.get(pid)
        if program is None:
            raise AgentError(f"Agent error: PID {pid} does not exist")
        if self._state.now < program.ends:
            return {"exited": 0}
        del programs[pid]
        answer: dict[str, Any] = {"exited": 1, "exitcode": program.status}
        if program.output:
            answer["out-data"] = program.output
        if program.errors:
            answer["err-data"] = program.errors
        return answer

    def _run(self, guest: Guest, command: list[str]) -> tuple[int, str, str]:
        if command[0].rpartition("/")[2] in ("sh", "bash") and command[1:2] == ["-c"]:
            try:
                inner = shlex.split(command[2]) if len(command) > 2 else []
            except ValueError as error:
                return 2, "", f"sh: 1: Syntax error: {error}\n"
            found = self._known(guest, inner) if inner else (0, "", "")
            return found or (127, "", f"sh: 1: {inner[0]}: not found\n")
        found = self._known(guest, command)
        if found is None:
            raise AgentError(
                f"Agent error: Failed to execute child process “{command[0]}” (No such file or"
                " directory)"
            )
        return found

    def _known(self, guest: Guest, command: list[str]) -> tuple[int, str, str] | None:
        name, rest = command[0].rpartition("/")[2], command[1:]
        if name == "nvidia-smi":
            status, output, errors = nvidia_smi(self._state, guest.vmid, rest)
            return None if status == 127 else (status, output, errors)
        if name == "ps":
            return 0, owners(self._state, guest.vmid, rest), ""
        up = int(self._state.now - guest.started_at)
        fixed = {
            "hostname": f"{guest.name}\n",
            "whoami": "root\n",
            "id": "uid=0(root) gid=0(root) groups=0(root)\n",
            "true": "",
            "uptime": f" up {up // 86_400} days,  {up // 3_600 % 24}:{up // 60 % 60:02d}\n",
        }
        if name == "echo":
            return 0, " ".join(rest) + "\n", ""
        if name == "uname":
            return 0, "Linux\n" if rest != ["-a"] else f"Linux {guest.name} 6.8.0 x86_64\n", ""
        return (0, fixed[name], "") if name in fixed else None

    def _system(self, guest: Guest) -> Json:
        if str(guest.config.get("ostype", "")).startswith("win"):
            return {
                "id": "mswindows",
                "name": "Microsoft Windows",
                "pretty-name": "Windows 11 Pro",
                "version": "Microsoft Windows 11",
                "version-id": "11",
                "variant": "client",
                "variant-id": "client",
                "machine": "x86_64",
                "kernel-release": "26100",
                "kernel-version": "10.0",
            }
        return {
            "id": "debian",
            "name": "Debian GNU/Linux",
            "pretty-name": "Debian GNU/Linux 13 (trixie)",
            "version": "13 (trixie)",
            "version-id": "13",
            "machine": "x86_64",
            "kernel-release": "6.12.48+deb13-amd64",
            "kernel-version": "#1 SMP PREEMPT_DYNAMIC Debian 6.12.48-1 (2025-09-20)",
        }

    def _file_systems(self, guest: Guest) -> Json:
        size = guest.maxdisk
        used = int(size * disk_fraction(self._state, guest, self._state.now))
        return [
            {
                "name": "sda1",
                "type": "ext4",
                "mountpoint": "/",
                "total-bytes": size,
                "used-bytes": used,
                "total-bytes-privileged": size,
                "disk": [
                    {"bus-type": "scsi", "bus": 0, "target": 0, "unit": 0, "dev": "/dev/sda1"}
                ],
            }
        ]

    def _about(self) -> Json:
        rows = [{"name": name, "enabled": True, "success-response": True} for name in COMMANDS]
        return {"version": "10.0.3", "supported_commands": rows}

    def _interfaces(self, guest: Guest) -> Json:
        mac, address = address_of(self._state, guest)
        up = self._state.now - guest.started_at
        netin, netout, _, _ = guest_rates(self._state, guest, self._state.now)
        loop = [_ip("127.0.0.1", 8), _ip("::1", 128)]
        addresses = [_ip(address, 24)] if address else []
        return [
            _interface("lo", "00:00:00:00:00:00", loop, int(up * 40), int(up * 40)),
            _interface("eth0", mac, addresses, int(netin * up), int(netout * up)),
        ]


def _ip(address: str, prefix: int) -> Json:
    family = "ipv6" if ":" in address else "ipv4"
    return {"ip-address": address, "ip-address-type": family, "prefix": prefix}


def _interface(name: str, mac: str, addresses: Json, received: int, sent: int) -> Json:
    figures: dict[str, int] = {}
    for way, amount in (("rx", received), ("tx", sent)):
        figures |= {f"{way}-bytes": amount, f"{way}-packets": amount // 800}
        figures |= {f"{way}-dropped": 0, f"{way}-errs": 0}
    return {
        "name": name,
        "hardware-address": mac,
        "ip-addresses": addresses,
        "statistics": figures,
    }
