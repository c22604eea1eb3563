"""Findings about what is made of GPUs: idle ones, ones of guests that are off, shared groups."""

from __future__ import annotations

from collections.abc import Iterator

from labtui.findings.finding import Evidence, Finding, Hits, Remedy, Subject, words
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.claims import Card, device_table
from labtui.model.cluster import Resources
from labtui.model.devices import Hardware, PciDevice
from labtui.model.guests import GuestConfigs
from labtui.model.spans import span
from labtui.model.use import CardUses, Idle
from labtui.model.use_join import SeenUse, use_table

IDLE_FOR = 3 * 86400.0
"""Seconds without work after which a card that is given to somebody is worth a word."""
OFF_FOR = 7 * 86400.0
"""Seconds for which the guest of a card is off, after which that is worth a word."""
_BLIND = 3600.0


def _cards(sight: Sight) -> Iterator[Card]:
    for card in device_table(sight.snapshot).cards:
        if card.device.is_gpu and card.node_online:
            yield card


def _slot(card: Card) -> str:
    return f"{card.device.node}/{card.device.slot}"


def _subject(card: Card) -> Subject:
    return Subject("card", card.key, _slot(card), "gpus", card.key)


def _idle(sight: Sight) -> Iterator[Finding]:
    uses = use_table(sight.snapshot)
    for card in _cards(sight):
        seen = uses.of.get(card.key)
        users = [claim for claim in card.claims if claim.running]
        if seen is None or seen.rest is None or seen.rest.since is None or not users:
            continue
        # Of what nobody has looked at lately nobody can say that it still rests.
        rests = seen.rest.seen - seen.rest.since
        if rests >= IDLE_FOR and sight.now - seen.rest.seen <= _BLIND:
            yield _idle_card(card, seen, seen.rest, sight)


def _idle_card(card: Card, seen: SeenUse, rest: Idle, sight: Sight) -> Finding:
    guest = next(claim.guest for claim in card.claims if claim.running)
    since = rest.since or rest.seen
    evidence = [
        Evidence(
            words(N_("no work was seen on it for {span}"), span=span(rest.seen - since)),
            source=seen.report.tool,
            at=rest.seen,
        )
    ]
    if rest.blind > _BLIND:
        text = N_("nobody looked for up to {span} of that")
        evidence.append(Evidence(words(text, span=span(rest.blind)), "against"))
    if seen.how == "order":
        evidence.append(
            Evidence(words(N_("which of its cards it is goes by their order")), "against")
        )
    held = [process for process in seen.use.processes if process.computes]
    if held:
        text = N_("{n} programs hold it all the same")
        evidence.append(Evidence(words(text, n=len(held)), source=seen.report.tool))
    return Finding(
        "gpu-idle",
        _subject(card),
        "gpu",
        "notice",
        words(
            N_("GPU {card} of {guest} does nothing since {span}"),
            card=_slot(card),
            guest=guest.label,
            span=span(sight.now - since),
        ),
        since=since,
        sure="certain" if len(evidence) == 1 or rest.blind <= _BLIND else "likely",
        evidence=tuple(evidence),
        remedies=(
            Remedy(
                words(N_("ask whose it is whether somebody else may have it")),
                view="guests",
                key=guest.key,
            ),
            Remedy(words(N_("if so: take it away")), "gpu.take", "gpus", card.key),
        ),
        hits=Hits(guests=(guest.key,), cards=(_slot(card),)),
    )


def _off(sight: Sight) -> Iterator[Finding]:
    for card in _cards(sight):
        if card.state != "reserved" or not card.claims:
            continue
        known = [sight.history.off.get(claim.guest.key) for claim in card.claims]
        times = [at for at in known if at is not None]
        if len(times) != len(card.claims) or sight.now - max(times, default=sight.now) < OFF_FOR:
            continue
        since = max(times)
        yield Finding(
            "gpu-off",
            _subject(card),
            "gpu",
            "notice",
            words(
                N_("GPU {card} is given to {guest}, which is off since {span} at least"),
                card=_slot(card),
                guest=", ".join(claim.guest.label for claim in card.claims),
                span=span(sight.now - since),
            ),
            since=since,
            evidence=(Evidence(words(N_("nobody else can have it")), source=card.device.node),),
            remedies=(
                Remedy(
                    words(N_("take it away from a guest that does not need it any more")),
                    "gpu.take",
                    "gpus",
                    card.key,
                ),
            ),
            hits=Hits(guests=tuple(c.guest.key for c in card.claims), cards=(_slot(card),)),
        )


_KEPT = frozenset(("network", "storage", "usb", "accelerator"))


def _group(sight: Sight) -> Iterator[Finding]:
    """A card that is given away while devices of the host, or another guest's, are in its group."""
    told: set[tuple[str, str, int]] = set()
    for card in _cards(sight):
        device = card.device
        group = (device.cluster, device.node, device.iommu_group)
        if not card.claims or device.iommu_group < 0 or group in told:
            continue
        hosts = [other for other in _members(sight, device) if other.device.kind in _KEPT]
        kept = [other.device for other in hosts if not other.claims]
        if not kept and not (card.state == "turns" and card.group_claims):
            continue
        told.add(group)
        yield _shared(card, kept)


def _members(sight: Sight, device: PciDevice) -> Iterator[Card]:
    for other in device_table(sight.snapshot).cards:
        mine = (other.device.cluster, other.device.node) == (device.cluster, device.node)
        same = other.device.iommu_group == device.iommu_group
        if mine and same and other.device.slot != device.slot:
            yield other


def _shared(card: Card, kept: list[PciDevice]) -> Finding:
    guests = tuple(dict.fromkeys(c.guest.key for c in (*card.claims, *card.group_claims)))
    says = words(
        N_("GPU {card} shares IOMMU group {n} with what another guest has: one of them runs"),
        card=_slot(card),
        n=card.device.iommu_group,
    )
    if kept:
        says = words(
            N_("GPU {card} shares IOMMU group {n} with devices of the host: {devices}"),
            card=_slot(card),
            n=card.device.iommu_group,
            devices=", ".join(device.address for device in kept),
        )
    evidence = tuple(
        Evidence(
            words(N_("{address} {model}"), address=device.address, model=device.model),
            source=device.node,
        )
        for device in kept
    )
    return Finding(
        "gpu-group",
        _subject(card),
        "gpu",
        "warning" if kept else "notice",
        says,
        evidence=evidence,
        remedies=(Remedy(words(N_("another slot of the board, or ACS, parts the group"))),),
        hits=Hits(guests=guests, cards=(_slot(card),)),
    )


GPU_USE_RULES = (
    Rule("gpu-idle", "gpus", (CardUses, Hardware, GuestConfigs, Resources), _idle),
    Rule("gpu-off", "gpus", (Hardware, GuestConfigs, Resources), _off),
    Rule("gpu-group", "gpus", (Hardware, GuestConfigs, Resources), _group),
)
