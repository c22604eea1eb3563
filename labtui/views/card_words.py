"""What the views of GPUs and of all devices say alike: states, claimants, claims, sections."""

from __future__ import annotations

import time
from collections.abc import Sequence

from labtui.locale import _
from labtui.model.claims import Card, CardState, Claim, device_table
from labtui.model.cluster import Membership, Resources
from labtui.model.devices import short_model
from labtui.model.guests import GuestConfigs
from labtui.model.snapshot import Snapshot
from labtui.views import aging
from labtui.views.view import Cell, Role, Section

ROLES: dict[CardState, Role] = {
    "used": "good",
    "pooled": "info",
    "free": "",
    "reserved": "dim",
    "clash": "bad",
    "clash-at-boot": "bad",
    "turns": "warn",
    "unknown": "stale",
}
TROUBLE: dict[CardState, int] = {"clash": 3, "clash-at-boot": 2, "turns": 1}
_MOST = 20


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


def state_cell(card: Card) -> Cell:
    """The state in its colour."""
    return Cell(state_text(card.state), ROLES[card.state])


def claimant(claim: Claim) -> str:
    """Who claims it, whether that guest is off as far as known, and which alternatives it has."""
    text = claim.guest.label
    if claim.mdev:
        text += f" {claim.mdev}"
    if claim.alternatives > 1:
        text += _(" (1 of {n})").format(n=claim.alternatives)
    # Whether it runs on a node that is away, nobody knows.
    known_off = not claim.running and claim.as_of is None
    return _("{guest} off").format(guest=text) if known_off else text


def claims_cell(card: Card) -> Cell:
    """All who claim it or what goes with it, those who run first."""
    parts = [_listed(card.claims)] if card.claims else []
    if card.group_claims:
        text = _("group {group} with {guests}")
        guests = _listed(card.group_claims)
        parts.append(text.format(group=card.device.iommu_group, guests=guests))
    if card.part_claims:
        text = _("a part of it with {guests}")
        parts.append(text.format(guests=_listed(card.part_claims)))
    role: Role = "bad" if card.state == "clash" else "" if card.node_online else "stale"
    return Cell("; ".join(parts), role)


def _listed(claims: Sequence[Claim]) -> str:
    ordered = sorted(claims, key=lambda claim: not claim.running)
    return ", ".join(dict.fromkeys(claimant(claim) for claim in ordered))


def vendor_text(vendor: str) -> str:
    """`Advanced Micro Devices, Inc. [AMD/ATI]` -> `AMD/ATI`, `NVIDIA Corporation` -> `NVIDIA`."""
    if vendor.endswith("]") and "[" in vendor:
        return vendor[vendor.rindex("[") + 1 : -1]
    return vendor.partition(" ")[0]


def group_text(card: Card) -> str:
    """The IOMMU group; a dash where there is none."""
    return str(card.device.iommu_group) if card.device.iommu_group >= 0 else "-"


def aged(card: Card, snapshot: Snapshot, now: float) -> float | None:
    """The node's devices, or who claims them and whether they run."""
    cluster = card.device.cluster
    return aging.oldest(
        aging.hardware_age(snapshot, now, cluster, card.device.node),
        aging.age_of(
            snapshot, now, (GuestConfigs, cluster), (Resources, cluster), (Membership, cluster)
        ),
    )


def about(card: Card, title: str) -> Section:
    """What the device is."""
    device = card.device
    lines = [
        (_("node"), Cell(device.node)),
        (_("address"), Cell(device.address)),
        (_("vendor"), Cell(device.vendor)),
        (_("model"), Cell(device.model)),
        (_("PCI id"), Cell(f"{device.vendor_id}:{device.device_id}")),
        (_("board"), Cell(" ".join(filter(None, (device.subsystem, device.board))))),
        (_("IOMMU group"), Cell(group_text(card))),
        (_("mapping"), Cell(" ".join(card.mappings))),
        (_("parts"), Cell(_parts(card))),
        (_("state"), state_cell(card)),
    ]
    return Section(title, tuple((label, cell) for label, cell in lines if cell.text))


def _parts(card: Card) -> str:
    device = card.device
    words = [_("can be split (mdev)")] if device.mdev else []
    if device.is_virtual:
        of = f" {device.physical}" if device.physical else ""
        words.append(_("virtual function") + of)
    if device.virtual:
        words.append(_("{n} virtual functions").format(n=len(device.virtual)))
    return ", ".join(words)


def claims_section(card: Card) -> Section:
    """Each claim with its how, and what that means."""
    lines = [(claim.guest.label, Cell(_how(claim))) for claim in card.claims]
    lines += [(c.guest.label, Cell(_("template, takes nothing"), "dim")) for c in card.templates]
    return Section(_("Claims"), tuple(lines))


def _how(claim: Claim) -> str:
    words = [_("running") if claim.running else _("off")]
    if claim.as_of is not None:
        at = time.strftime("%Y-%m-%d %H:%M", time.localtime(claim.as_of))
        words = [_("its node is away; as read at {time}").format(time=at)]
    if claim.onboot:
        words.append(_("starts with its node"))
    if claim.path:
        words.append(_("by {path} of the host's driver, beside others").format(path=claim.path))
        if claim.alternatives > 1:
            words.append(_("one of {n} cards here").format(n=claim.alternatives))
        return " ".join(words)
    if not claim.mapping:
        words.append(_("by address"))
    elif claim.alternatives > 1:
        text = _("by mapping {name}, one of its {n} here")
        words.append(text.format(name=claim.mapping, n=claim.alternatives))
    else:
        words.append(_("by mapping {name}").format(name=claim.mapping))
    if claim.shared:
        words.append(_("a part of it: {kind}").format(kind=claim.mdev))
    return " ".join(words)


def neighbours_section(card: Card) -> Section:
    """Who claims what goes with it: another device of its group, another part of it."""
    found = (*card.group_claims, *card.part_claims)
    lines = tuple((claim.guest.label, Cell(claimant(claim))) for claim in found)
    return Section(_("Claims on the same IOMMU group"), lines)


def group_section(card: Card, snapshot: Snapshot) -> Section:
    """What else is in its IOMMU group, and whose that is."""
    device = card.device
    if device.iommu_group < 0:
        return Section(_("IOMMU group"), ())
    others = [
        other
        for other in device_table(snapshot).cards
        if (other.device.cluster, other.device.node) == (device.cluster, device.node)
        and other.device.iommu_group == device.iommu_group
        and other.device.address != device.address
    ]
    lines = [
        (other.device.address.removeprefix("0000:"), Cell(_member(other)))
        for other in others[:_MOST]
    ]
    return Section(_("IOMMU group"), tuple(lines))


def _member(card: Card) -> str:
    who = _listed(card.claims)
    name = short_model(card.device.model) or card.device.ids
    return f"{name}  {who}" if who else name
