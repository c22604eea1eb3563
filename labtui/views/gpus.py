"""GPUs: which card in which node is given to whom, which are free, which are claimed twice."""

from __future__ import annotations

from collections.abc import Sequence

from labtui.locale import N_, _
from labtui.model.claims import Card, CardState, Claim, card_table, taken
from labtui.model.cluster import Membership, Resources
from labtui.model.devices import Hardware
from labtui.model.guests import GuestConfigs
from labtui.model.snapshot import Snapshot
from labtui.views import aging
from labtui.views.view import Cell, Column, Role, Section, Summary, View

_ROLES: dict[CardState, Role] = {
    "used": "good",
    "pooled": "info",
    "free": "",
    "reserved": "dim",
    "clash": "bad",
    "clash-at-boot": "bad",
    "turns": "warn",
    "unknown": "stale",
}
_TROUBLE: dict[CardState, int] = {"clash": 3, "clash-at-boot": 2, "turns": 1}


def _rows(snapshot: Snapshot, now: float) -> Sequence[Card]:
    return card_table(snapshot).cards


def state_text(state: CardState) -> str:
    """The state in words."""
    return {
        "used": _("in use"),
        "pooled": _("maybe in use"),
        "free": _("free"),
        "reserved": _("reserved"),
        "clash": _("CLAIMED TWICE"),
        "clash-at-boot": _("TWICE AT BOOT"),
        "turns": _("by turns"),
        "unknown": _("unknown"),
    }[state]


def _state(card: Card, now: float) -> Cell:
    return Cell(state_text(card.state), _ROLES[card.state])


def _claimant(claim: Claim) -> str:
    text = claim.guest.label
    if claim.alternatives > 1:
        text += _(" (1 of {n})").format(n=claim.alternatives)
    return text if claim.running else _("{guest} off").format(guest=text)


def _claims(card: Card, now: float) -> Cell:
    claims = sorted(card.claims, key=lambda claim: not claim.running)
    text = ", ".join(dict.fromkeys(_claimant(claim) for claim in claims))
    neighbours = ", ".join(dict.fromkeys(_claimant(claim) for claim in card.group_claims))
    if neighbours:
        shared = _("group {group} with {guests}").format(
            group=card.device.iommu_group, guests=neighbours
        )
        text = f"{text}; {shared}" if text else shared
    return Cell(text, "bad" if card.state == "clash" else "" if card.node_online else "stale")


def short_model(model: str) -> str:
    """`AD102 [GeForce RTX 4090]` -> `RTX 4090`: the name that people use."""
    if model.endswith("]") and "[" in model:
        model = model[model.rindex("[") + 1 : -1]
    for brand in ("GeForce ", "Quadro ", "Radeon "):
        model = model.removeprefix(brand)
    return model


def _short_vendor(vendor: str) -> str:
    """`Advanced Micro Devices, Inc. [AMD/ATI]` -> `AMD/ATI`, `NVIDIA Corporation` -> `NVIDIA`."""
    short = short_model(vendor)
    return short if short != vendor else vendor.partition(" ")[0]


def _address(card: Card, now: float) -> Cell:
    return Cell(card.device.slot.removeprefix("0000:"))


def _aged(card: Card, snapshot: Snapshot, now: float) -> float | None:
    """The node's devices, or who claims them and whether they run."""
    cluster = card.device.cluster
    return aging.oldest(
        aging.hardware_age(snapshot, now, cluster, card.device.node),
        aging.age_of(
            snapshot, now, (GuestConfigs, cluster), (Resources, cluster), (Membership, cluster)
        ),
    )


def _summary(rows: Sequence[Card], now: float) -> Summary:
    free = sum(card.state == "free" for card in rows)
    clashes = sum(card.state in ("clash", "clash-at-boot") for card in rows)
    text = _("{taken}/{all} given, {free} free").format(taken=taken(rows), all=len(rows), free=free)
    if clashes:
        return Summary(text + _(", {n} claimed twice").format(n=clashes), "bad")
    return Summary(text)


def _details(card: Card, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    device = card.device
    about = Section(
        _("GPU"),
        (
            (_("node"), Cell(device.node)),
            (_("address"), Cell(device.address)),
            (_("vendor"), Cell(device.vendor)),
            (_("model"), Cell(device.model)),
            (_("PCI id"), Cell(f"{device.vendor_id}:{device.device_id}")),
            (_("IOMMU group"), Cell(str(device.iommu_group) if device.iommu_group >= 0 else "-")),
            (_("state"), _state(card, now)),
        ),
    )
    claims = Section(
        _("Claims"),
        tuple(
            (
                claim.guest.label,
                Cell(
                    " ".join(
                        (
                            _("running") if claim.running else _("off"),
                            _("starts with its node") if claim.onboot else "",
                            _("by mapping {name}").format(name=claim.mapping)
                            if claim.mapping
                            else _("by address"),
                        )
                    )
                ),
            )
            for claim in card.claims
        ),
    )
    neighbours = Section(
        _("Claims on the same IOMMU group"),
        tuple((claim.guest.label, Cell(_claimant(claim))) for claim in card.group_claims),
    )
    found = tuple(section for section in (about, claims, neighbours) if section.lines)
    return aging.sections(found, _aged(card, snapshot, now))


GPUS: View[Card] = View(
    id="gpus",
    key="3",
    title=N_("gpus"),
    noun="gpu",
    needs=(Hardware, GuestConfigs, Resources, Membership),
    columns=(
        Column("node", N_("node"), 8, lambda c, n: Cell(c.device.node), lambda c: c.device.node),
        Column("address", N_("slot"), 8, _address, lambda c: c.device.address),
        Column(
            "model",
            N_("model"),
            16,
            lambda c, n: Cell(short_model(c.device.model)),
            lambda c: short_model(c.device.model),
        ),
        Column("state", N_("state"), 13, _state, lambda c: c.state),
        Column(
            "claims",
            N_("given to"),
            14,
            _claims,
            lambda c: " ".join(claim.guest.label for claim in c.claims),
            grow=True,
        ),
        Column(
            "group",
            N_("group"),
            5,
            lambda c, n: Cell(str(c.device.iommu_group), "dim"),
            lambda c: c.device.iommu_group,
            priority=3,
            right=True,
        ),
        Column(
            "vendor",
            N_("vendor"),
            10,
            lambda c, n: Cell(_short_vendor(c.device.vendor), "dim"),
            lambda c: c.device.vendor,
            priority=4,
        ),
    ),
    rows=_rows,
    row_key=lambda card: card.key,
    trouble=lambda card, now: _TROUBLE.get(card.state, 0),
    summary=_summary,
    details=_details,
    empty=N_("No GPU in any node that could be asked (Sys.Audit on / is needed to look)."),
    sort="node",
    aged=_aged,
)
