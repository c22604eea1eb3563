"""Records that no longer tell the truth: what was forgotten, copied, mistyped or removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_interface, ip_network
from itertools import count

from labtui.demo.netbox.drift import DISK, INTERFACE, MACHINE, Drift, machine, vmid_of
from labtui.demo.netbox.schema import Row
from labtui.demo.netbox.store import Store

_FIRST_SURPLUS_VMID = 7000


def guest_missing(drift: Drift, guest: str) -> None:
    """Somebody deleted the record of a guest."""
    drift.remove(MACHINE, machine(drift.netbox, guest))


def guest_wrong(drift: Drift, guest: str, field: str) -> None:
    """The record of a guest says something else than the truth. ValueError for another field."""
    if field not in WRONG:
        raise ValueError(f"field must be one of {', '.join(WRONG)}")
    WRONG[field](drift, machine(drift.netbox, guest))


def address_twice(drift: Drift, guest: str) -> None:
    """The address of a guest stands in NetBox a second time, at another guest."""
    row = machine(drift.netbox, guest)
    store = drift.store
    address = store.get("ipam.ipaddress", row["primary_ip4"])
    if address is None:
        raise ValueError(f"the record of {guest} has no primary address")
    other = next(each for each in store.rows(INTERFACE) if each["virtual_machine"] != row["id"])
    drift.add(
        "ipam.ipaddress",
        address=address["address"],
        vrf=address["vrf"],
        assigned_object_type=INTERFACE,
        assigned_object_id=other["id"],
        description="copied",
    )


def prefix_missing(drift: Drift, site: str) -> None:
    """The prefix of a site's LAN was deleted; the addresses in it stay."""
    found = _site(drift.store, site)
    for row in drift.store.rows("ipam.prefix"):
        if (row["scope_type"], row["scope_id"]) == ("dcim.site", found["id"]):
            drift.remove("ipam.prefix", row)
            return
    raise ValueError(f"NetBox has no prefix of the site {site}")


def asn_wrong(drift: Drift, site: str) -> None:
    """The AS number of a site is another one in NetBox."""
    found = _site(drift.store, site)
    if not found["asns"]:
        raise ValueError(f"the site {site} has no AS number in NetBox")
    row = drift.store.row("ipam.asn", found["asns"][0])
    used = {each["asn"] for each in drift.store.rows("ipam.asn")}
    free = next(number for number in count(row["asn"] + 1000) if number not in used)
    drift.alter("ipam.asn", row, asn=free)


def tunnel_missing(drift: Drift, number: str) -> None:
    """The tunnel of a link was deleted."""
    for row in drift.store.rows("vpn.tunnel"):
        if str(row["tunnel_id"]) == number:
            drift.remove("vpn.tunnel", row)
            return
    raise KeyError(f"NetBox has no tunnel {number}")


def surplus_guest(drift: Drift, name: str) -> None:
    """A record of a guest that does not exist (any more), with interface, disk and MAC address."""
    store = drift.store
    used = {vmid_of(row) for row in store.rows(MACHINE)}
    vmid = next(number for number in count(_FIRST_SURPLUS_VMID) if number not in used)
    cluster = next(store.rows("virtualization.cluster"), None)
    device = next((each for each in store.rows("dcim.device") if each["cluster"] is not None), None)
    row = drift.add(
        MACHINE,
        name=name,
        status="active",
        cluster=cluster["id"] if cluster else None,
        device=device["id"] if device else None,
        site=device["site"] if device else None,
        vcpus=2.0,
        memory=2048,
        disk=16384,
        custom_fields={
            "proxmox_vmid": vmid,
            "proxmox_vm_type": "qemu",
            "proxmox_node": device["name"] if device else None,
        },
    )
    drift.add(DISK, virtual_machine=row["id"], name="scsi0", size=16384)
    interface = drift.add(INTERFACE, virtual_machine=row["id"], name="net0")
    drift.add(
        "dcim.macaddress",
        mac_address=f"BC:24:11:FE:{vmid >> 8 & 255:02X}:{vmid & 255:02X}",
        assigned_object_type=INTERFACE,
        assigned_object_id=interface["id"],
    )


