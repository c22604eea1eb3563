"""The tools of the makers: what is run, and what is made of the answers. Nothing else is ever run.

None of these commands changes anything; they need no root.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from labtui.sources.gpu import amd, intel, nvidia
from labtui.sources.gpu.nvidia import Told

Command = tuple[str, ...]
_PIDS = re.compile(r"[0-9]{1,10}(?:,[0-9]{1,10}){0,199}")
_PS = ("ps", "-o", "pid=,user=", "-p")
_OWNER = re.compile(r"\s*([0-9]{1,10})\s+(\S{1,64})\s*")


class Tool(NamedTuple):
    """A tool of one maker's driver: its commands, and the parser of their outputs."""

    name: str
    commands: tuple[Command, ...]
    parse: Callable[[Sequence[str]], Told]


def _xml(texts: Sequence[str]) -> Told:
    return nvidia.parse(texts[0])


TOOLS: dict[str, tuple[Tool, ...]] = {
    "10de": (Tool("nvidia-smi", (nvidia.COMMAND,), _xml),),
    "1002": (
        Tool("rocm-smi", (amd.ROCM,), amd.parse_rocm),
        Tool("amd-smi", (amd.STATIC, amd.METRIC), amd.parse_amd),
    ),
    "8086": (Tool("xpu-smi", (intel.DISCOVERY, intel.DUMP), intel.parse),),
}
"""By the maker's PCI id, the one to try first before the others."""
_COMMANDS = frozenset(
    command for tools in TOOLS.values() for tool in tools for command in tool.commands
)


def allowed(command: Command) -> bool:
    """Whether that is one of the commands that are ever run."""
    if command in _COMMANDS:
        return True
    return command[:4] == _PS and len(command) == 5 and bool(_PIDS.fullmatch(command[4]))


def owners_command(pids: Sequence[int]) -> Command:
    """What tells whose these processes are."""
    return (*_PS, ",".join(str(pid) for pid in sorted(set(pids))[:200]))


def parse_owners(text: str) -> dict[int, str]:
    """Process id -> user; lines that say something else are passed over."""
    found = (_OWNER.fullmatch(line) for line in text.splitlines()[:400])
    return {int(match[1]): match[2] for match in found if match and match[2].isprintable()}
