"""GPUs: which card in which node is given to whom, what it does, and which are claimed twice."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from labtui.locale import N_, _
from labtui.model.card_choice import taken
from labtui.model.claims import Card, card_table
from labtui.model.cluster import Membership, Resources
from labtui.model.devices import Hardware, short_model
from labtui.model.guests import GuestConfigs
from labtui.model.leases_held import Assignment, lease_of_card
from labtui.model.snapshot import Snapshot
from labtui.model.use import CardUses
from labtui.model.use_join import SeenUse, use_table
from labtui.views import aging, card_words
from labtui.views.figures import of
from labtui.views.lease_words import until
from labtui.views.use_words import idle_text, spare_since, use_cell, use_sections
from labtui.views.view import Cell, Column, Section, Summary, View


class GpuRow(msgspec.Struct, frozen=True):
    """A card with what it does; `uses` has several where it may be one of several."""

    card: Card
    uses: tuple[SeenUse, ...] = ()
    lease: Assignment | None = None

    @property
    def use(self) -> SeenUse | None:
        """What it does for sure, as far as anybody can tell."""
        return self.uses[0] if len(self.uses) == 1 and self.uses[0].how != "pool" else None


def _rows(snapshot: Snapshot, now: float) -> Sequence[GpuRow]:
    uses = use_table(snapshot)
    return [
        GpuRow(card, uses.any_of(card.key), lease_of_card(snapshot, card.key))
        for card in card_table(snapshot).cards
    ]


def _address(row: GpuRow, now: float) -> Cell:
    return Cell(row.card.device.slot.removeprefix("0000:"))


def _aged(row: GpuRow, snapshot: Snapshot, now: float) -> float | None:
    return card_words.aged(row.card, snapshot, now)


def _summary(rows: Sequence[GpuRow], now: float) -> Summary:
    cards = [row.card for row in rows]
    free = sum(card.state == "free" for card in cards)
    clashes = sum(card.state in ("clash", "clash-at-boot") for card in cards)
    text = _("{taken}/{all} given, {free} free").format(
        taken=taken(cards), all=len(cards), free=free
    )
    if clashes:
        return Summary(text + _(", {n} claimed twice").format(n=clashes), "bad")
    return Summary(text)


def _use(row: GpuRow) -> float | None:
    return row.use.use.utilisation if row.use else None


def _memory(row: GpuRow, now: float) -> Cell:
    use = row.use.use if row.use else None
    return Cell(of(use.memory_used, use.memory_total)) if use else Cell("")


def _heat(row: GpuRow, now: float) -> Cell:
    heat = row.use.use.temperature if row.use else None
    return Cell("" if heat is None else f"{heat:.0f}°C")


def _power(row: GpuRow, now: float) -> Cell:
    power = row.use.use.power if row.use else None
    return Cell("" if power is None else f"{power:.0f}W")


def _details(row: GpuRow, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    card = row.card
    sections = (
        card_words.about(card, _("GPU")),
        card_words.claims_section(card),
        card_words.neighbours_section(card),
        card_words.group_section(card, snapshot),
    )
    found = tuple(section for section in sections if section.lines)
    use = use_sections(card, row.uses, snapshot, now)
    return (*aging.sections(found, card_words.aged(card, snapshot, now)), *use)


GPUS: View[GpuRow] = View(
    id="gpus",
    key="3",
    title=N_("gpus"),
    noun="gpu",
    needs=(Hardware, GuestConfigs, Resources, Membership, CardUses),
    columns=(
        Column(
            "node",
            N_("node"),
            8,
            lambda r, n: Cell(r.card.device.node),
            lambda r: r.card.device.node,
        ),
        Column("address", N_("slot"), 8, _address, lambda r: r.card.device.address),
        Column(
            "model",
            N_("model"),
            16,
            lambda r, n: Cell(short_model(r.card.device.model)),
            lambda r: short_model(r.card.device.model),
        ),
        Column(
            "state",
            N_("state"),
            13,
            lambda r, n: card_words.state_cell(r.card),
            lambda r: r.card.state,
        ),
        Column(
            "claims",
            N_("given to"),
            14,
            lambda r, n: card_words.claims_cell(r.card),
            lambda r: " ".join(claim.guest.label for claim in r.card.claims),
            grow=True,
        ),
        Column(
            "until",
            N_("lease"),
            12,
            lambda r, n: until(r.lease, n),
            lambda r: r.lease.ends if r.lease else None,
            priority=1,
            unit="time",
            timed=True,
        ),
        Column(
            "use",
            N_("use"),
            9,
            lambda r, n: use_cell(r.uses, n),
            _use,
            priority=2,
            descending=True,
            unit="share",
            part=CardUses,
            timed=True,
        ),
        Column(
            "memory",
            N_("memory"),
            11,
            _memory,
            lambda r: r.use.use.memory_used if r.use else None,
            priority=4,
            unit="bytes",
            part=CardUses,
        ),
        Column(
            "group",
            N_("group"),
            5,
            lambda r, n: Cell(card_words.group_text(r.card), "dim"),
            lambda r: r.card.device.iommu_group,
            priority=3,
            right=True,
        ),
        Column(
            "vendor",
            N_("vendor"),
            10,
            lambda r, n: Cell(card_words.vendor_text(r.card.device.vendor), "dim"),
            lambda r: r.card.device.vendor,
            priority=5,
        ),
        Column(
            "heat",
            N_("heat"),
            5,
            _heat,
            lambda r: r.use.use.temperature if r.use else None,
            priority=6,
            right=True,
            part=CardUses,
        ),
        Column(
            "power",
            N_("power"),
            6,
            _power,
            lambda r: r.use.use.power if r.use else None,
            priority=6,
            right=True,
            part=CardUses,
        ),
        Column(
            "idle",
            N_("idle"),
            6,
            lambda r, n: Cell(idle_text(r.uses, n)),
            lambda r: spare_since(r.uses),
            priority=7,
            right=True,
            unit="age",
            part=CardUses,
            timed=True,
        ),
    ),
    rows=_rows,
    row_key=lambda row: row.card.key,
    trouble=lambda row, now: card_words.TROUBLE.get(row.card.state, 0),
    summary=_summary,
    details=_details,
    empty=N_("No GPU in any node that could be asked (Sys.Audit on / is needed to look)."),
    sort="node",
    aged=_aged,
)
