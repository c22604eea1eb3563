"""Guests as virtual machines, each with its disk, interface, MAC address and address."""

from __future__ import annotations

from ipaddress import ip_network

from labtui.demo.lab import Guest, Node
from labtui.demo.netbox.filling import DOMAIN, MIB, Filler


def write_machines(filler: Filler) -> None:
    """Write down all guests, templates too."""
    for guest in filler.lab.guests:
        _guest(filler, guest)


def _guest(filler: Filler, guest: Guest) -> None:
    node = next(each for each in filler.lab.nodes if each.name == guest.node)
    tags = ("proxmox", *guest.tags, *(("template",) if guest.template else ()))
    machine = filler.put(
        "virtualization.virtualmachine",
        name=guest.name,
        role=filler.ids["dcim.devicerole", guest.kind],
        status="active" if guest.running else "offline",
        start_on_boot="on" if guest.onboot else "off",
        site=filler.ids["dcim.site", node.site],
        cluster=filler.ids["virtualization.cluster", "cluster"],
        device=filler.ids["dcim.device", guest.node],
        tenant=filler.ids.get(("tenancy.tenant", guest.owner)),
        vcpus=float(guest.cores),
        memory=guest.memory // MIB,
        disk=guest.disk // MIB,
        description=guest.description,
        tags=filler.tags(*tags),
        custom_fields={
            "proxmox_vmid": guest.vmid,
            "proxmox_vm_type": guest.kind,
            "proxmox_node": guest.node,
        },
    )
    disk = "rootfs" if guest.kind == "lxc" else "scsi0"
    size = guest.disk // MIB
    filler.put("virtualization.virtualdisk", virtual_machine=machine, name=disk, size=size)
    _guest_interface(filler, guest, machine, node)


def _guest_interface(filler: Filler, guest: Guest, machine: int, node: Node) -> None:
    interface = filler.put(
        "virtualization.vminterface",
        virtual_machine=machine,
        name="net0",
        description=guest.bridge,
    )
    owner = {
        "assigned_object_type": "virtualization.vminterface",
        "assigned_object_id": interface,
    }
    mac = filler.put("dcim.macaddress", mac_address=guest.mac, **owner)
    filler.amend("virtualization.vminterface", interface, primary_mac_address=mac)
    mask = ip_network(filler.lab.site(node.site).subnet).prefixlen
    address = f"{guest.address}/{mask}"
    # NetBox holds an address once: who comes second has none there.
    if not guest.address or ("ipam.ipaddress", address) in filler.ids:
        return
    found = filler.put(
        "ipam.ipaddress",
        address,
        address=address,
        dns_name=f"{guest.name}.{DOMAIN}" if guest.name.isascii() else "",
        tenant=filler.ids.get(("tenancy.tenant", guest.owner)),
        **owner,
    )
    filler.amend("virtualization.virtualmachine", machine, primary_ip4=found)
