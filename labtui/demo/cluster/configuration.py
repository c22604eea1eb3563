"""Guest configuration: how one is first written, its text, its digest, and the values inside.

A configuration is a mapping as the API shows it (integers where the server shows integers); its
text is the file under /etc/pve and its digest the SHA-1 of that text.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass
from ipaddress import ip_network

from labtui.demo.lab import GIB, Guest, Lab

Config = dict[str, str | int]

_DISK_KEY = re.compile(r"^(?:scsi|virtio|sata|ide|efidisk|tpmstate|unused|mp|rootfs)\d*$")
_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_NAMES = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")


@dataclass(frozen=True)
class Drive:
    """A disk entry of a configuration; `size` in bytes, None when the entry does not say."""

    key: str
    volid: str
    storage: str
    size: int | None
    cdrom: bool

    @property
    def cloudinit(self) -> bool:
        """Whether this is the generated cloud-init image."""
        return self.volid.endswith("cloudinit")


def options(text: str) -> dict[str, str]:
    """A property string as a mapping; the value without a name has the key `""`."""
    parts = (part.partition("=") for part in text.split(","))
    return {name if found else "": value if found else name for name, found, value in parts}


def size_bytes(text: str) -> int | None:
    """Bytes of `40G`, `4M` and the like; None when it is no size."""
    match = re.fullmatch(r"(\d+)([KMGT]?)", text)
    return int(match[1]) * _UNITS.get(match[2], 1) if match else None


def drives(config: Config) -> list[Drive]:
    """The disks and CD-ROM images with a volume, `none` and physical drives left out."""
    found = []
    for key, value in config.items():
        if not _DISK_KEY.match(key) or not isinstance(value, str):
            continue
        volid = value.split(",", 1)[0]
        storage, colon, _ = volid.partition(":")
        if not colon:
            continue
        extra = options(value)
        size = size_bytes(extra.get("size", ""))
        found.append(Drive(key, volid, storage, size, extra.get("media") == "cdrom"))
    return found


def render(config: Config) -> str:
    """The text of the configuration file; a description stands on top as comment lines."""
    lines = [f"#{line}" for line in str(config.get("description", "")).splitlines()]
    lines += [f"{key}: {config[key]}" for key in sorted(config) if key != "description"]
    return "\n".join(lines) + "\n"


def digest(config: Config) -> str:
    """SHA-1 of the text, forty hex digits."""
    return hashlib.sha1(render(config).encode(), usedforsecurity=False).hexdigest()


def first_config(lab: Lab, guest: Guest, created: int) -> Config:
    """The configuration a guest of the lab starts with; `created` is epoch seconds."""
    config = _qemu(guest, created) if guest.kind == "qemu" else _lxc(lab, guest)
    if guest.onboot:
        config["onboot"] = 1
    if guest.tags:
        config["tags"] = ";".join(guest.tags)
    owner = next((person for person in lab.people if person.slug == guest.owner), None)
    text = guest.description or (f"owner: {owner.name} <{owner.email}>" if owner else "")
    if text:
        config["description"] = text
    return config


def _volume(guest: Guest) -> str:
    prefix = "base" if guest.template else "vm"
    return f"{guest.storage}:{prefix}-{guest.vmid}-disk-0"


def _qemu(guest: Guest, created: int) -> Config:
    passthrough = bool(guest.hostpci)
    config: Config = {
        "name": guest.name,
        "cores": guest.cores,
        "sockets": 1,
        "cpu": "host" if passthrough else "x86-64-v2-AES",
        "memory": str(guest.memory >> 20),
        "numa": 0,
        "ostype": "win11" if guest.local_cdrom else "l26",
        "scsihw": "virtio-scsi-single",
        "boot": "order=scsi0;ide2;net0",
        "scsi0": f"{_volume(guest)},iothread=1,size={guest.disk // GIB}G",
        "net0": f"virtio={guest.mac},bridge={guest.bridge},firewall=1",
        "ide2": "none,media=cdrom",
        "agent": "1",
        "smbios1": f"uuid={uuid.uuid5(_NAMES, f'smbios {guest.vmid}')}",
        "vmgenid": str(uuid.uuid5(_NAMES, f"generation {guest.vmid}")),
        "meta": f"creation-qemu=10.0.13,ctime={created}",
    }
    if guest.local_cdrom:
        config["ide2"] = "local:iso/virtio-win.iso,media=cdrom,size=708140K"
    if guest.vmid % 2 == 0 and not guest.local_cdrom and not guest.template:
        config["serial0"] = "socket"
    if guest.template:
        config["template"] = 1
    if passthrough:
        config["machine"] = "q35"
    for number, value in enumerate(guest.hostpci):
        config[f"hostpci{number}"] = value
    return config


def _lxc(lab: Lab, guest: Guest) -> Config:
    address = ""
    for site in lab.sites:
        if guest.address and guest.address.rsplit(".", 1)[0] == site.subnet.rsplit(".", 1)[0]:
            network = ip_network(site.subnet)
            address = f",gw={network[1]},ip={guest.address}/{network.prefixlen}"
    return {
        "arch": "amd64",
        "cores": guest.cores,
        "features": "nesting=1",
        "hostname": guest.name,
        "memory": guest.memory >> 20,
        "swap": 512,
        "net0": f"name=eth0,bridge={guest.bridge}{address or ',ip=dhcp'},"
        f"hwaddr={guest.mac},type=veth",
        "ostype": "debian",
        "rootfs": f"{_volume(guest)},size={guest.disk // GIB}G",
        "unprivileged": 1,
    }
