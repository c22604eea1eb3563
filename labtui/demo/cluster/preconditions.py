"""What stands in the way of moving a guest, computed from its configuration and the nodes.

The figures of GET .../migrate: local disks, local and mapped resources, and per node the storages
and mappings that are missing there. Nodes that are offline are offered all the same, as the real
call does.
"""

from __future__ import annotations

import re
from typing import Any

from labtui.demo.cluster.configuration import Drive, drives
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.passthrough import hostpci
from labtui.demo.cluster.pci import mapped_name
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.storages import is_shared

Json = dict[str, Any]


# Keys of what else binds a guest (qemu-server, `PVE/QemuMigrate/Helpers.pm`): devices always, the
# old spelling without a number too; encrypted memory and a clipboard of VNC only while it runs.
_OF_THE_NODE = ("parallel", "virtiofs", "ivshmem")
_OLD_SPELLING = ("hostusb", "hostpci")
_WHILE_IT_RUNS = ("amd-sev", "intel-tdx")
_CLIPBOARD_GOES_ALONG = (10, 1)


def local_drives(guest: Guest) -> list[Drive]:
    """Volumes of the guest that only its node has."""
    return [drive for drive in drives(guest.config) if not is_shared(drive.storage)]


def local_resources(guest: Guest, *, modern: bool) -> list[str]:
    """Keys of devices that bind the guest to its node; mapped ones are not among them."""
    found = [key for key, value in hostpci(guest) if mapped_name(value) is None]
    for key, value in guest.config.items():
        text = str(value)
        mapped = "mapping=" in text or text.startswith("spice")
        usb = key.startswith("usb") and not mapped
        serial = key.startswith("serial") and text != "socket"
        bound = key.startswith(_OF_THE_NODE) or key in _OLD_SPELLING
        if usb or serial or bound or (guest.running and key in _WHILE_IT_RUNS):
            found.append(key)
    if guest.running and _holds_clipboard(guest, modern=modern):
        found.append("clipboard=vnc")
    return found


def _holds_clipboard(guest: Guest, *, modern: bool) -> bool:
    """Whether its clipboard of VNC can't go along: that wants a machine of 10.1 or newer.

    A machine that is not pinned is as new as its QEMU: 9.2 on the older version, newer on 9.x.
    """
    if "clipboard=vnc" not in str(guest.config.get("vga", "")):
        return False
    pinned = re.search(r"-(\d+)\.(\d+)", str(guest.config.get("machine", "")))
    version = (int(pinned[1]), int(pinned[2])) if pinned else None
    return version < _CLIPBOARD_GOES_ALONG if version else not modern


def mapped_resources(guest: Guest) -> dict[str, str]:
    """`hostpciN` to the name of its mapping."""
    named = ((key, mapped_name(value)) for key, value in hostpci(guest))
    return {key: name for key, name in named if name is not None}


def missing_storages(state: ClusterState, guest: Guest, node: str) -> list[str]:
    """Storages the guest uses that a node cannot reach."""
    there = state.storages_on(node)
    return sorted({d.storage for d in drives(guest.config) if d.storage not in there})


def missing_mappings(state: ClusterState, guest: Guest, node: str) -> list[str]:
    """`hostpciN` keys whose mapping has no device on a node."""
    return [
        key
        for key, name in mapped_resources(guest).items()
        if name in state.mappings and not state.mappings[name].paths(node)
    ]


def qemu_preconditions(state: ClusterState, guest: Guest) -> Json:
    """The answer of GET /nodes/{node}/qemu/{vmid}/migrate.

    Raises:
        KeyError: the configuration names a mapping that does not exist; the real server dies too.
    """
    mapped = mapped_resources(guest)
    info: Json = {}
    for key, name in mapped.items():
        info[key] = {"name": name}
        if state.mappings[name].live:
            info[key]["live-migration"] = 1
    allowed, forbidden = _nodes(state, guest)
    answer: Json = {
        "running": int(guest.running),
        "allowed_nodes": allowed,
        "not_allowed_nodes": forbidden,
        "local_disks": [_local_disk(drive, modern=state.modern) for drive in local_drives(guest)],
        "local_resources": local_resources(guest, modern=state.modern),
        "mapped-resources": list(mapped),
        "mapped-resource-info": info,
    }
    if state.modern:
        answer["has-dbus-vmstate"] = 1
    return answer


def lxc_preconditions(state: ClusterState, guest: Guest) -> Json:
    """The answer of GET /nodes/{node}/lxc/{vmid}/migrate (9.x only; keys have hyphens).

    It looks at high availability rules only, so every other node is allowed.
    """
    others = [name for name in state.nodes if name != guest.node]
    return {
        "running": int(guest.running),
        "allowed-nodes": others,
        "not-allowed-nodes": {name: {} for name in others},
    }


def _nodes(state: ClusterState, guest: Guest) -> tuple[list[str], Json]:
    allowed: list[str] = []
    forbidden: Json = {}
    for name in state.nodes:
        if name == guest.node:
            continue
        reasons: Json = {}
        if storages := missing_storages(state, guest, name):
            reasons["unavailable_storages"] = storages
        if mappings := missing_mappings(state, guest, name):
            reasons["unavailable-resources"] = mappings
        if blocking := _blocking(state, guest, name):
            reasons["blocking-ha-resources"] = blocking
        forbidden[name] = reasons
        if not reasons:
            allowed.append(name)
    return allowed, forbidden


def _blocking(state: ClusterState, guest: Guest, node: str) -> list[Json]:
    """Rules of high availability that keep a guest off a node (9.x; 8.x does not tell)."""
    if not state.modern or not state.ha_rules.rules:
        return []
    where = {other.sid: other.node for other in state.guests.values()}
    found = state.ha_rules.blocking(guest.sid, node, where)
    return [{"sid": sid, "cause": cause} for sid, cause in found]


def _local_disk(drive: Drive, *, modern: bool) -> Json:
    row: Json = {
        "volid": drive.volid,
        "drivename": drive.key,
        "cdrom": int(drive.cdrom),
        "shared": 0,
        "replicate": 1,
        "is_attached": int(not drive.key.startswith("unused")),
        "is_unused": int(drive.key.startswith("unused")),
        "is_tpmstate": int(drive.key.startswith("tpmstate")),
        "is_vmstate": 0,
    }
    if drive.size is not None:
        row["size"] = drive.size
    if modern:
        row["is_cloudinit"] = int(drive.cloudinit)
    return row
