"""What is built into a node: disks, USB, a PCI device, interfaces, processors and machines."""

from __future__ import annotations

import inspect
from typing import Any

from labtui.demo.cluster import mdev as parts
from labtui.demo.cluster.noise import uniform
from labtui.demo.cluster.storages import BY_NAME
from labtui.demo.lab import GIB
from labtui.demo.proxmox import answers_nodes
from labtui.demo.proxmox.capacity import used_on
from labtui.demo.proxmox.errors import bad_parameters, died
from labtui.demo.proxmox.history import series
from labtui.demo.proxmox.site import Answer, Call, Routes

Row = dict[str, Any]

_DISKS = (
    ("/dev/nvme0n1", "SAMSUNG MZQL21T9HCJR-00A07", "nvme", 1_920_383_410_176, "BIOS boot"),
    ("/dev/nvme1n1", "SAMSUNG MZQL23T8HCLS-00A07", "nvme", 3_840_755_982_336, "LVM"),
    ("/dev/sda", "ST16000NM000J-2TW103", "hdd", 16_000_900_661_248, "LVM"),
)
_MODELS = ("host", "kvm64", "qemu64", "x86-64-v2-AES", "x86-64-v3", "EPYC-Milan", "Skylake-Server")


def _disk(call: Call, index: int) -> Row:
    path, model, kind, size, used = _DISKS[index]
    number = call.state.nodes[call.node].number
    return {
        "devpath": path,
        "model": model,
        "serial": f"S{number}{int(uniform(call.state.seed, number, index) * 1e10):010d}",
        "size": size,
        "type": kind,
        "health": "PASSED",
        "wearout": 97 - number % 5 if kind == "nvme" else "N/A",
        "rpm": 7200 if kind == "hdd" else 0,
        "gpt": 1,
        "mounted": 0,
        "osdid": -1,
        "osdid-list": [],
        "used": used,
        "vendor": "ATA     " if kind == "hdd" else "unknown",
        "wwn": "unknown",
        "by_id_link": f"/dev/disk/by-id/{kind}-{model}",
    }


def disks(call: Call) -> Answer:
    """GET /nodes/{node}/disks/list."""
    kind = call.params.get("type")
    rows = [_disk(call, index) for index in range(len(_DISKS))]
    if kind == "unused":
        return Answer([])
    return Answer(rows)


def smart(call: Call) -> Answer:
    """GET /nodes/{node}/disks/smart: attributes of a SATA disk, text of an NVMe."""
    path = str(call.params["disk"])
    found = next((disk for disk in _DISKS if disk[0] == path), None)
    if found is None:
        raise died(f"not a disk device: {path}")
    if call.params.get("healthonly"):
        return Answer({"health": "PASSED"})
    hours = int((call.state.now - call.state.nodes[call.node].booted_at) / 3_600) + 9_000
    if found[2] == "nvme":
        text = (
            "\nSMART/Health Information (NVMe Log 0x02)\nCritical Warning:                   0x00\n"
            f"Temperature:                        38 Celsius\nPower On Hours:       {hours}\n"
        )
        return Answer({"health": "PASSED", "type": "text", "text": text, "wearout": 97})
    rows = [
        _attribute(1, "Raw_Read_Error_Rate", 83, 44, "208374912"),
        _attribute(5, "Reallocated_Sector_Ct", 100, 10, "0"),
        _attribute(9, "Power_On_Hours", 88, 0, str(hours)),
        _attribute(194, "Temperature_Celsius", 34, 0, "34 (0 22 0 0 0)"),
    ]
    return Answer({"health": "PASSED", "type": "ata", "attributes": rows})


def _attribute(number: int, name: str, value: int, threshold: int, raw: str) -> Row:
    return {
        "id": f"{number:3d}",
        "name": name,
        "value": value,
        "normalized": value,
        "worst": value,
        "threshold": threshold,
        "flags": "PO--CK",
        "fail": "-",
        "raw": raw,
    }


def usb(call: Call) -> Answer:
    """GET /nodes/{node}/hardware/usb: what is plugged in, and the root hubs."""
    return Answer(
        [
            _usb(1, 2, "1a86", "7523", "1.2", "12", "QinHeng Electronics", "USB Serial"),
            _usb(1, 3, "0557", "7000", "1.4", "480", "ATEN International", "Virtual Keyboard"),
        ]
    )


