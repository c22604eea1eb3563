"""Steps of a plan that are commands: the one way to what Proxmox VE has no call for.

A step is a `Call` with the method `SSH`: its host and its exact words stand in the plan, and it
passes the same gate as every other write. Which commands there are is named once more where they
are sent (`sources/ssh/command.py`).
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import msgspec

from labtui.actions.action import SSH, Call, Wire
from labtui.locale import _


class Shell(msgspec.Struct, frozen=True):
    """Root's shell on a node: its URL, what goes before a command, the jump hosts on the way.

    `against` says why there is none.
    """

    where: str = ""
    before: str = ""
    way: str = ""
    against: str = ""


@runtime_checkable
class HasShells(Protocol):
    """A wire that knows the way to the nodes' shells; not every one does."""

    def shell(self, cluster: str, node: str) -> Shell: ...


def shell_of(wire: Wire, cluster: str, node: str) -> Shell:
    """The shell of that node by that wire."""
    if isinstance(wire, HasShells):
        return wire.shell(cluster, node)
    return Shell(against=_("there is no way to a shell from here"))


def command(cluster: str, shell: Shell, words: Sequence[str]) -> Call:
    """The step that runs these words in that shell, as it will be sent."""
    return Call(cluster, SSH, shell.where, (("command", shell.before + shlex.join(words)),))


def way_text(shell: Shell) -> str:
    """How the shell is reached, for a plan."""
    if shell.way:
        return _("by SSH as root, through {jump}").format(jump=shell.way)
    return _("by SSH as root")
