"""Looking something up by what it is called; and the way in for every kind of question."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from labtui.model.cluster import Resources
from labtui.model.lookup import Answer, Found, Query, Sightings
from labtui.model.lookup_search import Search, lines_of
from labtui.model.overlay import RouterFacts
from labtui.model.presence import SeenGuest
from labtui.model.records import refs
from labtui.model.records.people import people
from labtui.model.records.refs import Ref
from labtui.model.snapshot import Snapshot

_MOST = 40
_HIGHEST_VLAN = 4094


def lookup(snapshot: Snapshot, query: Query) -> Found:
    """All that is known about it, the lab's own word first; at most forty answers."""
    search = NameSearch(snapshot)
    found = {
        "address": search.address,
        "prefix": search.prefix,
        "mac": search.mac,
        "vlan": search.vlan,
        "asn": search.system,
        "name": search.name,
    }[query.kind](query)
    return Found(query, tuple(islice(found, _MOST)))


def with_sighted(found: Found, sightings: Sightings, snapshot: Snapshot) -> Found:
    """The same with whom the MAC addresses belong to that routers have just seen."""
    if found.query.kind != "address":
        return found
    search = NameSearch(snapshot)
    known = {(each.what, each.key or each.name) for each in found.answers}
    more: list[Answer] = []
    for mac in dict.fromkeys(each.mac for each in sightings.seen):
        for answer in search.mac(Query("mac", mac)):
            place = answer.what, answer.key or answer.name
            if place not in known:
                known.add(place)
                more.append(answer)
    more.sort(key=lambda each: each.what != "guest")
    return Found(found.query, (*more, *found.answers))


class NameSearch(Search):
    """Adds what is found by its name."""

    def name(self, query: Query) -> Iterator[Answer]:
        """Everything that is called so, or has that number."""
        word = query.text
        yield from self._guests_called(word)
        for cluster, part in self.snapshot.of(Resources):
            for node in part.nodes:
                if node.name.casefold() == word:
                    lines = lines_of(cluster=cluster, state=node.status)
                    yield Answer("node", node.name, "proxmox", lines, view="nodes", key=node.key)
        for router, facts in self.snapshot.of(RouterFacts):
            if word in (router.casefold(), facts.identity.casefold()):
                lines = lines_of(site=facts.site, version=facts.version)
                yield Answer("router", router, "routeros", lines)
        yield from self._records_called(word)
        if word.isascii() and word.isdigit() and len(word) < 11:
            number = int(word)
            if 1 <= number <= _HIGHEST_VLAN:
                yield from self.vlan(Query("vlan", word, number))
            yield from self.system(Query("asn", word, number))

    def _guests_called(self, word: str) -> Iterator[Answer]:
        def fits(seen: SeenGuest) -> bool:
            guest = seen.guest
            return word in (guest.name.casefold(), str(guest.vmid), guest.key.casefold())

        for seen in self.seen.values():
            if fits(seen):
                yield self.guest(seen.guest)

    def _records_called(self, word: str) -> Iterator[Answer]:
        yield from self._things_called(word)
        yield from self._people_called(word)
        yield from self._places_called(word)

    def _things_called(self, word: str) -> Iterator[Answer]:
        inventory = self.index.inventory
        for machine in inventory.machines:
            if machine.name.casefold() == word and machine.id not in self.joins.guest_of:
                ref = Ref(refs.MACHINES, machine.id, machine.name)
                lines = lines_of(
                    cluster=machine.cluster, node=machine.node, owner=machine.tenant,
                    address=machine.address, state=machine.status,
                )  # fmt: skip
                yield Answer("machine", machine.name, "netbox", lines, ref)
        for device in inventory.devices:
            if device.name.casefold() == word:
                ref = Ref(refs.DEVICES, device.id, device.name)
                lines = lines_of(
                    role=device.role, site=device.site, address=device.address,
                    owner=device.tenant, state=device.status,
                )  # fmt: skip
                yield Answer("device", device.name, "netbox", lines, ref)
        for tunnel in inventory.tunnels:
            if tunnel.name.casefold() == word:
                ref = Ref(refs.TUNNELS, tunnel.id, tunnel.name)
                yield Answer("tunnel", tunnel.name, "netbox", lines_of(state=tunnel.status), ref)

    def _people_called(self, word: str) -> Iterator[Answer]:
        known = people(self.snapshot)
        for tenant in known.tenants.get(word, ()):
            owned = (machine.tenant == tenant.name for machine in self.index.inventory.machines)
            asked = known.asked_about(tenant.name)
            lines = lines_of(group=tenant.group, guests=sum(owned), contact=asked)
            ref = Ref(refs.TENANTS, tenant.id, tenant.name)
            yield Answer("tenant", tenant.name, "netbox", lines, ref)
        for contact in known.contacts.get(word, ()):
            ref = Ref(refs.CONTACTS, contact.id, contact.name)
            lines = lines_of(mail=contact.email, phone=contact.phone)
            yield Answer("contact", contact.name, "netbox", lines, ref)

    def _places_called(self, word: str) -> Iterator[Answer]:
        inventory = self.index.inventory
        for site in inventory.sites:
            if word in (site.name.casefold(), site.slug.casefold()):
                ref = Ref(refs.SITES, site.id, site.name)
                lines = lines_of(asn=" ".join(map(str, site.asns)))
                yield Answer("site", site.name, "netbox", lines, ref)
        for vlan in inventory.vlans:
            if vlan.name.casefold() == word:
                yield from self.vlan(Query("vlan", word, vlan.vid))
        for record in inventory.addresses:
            if record.dns_name.casefold() == word:
                yield self.address_record(record)
