"""The details of a guest: what NetBox has of it, and where that is otherwise."""

from __future__ import annotations

from labtui.model.cluster import Resources
from labtui.model.inventory import (
    AddressRecord,
    AssignmentRecord,
    ContactRecord,
    InterfaceRecord,
    Inventory,
    MachineRecord,
    TenantRecord,
)
from labtui.views.guests import GUESTS
from labtui.views.view import Cell
from tests.snapshots import NOW, guest, node, snapshot


def recorded(machine: MachineRecord) -> dict[str, Cell]:
    """The section of NetBox, by its labels."""
    inventory = Inventory(
        "4.6",
        machines=(machine,),
        interfaces=(
            InterfaceRecord(1, "net0", "machine", 7),
            InterfaceRecord(2, "net1", "machine", 7),
        ),
        addresses=(AddressRecord(1, "10.0.0.5/24", "active", holder="machine", interface=1),),
        tenants=(TenantRecord(3, "Amy", "amy"),),
        contacts=(ContactRecord(4, "Amy Chen", "amy@lab.example"),),
        assignments=(AssignmentRecord(1, "tenancy.tenant", 3, 4),),
    )
    lab = snapshot(("lab", Resources((node("pve1"),), (guest(110),))), ("netbox", inventory))
    (row,) = GUESTS.rows(lab, NOW)
    return dict(next(s for s in GUESTS.details(row, lab, NOW) if s.title == "NetBox").lines)


def test_the_record_with_its_addresses() -> None:
    told = recorded(MachineRecord(7, "web", "active", "lab", 110, "pve1", "Amy", memory=4 << 30))
    assert told["recorded as"] == Cell("web")
    assert told["tenant"] == Cell("Amy")
    assert told["ask"] == Cell("Amy Chen <amy@lab.example>")
    assert (told["cluster"], told["node"]) == (Cell("lab"), Cell("pve1"))
    assert told["net0"] == Cell("10.0.0.5/24")
    assert told["net1"] == Cell("no address", "dim")


def test_what_is_otherwise_is_said() -> None:
    told = recorded(MachineRecord(7, "web", "active", "lab", 110, "pve9"))
    assert told["node"] == Cell("pve9 (it is pve1)", "warn")


def test_one_that_is_not_recorded_has_no_more_to_tell() -> None:
    told = recorded(MachineRecord(7, "web", "active", "lab", 999))
    assert told["status"] == Cell("not recorded")
    assert "recorded as" not in told
