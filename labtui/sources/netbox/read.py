"""One whole reading of NetBox: its lists, as an inventory; what does not fit is left out and named.

Sizes: NetBox has megabytes and does not say which; the tools that write it there count in MiB.
"""

from __future__ import annotations

import re

import msgspec

from labtui.model.errors import Forbidden
from labtui.model.inventory import Inventory
from labtui.sources.netbox.build import Builder
from labtui.sources.netbox.connect import Client
from labtui.sources.netbox.partly import partly_seen
from labtui.sources.netbox.tables import LISTS, Tables, read_whole

_WITHOUT_MEGABYTES = (4, 0)
"""The last version whose disks are in GB."""


class Reader:
    """Reads lists with one client; gathers what was left out.

    `vmid_fields` are the custom fields that may hold a guest's number, in order; `serial` is also
    the machine's own field of that name.
    """

    def __init__(self, client: Client, vmid_fields: tuple[str, ...]) -> None:
        self._client = client
        self._vmid_fields = vmid_fields
        self.tables: Tables = {}

    @property
    def complaints(self) -> list[str]:
        """Rows and lists that were left out."""
        return complaints_of(self.tables)

    def inventory(self, before: Inventory | None = None) -> Inventory:
        """A whole reading; rows that did not change are the objects of `before`.

        A list that the token may not see is empty and complained of. Raises `LabError`.
        """
        self.tables = read_whole(self._client)
        refuse_if_all_hidden(self.tables)
        found = built(self._client, self.tables, self._vmid_fields, before)
        return msgspec.structs.replace(found, partly=partly_seen(self.tables))


def built(
    client: Client, tables: Tables, vmid_fields: tuple[str, ...], before: Inventory | None
) -> Inventory:
    """The inventory that these lists are."""
    builder = Builder(tables, vmid_fields, before, gigabytes=_counts_gigabytes(client.version))
    found = builder.inventory()
    partly = before.partly if before is not None else ()
    return msgspec.structs.replace(found, version=client.version, url=client.where, partly=partly)


def refuse_if_all_hidden(tables: Tables) -> None:
    """Raises what NetBox said when the token may see nothing at all."""
    refusals: list[Forbidden] = [
        table.refusal for table in tables.values() if table.refusal is not None
    ]
    there = sum(tables[path].state != "absent" for path in LISTS)
    if refusals and len(refusals) == there:
        raise refusals[0]


def complaints_of(tables: Tables) -> list[str]:
    """What was left out of them."""
    return [line for path in LISTS if path in tables for line in tables[path].complaints]


def _counts_gigabytes(version: str) -> bool:
    found = re.match(r"(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) <= _WITHOUT_MEGABYTES