def _site(store: Store, name: str) -> Row:
    for row in store.rows("dcim.site"):
        if row["slug"] == name:
            return row
    raise KeyError(f"NetBox has no site {name}")


def _status(drift: Drift, row: Row) -> None:
    drift.alter(MACHINE, row, status="offline" if row["status"] == "active" else "active")


def _memory(drift: Drift, row: Row) -> None:
    drift.alter(MACHINE, row, memory=(row["memory"] or 1024) * 2)


def _vcpus(drift: Drift, row: Row) -> None:
    drift.alter(MACHINE, row, vcpus=(row["vcpus"] or 1.0) * 2)


def _disk(drift: Drift, row: Row) -> None:
    """A larger disk; the machine's own figure is the sum, as the server keeps it."""
    store = drift.store
    for number in store.referrers(DISK, "virtual_machine", row["id"])[:1]:
        disk = store.row(DISK, number)
        drift.alter(DISK, disk, size=disk["size"] + 8192)
    drift.alter(MACHINE, row, disk=(row["disk"] or 0) + 8192)


def _node(drift: Drift, row: Row) -> None:
    here = drift.store.get("dcim.device", row["device"])
    for other in drift.store.rows("dcim.device"):
        if other["cluster"] == row["cluster"] and other is not here:
            fields = {**row["custom_fields"], "proxmox_node": other["name"]}
            drift.alter(MACHINE, row, device=other["id"], custom_fields=fields)
            return
    raise ValueError("NetBox knows of no other node")


def _tenant(drift: Drift, row: Row) -> None:
    others = (each["id"] for each in drift.store.rows("tenancy.tenant"))
    drift.alter(MACHINE, row, tenant=next((n for n in others if n != row["tenant"]), None))


def _name(drift: Drift, row: Row) -> None:
    drift.alter(MACHINE, row, name=f"{row['name']}-old"[-64:])


def _vmid(drift: Drift, row: Row) -> None:
    used = {vmid_of(each) for each in drift.store.rows(MACHINE)}
    free = next(number for number in count((vmid_of(row) or 0) + 1) if number not in used)
    drift.alter(MACHINE, row, custom_fields={**row["custom_fields"], "proxmox_vmid": free})


def _mac(drift: Drift, row: Row) -> None:
    store = drift.store
    for number in store.referrers(INTERFACE, "virtual_machine", row["id"])[:1]:
        mac = store.get("dcim.macaddress", store.row(INTERFACE, number)["primary_mac_address"])
        if mac is not None:
            drift.alter("dcim.macaddress", mac, mac_address=f"02:{mac['mac_address'][3:]}")
            return
    raise ValueError(f"the record of {row['name']} has no MAC address")


def _address(drift: Drift, row: Row) -> None:
    found = drift.store.get("ipam.ipaddress", row["primary_ip4"])
    if found is None:
        raise ValueError(f"the record of {row['name']} has no primary address")
    used = {each["address"] for each in drift.store.rows("ipam.ipaddress")}
    free = next(each for each in _hosts_down(found["address"]) if each not in used)
    drift.alter("ipam.ipaddress", found, address=free)


def _hosts_down(address: str) -> Iterator[str]:
    """Addresses of the same network, from the last host down."""
    network = ip_network(ip_interface(address).network)
    for step in range(2, network.num_addresses):
        yield f"{network[-step]}/{network.prefixlen}"


WRONG: dict[str, Callable[[Drift, Row], None]] = {
    "status": _status,
    "node": _node,
    "memory": _memory,
    "vcpus": _vcpus,
    "disk": _disk,
    "tenant": _tenant,
    "name": _name,
    "vmid": _vmid,
    "mac": _mac,
    "address": _address,
}
"""What can be wrong about a guest's record, by the name of the option."""
