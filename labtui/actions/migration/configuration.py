"""What a guest's configuration says alone of moving it. Pure; keys as the servers have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labtui.model.text import clean


def bridges_of(config: Mapping[str, Any]) -> list[str]:
    """The bridges and VNets that its network devices are on."""
    bridges = []
    for key, value in config.items():
        if key.startswith("net") and key[3:].isdigit() and isinstance(value, str):
            parts = dict(part.split("=", 1) for part in value.split(",") if "=" in part)
            if parts.get("bridge"):
                bridges.append(clean(parts["bridge"]))
    return bridges


_DISK_KEYS = ("scsi", "virtio", "ide", "sata", "efidisk", "tpmstate", "rootfs", "mp")


def storages_of(config: Mapping[str, Any]) -> list[str]:
    """The storages of its disks."""
    found = []
    for key, value in config.items():
        if key.rstrip("0123456789") in _DISK_KEYS and isinstance(value, str):
            storage, colon, _volume = value.split(",")[0].partition(":")
            if colon and "/" not in storage:
                found.append(clean(storage))
    return found


def mapped_in(config: Mapping[str, Any]) -> dict[str, int]:
    """Mapping -> how many of its devices a configuration asks for."""
    needs: dict[str, int] = {}
    for key, value in config.items():
        if key.startswith("hostpci") and isinstance(value, str):
            for part in value.split(","):
                name, equals, text = part.partition("=")
                if equals and name == "mapping":
                    needs[clean(text)] = needs.get(clean(text), 0) + 1
    return needs


def other_mappings(config: Mapping[str, Any]) -> tuple[str, ...]:
    """The mappings of USB devices and of folders that a configuration names."""
    found = set()
    for key, value in config.items():
        word = key.rstrip("0123456789")
        if word in ("usb", "virtiofs") and isinstance(value, str):
            parts = dict(part.split("=", 1) for part in value.split(",") if "=" in part)
            first = value.partition(",")[0]
            bare = first if word == "virtiofs" and "=" not in first else ""
            if name := parts.get("mapping") or parts.get("dirid") or bare:
                found.add(clean(name))
    return tuple(sorted(found))


def binds_of(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Mount points of a container that are folders of its node (pve-container `Migrate.pm`)."""
    return tuple(
        clean(key)
        for key, value in sorted(config.items())
        if key.startswith("mp") and key[2:].isdigit() and isinstance(value, str)
        if value.startswith("/") and "shared=1" not in value.split(",")
    )
