"""The demo lab as records: what an admin who keeps NetBox in order would have written down."""

from __future__ import annotations

from ipaddress import ip_network

from labtui.demo.lab import Lab, Site
from labtui.demo.netbox.bgp_content import write_sessions
from labtui.demo.netbox.equipment import write_equipment, write_links
from labtui.demo.netbox.filling import Filler
from labtui.demo.netbox.machines import write_machines
from labtui.demo.netbox.schema import Row
from labtui.demo.netbox.store import Store

CONTAINER = "10.121.0.0/16"


def fill(store: Store, lab: Lab, now: float, *, bgp_sessions: bool = False) -> None:
    """Write the lab down in an empty store. `now` is world time in seconds."""
    filler = Filler(store, lab, now)
    _vocabulary(filler)
    _people(filler)
    _sites(filler)
    write_equipment(filler)
    write_links(filler)
    write_machines(filler)
    if bgp_sessions:
        write_sessions(filler)


def _vocabulary(filler: Filler) -> None:
    machine = ("virtualization.virtualmachine",)
    kinds = filler.put(
        "extras.customfieldchoiceset",
        name="proxmox-vm-type",
        extra_choices=(("qemu", "QEMU VM"), ("lxc", "LXC container")),
    )
    fields: tuple[Row, ...] = (
        {"name": "proxmox_vmid", "label": "Proxmox VMID", "type": "integer"},
        {"name": "proxmox_vm_type", "label": "Proxmox type", "type": "select", "choice_set": kinds},
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
    lans = filler.put("ipam.vlangroup", name="LANs", slug="lans", description="of the buildings")
    for site in filler.lab.sites:
        words = f"overlay router {site.name}"
        asn = filler.put("ipam.asn", site.name, asn=site.asn, rir=rir, description=words)
        number = filler.put(
            "dcim.site", site.name, name=site.name, slug=site.name, asns=(asn,), tenant=infra
        )
        filler.put(
            "ipam.prefix",
            f"site {site.name}",
            prefix=site.subnet,
            scope_type="dcim.site",
            scope_id=number,
            vlan=_vlan(filler, site, number, lans),
            role=filler.ids["ipam.role", "lan"],
            tenant=infra,
            description=f"LAN of {site.name}",
        )
        _dhcp_pool(filler, site)
    filler.put(
        "ipam.prefix",
        prefix="10.255.255.0/24",
        vrf=filler.ids["ipam.vrf", "overlay"],
        description="loopbacks of the routers",
    )
    for name, asn in filler.lab.external_asns.items():
        rir = filler.ids["ipam.rir", "dn42"]
        filler.put("ipam.asn", name, asn=asn, rir=rir, description=f"{name}, external")


def _vlan(filler: Filler, site: Site, number: int, group: int) -> int:
    """The VLAN of a site's LAN, numbered by the third part of its network where that is free."""
    vid = ip_network(site.subnet).network_address.packed[2]
    used = {row["vid"] for row in filler.store.rows("ipam.vlan")}
    while not 0 < vid < 4095 or vid in used:
        vid = 1000 + number if vid < 1000 else vid + 1
    return filler.put(
        "ipam.vlan",
        name=f"lan-{site.name}",
        vid=vid,
        site=number,
        group=group,
        role=filler.ids["ipam.role", "lan"],
        tenant=filler.infra,
    )


def _dhcp_pool(filler: Filler, site: Site) -> None:
    """The part of a LAN that its router hands out itself."""
    network = ip_network(site.subnet)
    if network.num_addresses < 256:
        return
    filler.put(
        "ipam.iprange",
        start_address=f"{network[200]}/{network.prefixlen}",
        end_address=f"{network[249]}/{network.prefixlen}",
        description=f"DHCP pool {site.name}",
    )