def _usb(
    bus: int, device: int, vendor: str, product: str, path: str, speed: str, maker: str, text: str
) -> Row:
    return {
        "busnum": bus,
        "devnum": device,
        "vendid": vendor,
        "prodid": product,
        "usbpath": path,
        "port": device,
        "level": 1,
        "class": 0,
        "speed": speed,
        "manufacturer": maker,
        "product": text,
    }


def hardware(_: Call) -> Answer:
    """GET /nodes/{node}/hardware."""
    return Answer([{"type": "pci"}, {"type": "usb"}])


def pci_index(_: Call) -> Answer:
    """GET /nodes/{node}/hardware/pci/{device}."""
    return Answer([{"method": "mdev"}])


def mdev(call: Call) -> Answer:
    """GET /nodes/{node}/hardware/pci/{device}/mdev: of a mapping those of all its devices."""
    name = str(call.params["pci-id-or-mapping"])
    found: dict[str, Row] = {}
    for place in parts.places_of(call.state, call.node, name):
        for row in parts.rows(call.state, call.node, place):
            known = found.setdefault(row["type"], row | {"available": 0})
            known["available"] += row["available"]
    return Answer(list(found.values()))


async def interface(call: Call) -> Answer:
    """GET /nodes/{node}/network/{iface}."""
    found = answers_nodes.network(call)
    answer = await found if inspect.isawaitable(found) else found
    for row in answer.data:
        if row["iface"] == call.params["iface"]:
            return Answer({key: value for key, value in row.items() if key != "iface"})
    raise bad_parameters({"iface": "interface does not exist"})


def processors(_: Call) -> Answer:
    """GET /nodes/{node}/capabilities/qemu/cpu."""
    rows = []
    for name in _MODELS:
        vendor = "AuthenticAMD" if name.startswith("EPYC") else "default"
        vendor = "GenuineIntel" if name.startswith("Skylake") else vendor
        rows.append({"name": name, "vendor": vendor, "custom": 0})
    return Answer(rows)


def machines(call: Call) -> Answer:
    """GET /nodes/{node}/capabilities/qemu/machines."""
    text = "Set host_mtu vNIC option even with default value for migration compat."
    versions = ("10.0+pve1", "10.0", "9.2+pve1") if call.state.modern else ("9.2+pve1", "9.2")
    rows = []
    for version in versions:
        for kind, name in (("i440fx", "pc-i440fx"), ("q35", "pc-q35")):
            row = {"id": f"{name}-{version}", "type": kind, "version": version}
            rows.append(
                row | ({"changes": text} if "+pve" in version and call.state.modern else {})
            )
    return Answer(rows)


def storage_history(call: Call) -> Answer:
    """GET /nodes/{node}/storage/{storage}/rrddata: total and used, bytes."""
    storage = BY_NAME.get(str(call.params["storage"]))
    if storage is None:
        raise died(f"storage '{call.params['storage']}' does not exist")
    node = call.state.nodes[call.node]
    now = call.state.now

    def point(at: float) -> Row:
        # A storage fills slowly: what is there now was less before.
        age = max(0.0, now - at)
        used = used_on(call.state, storage, node.name) - int(GIB * age / 86_400)
        return {"total": storage.size, "used": max(GIB, used)}

    def alive(at: float) -> bool:
        return node.was_up(at) and not node.was_silent(at)

    return series(call, alive, point)


_NODE = "/nodes/{node}"
ROUTES: Routes = {
    ("GET", f"{_NODE}/disks/list"): disks,
    ("GET", f"{_NODE}/disks/smart"): smart,
    ("GET", f"{_NODE}/hardware"): hardware,
    ("GET", f"{_NODE}/hardware/usb"): usb,
    ("GET", f"{_NODE}/hardware/pci/{{pci-id-or-mapping}}"): pci_index,
    ("GET", f"{_NODE}/hardware/pci/{{pci-id-or-mapping}}/mdev"): mdev,
    ("GET", f"{_NODE}/network/{{iface}}"): interface,
    ("GET", f"{_NODE}/capabilities/qemu/cpu"): processors,
    ("GET", f"{_NODE}/capabilities/qemu/machines"): machines,
    ("GET", f"{_NODE}/storage/{{storage}}/rrddata"): storage_history,
}
