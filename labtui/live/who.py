"""Who runs this console, and from where: what the kernel and the environment say of it."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from pathlib import Path

import msgspec

from labtui.model.text import clean


class Who(msgspec.Struct, frozen=True):
    """Who does it: the login's user, the user behind sudo if there is one, and from where."""

    user: str
    sudo: str = ""
    origin: str = ""


def who_is(environment: Mapping[str, str] | None = None) -> Who:
    """The login's user (by the audit id of the session where the kernel has one), and from where.

    `$SSH_CONNECTION` is "client port server port"; sudo and su keep or drop it, and then it is
    not known.
    """
    given = os.environ if environment is None else environment
    origin = given.get("SSH_CONNECTION", "").split()
    return Who(
        _login() or _name(os.getuid()),
        clean(given.get("SUDO_USER", ""), 64),
        clean(origin[0], 64) if origin else "",
    )


def _login() -> str:
    """The user who logged in, whatever became of him since; empty where the kernel can't say."""
    try:
        number = int(Path("/proc/self/loginuid").read_text("ascii"))
    except (OSError, ValueError):
        return ""
    # All bits set: nobody has logged in, as in a service or a container.
    return _name(number) if number != (1 << 32) - 1 else ""


def _name(number: int) -> str:
    try:
        return clean(pwd.getpwuid(number).pw_name, 64)
    except KeyError:
        return str(number)
