"""Findings about GPUs: claimed twice, gone from the bus, named by a mapping that fits no more."""

from __future__ import annotations

from collections.abc import Iterator

from labtui.findings.finding import Evidence, Finding, Hits, Remedy, Subject, words
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.claims import Card, CardState, Claim, card_table
from labtui.model.cluster import Resources
from labtui.model.devices import Hardware, PciMapping
from labtui.model.guests import GuestConfigs
from labtui.model.mapping_check import MappingState, Mismatch, mapping_states


def _twice(sight: Sight) -> Iterator[Finding]:
    for cards, rivals in _clashes(sight, "clash"):
        running = [claim for claim in rivals if claim.running]
        yield _clash("gpu-twice", cards, running, now=True)


def _at_boot(sight: Sight) -> Iterator[Finding]:
    for cards, rivals in _clashes(sight, "clash-at-boot"):
        yield _clash("gpu-twice-at-boot", cards, rivals, now=False)


def _clashes(sight: Sight, state: CardState) -> Iterator[tuple[list[Card], list[Claim]]]:
    """Cards over which the same guests quarrel, and those guests."""
    groups: dict[tuple[str, ...], tuple[list[Card], list[Claim]]] = {}
    for card in card_table(sight.snapshot).cards:
        if card.state == state:
            rivals = list(card.rivals)
            who = tuple(sorted(claim.guest.key for claim in rivals))
            groups.setdefault(who, ([], rivals))[0].append(card)
    yield from groups.values()


def _clash(rule: str, cards: list[Card], rivals: list[Claim], *, now: bool) -> Finding:
    card = cards[0]
    slots = tuple(dict.fromkeys(f"{each.device.node}/{each.device.slot}" for each in cards))
    slot = " ".join(slots)
    names = ", ".join(claim.guest.label for claim in rivals)
    says = words(
        N_("GPU {card} is in the configuration of several guests that run: {guests}"),
        card=slot,
        guests=names,
    )
    if not now:
        says = words(
            N_("GPU {card}: {guests} start with the node, and only one can have it"),
            card=slot,
            guests=names,
        )
    return Finding(
        rule,
        Subject("card", card.key, slot, "gpus"),
        "gpu",
        "critical" if now else "notice",
        says,
        evidence=_rivalry(cards, rivals),
        remedies=_parted(card, rivals),
        hits=Hits(guests=tuple(claim.guest.key for claim in rivals), cards=slots),
    )


def _rivalry(cards: list[Card], rivals: list[Claim]) -> tuple[Evidence, ...]:
    """How each of them names it, and that a group is not divided."""
    device = cards[0].device
    evidence = tuple(
        Evidence(
            words(
                N_("{guest} names it ({how})"),
                guest=claim.guest.label,
                how=claim.path or claim.mapping or device.slot,
            ),
            source=device.cluster,
        )
        for claim in rivals
    )
    if not any(each.group_claims for each in cards):
        return evidence
    shared = words(N_("IOMMU group {n} goes to one guest as a whole"), n=device.iommu_group)
    return (*evidence, Evidence(shared, source=device.node))


def _parted(card: Card, rivals: list[Claim]) -> tuple[Remedy, ...]:
    """How guests that quarrel over a card are parted."""
    last = rivals[-1].guest.key if rivals else ""
    take_out = words(N_("take the hostpci entry out of one of them"))
    return (
        Remedy(words(N_("say whose it is: it is taken from the others")), "gpu.give", "gpus",
               card.key),
        Remedy(take_out, view="guests", key=last),
        Remedy(words(N_("a mapping with several cards gives each its own"))),
    )  # fmt: skip


def _gone(sight: Sight) -> Iterator[Finding]:
    """Cards that were there earlier, or that a guest or a mapping names, and are not any more."""
    for cluster, hardware in sight.snapshot.of(Hardware):
        for node, devices in hardware.devices.items():
            past = sight.history.cards.get(f"{cluster}/{node}")
            there = {device.address for device in devices}
            lost: dict[str, str] = {
                address: model
                for address, model in (past.models if past else {}).items()
                if address not in there
            }
            slots = {device.slot for device in devices}
            for address in _named(sight, cluster, node, hardware.mappings):
                slot = _slot(address)
                if slot not in slots and slot not in {_slot(known) for known in lost}:
                    lost[address] = ""
            for address, model in sorted(lost.items()):
                yield _card_gone(sight, (cluster, node), address, model, hardware)


def _slot(address: str) -> str:
    return address.rsplit(".", 1)[0] if "." in address else address


