"""The `hostpci` lines of a configuration: cards taken out of them and put into them. Pure.

A line is a property string whose default key is `host`; `a;b` in it are several devices, and an
address without function is the whole slot (qemu-server `PVE/QemuServer/PCI.pm`). What a line says
besides stays in it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

MOST_LINES = 16
_LINE = re.compile(r"hostpci([0-9]|1[0-5])")
_ADDRESS = re.compile(
    r"(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([0-9a-f]{2})(?:\.[0-9a-f])?", re.IGNORECASE
)


def lines_of(config: Mapping[str, Any]) -> dict[int, str]:
    """The lines by number, as they are written."""
    found = {}
    for key, value in config.items():
        if match := _LINE.fullmatch(key):
            found[int(match[1])] = str(value)
    return dict(sorted(found.items()))


def slot_of(address: str) -> str:
    """`02:00.0` -> `0000:02:00`; the text itself when it is no address."""
    match = _ADDRESS.fullmatch(address.strip())
    if match is None:
        return address.strip()
    domain = (match[1] or "").lower().lstrip("0").rjust(4, "0")
    return f"{domain}:{match[2]}:{match[3]}".lower()


def mapping_of(line: str) -> str:
    """The mapping that a line names, or an empty text."""
    return next(
        (part.partition("=")[2] for part in line.split(",") if part.startswith("mapping=")), ""
    )


def slots_of(line: str) -> tuple[str, ...]:
    """The slots that a line names by address."""
    for part in line.split(","):
        key, equals, value = part.partition("=")
        if not equals or key == "host":
            value = value if equals else key
            return tuple(dict.fromkeys(slot_of(each) for each in value.split(";") if each.strip()))
    return ()


def without(line: str, slots: Collection[str]) -> str:
    """The line without those slots; empty when nothing is left of it."""
    parts = line.split(",")
    for number, part in enumerate(parts):
        key, equals, value = part.partition("=")
        if equals and key != "host":
            continue
        named = (value if equals else key).split(";")
        kept = [each for each in named if each.strip() and slot_of(each) not in slots]
        if not kept:
            return ""
        parts[number] = f"host={';'.join(kept)}" if equals else ";".join(kept)
        break
    return ",".join(parts)


def taken_out(
    config: Mapping[str, Any], slots: Collection[str], mapped: Collection[int]
) -> dict[str, str]:
    """What changes of a configuration: key -> new value, empty for one that goes.

    `slots` go wherever they are named by address, the lines `mapped` as a whole.
    """
    changed = {}
    for number, line in lines_of(config).items():
        left = "" if number in mapped else line
        if left and not mapping_of(line):
            left = without(line, slots)
        if left != line:
            changed[f"hostpci{number}"] = left
    return changed


def put_in(config: Mapping[str, Any], wanted: Iterable[str], *, pcie: bool) -> dict[str, str]:
    """New lines for what is wanted (`mapping=NAME` or an address) in the first free places.

    Fewer than wanted when there is no place left for all.
    """
    used = set(lines_of(config))
    free = (number for number in range(MOST_LINES) if number not in used)
    end = ",pcie=1" if pcie else ""
    return {f"hostpci{number}": text + end for text, number in zip(wanted, free, strict=False)}


def is_q35(config: Mapping[str, Any]) -> bool:
    """Whether its machine has PCI Express: without, a line can't say `pcie=1`."""
    machine = str(config.get("machine") or "")
    kind = next((p.partition("=")[2] for p in machine.split(",") if p.startswith("type=")), machine)
    return "q35" in kind.split(",")[0]
