"""Property strings of guests and mappings: hostpci, usb, net, disks, map entries.

Forms of qemu-server `PVE/QemuServer/{PCI,USB}.pm`, pve-guest-common `PVE/Mapping/{PCI,USB}.pm` and
pve-common `PVE/JSONSchema.pm` (`parse_property_string`): `key=value` joined by commas, one key may
be left out (the default key). What cannot be read raises `Unreadable`.
"""

from __future__ import annotations

import re
from ipaddress import ip_interface

from labtui.model.devices import MappingEntry
from labtui.model.guests import DeviceNode, HostPci, NetDevice, UsbLine
from labtui.model.text import clean

_ADDRESS = re.compile(
    r"(?:(?P<domain>[0-9a-f]{4,8}):)?(?P<bus>[0-9a-f]{2}):(?P<slot>[0-9a-f]{2})"
    r"(?:\.(?P<function>[0-9a-f]))?",
    re.IGNORECASE,
)
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}", re.IGNORECASE)
_TRUE = frozenset(("1", "on", "yes", "true"))
_IDS = ("vendor-id", "device-id", "sub-vendor-id", "sub-device-id")
_PAIR = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}", re.IGNORECASE)
_PORT = re.compile(r"\d{1,3}-\d{1,3}(?:\.\d{1,3}){0,6}")


class Unreadable(ValueError):
    """A property string that does not have its form; the text says what is wrong with it."""


def properties(text: str, default: str = "") -> dict[str, str]:
    """The keys of a property string; the part without `=` goes to `default`."""
    found: dict[str, str] = {}
    for part in text.split(","):
        part = part.strip()
        if not part:
            continue
        key, equals, value = part.partition("=")
        if not equals:
            key, value = default, part
        if not key or key in found:
            raise Unreadable(clean(part, 80))
        found[key] = value
    return found


def true(text: str) -> bool:
    """A boolean as Proxmox VE writes it."""
    return text.strip().lower() in _TRUE


def address(text: str) -> str:
    """A PCI address as `dddd:bb:dd[.f]`, lower case; the domain may be missing."""
    match = _ADDRESS.fullmatch(text.strip())
    if match is None:
        raise Unreadable(clean(text, 80))
    domain = (match["domain"] or "").lower().lstrip("0").rjust(4, "0")
    function = f".{match['function'].lower()}" if match["function"] else ""
    return f"{domain}:{match['bus'].lower()}:{match['slot'].lower()}{function}"


def addresses(text: str) -> tuple[str, ...]:
    """A list of PCI addresses joined by `;`, each once, in order."""
    return tuple(dict.fromkeys(address(part) for part in text.split(";") if part.strip()))


def parse_hostpci(index: int, text: str) -> HostPci:
    """A `hostpciN` line: `[host=]a[;b],pcie=1,...` or `mapping=name,...`."""
    keys = properties(text, "host")
    mapping = clean(keys.get("mapping", ""), 200)
    taken = addresses(keys.get("host", ""))
    if bool(mapping) == bool(taken):
        raise Unreadable(clean(text, 80))
    return HostPci(
        index,
        taken,
        mapping,
        pcie=true(keys.get("pcie", "")),
        mdev=clean(keys.get("mdev", ""), 80),
        x_vga=true(keys.get("x-vga", "")),
        legacy_igd=true(keys.get("legacy-igd", "")),
        rombar=true(keys.get("rombar", "1")),
        romfile=clean(keys.get("romfile", ""), 200),
        driver=clean(keys.get("driver", ""), 40),
        ids=tuple((key, clean(keys[key], 20).lower()) for key in _IDS if key in keys),
    )


def parse_dev(index: int, text: str) -> DeviceNode:
    """A `devN` line of a container: `[path=]/dev/nvidia0,gid=44,mode=0660`."""
    path = clean(properties(text, "path").get("path", ""), 200)
    if not path.startswith("/dev/"):
        raise Unreadable(clean(text, 80))
    return DeviceNode(index, path)


