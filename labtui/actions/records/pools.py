"""Pools of NetBox: what each would give next, and the call that takes it.

NetBox chooses under its own lock (`available-ips`, `available-prefixes`, `available-asns`). A range
of AS numbers that is too wide is not asked: NetBox makes a list of all of it (63 s and 12 GiB for
95 million, measured). There the lowest free number is tried, which NetBox keeps unique.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from labtui.actions.action import NETBOX, Call, Wire
from labtui.model.records import refs

What = Literal["address", "prefix", "asn"]
Fields = Mapping[str, str | int]
ASN_RANGES = "ipam/asn-ranges"
WIDEST = 100_000
"""Above so many numbers a range is not asked for what is free in it."""
LISTS: Mapping[What, str] = {"address": refs.ADDRESSES, "prefix": refs.PREFIXES, "asn": refs.ASNS}
VALUES: Mapping[What, str] = {"address": "address", "prefix": "prefix", "asn": "asn"}
_OFFERS: Mapping[What, str] = {
    "address": "available-ips",
    "prefix": "available-prefixes",
    "asn": "available-asns",
}
_PAGE = 1000


def offer(pool: str, what: What) -> str:
    """The path of what is free in a pool, such as `ipam/prefixes/3`."""
    return f"{pool}/{_OFFERS[what]}"


def take(pool: str, what: What, fields: Fields) -> Call:
    """The call that makes the next free one a record."""
    return Call(NETBOX, "POST", offer(pool, what), tuple(fields.items()))


def is_wide(row: Mapping[str, Any]) -> bool:
    """Whether that range of AS numbers is too wide to be asked what is free."""
    start, end = row.get("start"), row.get("end")
    return isinstance(start, int) and isinstance(end, int) and end - start >= WIDEST


def take_number(row: Mapping[str, Any], number: int, fields: Fields) -> Call:
    """The call that makes that AS number of a wide range a record; the loser of two gets a 400."""
    rir = row.get("rir")
    registry = {"rir": rir["id"]} if isinstance(rir, dict) else {}
    return Call(NETBOX, "POST", refs.ASNS, tuple({**fields, "asn": number, **registry}.items()))


async def lowest(wire: Wire, row: Mapping[str, Any], since: int = 0) -> int:
    """The lowest free AS number of a wide range, from `since` on; 0 for none. Raises `LabError`."""
    start, end = max(since, int(row["start"])), int(row["end"])
    rows = await wire.read(
        NETBOX, refs.ASNS, asn__gte=start, asn__lte=end, limit=_PAGE, ordering="asn"
    )
    used = {each.get("asn") for each in rows if isinstance(each, dict)}
    number = next(each for each in range(start, start + len(used) + 1) if each not in used)
    return number if number <= end else 0


async def next_free(wire: Wire, pool: str, what: What, row: Mapping[str, Any]) -> str:
    """What the pool would give now, empty for nothing; it is not held. Raises `LabError`."""
    if what == "asn" and is_wide(row):
        return str(await lowest(wire, row) or "")
    found = await wire.read(NETBOX, offer(pool, what), limit=1)
    first = found[0] if found and isinstance(found[0], dict) else {}
    return str(first.get(VALUES[what]) or "")
