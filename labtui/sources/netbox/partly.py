"""Of which lists a token sees less than there is."""

from __future__ import annotations

from collections.abc import Iterable

from labtui.model.records import refs
from labtui.sources.netbox.tables import Tables


def partly_seen(tables: Tables) -> tuple[str, ...]:
    """Lists of which the token sees fewer rows than NetBox itself counts.

    The counts that a list gives of its relations know no permissions (measured); so they tell of
    what a constraint hides. Only right after a whole reading.
    """
    found = []
    for path, counted, seen in _counts(tables):
        if not tables[path].state and counted > seen:
            found.append(path)
    return tuple(found)


def _counts(tables: Tables) -> Iterable[tuple[str, int, int]]:
    """(list, how many there are at least, how many of these were read)."""
    yield _compared(tables, refs.MACHINES, refs.CLUSTERS, "virtualmachine_count", "cluster")
    yield _compared(tables, refs.DEVICES, refs.SITES, "device_count", "site")
    yield _compared(tables, refs.ADDRESSES, refs.TENANTS, "ipaddress_count", "tenant")
    yield _compared(tables, refs.TUNNEL_ENDS, refs.TUNNELS, "terminations_count", "tunnel")


def _compared(
    tables: Tables, path: str, counting: str, count: str, reference: str
) -> tuple[str, int, int]:
    owners = tables[counting].rows
    counted = sum(getattr(row, count) or 0 for row in owners.values())
    referred = (getattr(row, reference) for row in tables[path].rows.values())
    return path, counted, sum(each is not None and each.id in owners for each in referred)
