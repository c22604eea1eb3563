"""The lists of NetBox as they were read last, and what it takes to bring them up to date.

A list is read as a whole, or only what was written since (`last_updated__gte`, by the server's own
clock). What was deleted never shows there: the change log tells of it, or the next whole reading.
A row is bumped only when it is saved itself (measured): not a machine when its disk grows, nor an
interface when a MAC address is put on it. What belongs together is therefore joined by ids when
records are built, and interfaces are read anew as a whole when a MAC address changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec

from labtui.locale import _
from labtui.model.errors import Forbidden, LabError, NotFound, Unexpected
from labtui.model.records import refs
from labtui.model.text import clean
from labtui.sources.netbox import wire
from labtui.sources.netbox.connect import Client
from labtui.sources.netbox.errors import Question, unexpected

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OVERLAP = timedelta(minutes=2)
"""What is asked for again each time: a row may be seen only when its transaction ends."""
MOST_COMPLAINTS = 20
State = Literal["", "hidden", "absent", "unread"]


class ListSpec(msgspec.Struct, frozen=True):
    """A list: its path, the form of its rows, NetBox's word for its kind.

    Without a `core` one there is no inventory; another may be hidden, absent or broken.
    """

    path: str
    row: type[wire.Row]
    kind: str
    core: bool = False


SPECS: tuple[ListSpec, ...] = (
    ListSpec(refs.SITES, wire.SiteRow, "dcim.site", core=True),
    ListSpec(refs.TENANTS, wire.TenantRow, "tenancy.tenant", core=True),
    ListSpec(refs.CLUSTERS, wire.ClusterRow, "virtualization.cluster"),
    ListSpec(refs.TUNNELS, wire.TunnelRow, "vpn.tunnel"),
    ListSpec(refs.MACHINES, wire.MachineRow, "virtualization.virtualmachine", core=True),
    ListSpec(refs.DEVICES, wire.DeviceRow, "dcim.device", core=True),
    ListSpec(refs.PREFIXES, wire.PrefixRow, "ipam.prefix", core=True),
    ListSpec(refs.MACHINE_INTERFACES, wire.InterfaceRow, "virtualization.vminterface"),
    ListSpec(refs.DEVICE_INTERFACES, wire.InterfaceRow, "dcim.interface"),
    ListSpec(refs.ADDRESSES, wire.AddressRow, "ipam.ipaddress"),
    ListSpec(refs.RANGES, wire.RangeRow, "ipam.iprange"),
    ListSpec(refs.DISKS, wire.DiskRow, "virtualization.virtualdisk"),
    ListSpec(refs.VLANS, wire.VlanRow, "ipam.vlan"),
    ListSpec(refs.ASNS, wire.AsNumberRow, "ipam.asn"),
    ListSpec(refs.TUNNEL_ENDS, wire.TunnelEndRow, "vpn.tunneltermination"),
    ListSpec(refs.CONTACTS, wire.ContactRow, "tenancy.contact"),
    ListSpec(refs.ASSIGNMENTS, wire.AssignmentRow, "tenancy.contactassignment"),
    ListSpec(refs.SESSIONS, wire.SessionRow, "netbox_bgp.bgpsession"),
)
LISTS = tuple(spec.path for spec in SPECS)
"""What an inventory is read from; those that count others come before what they count."""
PATH_OF = {spec.kind: spec.path for spec in SPECS}


class Table(msgspec.Struct, frozen=True):
    """A list as it was read: rows by id, the latest change in it, and what was left out."""

    rows: dict[int, Any] = {}
    newest: str = ""
    state: State = ""
    complaints: tuple[str, ...] = ()
    refusal: Forbidden | None = None


Tables = dict[str, Table]


def read_whole(client: Client, paths: Iterable[str] = LISTS) -> Tables:
    """These lists from their beginning. Raises `LabError`; a list that may not be seen is empty."""
    wanted = set(paths)
    return {spec.path: _whole(client, spec) for spec in SPECS if spec.path in wanted}


def read_since(client: Client, before: Tables, paths: Iterable[str] = LISTS) -> Tables:
    """`before` with what was written since in these lists. Raises `LabError`."""
    wanted = set(paths)
    found = dict(before)
    for spec in SPECS:
        if spec.path in wanted and not before[spec.path].state:
            found[spec.path] = _since(client, spec, before[spec.path])
    return found


def without(before: Tables, gone: Iterable[tuple[str, int]]) -> Tables:
    """`before` without those (path, id)."""
    found = dict(before)
    lost: dict[str, set[int]] = {}
    for path, number in gone:
        lost.setdefault(path, set()).add(number)
    for path, numbers in lost.items():
        table = found[path]
        rows = {number: row for number, row in table.rows.items() if number not in numbers}
        found[path] = msgspec.structs.replace(table, rows=rows)
    return found


def _question(client: Client, path: str) -> Question:
    return Question(_("reading {path}").format(path=path), client.where, path)


def _whole(client: Client, spec: ListSpec) -> Table:
    question = _question(client, spec.path)
    try:
        rows = client.rows(question, spec.row.__struct_fields__)
    except Forbidden as error:
        said = _("{path}: {why}").format(path=spec.path, why=error.why)
        return Table(state="hidden", complaints=(said,), refusal=error)
    except NotFound:
        # An older NetBox, or a plugin that is not there: that is no fault.
        if spec.core:
            raise
        return Table(state="absent")
    except Unexpected as error:
        if spec.core:
            raise
        return Table(state="unread", complaints=(_said(spec, error),))
    good, bad = _converted(spec, rows)
    if bad and not good:
        if spec.core:
            raise unexpected(question, bad[0])
        return Table(state="unread", complaints=tuple(bad))
    return Table(good, _newest(good.values()), complaints=tuple(bad))


def _said(spec: ListSpec, error: LabError) -> str:
    return _("{path}: {why}").format(path=spec.path, why=error.why)


def _since(client: Client, spec: ListSpec, before: Table) -> Table:
    moment = _moment(before.newest)
    if moment is None:
        return _whole(client, spec)
    filters: dict[str, str | int] = {"last_updated__gte": (moment - OVERLAP).isoformat()}
    rows = client.rows(_question(client, spec.path), spec.row.__struct_fields__, filters)
    good, bad = _converted(spec, rows)
    if not good and not bad:
        return before
    kept = {**before.rows, **good}
    newest = max(before.newest, _newest(good.values()), key=_order)
    return Table(kept, newest, complaints=(*before.complaints, *bad))


def _converted(spec: ListSpec, rows: list[Any]) -> tuple[dict[int, Any], list[str]]:
    good: dict[int, Any] = {}
    bad: list[str] = []
    for number, row in enumerate(rows, 1):
        try:
            made = msgspec.convert(row, spec.row, strict=False)
        except (msgspec.ValidationError, OverflowError, RecursionError) as error:
            bad.append(_complaint(spec.path, number, row, error))
            continue
        good[made.id] = made
    return good, bad


def _newest(rows: Iterable[Any]) -> str:
    return max((row.last_updated or "" for row in rows), key=_order, default="")


def _order(text: str) -> datetime:
    return _moment(text) or datetime.min.replace(tzinfo=UTC)


def _moment(text: str) -> datetime | None:
    """A time as NetBox writes it, in UTC."""
    try:
        found = datetime.fromisoformat(text).astimezone(UTC)
        return max(found, _EPOCH)
    except (ValueError, OverflowError):
        return None


def shortened(complaints: Iterable[str]) -> tuple[str, ...]:
    """The complaints, the many replaced by their number."""
    all_of = tuple(dict.fromkeys(complaints))
    if len(all_of) <= MOST_COMPLAINTS:
        return all_of
    more = _("and {count} more").format(count=len(all_of) - MOST_COMPLAINTS)
    return (*all_of[:MOST_COMPLAINTS], more)


def _complaint(path: str, number: int, row: Any, error: Exception) -> str:
    name = row.get("name") or row.get("id") if isinstance(row, dict) else None
    return _("{path}: {name} left out: {why}").format(
        path=path,
        name=clean(str(name), 80) if isinstance(name, str | int) else number,
        why=clean(str(error), 160),
    )
