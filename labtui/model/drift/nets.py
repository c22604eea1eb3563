"""Interfaces of guests beside those of their records: MAC address, VLAN, fixed address."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from labtui.model.drift.difference import Difference, Ground, Kind, Mend, What
from labtui.model.drift.rooms import Rooms
from labtui.model.guests import Guest, GuestConfig, NetDevice
from labtui.model.inventory import AddressRecord, InterfaceRecord, MachineRecord
from labtui.model.records import refs
from labtui.model.records.index import RecordIndex, host_of
from labtui.model.records.inside import Inside
from labtui.model.records.joined import Sure
from labtui.model.records.refs import Ref

_NET = re.compile(r"(?:net|eth)(\d+)")
PROXMOX_OUI = "bc:24:11"
"""What Proxmox VE begins the MAC addresses of guests with unless told otherwise."""


class Nets:
    """Compares the `netN` lines of guests; remembers the VLANs that nobody has recorded."""

    def __init__(self, index: RecordIndex, inside: dict[str, Inside]) -> None:
        self.index = self._index = index
        self._inside = inside
        self._rooms = Rooms(index.inventory)
        inventory = index.inventory
        self._interfaces = inventory.keeps(refs.MACHINE_INTERFACES)
        self._addresses = inventory.keeps(refs.ADDRESSES, refs.MACHINE_INTERFACES)
        self._vlans = inventory.keeps(refs.VLANS)
        self._partly = inventory.partly
        self._vids = {vlan.vid for vlan in inventory.vlans}
        self._tags: dict[int, list[Guest]] = {}

    def of(
        self, guest: Guest, config: GuestConfig, record: MachineRecord, sure: Sure
    ) -> Iterator[Difference]:
        """The differences of one guest's interfaces."""
        if not self._interfaces:
            return
        for each in self._compare(guest, config, record):
            yield msgspec.structs.replace(each, sure=sure)

    def note(self, guest: Guest, config: GuestConfig | None) -> None:
        """Remember the VLANs of a guest that nobody has recorded."""
        for net in config.nets if config is not None else ():
            if net.tag is not None and net.tag not in self._vids:
                self._tags.setdefault(net.tag, []).append(guest)

    def _compare(
        self, guest: Guest, config: GuestConfig, record: MachineRecord
    ) -> Iterator[Difference]:
        recorded = self._index.interfaces_of.get(("machine", record.id), [])
        pairs, rest = paired(config.nets, recorded)
        for net, interface in pairs:
            if interface is None:
                yield self._missing(guest, net, record)
                continue
            yield from self._mac(guest, net, interface)
            yield from self._vlan(guest, net, interface)
            yield from self._address(guest, net, interface)
        for interface in rest:
            # What a tool wrote down from inside the guest (docker0, wg0) has no line of its own.
            ours = any(mac.mac.startswith(PROXMOX_OUI) for mac in interface.macs)
            if _NET.fullmatch(interface.name) or ours:
                ref = interface_ref(interface)
                yield self._about(
                    "surplus", guest, interface.name, record=ref, recorded=_macs(interface),
                    mends=(Mend("record", "delete", ref),),
                )  # fmt: skip

    def _about(
        self, kind: Kind, guest: Guest, place: str, what: What = "interface", **values: object
    ) -> Difference:
        rests: tuple[Ground, ...] = (("configs", guest.cluster), ("inventory", "netbox"))
        name = f"{guest.label} {place}"
        given = {"view": "guests", "lab": f"{guest.key}", "rests": rests, **values}
        return Difference(kind, what, name, **given)  # type: ignore[arg-type]  # as named

    def _missing(self, guest: Guest, net: NetDevice, record: MachineRecord) -> Difference:
        name = f"net{net.index}"
        values = (("virtual_machine", record.id), ("name", name), ("mac_address", net.mac))
        create = Mend("record", "create", Ref(refs.MACHINE_INTERFACES, 0, name), values=values)
        return self._about(
            "missing", guest, name, actual=f"{net.mac} {net.bridge}".strip(), mends=(create,),
            record=Ref(refs.MACHINES, record.id, record.name),
        )  # fmt: skip

    def _mac(
        self, guest: Guest, net: NetDevice, interface: InterfaceRecord
    ) -> Iterator[Difference]:
        known = {mac.mac for mac in interface.macs}
        if not net.mac or net.mac.casefold() in known:
            return
        ref = interface_ref(interface)
        first = interface.macs[0] if interface.macs else None
        target = Ref(refs.MACS, first.id, first.mac) if first is not None and first.id else ref
        mends = [Mend("record", "set", target, values=(("mac_address", net.mac),))]
        if len(known) == 1:
            change = ((f"net{net.index}.mac", next(iter(known))),)
            mends.append(Mend("lab", "set", key=guest.key, values=change))
        yield self._about(
            "different", guest, f"net{net.index}", field="mac", record=ref,
            actual=net.mac.casefold(), recorded=_macs(interface) or "-", mends=tuple(mends),
        )  # fmt: skip

    def _vlan(
        self, guest: Guest, net: NetDevice, interface: InterfaceRecord
    ) -> Iterator[Difference]:
        # Without a tag the bridge decides, and what it makes of it is not known here.
        if net.tag is None or not self._vlans:
            return
        recorded = self._index.vlans.get(interface.vlan) if interface.vlan is not None else None
        if recorded is not None and recorded.vid == net.tag:
            return
        fitting = [vlan for vlan in self._index.inventory.vlans if vlan.vid == net.tag]
        ref = interface_ref(interface)
        mends = []
        if len(fitting) == 1:
            values = (("mode", "access"), ("untagged_vlan", fitting[0].id))
            mends.append(Mend("record", "set", ref, values=values))
        if recorded is not None:
            change = ((f"net{net.index}.tag", recorded.vid),)
            mends.append(Mend("lab", "set", key=guest.key, values=change))
        yield self._about(
            "different", guest, f"net{net.index}", field="vlan", record=ref, actual=str(net.tag),
            recorded=str(recorded.vid) if recorded is not None else "-", mends=tuple(mends),
        )  # fmt: skip

    def _address(
        self, guest: Guest, net: NetDevice, interface: InterfaceRecord
    ) -> Iterator[Difference]:
        """The address of the line, and those that its agent tells of."""
        if not self._addresses:
            return
        told = self._inside.get(guest.key, {}).get(net.mac.casefold(), ())
        used = {host_of(text) for text in (net.address, *told)} - {""}
        on = self._index.addresses_on.get(("machine", interface.id), [])
        recorded = {host_of(each.address) for each in on}
        # What is recorded there and not in use is what has to be corrected.
        spare = [each for each in on if host_of(each.address) not in used]
        seen: set[str] = set()
        for text in (net.address, *told):
            host = host_of(text)
            if not host or host in recorded or host in seen:
                continue
            seen.add(host)
            configured = text == net.address
            if configured or self._rooms.fixed(host):
                yield self._unrecorded(guest, net, interface, text, spare, configured=configured)

    def _unrecorded(
        self,
        guest: Guest,
        net: NetDevice,
        interface: InterfaceRecord,
        address: str,
        spare: list[AddressRecord],
        *,
        configured: bool,
    ) -> Difference:
        """An address that its interface has not in NetBox: on something else, free, or nowhere."""
        place, elsewhere = f"net{net.index}", self._index.addresses.get(host_of(address), [])
        free = [each for each in elsewhere if each.holder is None]
        grounds: tuple[Ground, ...] = () if configured else (("agents", guest.cluster),)
        rests: tuple[Ground, ...] = (("configs", guest.cluster), ("inventory", "netbox"), *grounds)
        if elsewhere and not free:
            holders = ", ".join(" ".join(self._index.holder(each)) for each in elsewhere)
            first = elsewhere[0]
            return self._about(
                "different", guest, place, "address", field="holder", actual=address,
                record=Ref(refs.ADDRESSES, first.id, first.address), recorded=holders,
                severity="warning", rests=rests,
            )  # fmt: skip
        values = (
            ("address", address),
            ("assigned_object_type", "virtualization.vminterface"),
            ("assigned_object_id", interface.id),
        )
        if free:
            ref = Ref(refs.ADDRESSES, free[0].id, free[0].address)
            mend = Mend("record", "assign", ref, values=values[1:])
        elif len(spare) == 1:
            ref = Ref(refs.ADDRESSES, spare[0].id, spare[0].address)
            mend = Mend("record", "set", ref, values=values[:1])
        else:
            mend = Mend("record", "create", Ref(refs.ADDRESSES, 0, address), values=values)
        return self._about(
            "different" if spare else "missing", guest, place, "address",
            field="address" if spare else "" if configured else "inside", actual=address,
            record=mend.ref if mend.deed != "create" else None, mends=(mend,),
            recorded=", ".join(each.address for each in spare), severity="warning",
            hidden=refs.ADDRESSES in self._partly, rests=rests,
        )  # fmt: skip

    def unknown_vlans(self) -> Iterator[Difference]:
        """Tags of guests that no VLAN is recorded for."""
        if not self._vlans:
            return
        for vid, guests in sorted(self._tags.items()):
            some = dict.fromkeys(guest.cluster for guest in guests)
            ref = Ref(refs.VLANS, 0, str(vid))
            yield Difference(
                "missing",
                "vlan",
                f"VLAN {vid}",
                actual=", ".join(guest.label for guest in guests[:5]),
                mends=(
                    Mend("record", "create", ref, values=(("vid", vid), ("name", f"vlan{vid}"))),
                ),
                rests=(*(("configs", name) for name in some), ("inventory", "netbox")),
            )


