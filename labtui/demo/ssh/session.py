"""One login: who it is, on which host, and where its output goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labtui.demo.ssh.hosts import Host, SshLab

if TYPE_CHECKING:
    from asyncssh import SSHServerProcess

Sink = Callable[[str], None]


@dataclass
class Session:
    """What a command needs. `text` is what a pipe gives it, None where it reads the client.

    `process` is the channel, None for a command whose output goes elsewhere.
    """

    lab: SshLab
    host: Host
    user: str
    write: Sink
    complain: Sink
    process: SSHServerProcess[str] | None = None
    text: str | None = None
    shell_name: str = "bash: line 1"
    """How the shell calls itself in its complaints."""

    @property
    def gone(self) -> bool:
        """Whether nobody listens any more."""
        return self.process is not None and self.process.is_closing()

    @property
    def terminal(self) -> bool:
        """Whether there is a terminal at the other end."""
        return self.process is not None and self.process.get_terminal_type() is not None

    def on(self, host: Host, user: str = "root") -> Session:
        """The same login on another host, as `pct enter` has it."""
        return replace(self, host=host, user=user)


Command = Callable[[Session, list[str]], int | Awaitable[int]]
Commands = dict[str, Command]
"""Commands by name; each returns its exit status."""
