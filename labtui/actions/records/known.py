"""Records that others need to be made: found by what they are called, or said to be missing.

Each finder adds to `wrong` why there is none; the plan says all of that at once.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_interface, ip_network
from typing import Any

from labtui.actions.records.desk import Desk, Row
from labtui.locale import _
from labtui.model.cluster import Membership
from labtui.model.records import refs
from labtui.model.records.index import host_of
from labtui.model.records.refs import Ref


async def asn_id(number: int, desk: Desk, wrong: list[str]) -> int | None:
    """The record of an AS number."""
    found = await desk.rows(refs.ASNS, asn=number)
    if len(found) == 1:
        return int(found[0]["id"])
    text = _("NetBox has no AS{number} (or the token may not see it): write that down first")
    wrong.append(text.format(number=number))
    return None


def session_address(host: str, desk: Desk, wrong: list[str]) -> int | None:
    """The record of an address of a BGP session."""
    found = desk.index.addresses.get(host_of(host), [])
    if len(found) == 1:
        return found[0].id
    text = _("NetBox has no address {address} (or several): write that down first")
    wrong.append(text.format(address=host or "?"))
    return None


def near_address(device: int, remote: str, desk: Desk) -> str:
    """The device's own address in the network of its neighbour, empty when there is none."""
    try:
        far = ip_address(host_of(remote))
    except ValueError:
        return ""
    for face in desk.index.interfaces_of.get(("device", device), []):
        for each in desk.index.addresses_on.get(("device", face.id), []):
            if far in ip_interface(each.address).network and each.host != str(far):
                return each.host
    return ""


def node_site(key: str, desk: Desk) -> int | None:
    """The site of the smallest recorded prefix around a node's own address (key: cluster/node)."""
    cluster, _slash, name = key.partition("/")
    part = desk.wire.snapshot.one(Membership, cluster)
    member = part.member(name) if part is not None else None
    try:
        address = ip_address(host_of(member.address if member is not None else ""))
    except ValueError:
        return None
    around = [
        (ip_network(each.prefix, strict=False).prefixlen, each.site)
        for each in desk.inventory.prefixes
        if each.site and address in ip_network(each.prefix, strict=False)
    ]
    site = max(around, default=(0, ""))[1]
    return next((each.id for each in desk.inventory.sites if site and each.name == site), None)


async def cluster_type(desk: Desk, wrong: list[str]) -> int | None:
    """The type of clusters of Proxmox VE, or the only one there is."""
    found = await desk.rows("virtualization/cluster-types")
    ours = [row for row in found if "proxmox" in str(row.get("name", "")).casefold()]
    for some in (ours, found):
        if len(some) == 1:
            return int(some[0]["id"])
    wrong.append(_("NetBox has no type of cluster for Proxmox VE, or several: make one"))
    return None


async def rir_of(number: int, desk: Desk, wrong: list[str]) -> int | None:
    """The registry of the range that an AS number is in, or that all numbers have."""
    for row in await desk.rows("ipam/asn-ranges", limit=1000):
        if _number(row.get("start")) <= number <= _number(row.get("end")):
            rir = row.get("rir")
            if isinstance(rir, dict):
                return int(rir["id"])
    rows = await desk.rows(refs.ASNS, limit=1000)
    held = {row["rir"]["id"] for row in rows if isinstance(row.get("rir"), dict)}
    if len(held) == 1:
        return int(held.pop())
    text = _("no range of NetBox has AS{number}, so nobody knows its registry (RIR)")
    wrong.append(text.format(number=number))
    return None


def _number(value: Any) -> int:
    return value if isinstance(value, int) else -1


async def like(siblings: list[Ref], desk: Desk, wrong: list[str]) -> Row:
    """Role, type and site that all these devices have; what they have in common, by name."""
    await desk.fetch(siblings)
    rows = [row for ref in siblings if (row := await desk.one(ref)) is not None]
    found: Row = {}
    for name in ("role", "device_type", "site"):
        held = {row[name]["id"] for row in rows if isinstance(row.get(name), dict)}
        if len(held) == 1:
            found[name] = held.pop()
    missing = [name for name in ("role", "device_type", "site") if name not in found]
    if missing:
        text = _("a device needs {fields}, and the others of its kind do not agree on it")
        wrong.append(text.format(fields=", ".join(missing)))
    return found
