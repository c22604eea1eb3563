"""Rows of NetBox as records of `labtui.model.inventory`; what does not fit is left out and named.

Sizes: NetBox has megabytes and does not say which; the tools that write it there count in MiB.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec

from labtui.locale import _
from labtui.model.errors import Forbidden
from labtui.model.inventory import (
    DeviceRecord,
    Inventory,
    MachineRecord,
    PrefixRecord,
    SiteRecord,
    TenantRecord,
)
from labtui.model.text import clean
from labtui.sources.netbox.connect import Client
from labtui.sources.netbox.errors import Question, unexpected
from labtui.sources.netbox.wire import (
    DeviceRow,
    MachineRow,
    Named,
    PrefixRow,
    PrimaryAddress,
    SiteRow,
    TenantRow,
)

MIB = 1 << 20
MOST_COMPLAINTS = 20
# Proxmox VE's own limits of a guest's number.
_LOWEST_VMID, _HIGHEST_VMID = 100, 999_999_999
_NODE_FIELDS = ("proxmox_node", "vm_node")


_W = TypeVar("_W", SiteRow, TenantRow, MachineRow, DeviceRow, PrefixRow)
_R = TypeVar("_R", SiteRecord, TenantRecord, MachineRecord, DeviceRecord, PrefixRecord)


class Reader:
    """Reads lists with one client; gathers what was left out.

    `vmid_fields` are the custom fields that may hold a guest's number, in order; `serial` is also
    the machine's own field of that name.
    """

    def __init__(self, client: Client, vmid_fields: tuple[str, ...]) -> None:
        self._client = client
        self._vmid_fields = vmid_fields
        self._cleaned: dict[str, str] = {}
        self.complaints: list[str] = []
        self.refusals: list[Forbidden] = []

    def inventory(self, before: Inventory | None = None) -> Inventory:
        """A whole reading; rows that did not change are the objects of `before`.

        A list that the token may not see is empty and complained of. Raises `LabError`.
        """
        old = before or Inventory("")
        found = Inventory(
            version="",
            sites=self._list("dcim/sites", SiteRow, self._site, old.sites),
            tenants=self._list("tenancy/tenants", TenantRow, self._tenant, old.tenants),
            machines=self._list(
                "virtualization/virtual-machines", MachineRow, self._machine, old.machines
            ),
            devices=self._list("dcim/devices", DeviceRow, self._device, old.devices),
            prefixes=self._list("ipam/prefixes", PrefixRow, self._prefix, old.prefixes),
        )
        if len(self.refusals) == len(LISTS):
            raise self.refusals[0]
        return msgspec.structs.replace(found, version=self._client.version)

    def _list(
        self, path: str, wire: type[_W], build: Callable[[_W], _R], before: Iterable[_R]
    ) -> tuple[_R, ...]:
        question = Question(_("reading {path}").format(path=path), self._client.where, path)
        try:
            rows = self._client.rows(question, tuple(wire.__struct_fields__))
        except Forbidden as error:
            self.refusals.append(error)
            self.complaints.append(_("{path}: {why}").format(path=path, why=error.why))
            return ()
        old = {record.id: record for record in before}
        good: dict[int, _R] = {}
        bad: list[str] = []
        for number, row in enumerate(rows, 1):
            try:
                record = build(msgspec.convert(row, wire, strict=False))
            except (msgspec.ValidationError, OverflowError, RecursionError) as error:
                bad.append(_complaint(path, number, row, error))
                continue
            same = old.get(record.id)
            good[record.id] = same if same == record else record
        if bad and not good:
            raise unexpected(question, bad[0])
        self.complaints.extend(bad)
        return tuple(good.values())

    def _site(self, row: SiteRow) -> SiteRecord:
        asns = tuple(each.asn for each in row.asns or ())
        return SiteRecord(row.id, self._text(row.name), self._text(row.slug), asns)

    def _tenant(self, row: TenantRow) -> TenantRecord:
        return TenantRecord(
            row.id, self._text(row.name), self._text(row.slug), self._name(row.group)
        )

    def _machine(self, row: MachineRow) -> MachineRecord:
        custom = row.custom_fields or {}
        return MachineRecord(
            row.id,
            self._text(row.name),
            self._text(row.status.value),
            cluster=self._name(row.cluster),
            vmid=self._vmid(custom, row.serial),
            node=self._name(row.device) or self._node(custom),
            tenant=self._name(row.tenant),
            address=self._host(row.primary_ip),
            vcpus=row.vcpus if row.vcpus is not None and math.isfinite(row.vcpus) else None,
            memory=None if row.memory is None else row.memory * MIB,
        )

    def _device(self, row: DeviceRow) -> DeviceRecord:
        return DeviceRecord(
            row.id,
            self._text(row.name or ""),
            self._name(row.role or row.device_role),
            self._text(row.status.value),
            site=self._name(row.site),
            tenant=self._name(row.tenant),
            address=self._host(row.primary_ip),
        )

    def _prefix(self, row: PrefixRow) -> PrefixRecord:
        scoped = row.scope if row.scope_type == "dcim.site" else None
        return PrefixRecord(
            row.id,
            self._text(row.prefix),
            self._text(row.status.value),
            site=self._name(scoped or row.site),
            tenant=self._name(row.tenant),
            description=self._text(row.description or ""),
        )

    def _vmid(self, custom: dict[str, Any], serial: str | None) -> int | None:
        for name in self._vmid_fields:
            for value in (custom.get(name), serial if name == "serial" else None):
                found = vmid_of(value)
                if found is not None:
                    return found
        return None

    def _node(self, custom: dict[str, Any]) -> str:
        for name in _NODE_FIELDS:
            value = _plain(custom.get(name))
            if isinstance(value, str) and value:
                return self._text(value)
        return ""

    def _name(self, other: Named | None) -> str:
        return self._text(other.name) if other else ""

    def _host(self, address: PrimaryAddress | None) -> str:
        return self._text(address.address.partition("/")[0]) if address else ""

    def _text(self, text: str) -> str:
        """The text made harmless, each distinct one once per reading."""
        found = self._cleaned.get(text)
        if found is None:
            found = self._cleaned[text] = clean(text)
        return found


LISTS = (
    "dcim/sites",
    "tenancy/tenants",
    "virtualization/virtual-machines",
    "dcim/devices",
    "ipam/prefixes",
)
"""What an inventory is read from."""


def vmid_of(value: Any) -> int | None:
    """A guest's number from a custom field: number or text; None where there is none.

    A selection reads as `{"value", "label"}` from NetBox 4.7 on.
    """
    value = _plain(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and value.isascii() and value.strip().isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if _LOWEST_VMID <= value <= _HIGHEST_VMID else None


def newest_change(client: Client) -> int:
    """The number of the log's newest entry, 0 if it has none. Raises `LabError`."""
    path = "core/object-changes"
    question = Question(_("asking for changes"), client.where, path)
    rows, _count = client.page(question, {"fields": "id", "ordering": "-id", "limit": 1})
    if not rows:
        return 0
    number = rows[0].get("id") if isinstance(rows[0], dict) else None
    if type(number) is not int:
        raise unexpected(question, _("the answer lacks parts, or has others"))
    return int(number)


def shortened(complaints: list[str]) -> tuple[str, ...]:
    """The complaints, the many replaced by their number."""
    if len(complaints) <= MOST_COMPLAINTS:
        return tuple(complaints)
    more = _("and {count} more").format(count=len(complaints) - MOST_COMPLAINTS)
    return (*complaints[:MOST_COMPLAINTS], more)


def _plain(value: Any) -> Any:
    return value.get("value") if isinstance(value, dict) else value


def _complaint(path: str, number: int, row: Any, error: Exception) -> str:
    name = row.get("name") or row.get("id") if isinstance(row, dict) else None
    return _("{path}: {name} left out: {why}").format(
        path=path,
        name=clean(str(name), 80) if isinstance(name, str | int) else number,
        why=clean(str(error), 160),
    )
