"""Whom to ask or to tell about what is hit: NetBox's contacts of guests, tenants, nodes and sites.

A contact of the thing itself goes before one of the tenant whose it is.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from labtui.model.derived import Derived
from labtui.model.inventory import ContactRecord, Inventory
from labtui.model.records.index import first_inventory
from labtui.model.snapshot import Snapshot

# NetBox's words for what a contact is assigned to (`tenancy/contact-assignments`, `object_type`).
_MACHINE, _DEVICE = "virtualization.virtualmachine", "dcim.device"
_TENANT, _SITE = "tenancy.tenant", "dcim.site"


class Contacts(msgspec.Struct, frozen=True):
    """Who is asked about what, as `Amy <amy@lab.example>`; machines by their number in NetBox."""

    machines: dict[int, tuple[str, ...]] = {}
    tenants: dict[str, tuple[str, ...]] = {}
    devices: dict[str, tuple[str, ...]] = {}
    sites: dict[str, tuple[str, ...]] = {}

    def of_machine(self, record: int, tenant: str) -> tuple[str, ...]:
        """Its own contacts, else those of its tenant."""
        return self.machines.get(record) or self.tenants.get(tenant, ())

    def of_place(self, nodes: Iterable[str], sites: Iterable[str]) -> set[str]:
        """Who looks after these nodes and sites."""
        there = [self.devices.get(name.casefold(), ()) for name in nodes]
        there += [self.sites.get(name.casefold(), ()) for name in sites]
        return {each for found in there for each in found}


def said(contact: ContactRecord) -> str:
    """Name with mail, else with the telephone number."""
    if contact.email:
        return f"{contact.name} <{contact.email}>"
    return f"{contact.name} ({contact.phone})" if contact.phone else contact.name


def _contacts(snapshot: Snapshot) -> Contacts:
    inventory = first_inventory(snapshot) or Inventory("")
    by_id = {contact.id: contact for contact in inventory.contacts}
    found: dict[tuple[str, int], list[str]] = {}
    for each in inventory.assignments:
        if each.contact in by_id:
            text = said(by_id[each.contact])
            found.setdefault((each.kind, each.object), []).append(text)
    if not found:
        return Contacts()
    of = {key: tuple(dict.fromkeys(texts)) for key, texts in found.items()}
    sites = {
        word.casefold(): of[_SITE, site.id]
        for site in inventory.sites
        for word in (site.slug, site.name)
        if (_SITE, site.id) in of
    }
    return Contacts(
        {number: texts for (kind, number), texts in of.items() if kind == _MACHINE},
        {t.name: of[_TENANT, t.id] for t in inventory.tenants if (_TENANT, t.id) in of},
        {d.name.casefold(): of[_DEVICE, d.id] for d in inventory.devices if (_DEVICE, d.id) in of},
        sites,
    )


contacts = Derived((Inventory,), _contacts)
"""The contacts of the newest inventory."""
