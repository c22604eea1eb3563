"""Whom to ask or tell about what is hit, as NetBox has it."""

from __future__ import annotations

from typing import Any

from labtui.findings import Affected
from labtui.findings.affected import affected
from labtui.findings.finding import Finding, Hits, Subject, verbatim
from labtui.findings.history import History
from labtui.findings.sight import Sight
from labtui.findings.telling import asked
from labtui.model.cluster import Resources
from labtui.model.inventory import (
    AssignmentRecord,
    ContactRecord,
    DeviceRecord,
    Inventory,
    MachineRecord,
    SiteRecord,
    TenantRecord,
)
from tests.snapshots import NOW, guest, node, snapshot

AMY = ContactRecord(1, "Amy", "amy@lab.example")
BEN = ContactRecord(2, "Ben", phone="+886 2 0000 0000")
EVE = ContactRecord(3, "Eve")
RECORDS: dict[str, Any] = {
    "sites": (SiteRecord(7, "Main building", "mou"),),
    "tenants": (TenantRecord(5, "vision", "vision"),),
    "devices": (DeviceRecord(9, "pve1", "server", "active"),),
    "machines": (
        MachineRecord(1, "web", "active", "lab", 100, "pve1", "vision"),
        MachineRecord(2, "db", "active", "lab", 101, "pve1", "vision"),
    ),
    "contacts": (AMY, BEN, EVE),
}


def _hit(hits: Hits, *assigned: AssignmentRecord) -> Affected:
    rows = Resources((node("pve1"),), (guest(100, "pve1"), guest(101, "pve1")))
    known = Inventory("4.6", **RECORDS, assignments=assigned)
    shot = snapshot(("lab", rows), ("netbox", known))
    finding = Finding("x", Subject("x", "x", "x"), "node", "warning", verbatim("x"), hits=hits)
    return affected(Sight(shot, History(), NOW), [finding])


def _on(kind: str, number: int, contact: int) -> AssignmentRecord:
    return AssignmentRecord(number * 10 + contact, kind, number, contact)


def test_the_contact_of_the_tenant_is_asked_about_its_guests() -> None:
    found = _hit(Hits(guests=("lab/100",)), _on("tenancy.tenant", 5, 1))
    assert found.people == ("vision",)
    assert found.contacts == ("Amy <amy@lab.example>",)


def test_a_guest_with_a_contact_of_its_own_has_that_one() -> None:
    both = (_on("tenancy.tenant", 5, 1), _on("virtualization.virtualmachine", 1, 2))
    assert _hit(Hits(guests=("lab/100",)), *both).contacts == ("Ben (+886 2 0000 0000)",)
    assert _hit(Hits(guests=("lab/101",)), *both).contacts == ("Amy <amy@lab.example>",)


def test_whoever_looks_after_a_node_or_a_site_is_asked_about_it() -> None:
    both = (_on("dcim.device", 9, 3), _on("dcim.site", 7, 2))
    assert _hit(Hits(nodes=("lab/pve1",)), *both).contacts == ("Eve",)
    assert _hit(Hits(sites=("mou",)), *both).contacts == ("Ben (+886 2 0000 0000)",)
    assert _hit(Hits(sites=("elsewhere",)), *both).contacts == ()


def test_an_assignment_to_nobody_or_nothing_known_is_passed_over() -> None:
    odd = (_on("tenancy.tenant", 5, 99), _on("tenancy.tenant", 77, 1), _on("ipam.prefix", 5, 1))
    assert _hit(Hits(guests=("lab/100",)), *odd).contacts == ()


def test_of_many_the_first_are_named() -> None:
    many = Affected(contacts=tuple(f"p{number:02}" for number in range(15)))
    assert asked(many).startswith("p00, p01")
    assert asked(many).endswith("and 3 more")