def interface_ref(interface: InterfaceRecord) -> Ref:
    """The interface as an object of NetBox."""
    machine = interface.owner == "machine"
    path = refs.MACHINE_INTERFACES if machine else refs.DEVICE_INTERFACES
    return Ref(path, interface.id, interface.name)


def _macs(interface: InterfaceRecord) -> str:
    return " ".join(mac.mac for mac in interface.macs)


def paired(
    nets: tuple[NetDevice, ...], recorded: list[InterfaceRecord]
) -> tuple[list[tuple[NetDevice, InterfaceRecord | None]], list[InterfaceRecord]]:
    """Each line with its interface, by MAC address and then by name; the interfaces left over."""
    left = dict(enumerate(recorded))
    by_mac = {mac.mac: place for place, each in left.items() for mac in each.macs}
    found: dict[int, InterfaceRecord] = {}
    for net in nets:
        place = by_mac.get(net.mac.casefold()) if net.mac else None
        if place is not None and place in left:
            found[net.index] = left.pop(place)
    by_number = {
        int(match[1]): place
        for place, each in left.items()
        if (match := _NET.fullmatch(each.name)) and len(match[1]) < 4
    }
    for net in nets:
        place = by_number.get(net.index)
        if net.index not in found and place is not None and place in left:
            found[net.index] = left.pop(place)
    # One line and one interface belong together, whatever they are called.
    if len(nets) == 1 and not found and len(left) == 1:
        found[nets[0].index] = left.popitem()[1]
    return [(net, found.get(net.index)) for net in nets], list(left.values())
