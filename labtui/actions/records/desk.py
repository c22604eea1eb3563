"""Reading NetBox for a plan: rows once each, by id or by what they are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from labtui.actions.action import NETBOX, Wire
from labtui.actions.records.request import Version, version_of
from labtui.model.inventory import Inventory
from labtui.model.records.index import RecordIndex, record_index
from labtui.model.records.refs import Ref

Row = dict[str, Any]
_MOST = 100


class Desk:
    """What one survey reads. Every failure is a `LabError`."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.index: RecordIndex = record_index(wire.snapshot)
        self.version: Version = version_of(self.inventory.version)
        self._rows: dict[tuple[str, int], Row] = {}
        self._lists: dict[tuple[str, tuple[tuple[str, str | int], ...]], list[Row]] = {}
        self._allowed: dict[str, frozenset[str]] = {}

    @property
    def inventory(self) -> Inventory:
        """The records as they were read last."""
        return self.index.inventory

    async def fetch(self, wanted: Iterable[Ref]) -> None:
        """Read those that are there, a list at a time."""
        by_path: dict[str, set[int]] = {}
        for ref in wanted:
            if ref.id and (ref.path, ref.id) not in self._rows:
                by_path.setdefault(ref.path, set()).add(ref.id)
        for path, ids in by_path.items():
            ordered = sorted(ids)
            for at in range(0, len(ordered), _MOST):
                some = ",".join(map(str, ordered[at : at + _MOST]))
                for row in await self.rows(path, id=some, limit=_MOST):
                    self._rows[path, int(row["id"])] = row

    async def one(self, ref: Ref) -> Row | None:
        """That record as it is now; None when it is not there, or may not be seen."""
        await self.fetch([ref])
        return self._rows.get((ref.path, ref.id))

    async def rows(self, path: str, **filters: str | int) -> list[Row]:
        """Rows of a list; asked once."""
        key = (path, tuple(sorted(filters.items())))
        if key not in self._lists:
            found = await self.wire.read(NETBOX, path, **filters)
            self._lists[key] = [
                row for row in found if isinstance(row, dict) and isinstance(row.get("id"), int)
            ]
        return self._lists[key]

    async def allowed(self, path: str) -> frozenset[str]:
        """`POST` and `PUT` where the token may make or change something in that list."""
        if path not in self._allowed:
            found = await self.wire.read(NETBOX, f"allowed/{path}")
            self._allowed[path] = frozenset(each for each in found if isinstance(each, str))
        return self._allowed[path]
