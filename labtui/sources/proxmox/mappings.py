"""`GET /cluster/mapping/{pci,usb}`, alone and with `check-node`."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from labtui.locale import _
from labtui.model.devices import Check, MappingEntry, PciMapping, UsbMapping
from labtui.model.text import clean, clean_lines
from labtui.sources.proxmox.decode import Flag, Rows, Text, Unfit, flag, once
from labtui.sources.proxmox.errors import Question
from labtui.sources.proxmox.hostpci import Unreadable, parse_mapping_entry, parse_usb_entry

_M = TypeVar("_M", PciMapping, UsbMapping)


class _MappingRow(
    msgspec.Struct, rename={"entries": "map", "live_capable": "live-migration-capable"}
):
    id: Text
    entries: list[str] | str = []
    live_capable: Flag = None
    mdev: Flag = None
    description: Text | None = None
    digest: Text | None = None


class _CheckRow(msgspec.Struct):
    severity: Text = ""
    message: Text = ""


class _CheckedRow(msgspec.Struct):
    id: Text
    checks: list[_CheckRow] | None = None
    # USB mappings of 8.4 have them under this name alone.
    error: list[_CheckRow] | None = None


_MAPPINGS = Rows(_MappingRow)
_CHECKED = Rows(_CheckedRow)


def read_mappings(
    body: bytes, question: Question
) -> tuple[tuple[PciMapping, ...], tuple[str, ...]]:
    """The PCI mappings by name; an entry that cannot be read is left out and named."""
    broken: list[str] = []

    def row(row: _MappingRow) -> PciMapping:
        name = _name(row)
        entries: list[MappingEntry] = []
        before = len(broken)
        for text in _lines(row):
            try:
                entries.append(parse_mapping_entry(text))
            except Unreadable as error:
                broken.append(_complaint(name, error))
        return PciMapping(
            name,
            tuple(entries),
            flag(row.live_capable),
            clean_lines(str(row.description or "")),
            clean(str(row.digest or ""), 80),
            flag(row.mdev),
            len(broken) - before,
        )

    made, complaints = _MAPPINGS.read(body, question, row)
    return _ordered(made, (*complaints, *broken))


def read_usb_mappings(
    body: bytes, question: Question
) -> tuple[tuple[UsbMapping, ...], tuple[str, ...]]:
    """The USB mappings by name; an entry that cannot be read is left out and named."""
    broken: list[str] = []

    def row(row: _MappingRow) -> UsbMapping:
        name = _name(row)
        entries, lines, before = [], [], len(broken)
        for text in _lines(row):
            try:
                entries.append(parse_usb_entry(text))
                lines.append(clean(text, len(text) + 1))
            except Unreadable as error:
                broken.append(_complaint(name, error))
        return UsbMapping(
            name,
            tuple(entries),
            clean_lines(str(row.description or "")),
            clean(str(row.digest or ""), 80),
            tuple(lines),
            len(broken) - before,
        )

    made, complaints = _MAPPINGS.read(body, question, row)
    return _ordered(made, (*complaints, *broken))


def read_checks(body: bytes, question: Question) -> dict[str, tuple[Check, ...]]:
    """What `check-node` says of each mapping, in the server's words; nothing where all is well."""

    def row(row: _CheckedRow) -> tuple[str, tuple[Check, ...]]:
        told = row.checks if row.checks is not None else row.error or []
        checks = (Check(clean(str(c.severity), 20), clean(str(c.message).strip())) for c in told)
        return clean(str(row.id)), tuple(checks)

    made, _complaints = _CHECKED.read(body, question, row)
    return dict(made)


def _ordered(made: list[_M], complaints: tuple[str, ...]) -> tuple[tuple[_M, ...], tuple[str, ...]]:
    mappings, complaints = once(made, lambda mapping: mapping.name, complaints)
    return tuple(sorted(mappings, key=lambda mapping: mapping.name)), complaints


def _name(row: _MappingRow) -> str:
    name = clean(str(row.id))
    if not name:
        raise Unfit(_("name of the mapping missing"))
    return name


def _lines(row: _MappingRow) -> list[str]:
    return [row.entries] if isinstance(row.entries, str) else row.entries


def _complaint(name: str, error: Unreadable) -> str:
    return _("mapping {name}: entry not understood: {text}").format(name=name, text=error)
