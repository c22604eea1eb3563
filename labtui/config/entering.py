"""`[ssh]` and `[console]`: how one gets into hosts, and who one is there.

Nothing here may begin with a dash, which `ssh` would take for an option.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import TypeVar

from labtui.config.address import SSH_PORT, address_of, hop_of, hops_of
from labtui.config.mistakes import shown, shown_key
from labtui.config.schema import Address, ConsoleConfig, Hop, SshConfig
from labtui.config.table import Table
from labtui.locale import _

USER = r"[^\s@:/-][^\s@:/]*"
_T = TypeVar("_T")
_CONTROLS = {f"ctrl+{letter}": 1 + at for at, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}
ESCAPES = _CONTROLS | {"ctrl+\\": 28, "ctrl+]": 29, "ctrl+^": 30, "ctrl+_": 31}
# Enter, tab and the like are what a console is for.
_NEEDED = frozenset(("ctrl+c", "ctrl+d", "ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+z"))


def read_ssh(table: Table) -> SshConfig:
    """`[ssh]` with `[ssh.hosts]` and `[ssh.users]`."""
    return SshConfig(
        user=table.text("user", _("a user name"), USER),
        jump=read_jump(table),
        known_hosts=table.file("known_hosts"),
        identity_file=table.file("identity_file"),
        writes=table.flag("writes"),
        hosts=_by_pattern(table, "hosts", _("[user@]host[:port]"), _host),
        users=_by_pattern(table, "users", _("a user name"), _user),
        allow_in_read_only=table.flag("allow_in_read_only"),
    )


def read_console(table: Table) -> ConsoleConfig:
    """`[console]`."""
    default = ConsoleConfig()
    known = [key for key in ESCAPES if key not in _NEEDED]
    return ConsoleConfig(
        escape=table.choice("escape", known) or default.escape,
        allow_in_read_only=table.flag("allow_in_read_only"),
    )


def read_jump(table: Table) -> str:
    """The hosts to go through, as they are written."""
    text = table.text("jump", _("[user@]host[:port], several with commas"), r"[^\s-]\S*")
    try:
        hops_of(text)
    except ValueError as error:
        table.note("jump", str(error), shown(text))
        return ""
    return text


def matching(
    entries: tuple[tuple[str, tuple[_T, ...]], ...], kind: str, name: str
) -> tuple[_T, ...]:
    """What the first pattern says that fits: by name (`gpu-*`), or by kind (`node:*`)."""
    for pattern, values in entries:
        wanted = pattern.casefold()
        if any(fnmatchcase(each.casefold(), wanted) for each in (name, f"{kind}:{name}")):
            return values
    return ()


def _by_pattern(
    table: Table, key: str, expected: str, parse: Callable[[str], _T]
) -> tuple[tuple[str, tuple[_T, ...]], ...]:
    """A table of patterns, each with one text or a list of them."""
    value = table.raw.get(key, {})
    if not isinstance(value, dict):
        table.note(key, _("a table of patterns"), shown(value))
        return ()
    found: list[tuple[str, tuple[_T, ...]]] = []
    for pattern, given in value.items():
        where = f"{table.path(key)}.{shown_key(pattern)}"
        parsed: list[_T] = []
        for text in given if isinstance(given, list) else [given]:
            if not isinstance(text, str) or not text.isprintable():
                table.mistakes.note(where, expected, shown(text))
                continue
            try:
                parsed.append(parse(text))
            except ValueError as error:
                table.mistakes.note(where, str(error), shown(text))
        if parsed and pattern.strip():
            found.append((pattern, tuple(parsed)))
    return tuple(found)


def _host(text: str) -> Hop:
    """Like a hop; a port of 0 where none is written, for ssh's own default."""
    hop = hop_of(text)
    _user_part, _at, rest = text.rpartition("@")
    written = address_of(rest, 0).port
    return Hop(Address(hop.address.host, written if written != SSH_PORT else 0), hop.user)


def _user(text: str) -> str:
    if not re.fullmatch(USER, text):
        raise ValueError(_("a user name"))
    return text
