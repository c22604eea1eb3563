"""What must hold of a whole record: uniqueness, and the rules of each kind."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_interface
from typing import Any

from labtui.demo.netbox.failures import Invalid, invalid
from labtui.demo.netbox.render import View
from labtui.demo.netbox.schema import Model, Row
from labtui.demo.netbox.store import Store

_ANYCAST = ("anycast", "vip", "vrrp", "hsrp", "glbp", "carp")


def check(view: View, model: Model, row: Row, number: int | None) -> None:
    """Raise `Invalid` if `row` must not be. `number` is the id of the record it replaces."""
    for field in model.stored:
        if field.unique and row[field.name] not in (None, ""):
            for other in view.store.rows(model.label):
                if other["id"] != number and other[field.name] == row[field.name]:
                    name = field.label or field.name
                    sentence = f"{model.verbose} with this {name} already exists."
                    raise invalid(field.name, sentence)
        if field.kind == "generic":
            _exists(view.store, field.name, row)
    if model.unique:
        _unique_together(view.store, model, row, number)
    rule = _RULES.get(model.label)
    if rule is not None:
        rule(view, row, number)


def _exists(store: Store, name: str, row: Row) -> None:
    label, target = row[f"{name}_type"], row[f"{name}_id"]
    if label is not None and store.get(label, target) is None:
        raise Invalid({"__all__": [f"Invalid parent object: {label} ID {target}"]})


def _unique_together(store: Store, model: Model, row: Row, number: int | None) -> None:
    def key(each: Row) -> tuple[Any, ...]:
        return tuple(
            value.casefold() if isinstance(value := each[name], str) else value
            for name in model.unique
        )

    wanted = key(row)
    if any(other["id"] != number and key(other) == wanted for other in store.rows(model.label)):
        raise invalid("__all__", model.unique_error)


def _machine(view: View, row: Row, number: int | None) -> None:
    store = view.store
    cluster = store.get("virtualization.cluster", row["cluster"])
    if cluster and cluster["scope_type"] == "dcim.site":
        row["site"] = cluster["scope_id"]
    if row["site"] is None and row["cluster"] is None and row["device"] is None:
        raise invalid(
            "__all__", "A virtual machine must be assigned to a site, cluster, or device."
        )
    device = store.get("dcim.device", row["device"])
    if cluster and device and device["cluster"] != cluster["id"]:
        sentence = (
            f"The selected device ({device['name']}) is not assigned to this cluster "
            f"({cluster['name']})."
        )
        raise invalid("device", sentence)
    disks = store.referrers("virtualization.virtualdisk", "virtual_machine", number or 0)
    total = sum(store.row("virtualization.virtualdisk", disk)["size"] for disk in disks)
    if disks and row["disk"] != total:
        sentence = (
            f"The specified disk size ({row['disk']}) must match the aggregate size of assigned "
            f"virtual disks ({total})."
        )
        raise invalid("disk", sentence)
    _own_primary(view, row, number, "virtualization.vminterface", ("virtual_machine", "this VM"))


def _device(view: View, row: Row, number: int | None) -> None:
    _own_primary(view, row, number, "dcim.interface", ("device", "this device"))


def _own_primary(
    view: View, row: Row, number: int | None, interfaces: str, owner: tuple[str, str]
) -> None:
    field, words = owner
    for name in ("primary_ip4", "primary_ip6"):
        address = view.store.get("ipam.ipaddress", row[name])
        if address is None:
            continue
        interface = None
        if address["assigned_object_type"] == interfaces:
            interface = view.store.get(interfaces, address["assigned_object_id"])
        if interface is None or interface[field] != number:
            sentence = (
                f"The specified IP address ({address['address']}) is not assigned to {words}."
            )
            raise invalid(name, sentence)


def _mac_of(label: str) -> Callable[[View, Row, int | None], None]:
    def rule(view: View, row: Row, number: int | None) -> None:
        mac = view.store.get("dcim.macaddress", row["primary_mac_address"])
        if mac and (mac["assigned_object_type"], mac["assigned_object_id"]) != (label, number):
            sentence = f"MAC address {mac['mac_address']} is not assigned to this interface."
            raise invalid("primary_mac_address", sentence)

    return rule


def _table(view: View, row: Row) -> tuple[str, bool]:
    """How the table of an address or prefix is called, and whether it must be unique there."""
    vrf = view.store.get("ipam.vrf", row["vrf"])
    if vrf is None:
        return "global table", True
    return f"VRF {view.display('ipam.vrf', vrf['id'])}", bool(vrf["enforce_unique"])


def _address(view: View, row: Row, number: int | None) -> None:
    table, unique = _table(view, row)
    this = ip_interface(row["address"])
    if unique and row["role"] not in _ANYCAST:
        host = str(this.ip)
        for other in view.store.rows("ipam.ipaddress"):
            if other["id"] == number or other["vrf"] != row["vrf"] or other["role"] in _ANYCAST:
                continue
            if other["address"].partition("/")[0] == host:
                sentence = f"Duplicate IP address found in {table}: {other['address']}"
                raise invalid("address", sentence)
    if row["assigned_object_id"] is None or this.network.prefixlen >= this.max_prefixlen - 1:
        return
    if this.ip == this.network.network_address:
        sentence = f"{this.ip} is a network ID, which may not be assigned to an interface."
        raise invalid("__all__", sentence)
    if this.version == 4 and this.ip == this.network.broadcast_address:
        sentence = f"{this.ip} is a broadcast address, which may not be assigned to an interface."
        raise invalid("__all__", sentence)


def _prefix(view: View, row: Row, number: int | None) -> None:
    table, unique = _table(view, row)
    if not unique:
        return
    for other in view.store.rows("ipam.prefix"):
        if (
            other["id"] != number
            and other["vrf"] == row["vrf"]
            and other["prefix"] == row["prefix"]
        ):
            raise invalid("prefix", f"Duplicate prefix found in {table}: {row['prefix']}")


def _range(_view: View, row: Row, _number: int | None) -> None:
    if row["end"] < row["start"]:
        sentence = f"Starting ASN ({row['start']}) must be lower than ending ASN ({row['end']})."
        raise invalid("__all__", sentence)


def _termination(view: View, row: Row, number: int | None) -> None:
    label, target = row["termination_type"], row["termination_id"]
    for other in view.store.referrers("vpn.tunneltermination", f"termination:{label}", target):
        if other == number:
            continue
        tunnel = view.store.row("vpn.tunneltermination", other)["tunnel"]
        taken = view.display(label, target), view.display("vpn.tunnel", tunnel)
        raise Invalid(
            {
                "termination": [f"{taken[0]} is already attached to a tunnel ({taken[1]})."],
                "__all__": ["An object may be terminated to only one tunnel at a time."],
            }
        )


def _address_range(view: View, row: Row, number: int | None) -> None:
    start, end = ip_interface(row["start_address"]), ip_interface(row["end_address"])
    if start.version != end.version:
        raise invalid("end_address", "Starting and ending IP address versions must match")
    if start.network.prefixlen != end.network.prefixlen:
        raise invalid("end_address", "Starting and ending IP address masks must match")
    if end.ip < start.ip:  # type: ignore[operator]  # same version: see above
        sentence = f"Ending address must be greater than the starting address ({start})"
        raise invalid("end_address", sentence)
    for other in view.store.rows("ipam.iprange"):
        first, last = ip_interface(other["start_address"]), ip_interface(other["end_address"])
        if other["id"] == number or other["vrf"] != row["vrf"] or first.version != start.version:
            continue
        if int(first.ip) <= int(end.ip) and int(start.ip) <= int(last.ip):
            shown = view.display("ipam.iprange", other["id"])
            name = view.display("ipam.vrf", row["vrf"] or 0) or None
            raise invalid("__all__", f"Defined addresses overlap with range {shown} in VRF {name}")


def _vlan(view: View, row: Row, number: int | None) -> None:
    group = view.store.get("ipam.vlangroup", row["group"])
    if group is None:
        return
    if not any(first <= row["vid"] <= last for first, last in group["vid_ranges"]):
        spans = ", ".join(f"{first}-{last}" for first, last in group["vid_ranges"])
        sentence = f"VID must be in ranges {spans} for VLANs in group {group['name']}"
        raise invalid("vid", sentence)
    for other in view.store.referrers("ipam.vlan", "group", group["id"]):
        if other == number:
            continue
        for name in ("vid", "name"):
            if view.store.row("ipam.vlan", other)[name] == row[name]:
                raise invalid("__all__", f"The fields group, {name} must make a unique set.")


_RULES: dict[str, Callable[[View, Row, int | None], None]] = {
    "virtualization.virtualmachine": _machine,
    "virtualization.vminterface": _mac_of("virtualization.vminterface"),
    "dcim.interface": _mac_of("dcim.interface"),
    "dcim.device": _device,
    "ipam.ipaddress": _address,
    "ipam.prefix": _prefix,
    "ipam.asnrange": _range,
    "ipam.iprange": _address_range,
    "ipam.vlan": _vlan,
    "vpn.tunneltermination": _termination,
}
