"""The demo lab as records: what an admin who keeps NetBox in order would have written down."""

from __future__ import annotations

from labtui.demo.lab import Lab
from labtui.demo.netbox.equipment import write_equipment, write_links
from labtui.demo.netbox.filling import Filler
from labtui.demo.netbox.machines import write_machines
from labtui.demo.netbox.schema import Row
from labtui.demo.netbox.store import Store

CONTAINER = "10.121.0.0/16"


def fill(store: Store, lab: Lab, now: float) -> None:
    """Write the lab down in an empty store. `now` is world time in seconds."""
    filler = Filler(store, lab, now)
    _vocabulary(filler)
    _people(filler)
    _sites(filler)
    write_equipment(filler)
    write_links(filler)
    write_machines(filler)


def _vocabulary(filler: Filler) -> None:
    machine = ("virtualization.virtualmachine",)
    fields: tuple[Row, ...] = (
        {"name": "proxmox_vmid", "label": "Proxmox VMID", "type": "integer"},
        {"name": "proxmox_vm_type", "label": "Proxmox type", "type": "select"},
        {"name": "proxmox_node", "label": "Proxmox node", "type": "text"},
    )
    for each in fields:
        filler.put("extras.customfield", object_types=machine, group_name="Proxmox", **each)
    filler.put(
        "extras.customfield",
        object_types=("dcim.device",),
        type="object",
        related_object_type="ipam.asn",
        name="bgp_asn",
        label="BGP ASN",
        group_name="Overlay",
    )
    tags = {"proxmox": "e57000", "overlay": "009688", "template": "9e9e9e"}
    used = {tag for guest in filler.lab.guests for tag in guest.tags}
    for name in (*tags, *sorted(used - set(tags))):
        color = tags.get(name, "607d8b")
        filler.put("extras.tag", name, name=name, slug=name, color=color)
    for name, slug in (("RFC 6996", "rfc-6996"), ("DN42", "dn42")):
        filler.put("ipam.rir", slug, name=name, slug=slug, is_private=True)
    for name, slug, weight in (("LAN", "lan", 100), ("Tunnel P2P", "tunnel-p2p", 200)):
        filler.put("ipam.role", slug, name=name, slug=slug, weight=weight)


def _people(filler: Filler) -> None:
    for slug in dict.fromkeys(person.group for person in filler.lab.people):
        filler.put("tenancy.tenantgroup", slug, name=slug.capitalize(), slug=slug)
    owner = filler.put("tenancy.contactrole", "owner", name="Owner", slug="owner")
    for person in filler.lab.people:
        tenant = filler.put(
            "tenancy.tenant",
            person.slug,
            name=person.name,
            slug=person.slug,
            group=filler.ids["tenancy.tenantgroup", person.group],
        )
        contact = filler.put("tenancy.contact", name=person.name, email=person.email)
        filler.put(
            "tenancy.contactassignment",
            object_type="tenancy.tenant",
            object_id=tenant,
            contact=contact,
            role=owner,
            priority="primary",
        )


def _sites(filler: Filler) -> None:
    rir = filler.ids["ipam.rir", "rfc-6996"]
    infra = filler.infra
    filler.put(
        "ipam.asnrange",
        name="private-16bit",
        slug="private-16bit",
        rir=rir,
        start=64512,
        end=65534,
    )
    filler.put("ipam.vrf", "overlay", name="overlay", rd="65036:1", tenant=infra)
    filler.put("ipam.prefix", prefix=CONTAINER, status="container", description="Lab")
    for site in filler.lab.sites:
        words = f"overlay router {site.name}"
        asn = filler.put("ipam.asn", site.name, asn=site.asn, rir=rir, description=words)
        number = filler.put(
            "dcim.site", site.name, name=site.name, slug=site.name, asns=(asn,), tenant=infra
        )
        filler.put(
            "ipam.prefix",
            prefix=site.subnet,
            scope_type="dcim.site",
            scope_id=number,
            role=filler.ids["ipam.role", "lan"],
            tenant=infra,
            description=f"LAN of {site.name}",
        )
    filler.put(
        "ipam.prefix",
        prefix="10.255.255.0/24",
        vrf=filler.ids["ipam.vrf", "overlay"],
        description="loopbacks of the routers",
    )
    for name, asn in filler.lab.external_asns.items():
        rir = filler.ids["ipam.rir", "dn42"]
        filler.put("ipam.asn", name, asn=asn, rir=rir, description=f"{name}, external")