def parse_raw_lxc(rows: object) -> tuple[DeviceNode, ...]:
    """Devices among the raw lines of a container: `lxc.mount.entry: /dev/nvidia0 dev/nvidia0 ...`.

    The server has them as pairs of key and value; other lines are left out.
    """
    found = []
    for row in rows if isinstance(rows, list) else []:
        pair = row if isinstance(row, list) and len(row) == 2 else ["", ""]
        if pair[0] in ("lxc.mount.entry", "lxc.mount_entry") and isinstance(pair[1], str):
            source = clean(pair[1], 400).partition(" ")[0]
            if source.startswith("/dev/"):
                found.append(DeviceNode(-1, source))
    return tuple(found)


def parse_usb(index: int, text: str) -> UsbLine | None:
    """A `usbN` line: `host=vvvv:pppp`, `host=bus-port` or `mapping=name`; None for SPICE's."""
    keys = properties(text, "host")
    mapping, host = clean(keys.get("mapping", ""), 200), keys.get("host", "").strip()
    if bool(mapping) == bool(host):
        raise Unreadable(clean(text, 80))
    if mapping:
        return UsbLine(index, mapping=mapping)
    if host.lower() == "spice":
        return None
    if _PAIR.fullmatch(host):
        return UsbLine(index, device=host.lower())
    if _PORT.fullmatch(host):
        return UsbLine(index, port=host)
    raise Unreadable(clean(text, 80))


def parse_usb_entry(text: str) -> tuple[str, str, str]:
    """A USB map entry `id=vvvv:pppp,node=pve1,path=1-2.3` as (node, id, path or empty)."""
    keys = properties(text)
    node, ids, path = clean(keys.get("node", ""), 80), keys.get("id", ""), keys.get("path", "")
    if not node or not _PAIR.fullmatch(ids) or (path and not _PORT.fullmatch(path)):
        raise Unreadable(clean(text, 80))
    return node, ids.lower(), path


def parse_mapping_entry(text: str) -> MappingEntry:
    """A map entry: `id=10de:1c82,node=pve1,path=0000:07:00.0;0000:07:00.1,iommugroup=14`."""
    keys = properties(text)
    node = clean(keys.get("node", ""), 80)
    paths = addresses(keys.get("path", ""))
    if not node or not paths:
        raise Unreadable(clean(text, 80))
    group = keys.get("iommugroup", "")
    return MappingEntry(
        node,
        paths,
        clean(keys.get("id", ""), 40).lower(),
        int(group) if re.fullmatch(r"-?[0-9]{1,6}", group) else None,
        clean(keys.get("subsystem-id", ""), 40).lower(),
        clean(text, len(text) + 1),
    )


def parse_net(index: int, text: str, ipconfig: str = "") -> NetDevice:
    """A `netN` line of a VM (`virtio=MAC,bridge=...`, its address in `ipconfigN`) or container."""
    keys = properties(text, "model")
    mac = keys.get("hwaddr") or keys.get("macaddr") or ""
    if not mac:
        mac = next((value for value in keys.values() if _MAC.fullmatch(value)), "")
    told = properties(ipconfig) if ipconfig else keys
    tag = keys.get("tag", "")
    return NetDevice(
        index,
        mac.upper() if _MAC.fullmatch(mac) else "",
        clean(keys.get("bridge", ""), 80),
        int(tag) if re.fullmatch(r"[0-9]{1,4}", tag) else None,
        _fixed(told.get("ip", "")) or _fixed(told.get("ip6", "")),
    )


def parse_volume(text: str) -> str:
    """The volume of a disk line; empty for an empty drive (`none`, `cdrom`)."""
    first = text.split(",", 1)[0].strip()
    key, equals, value = first.partition("=")
    volume = value if equals and key in ("file", "volume") else first
    if equals and key not in ("file", "volume"):
        volume = next(
            (
                part.partition("=")[2]
                for part in text.split(",")
                if part.startswith(("file=", "volume="))
            ),
            "",
        )
    return "" if volume in ("none", "cdrom") else clean(volume, 300)


def _fixed(text: str) -> str:
    """An address with its mask; nothing for `dhcp`, `auto`, `manual`."""
    try:
        return str(ip_interface(text)) if text else ""
    except ValueError:
        return ""
