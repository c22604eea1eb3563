"""All devices that can be passed through, PCI (bridges apart) and USB, with who claims them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from labtui.locale import N_, _
from labtui.model.claims import Card, device_table
from labtui.model.cluster import Membership, Resources
from labtui.model.devices import DeviceKind, Hardware, short_model
from labtui.model.guests import GuestConfigs
from labtui.model.snapshot import Snapshot
from labtui.model.usb import UsbPort, usb_table
from labtui.views import aging, card_words
from labtui.views.view import Cell, Column, Role, Section, Summary, View


class DeviceRow(msgspec.Struct, frozen=True):
    """A PCI function, or a USB device: one of the two."""

    card: Card | None
    port: UsbPort | None = None

    @property
    def key(self) -> str:
        return self.card.key if self.card else self.port.key if self.port else ""

    @property
    def node(self) -> str:
        return self.card.device.node if self.card else self.port.node if self.port else ""

    @property
    def address(self) -> str:
        if self.card:
            return self.card.device.address.removeprefix("0000:")
        return (self.port.path or self.port.ids) if self.port else ""

    @property
    def model(self) -> str:
        if self.card:
            return short_model(self.card.device.model) or self.card.device.ids
        return (self.port.name or self.port.ids) if self.port else ""

    @property
    def mappings(self) -> str:
        found = self.card.mappings if self.card else self.port.mappings if self.port else ()
        return " ".join(found)


def _rows(snapshot: Snapshot, now: float) -> Sequence[DeviceRow]:
    return [
        *(DeviceRow(card) for card in device_table(snapshot).cards),
        *(DeviceRow(None, port) for port in usb_table(snapshot)),
    ]


def kind_text(kind: DeviceKind) -> str:
    """What it is, in a word."""
    return {
        "gpu": _("GPU"),
        "sound": _("sound"),
        "network": _("network"),
        "storage": _("storage"),
        "usb": _("USB hub"),
        "bridge": _("bridge"),
        "accelerator": _("accel."),
        "other": _("other"),
    }[kind]


def _kind(row: DeviceRow) -> str:
    return kind_text(row.card.device.kind) if row.card else _("USB")


def _state(row: DeviceRow, now: float) -> Cell:
    if row.card:
        return card_words.state_cell(row.card)
    port = row.port
    if port is None or not port.node_online:
        return Cell(_("unknown"), "stale")
    running = [seen for seen in port.claims if seen.running]
    if port.plugged is False:
        return Cell(_("not there"), "bad" if running else "warn")
    if len(running) > 1:
        return Cell(_("CLAIMED TWICE"), "bad")
    if running:
        return Cell(_("in use"), "good")
    return Cell(_("reserved"), "dim") if port.claims else Cell(_("free"))


def _claims(row: DeviceRow, now: float) -> Cell:
    if row.card:
        return card_words.claims_cell(row.card)
    seen = row.port.claims if row.port else ()
    off = _("{guest} off")
    texts = [s.guest.label if s.running else off.format(guest=s.guest.label) for s in seen]
    return Cell(", ".join(texts))


def _trouble(row: DeviceRow, now: float) -> int:
    if row.card:
        return card_words.TROUBLE.get(row.card.state, 0)
    role: Role = _state(row, now).role
    return 2 if role == "bad" else 1 if role == "warn" else 0


def _aged(row: DeviceRow, snapshot: Snapshot, now: float) -> float | None:
    if row.card:
        return card_words.aged(row.card, snapshot, now)
    port = row.port
    return aging.hardware_age(snapshot, now, port.cluster, port.node) if port else None


def _summary(rows: Sequence[DeviceRow], now: float) -> Summary:
    given = sum(bool(row.card.claims if row.card else row.port and row.port.claims) for row in rows)
    bad = sum(_trouble(row, now) > 1 for row in rows)
    text = _("{n} devices, {given} given").format(n=len(rows), given=given)
    if bad:
        return Summary(text + _(", {n} claimed twice").format(n=bad), "bad")
    return Summary(text)


def _details(row: DeviceRow, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    if row.card:
        sections = (
            card_words.about(row.card, kind_text(row.card.device.kind)),
            card_words.claims_section(row.card),
            card_words.neighbours_section(row.card),
            card_words.group_section(row.card, snapshot),
        )
        found = tuple(section for section in sections if section.lines)
        return aging.sections(found, _aged(row, snapshot, now))
    port = row.port
    if port is None:
        return ()
    lines = (
        (_("node"), Cell(port.node)),
        (_("port"), Cell(port.path)),
        (_("USB id"), Cell(port.ids)),
        (_("name"), Cell(port.name)),
        (_("mapping"), Cell(row.mappings)),
        (_("state"), _state(row, now)),
        (_("given to"), _claims(row, now)),
    )
    known = tuple(line for line in lines if line[1].text)
    return aging.sections((Section(_("USB device"), known),), _aged(row, snapshot, now))


DEVICES: View[DeviceRow] = View(
    id="devices",
    key="",
    title=N_("devices"),
    noun="device",
    needs=(Hardware, GuestConfigs, Resources, Membership),
    columns=(
        Column("node", N_("node"), 8, lambda r, n: Cell(r.node), lambda r: r.node),
        Column("address", N_("slot"), 9, lambda r, n: Cell(r.address), lambda r: r.address),
        Column("kind", N_("kind"), 8, lambda r, n: Cell(_kind(r), "dim"), _kind),
        Column("model", N_("model"), 22, lambda r, n: Cell(r.model), lambda r: r.model),
        Column("state", N_("state"), 13, _state, lambda r: _state(r, 0.0).text),
        Column("claims", N_("given to"), 14, _claims, lambda r: _claims(r, 0.0).text, grow=True),
        Column(
            "mapping",
            N_("mapping"),
            10,
            lambda r, n: Cell(r.mappings, "dim"),
            lambda r: r.mappings,
            priority=2,
        ),
        Column(
            "group",
            N_("group"),
            5,
            lambda r, n: Cell(card_words.group_text(r.card) if r.card else "", "dim"),
            lambda r: r.card.device.iommu_group if r.card else None,
            priority=3,
            right=True,
        ),
        Column(
            "vendor",
            N_("vendor"),
            10,
            lambda r, n: Cell(
                card_words.vendor_text(r.card.device.vendor) if r.card else "", "dim"
            ),
            lambda r: r.card.device.vendor if r.card else None,
            priority=4,
        ),
    ),
    rows=_rows,
    row_key=lambda row: row.key,
    trouble=_trouble,
    summary=_summary,
    details=_details,
    empty=N_("No device in any node that could be asked (Sys.Audit on / is needed to look)."),
    sort="node",
    aged=_aged,
)
