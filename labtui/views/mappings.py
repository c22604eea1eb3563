"""Resource mappings: the devices of each, what the nodes say of it, who uses it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labtui.locale import N_, _
from labtui.model.cluster import Membership, Resources
from labtui.model.devices import Hardware, MappingEntry, short_model
from labtui.model.guests import GuestConfigs
from labtui.model.snapshot import Snapshot
from labtui.views import aging
from labtui.views.view import Cell, Column, Section, Summary, View

if TYPE_CHECKING:
    from labtui.model.mapping_check import MappingState, Mismatch


def _rows(snapshot: Snapshot, now: float) -> Sequence[MappingState]:
    # Compared when it is looked at: the first frame waits for none of it.
    from labtui.model.mapping_check import mapping_states

    return mapping_states(snapshot)


def mismatch_text(wrong: Mismatch) -> str:
    """What does not fit, in a sentence."""
    node = wrong.entry.node
    if wrong.fault == "gone":
        text = _("{node}: there is no device at {address}")
        return text.format(node=node, address=wrong.expected)
    text = _("{node}: {what} is {found} there, the entry has {expected}")
    return text.format(node=node, what=wrong.fault, found=wrong.found, expected=wrong.expected)


def _state(row: MappingState, now: float) -> Cell:
    if row.broken:
        return Cell(_("BROKEN"), "bad")
    if row.mapping.broken:
        return Cell(_("not understood"), "warn")
    if row.away:
        return Cell(_("{nodes} away").format(nodes=" ".join(row.away)), "stale")
    return Cell(_("fits"), "good") if row.mapping.entries else Cell(_("empty"), "warn")


def _users(row: MappingState) -> str:
    return ", ".join(guest.label for guest in row.users)


def _kind(row: MappingState) -> str:
    words = [_("USB")] if row.kind == "usb" else []
    words += [_("mdev")] if row.mapping.mdev else []
    if row.mapping.live_capable:
        words.append(_("live"))
    return " ".join(words)


def _aged(row: MappingState, snapshot: Snapshot, now: float) -> float | None:
    return aging.age_of(snapshot, now, (Hardware, row.cluster))


def _trouble(row: MappingState, now: float) -> int:
    return 2 if row.broken else 1 if row.mapping.broken or not row.mapping.entries else 0


def _summary(rows: Sequence[MappingState], now: float) -> Summary:
    broken = sum(row.broken for row in rows)
    text = _("{n} mappings").format(n=len(rows))
    return Summary(text + _(", {n} broken").format(n=broken), "bad") if broken else Summary(text)


def _details(row: MappingState, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    mapping = row.mapping
    hardware = snapshot.one(Hardware, row.cluster) or Hardware({})
    about = (
        (_("name"), Cell(mapping.name)),
        (_("text"), Cell(mapping.description)),
        (_("kind"), Cell(_kind(row))),
        (_("state"), _state(row, now)),
        (_("used by"), Cell(_users(row) or _("nobody"))),
    )
    entries = []
    for entry in mapping.entries:
        name = _device_name(row, entry, hardware)
        text = "  ".join(filter(None, (" ".join(entry.addresses), entry.device, name)))
        entries.append((entry.node, Cell(text)))
    said = [(node, Cell(text, "bad")) for node, text in row.said]
    known = {node for node, _text in row.said}
    said += [
        (wrong.entry.node, Cell(mismatch_text(wrong), "bad"))
        for wrong in row.mismatches
        if wrong.entry.node not in known
    ]
    sections = (
        Section(_("Mapping"), tuple(line for line in about if line[1].text)),
        Section(_("Entries"), tuple(entries)),
        Section(_("What the nodes say"), tuple(said)),
    )
    found = tuple(section for section in sections if section.lines)
    return aging.sections(found, _aged(row, snapshot, now))


def _device_name(row: MappingState, entry: MappingEntry, hardware: Hardware) -> str:
    """What is there now, where anybody may look."""
    if row.kind == "pci":
        device = hardware.device(entry.node, entry.addresses[0])
        return short_model(device.model) if device is not None else ""
    plugged = hardware.usb.get(entry.node, ())
    place = entry.addresses[0]
    return next((each.name for each in plugged if place in (each.path, each.ids)), "")


MAPPINGS: View[MappingState] = View(
    id="mappings",
    key="",
    title=N_("mappings"),
    noun="mapping",
    needs=(Hardware, GuestConfigs, Resources, Membership),
    columns=(
        Column("name", N_("name"), 14, lambda r, n: Cell(r.mapping.name), lambda r: r.mapping.name),
        Column("state", N_("state"), 14, _state, lambda r: r.broken),
        Column(
            "nodes",
            N_("nodes"),
            16,
            lambda r, n: Cell(" ".join(r.nodes)),
            lambda r: " ".join(r.nodes),
        ),
        Column(
            "entries",
            N_("entries"),
            7,
            lambda r, n: Cell(str(len(r.mapping.entries))),
            lambda r: len(r.mapping.entries),
            priority=1,
            right=True,
        ),
        Column("users", N_("used by"), 14, lambda r, n: Cell(_users(r)), _users, grow=True),
        Column("kind", N_("kind"), 9, lambda r, n: Cell(_kind(r), "dim"), _kind, priority=2),
    ),
    rows=_rows,
    row_key=lambda row: row.key,
    trouble=_trouble,
    summary=_summary,
    details=_details,
    empty=N_("No mappings, or none that the account may see (Mapping.Audit)."),
    sort="name",
    aged=_aged,
)
