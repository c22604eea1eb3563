"""Changes of records that nobody asked for, and taking them back.

A change made here stands in the change log like any other. Taking it back leaves alone what was
put right in the meantime.
"""

from __future__ import annotations

from dataclasses import dataclass

from labtui.demo.netbox.changes import Editor
from labtui.demo.netbox.handle import Change, NetBox
from labtui.demo.netbox.schema import Row
from labtui.demo.netbox.store import MODELS, Store

CULPRIT = "intern"
"""Who made the changes."""

MACHINE = "virtualization.virtualmachine"
INTERFACE = "virtualization.vminterface"
DISK = "virtualization.virtualdisk"


@dataclass
class Drift:
    """Changes under one name, such as a fault and its target."""

    netbox: NetBox
    key: str

    @property
    def store(self) -> Store:
        """The records."""
        return self.netbox.store

    @property
    def struck(self) -> bool:
        """Whether something under this name is in force."""
        return self.key in self.netbox.struck

    def remove(self, label: str, row: Row) -> None:
        """Delete a record and what belongs to it."""
        pen = self._pen()
        gone = pen.belongings(MODELS[label], row)
        before = [(each, number, self.store.row(each, number)) for each, number in gone]
        pen.delete(MODELS[label], row)
        self._note(*(Change(each, number, row, None) for each, number, row in before))

    def alter(self, label: str, row: Row, **values: object) -> None:
        """Give fields of a record other values."""
        before = {name: row[name] for name in values}
        self._pen().update(MODELS[label], row, {**row, **values})
        self._note(Change(label, row["id"], before, dict(values)))

    def add(self, label: str, **values: object) -> Row:
        """Write a record, whether or not a client could have."""
        model = MODELS[label]
        row = self._pen().create(model, {**self.store.fresh(label), **values})
        self._note(Change(label, row["id"], None, row))
        return row

    def mend(self) -> None:
        """Take everything under this name back, newest first."""
        changes = self.netbox.struck.pop(self.key, [])
        removed = [each for each in changes if each.after is None]
        pen = self._pen()
        for change in reversed(changes):
            if change.after is not None:
                _take_back(pen, change)
        if removed and not _replaced(self.store, removed[0]):
            for change in removed:
                _put_back(pen, change)

    def _pen(self) -> Editor:
        return self.netbox.editor(CULPRIT)

    def _note(self, *changes: Change) -> None:
        self.netbox.struck.setdefault(self.key, []).extend(changes)


def _take_back(pen: Editor, change: Change) -> None:
    model, row = MODELS[change.label], pen.store.get(change.label, change.number)
    if row is None:
        return
    if change.before is None:
        pen.delete(model, row)
    elif all(row[name] == value for name, value in (change.after or {}).items()):
        pen.update(model, row, {**row, **change.before})


def _put_back(pen: Editor, change: Change) -> None:
    row = change.before
    if row is None or pen.store.get(change.label, change.number) is not None:
        return
    if change.label == "ipam.ipaddress" and _taken(pen.store, row):
        for each in list(pen.store.rows(MACHINE)):
            if each["primary_ip4"] == change.number:
                pen.update(MODELS[MACHINE], each, {**each, "primary_ip4": None})
        return
    pen.restore(MODELS[change.label], row)


def _replaced(store: Store, change: Change) -> bool:
    """Whether somebody wrote the missing record anew."""
    row, label = change.before or {}, change.label
    if label == MACHINE:
        vmid = vmid_of(row)
        return any(
            (vmid is not None and vmid_of(each) == vmid)
            or (each["name"], each["cluster"]) == (row["name"], row["cluster"])
            for each in store.rows(MACHINE)
        )
    if label == "ipam.prefix":
        return any(
            (each["prefix"], each["vrf"]) == (row["prefix"], row["vrf"])
            for each in store.rows(label)
        )
    return any(each["name"] == row["name"] for each in store.rows(label))


def _taken(store: Store, row: Row) -> bool:
    host = row["address"].partition("/")[0]
    return any(
        each["address"].partition("/")[0] == host and each["vrf"] == row["vrf"]
        for each in store.rows("ipam.ipaddress")
    )


def vmid_of(row: Row) -> int | None:
    """The VMID that a machine's record names."""
    found = row.get("custom_fields", {}).get("proxmox_vmid")
    return found if isinstance(found, int) else None


def machine(netbox: NetBox, guest: str) -> Row:
    """The record of a guest, given by VMID or name. Raises KeyError if there is none."""
    for row in netbox.store.rows(MACHINE):
        if str(vmid_of(row)) == guest or row["name"] == guest:
            return row
    raise KeyError(f"NetBox has no record of a guest {guest}")
