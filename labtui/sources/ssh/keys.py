"""What a connection needs from disk: known host keys, our own key, the address of the host.

All of it is read in a thread: files may lie on a share that is down, names are looked up.
"""

from __future__ import annotations

import logging
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labtui.config.schema import Address, SshConfig
from labtui.locale import _
from labtui.model.errors import HostKeyFailed, Refused, Unreachable
from labtui.model.text import clean
from labtui.sources.classify import of_exception

if TYPE_CHECKING:
    import asyncssh

_MOST_BYTES = 8 << 20
_DEFAULT = "~/.ssh/known_hosts"


@dataclass(frozen=True)
class Prepared:
    """Host keys on file, keys of ours, the agent's socket, and addresses of the first host."""

    known: asyncssh.SSHKnownHosts
    own: tuple[asyncssh.SSHKey, ...]
    agent: str | None
    hosts: tuple[str, ...]

    def knows(self, address: Address) -> bool:
        """True when a key of that host is on file, whichever."""
        found = self.known.match(address.host, "", address.port)
        return any(found[:3])


def prepare(ssh: SshConfig, first: Address, what: str) -> Prepared:
    """Load asyncssh and read all that is needed. Blocks. Raises `LabError`."""
    import asyncssh

    # It tells its users and keys at the level of information.
    logging.getLogger("asyncssh").setLevel(logging.CRITICAL + 1)
    known = asyncssh.import_known_hosts(_known_lines(ssh.known_hosts or _DEFAULT, what))
    own = (_own_key(ssh.identity_file, what),) if ssh.identity_file else ()
    agent = None if own else os.environ.get("SSH_AUTH_SOCK") or None
    return Prepared(known, own, agent, _look_up(first, what))


def _known_lines(path: str, what: str) -> str:
    """The lines that can be understood: one that is damaged must not hide all the others."""
    from asyncssh import import_known_hosts

    try:
        with Path(path).expanduser().open("rb") as stream:
            text = stream.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise HostKeyFailed(
            what,
            where=clean(path),
            why=_("the known host keys cannot be read: {reason}").format(
                reason=error.strerror or type(error).__name__
            ),
            remedy=_("set known_hosts in [ssh]"),
        ) from None
    good = []
    for line in text.splitlines():
        try:
            import_known_hosts(line)
        except ValueError:
            continue
        good.append(line)
    return "\n".join(good)


def _own_key(path: str, what: str) -> asyncssh.SSHKey:
    import asyncssh

    try:
        return asyncssh.read_private_key(str(Path(path).expanduser()))
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Refused(what, where=clean(path), why=why, remedy=_("check identity_file")) from None
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        verdict = of_exception(error, "ssh")
        why = verdict.why if verdict else ""
        remedy = verdict.remedy if verdict else ""
        raise Refused(what, where=clean(path), why=why, remedy=remedy) from None


def _look_up(first: Address, what: str) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(first.host, first.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable(
            what,
            where=str(first),
            why=_("name not known"),
            remedy=_("check the name, or give the address"),
        ) from None
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
