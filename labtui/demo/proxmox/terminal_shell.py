"""A small system behind a terminal: a login, and a shell that knows a few commands."""

from __future__ import annotations

import shlex
import time

from labtui.demo.cluster.gpu_use import nvidia_smi
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.state import ClusterState


class Shell:
    """One session; whoever names himself at the login is let in with any password."""

    def __init__(self, state: ClusterState, node: str, guest: Guest | None, user: str) -> None:
        self._state = state
        self._node = node
        self._guest = guest
        # Only root@pam gets a shell of the node at once; everybody else is asked.
        self._stage = "shell" if guest is None and user == "root@pam" else "login"
        self._name = "root"
        self._line = ""
        self._size = (80, 20)
        self.ended = False

    def resize(self, columns: int, rows: int) -> None:
        """The client's terminal has another size."""
        self._size = (columns, rows)

    @property
    def _host(self) -> str:
        return self._node if self._guest is None else self._guest.name

    def greeting(self) -> str:
        """What stands on the screen at the beginning."""
        if self._stage == "shell":
            return (
                f"Linux {self._host} 6.8.12-pve #1 SMP PREEMPT_DYNAMIC x86_64\r\n{self._prompt()}"
            )
        kind = "Welcome to the Proxmox Virtual Environment." if self._guest is None else ""
        head = kind or "Debian GNU/Linux 13 " + self._host + " ttyS0"
        return f"{head}\r\n\r\n{self._host} login: "

    def _prompt(self) -> str:
        return f"{self._name}@{self._host}:~{'#' if self._name == 'root' else '$'} "

    def type(self, text: str) -> str:
        """What the screen shows after these characters were typed."""
        shown = ""
        for character in text:
            shown += self._key(character)
            if self.ended:
                break
        return shown

    def _key(self, character: str) -> str:
        if character in "\r\n":
            line, self._line = self._line, ""
            return "\r\n" + self._enter(line)
        if character in "\x7f\b":
            had, self._line = bool(self._line), self._line[:-1]
            return "\b \b" if had and self._stage != "password" else ""
        if character == "\x03":
            self._line = ""
            return "^C\r\n" + self._prompt() if self._stage == "shell" else ""
        if character == "\x04" and not self._line:
            return self._leave()
        if not character.isprintable():
            return ""
        self._line += character
        return "" if self._stage == "password" else character

    def _enter(self, line: str) -> str:
        if self._stage == "login":
            if not line.strip():
                return f"{self._host} login: "
            self._name, self._stage = line.strip(), "password"
            return "Password: "
        if self._stage == "password":
            self._stage = "shell"
            return f"Linux {self._host} x86_64\r\n{self._prompt()}"
        output = self._run(line)
        if self.ended or self._stage != "shell":
            return output
        return output.replace("\n", "\r\n") + self._prompt()

    def _leave(self) -> str:
        if self._guest is None:
            self.ended = True
            return "logout\r\n"
        self._stage = "login"
        return f"logout\r\n\r\n{self._host} login: "

    def _run(self, line: str) -> str:
        try:
            words = shlex.split(line)
        except ValueError as error:
            return f"-bash: syntax error: {error}\n"
        if not words:
            return ""
        name, rest = words[0], words[1:]
        if name in ("exit", "logout"):
            return self._leave()
        if name == "nvidia-smi":
            where = self._node if self._guest is None else self._guest.vmid
            _, output, errors = nvidia_smi(self._state, where, rest)
            return output + errors
        if name == "echo":
            return " ".join(rest) + "\n"
        known = {
            "hostname": self._host,
            "whoami": self._name,
            "pwd": "/root" if self._name == "root" else f"/home/{self._name}",
            "date": time.strftime("%a %b %e %H:%M:%S UTC %Y", time.gmtime(self._state.now)),
            "uptime": self._uptime(),
            "uname": "Linux",
        }
        if name == "stty" and rest == ["size"]:
            return f"{self._size[1]} {self._size[0]}\n"
        if name in ("ls", "clear", "true"):
            return ""
        if name in known:
            return known[name] + "\n"
        return f"-bash: {name}: command not found\n"

    def _uptime(self) -> str:
        begun = self._state.nodes[self._node].booted_at
        if self._guest is not None:
            begun = self._guest.started_at
        up = int(self._state.now - begun)
        clock = time.strftime("%H:%M:%S", time.gmtime(self._state.now))
        return f" {clock} up {up // 86_400} days, {up // 3_600 % 24}:{up // 60 % 60:02d},  1 user"
