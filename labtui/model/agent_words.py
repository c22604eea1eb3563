"""What the agent inside a guest tells when it is asked: its system, addresses, disks, users.

The answers of `GET .../agent/{command}` have it under `result` (`agent-network-get-interfaces`,
recorded); those of a container's `.../interfaces` are the list itself.
"""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.model.safeguards import AgentDisk, GuestNic
from labtui.model.text import clean

_MOST = 64
# What is always full, or is no disk of the guest's own.
_NO_DISKS = frozenset(("squashfs", "iso9660", "udf", "CDFS", "UDF", "overlay", "tmpfs", "nsfs"))


class GuestUser(msgspec.Struct, frozen=True):
    """Somebody who is logged in; `since` is in seconds since the epoch."""

    name: str
    since: float | None = None


def system_of(answer: Any) -> dict[str, str]:
    """`get-osinfo`: pretty-name, kernel-release, machine, version and the like, those it has."""
    told = _result(answer)
    rows = told if isinstance(told, dict) else {}
    return {
        clean(str(name), 40): clean(value, 200)
        for name, value in list(rows.items())[:_MOST]
        if isinstance(value, str)
    }


def host_name_of(answer: Any) -> str:
    """`get-host-name`."""
    told = _result(answer)
    name = told.get("host-name") if isinstance(told, dict) else ""
    return clean(name, 200) if isinstance(name, str) else ""


def nics_of(answer: Any) -> tuple[GuestNic, ...]:
    """`network-get-interfaces` of an agent, or `interfaces` of a container; none of loopback."""
    found = []
    for row in _rows(answer):
        name, given = _text(row.get("name"), 40), row.get("ip-addresses")
        addresses = tuple(filter(None, (_address(each) for each in _listed(given))))
        if not addresses:
            addresses = tuple(filter(None, (_text(row.get(key), 60) for key in ("inet", "inet6"))))
        if name and name != "lo":
            mac = _text(row.get("hardware-address"), 40) or _text(row.get("hwaddr"), 40)
            found.append(GuestNic(name, mac, addresses))
    return tuple(found)


def users_of(answer: Any) -> tuple[GuestUser, ...]:
    """`get-users`."""
    found = []
    for row in _rows(answer):
        at = row.get("login-time")
        if name := _text(row.get("user"), 80):
            good = isinstance(at, int | float) and abs(at) < 1e12
            found.append(GuestUser(name, float(at or 0) if good else None))
    return tuple(found)


def disks_of(answer: Any) -> tuple[AgentDisk, ...]:
    """`get-fsinfo`: what of a guest's file systems can fill, by mount point.

    One that the agent may not look into has no sizes, and is left out.
    """
    found = []
    for row in _rows(answer):
        size, used = _count(row.get("total-bytes")), _count(row.get("used-bytes"))
        kind = _text(row.get("type"), 20)
        if size and used is not None and kind not in _NO_DISKS:
            found.append(AgentDisk(_text(row.get("mountpoint"), 120), kind, used, size))
    return tuple(sorted(found, key=lambda disk: disk.mount))


def is_answer(answer: Any) -> bool:
    """Whether an agent's answer is a list under `result`, as most are."""
    return isinstance(answer, dict) and isinstance(answer.get("result"), list)


def _count(value: Any) -> int | None:
    good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 60
    return int(value) if good else None


def _result(answer: Any) -> Any:
    return answer.get("result") if isinstance(answer, dict) else answer


def _listed(value: Any) -> list[dict[str, Any]]:
    rows = value if isinstance(value, list) else []
    return [row for row in rows[:_MOST] if isinstance(row, dict)]


def _rows(answer: Any) -> list[dict[str, Any]]:
    return _listed(_result(answer))


def _text(value: Any, longest: int) -> str:
    return clean(value, longest) if isinstance(value, str) else ""


def _address(row: dict[str, Any]) -> str:
    address, prefix = _text(row.get("ip-address"), 60), row.get("prefix")
    good = isinstance(prefix, int | str) and not isinstance(prefix, bool) and str(prefix).isdigit()
    return f"{address}/{prefix}" if address and good and len(str(prefix)) < 4 else address
