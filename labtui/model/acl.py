"""Who may do what: the entries of `GET /access/acl`."""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.model.text import clean

_MOST = 2000


class AclEntry(msgspec.Struct, frozen=True):
    """A role of a user, group or token on a path. `kind` is `user`, `group` or `token`."""

    path: str
    who: str
    kind: str
    role: str
    deeper: bool = True
    """It holds below the path too."""


def entries_of(rows: Any) -> tuple[AclEntry, ...]:
    """The entries of the rows, by path and name; rows that are none are left out."""
    found = []
    for row in rows[:_MOST] if isinstance(rows, list) else []:
        if isinstance(row, dict) and isinstance(row.get("path"), str):
            who, kind, role = (
                clean(str(row.get(name) or ""), 120) for name in ("ugid", "type", "roleid")
            )
            deeper = row.get("propagate", 1) in (1, "1", True)
            found.append(AclEntry(clean(row["path"], 200), who, kind, role, deeper))
    return tuple(sorted(found, key=lambda entry: (entry.path, entry.who, entry.role)))


def on_guest(entries: tuple[AclEntry, ...], vmid: int, pool: str) -> tuple[AclEntry, ...]:
    """Those that reach a guest: on it, on all guests, on the root, on its pool."""
    own = f"/vms/{vmid}"
    above = {"/", "/vms", *(f"/pool/{part}" for part in _pools(pool))}
    return tuple(
        entry for entry in entries if entry.path == own or (entry.path in above and entry.deeper)
    )


def _pools(pool: str) -> list[str]:
    """`a/b` lies in `a`."""
    parts = pool.split("/") if pool else []
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]
