"""The command line of `ssh` for a way, word by word. Pure.

Never a shell in between, and nothing that came from outside can be read as an option: hosts and
users are checked for their form, and the host stands after `--`. What has to hold at the jump hosts
too (known host keys, our key) goes into a settings file, which ssh hands on to the `ssh` that it
starts for `-J`; options on the command line it keeps to itself (ssh(1), ssh_config(5)).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

import msgspec

from labtui.config.address import SSH_PORT, address_of, is_loopback
from labtui.config.entering import USER
from labtui.config.schema import Hop, SshConfig
from labtui.locale import _
from labtui.model.entry import Way
from labtui.model.errors import Rejected

_PATIENCE = ("ConnectTimeout=15", "ServerAliveInterval=15", "ServerAliveCountMax=4")
# An unknown host key is never taken up without a question.
_KEYS = "StrictHostKeyChecking=ask"


class Order(msgspec.Struct, frozen=True):
    """What is run: the words after `ssh`, and the settings file, empty for none.

    In `words` the place of the file's path is `SETTINGS`.
    """

    words: tuple[str, ...]
    settings: str = ""

    def line(self, binary: str, path: str) -> list[str]:
        """The whole argument list, with the settings file at that path."""
        return [binary, *(path if word == SETTINGS else word for word in self.words)]


SETTINGS = "\0settings"


def order(ssh: SshConfig, way: Way, jumps: Sequence[Hop], *, alone: bool = False) -> Order:
    """How to go that way. `alone`: without the settings of this machine and user (the demo lab).

    Raises `Rejected` for a host or user that is none.
    """
    host, user = host_of(way.host), _user_of(way.user)
    jumps = () if is_loopback(host) else jumps
    options = [*_files(ssh), *_PATIENCE, *([_KEYS] if alone or ssh.known_hosts else [])]
    words: list[str] = []
    settings = ""
    if alone or (jumps and (ssh.known_hosts or ssh.identity_file)):
        settings = _settings(options, alone=alone)
        words += ("-F", SETTINGS)
    else:
        for option in options:
            words += ("-o", option)
    if jumps:
        words += ("-J", ",".join(_hop(hop, ssh.user) for hop in jumps))
    if way.port:
        words += ("-p", str(way.port))
    if user:
        words += ("-l", user)
    return Order((*words, "--", host), settings)


def host_of(text: str) -> str:
    """A host name or address that can be nothing else. Raises `Rejected`.

    No zone of an IPv6 address (`%eth0`), which may be any text.
    """
    try:
        if "%" not in text:
            return str(ipaddress.ip_address(text))
    except ValueError:
        pass
    try:
        if ":" not in text:
            return address_of(text, SSH_PORT).host
    except ValueError:
        pass
    why = _("the address is none: {text!r}").format(text=text[:80])
    raise Rejected(_("not opened"), why=why)


def _user_of(text: str) -> str:
    if text and not re.fullmatch(USER, text):
        why = _("the user name is none: {text!r}").format(text=text[:80])
        raise Rejected(_("not opened"), why=why)
    return text


def _hop(hop: Hop, user: str) -> str:
    return str(Hop(hop.address, hop.user or user))


def _files(ssh: SshConfig) -> list[str]:
    found = []
    if ssh.known_hosts:
        found.append(f"UserKnownHostsFile={_quoted(ssh.known_hosts)}")
    if ssh.identity_file:
        found += [f"IdentityFile={_quoted(ssh.identity_file)}", "IdentitiesOnly=yes"]
    return found


def _quoted(path: str) -> str:
    """A path as ssh_config(5) reads it back: it fills in what follows a per cent sign."""
    if any(mark in path for mark in '"\\\n\r'):
        why = _("ssh can't be given this path: {path!r}").format(path=path)
        raise Rejected(_("not opened"), why=why, remedy=_("rename the file"))
    return '"{path}"'.format(path=path.replace("%", "%%"))


def _settings(options: Sequence[str], *, alone: bool) -> str:
    lines = ["Host *"]
    lines += (f"  {option.replace('=', ' ', 1)}" for option in options)
    if alone:
        lines += ("  IdentityAgent none", "  ForwardAgent no")
    else:
        # With -F ssh reads neither of them by itself. The first value of each setting counts.
        lines += ("  Include ~/.ssh/config", "  Include /etc/ssh/ssh_config")
    return "\n".join(lines) + "\n"