def _named(
    sight: Sight, cluster: str, node: str, mappings: tuple[PciMapping, ...]
) -> Iterator[str]:
    for mapping in mappings:
        for entry in mapping.on(node):
            yield from entry.addresses
    part = sight.snapshot.one(GuestConfigs, cluster)
    for config in (part.configs if part else {}).values():
        if config.hostpci and config.node == node:
            for line in config.hostpci:
                yield from line.addresses


def _card_gone(
    sight: Sight, where: tuple[str, str], address: str, model: str, hardware: Hardware
) -> Finding:
    cluster, node = where
    slot = _slot(address)
    claims = tuple(_claimants(sight, cluster, node, address, hardware.mappings))
    says = words(N_("GPU {card} is gone from the bus: {model}"), card=f"{node}/{slot}", model=model)
    if not model:
        says = words(
            N_("{card} is named by a guest or a mapping, and there is no such device"),
            card=f"{node}/{slot}",
        )
    return Finding(
        "gpu-gone",
        Subject("card", f"{cluster}/{node}/{slot}", f"{node}/{slot}"),
        "gpu",
        "critical" if model else "warning",
        says,
        evidence=(
            Evidence(
                words(N_("not among the devices of {node}"), node=node),
                source=node,
                at=hardware.read_at.get(node),
            ),
        ),
        remedies=(
            Remedy(
                words(N_("`dmesg` on {node}: look for the slot and for Xid 79"), node=node),
                view="nodes",
                key=f"{cluster}/{node}",
            ),
            Remedy(
                words(N_("power {node} off and on again; a reboot is not enough"), node=node),
                "node.shutdown",
                "nodes",
                f"{cluster}/{node}",
            ),
        ),
        hits=Hits(guests=claims, cards=(f"{node}/{slot}",)),
    )


def _claimants(
    sight: Sight, cluster: str, node: str, address: str, mappings: tuple[PciMapping, ...]
) -> Iterator[str]:
    slot = _slot(address)
    named = {
        mapping.name
        for mapping in mappings
        if any(_slot(a) == slot for entry in mapping.on(node) for a in entry.addresses)
    }
    part = sight.snapshot.one(GuestConfigs, cluster)
    for config in (part.configs if part else {}).values():
        if config.node == node and any(
            line.mapping in named or any(_slot(a) == slot for a in line.addresses)
            for line in config.hostpci
        ):
            yield f"{cluster}/{config.vmid}"


def _mappings(sight: Sight) -> Iterator[Finding]:
    """Entries that do not fit the devices of their node, and what the node itself says."""
    for state in mapping_states(sight.snapshot):
        for wrong in state.mismatches:
            # A PCI device that is gone is told as such; nobody tells of one that was unplugged.
            if wrong.fault != "gone" or state.kind == "usb":
                yield _mapping_broken(state, wrong)


def _mapping_broken(state: MappingState, wrong: Mismatch) -> Finding:
    name, node = state.mapping.name, wrong.entry.node
    place = f"{node}/{wrong.entry.addresses[0]}"
    gone = words(N_("{device} is not plugged in there"), device=wrong.expected)
    evidence = [
        Evidence(gone, source=node)
        if wrong.fault == "gone"
        else Evidence(
            words(
                N_("its {what} is {expected}; the device's is {found}"),
                what=wrong.fault,
                expected=wrong.expected,
                found=wrong.found,
            ),
            source=node,
        )
    ]
    evidence += (
        Evidence(words(N_("{node} says: {said}"), node=where, said=said), source=where)
        for where, said in state.said
        if where == node
    )
    return Finding(
        "mapping-broken",
        Subject(
            "mapping",
            f"{state.key}/{node}/{wrong.entry.addresses[0]}",
            name,
            "mappings",
            state.key,
        ),
        "gpu",
        "warning",
        words(N_("mapping {name} does not fit {card} any more"), name=name, card=place),
        evidence=tuple(evidence),
        remedies=(
            Remedy(
                words(N_("set the mapping anew: guests that use it do not start")),
                action="mapping.repair",
                view="mappings",
                key=state.key,
            ),
        ),
        hits=Hits(guests=tuple(guest.key for guest in state.users), cards=(place,)),
    )


GPU_RULES = (
    Rule("gpu-twice", "gpus", (Hardware, GuestConfigs, Resources), _twice),
    Rule("gpu-twice-at-boot", "gpus", (Hardware, GuestConfigs, Resources), _at_boot),
    Rule("gpu-gone", "gpus", (Hardware,), _gone),
    Rule("mapping-broken", "gpus", (Hardware,), _mappings),
)
