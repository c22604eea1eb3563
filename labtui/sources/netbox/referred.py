"""What rows refer to: the names and values of other records, as their own lists have them."""

from __future__ import annotations

from typing import Any

from labtui.model.records import refs
from labtui.model.text import clean
from labtui.sources.netbox import wire
from labtui.sources.netbox.tables import Table, Tables

_NO_TABLE = Table()


class Referred:
    """Looks into the lists of one reading; each distinct text is made harmless once."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._cleaned: dict[str, str] = {}

    def table(self, path: str) -> Table:
        """A list; one that was not read is empty."""
        return self._tables.get(path, _NO_TABLE)

    def rows(self, path: str) -> dict[int, Any]:
        """The rows of a list by id."""
        return self.table(path).rows

    def as_number(self, row: wire.AsnRow | None) -> int | None:
        """The AS number."""
        if row is None:
            return None
        known = self.rows(refs.ASNS).get(row.id)
        return known.asn if known is not None else row.asn

    def name(self, other: wire.Named | None, path: str = "") -> str:
        """The name of what is referred to, as its own list has it where that is read."""
        if other is None:
            return ""
        known = self.rows(path).get(other.id) if path else None
        return self.text((known.name if known is not None else other.name) or "")

    def host(self, address: wire.PrimaryAddress | None) -> str:
        """The address without its mask."""
        if address is None:
            return ""
        known = self.rows(refs.ADDRESSES).get(address.id)
        text = known.address if known is not None else address.address
        return self.text(text.partition("/")[0])

    def text(self, text: str) -> str:
        """The text made harmless, each distinct one once per reading."""
        found = self._cleaned.get(text)
        if found is None:
            found = self._cleaned[text] = clean(text)
        return found
