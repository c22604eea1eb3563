"""`GET /nodes/{n}/{qemu|lxc}/{id}/config` -> `GuestConfig`: what labtui needs of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from labtui.locale import _
from labtui.model.guests import Guest, GuestConfig
from labtui.model.text import clean, clean_lines
from labtui.sources.proxmox.decode import flag, plain
from labtui.sources.proxmox.errors import Question, unexpected
from labtui.sources.proxmox.hostpci import (
    Unreadable,
    parse_dev,
    parse_hostpci,
    parse_net,
    parse_raw_lxc,
    parse_usb,
    parse_volume,
    properties,
)

_T = TypeVar("_T")
_NUMBERED = re.compile(r"([a-z]+)([0-9]{1,3})")
# `unused` volumes move with the guest, so they count as its disks.
_DISKS = frozenset(("ide", "sata", "scsi", "virtio", "efidisk", "tpmstate", "unused", "mp"))
_MIB = 1 << 20


def read_config(
    body: bytes, question: Question, guest: Guest, read_at: float
) -> tuple[GuestConfig, tuple[str, ...]]:
    """The configuration, and lines that could not be understood. Raises `Unexpected`.

    `cores` are all virtual CPUs (cores by sockets), `memory` is bytes.
    """
    data = plain(body, question)
    if not isinstance(data, dict):
        raise unexpected(question, _("the answer lacks parts, or has others"))
    complaints: list[str] = []
    lines = _Lines(data, guest, complaints)
    config = GuestConfig(
        guest.cluster,
        guest.vmid,
        clean(str(data.get("digest") or ""), 80),
        read_at,
        guest.node,
        _cores(data),
        _memory(data.get("memory")),
        clean(str(data.get("machine") or ""), 80),
        _flag(data.get("onboot")),
        _flag(data.get("protection")),
        clean_lines(str(data.get("description") or "")),
        tuple(lines.each("hostpci", parse_hostpci)),
        tuple(lines.each("net", lines.net)),
        tuple(lines.volumes()),
        _agent(data.get("agent")),
        tuple(line for line in lines.each("usb", parse_usb) if line is not None),
        (*lines.each("dev", parse_dev), *parse_raw_lxc(data.get("lxc"))),
    )
    return config, tuple(complaints)


class _Lines:
    """The numbered lines of a configuration."""

    def __init__(self, data: dict[str, Any], guest: Guest, complaints: list[str]) -> None:
        self._guest = guest
        self._complaints = complaints
        self._texts: dict[tuple[str, int], str] = {}
        for key, value in data.items():
            match = _NUMBERED.fullmatch(key)
            if match and isinstance(value, str | int):
                self._texts[match[1], int(match[2])] = str(value)
        rootfs = data.get("rootfs")
        self._root = rootfs if isinstance(rootfs, str) else ""

    def each(self, name: str, parse: Callable[[int, str], _T]) -> Iterator[_T]:
        """What `parse` makes of the lines of that name, by number; others are complained of."""
        for (key, index), text in sorted(self._texts.items()):
            if key != name:
                continue
            try:
                yield parse(index, text)
            except Unreadable as error:
                self._complaints.append(
                    _("guest {guest}: {line} not understood: {text}").format(
                        guest=self._guest.vmid, line=f"{name}{index}", text=error
                    )
                )

    def net(self, index: int, text: str) -> Any:
        return parse_net(index, text, self._texts.get(("ipconfig", index), ""))

    def volumes(self) -> Iterator[str]:
        """The volumes of all disks, each once, in the order of their lines."""
        texts = [text for (key, _n), text in sorted(self._texts.items()) if key in _DISKS]
        found = (parse_volume(text) for text in (*([self._root] if self._root else []), *texts))
        yield from dict.fromkeys(volume for volume in found if volume)


def _cores(data: dict[str, Any]) -> int | None:
    cores, sockets = _whole(data.get("cores")), _whole(data.get("sockets"))
    if cores is None and sockets is None:
        return None
    return (cores or 1) * (sockets or 1)


def _memory(value: Any) -> int | None:
    """MiB as a number, a text, or the property string `current=2048` -> bytes."""
    if isinstance(value, str):
        try:
            value = properties(value, "current").get("current")
        except Unreadable:
            return None
    mib = _whole(value)
    return None if mib is None else mib * _MIB


def _agent(value: Any) -> bool:
    """`1`, or the property string `enabled=1,fstrim_cloned_disks=1`."""
    try:
        return flag(properties(str(value or ""), "enabled").get("enabled"))
    except Unreadable:
        return False


def _whole(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return int(text) if re.fullmatch(r"[0-9]{1,12}", text) else None


def _flag(value: Any) -> bool:
    return flag(value) if isinstance(value, bool | int | str) else False
