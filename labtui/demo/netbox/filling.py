"""A pen for the empty store: puts records down one after the other and remembers their ids."""

from __future__ import annotations

from dataclasses import dataclass, field

from labtui.demo.lab import Lab
from labtui.demo.netbox.changes import iso
from labtui.demo.netbox.store import Store

DOMAIN = "lab.example"
MIB = 1 << 20
_AGE = 30 * 86400.0


@dataclass
class Filler:
    """Fills an empty store. Records are a month old, a moment apart, oldest first.

    `now` is world time in seconds; `ids` finds what was written under a key.
    """

    store: Store
    lab: Lab
    now: float
    ids: dict[tuple[str, str], int] = field(default_factory=dict)
    _written: int = 0

    def put(self, label: str, key: str = "", /, **values: object) -> int:
        """Add a record; `key` is the name under which `ids` finds it."""
        self._written += 1
        row = self.store.put(label, values, iso(self.now - _AGE + self._written * 0.01))
        if key:
            self.ids[label, key] = row["id"]
        return int(row["id"])

    def amend(self, label: str, number: int, **values: object) -> None:
        """Complete a record without making it younger."""
        self.store.change(label, number, values, self.store.row(label, number)["last_updated"])

    def tags(self, *names: str) -> tuple[int, ...]:
        """The ids of tags."""
        return tuple(self.ids["extras.tag", name] for name in names)

    @property
    def infra(self) -> int | None:
        """The tenant of the infrastructure, if the lab has one."""
        return self.ids.get(("tenancy.tenant", "infra"))
