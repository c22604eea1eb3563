"""People: which tenant somebody is, and who can be asked about it."""

from __future__ import annotations

import msgspec

from labtui.model.derived import Derived
from labtui.model.inventory import ContactRecord, Inventory, TenantRecord
from labtui.model.records.index import first_inventory
from labtui.model.records.joined import Joined, settled
from labtui.model.snapshot import Snapshot

_TENANT = "tenancy.tenant"


class People(msgspec.Struct, frozen=True):
    """Tenants and contacts, found by what people are called."""

    tenants: dict[str, tuple[TenantRecord, ...]] = {}
    contacts: dict[str, tuple[ContactRecord, ...]] = {}
    of_tenant: dict[str, tuple[ContactRecord, ...]] = {}
    """Name of a tenant -> whom to ask about it."""

    def tenant(self, user: str) -> Joined[TenantRecord]:
        """The tenant of a user such as `amy@pve`, of a pool or a tag: by slug or name."""
        found = self.tenants.get(_short(user), ())
        return settled(found, "name", "likely")

    def contact(self, user: str) -> Joined[ContactRecord]:
        """The contact of a user: the whole name is its mail address, or the part before the @."""
        whole = self.contacts.get(user.casefold(), ())
        if whole:
            return settled(whole, "email", "certain")
        return settled(self.contacts.get(_short(user), ()), "email", "likely")

    def asked_about(self, tenant: str) -> str:
        """Whom to ask about what a tenant has: `Amy <amy@lab.example>`, or an empty text."""
        return ", ".join(
            f"{each.name} <{each.email}>" if each.email else each.name
            for each in self.of_tenant.get(tenant, ())
        )


def _short(user: str) -> str:
    return user.partition("@")[0].casefold()


def _people(snapshot: Snapshot) -> People:
    inventory = first_inventory(snapshot) or Inventory("")
    tenants: dict[str, dict[int, TenantRecord]] = {}
    for tenant in inventory.tenants:
        for word in {tenant.slug.casefold(), tenant.name.casefold()}:
            tenants.setdefault(word, {})[tenant.id] = tenant
    contacts: dict[str, dict[int, ContactRecord]] = {}
    for contact in inventory.contacts:
        mail = contact.email.casefold()
        for word in {mail, _short(mail), contact.name.casefold()} - {""}:
            contacts.setdefault(word, {})[contact.id] = contact
    by_id = {contact.id: contact for contact in inventory.contacts}
    names = {tenant.id: tenant.name for tenant in inventory.tenants}
    of_tenant: dict[str, list[ContactRecord]] = {}
    for each in inventory.assignments:
        if each.kind == _TENANT and each.object in names and each.contact in by_id:
            of_tenant.setdefault(names[each.object], []).append(by_id[each.contact])
    return People(
        {word: tuple(found.values()) for word, found in tenants.items()},
        {word: tuple(found.values()) for word, found in contacts.items()},
        {name: tuple(dict.fromkeys(found)) for name, found in of_tenant.items()},
    )


people = Derived((Inventory,), _people)
"""The tenants and contacts of the newest inventory."""
