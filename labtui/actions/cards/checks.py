"""What speaks against a hand-over, and what should be known before it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from labtui.actions.cards import parts
from labtui.actions.cards.changes import Change
from labtui.actions.cards.facts import HandFacts, Party
from labtui.actions.cards.lines import MOST_LINES, is_q35, lines_of, mapping_of
from labtui.actions.guest_facts import pending_text
from labtui.locale import _
from labtui.model.claims import Card

_MIB = 1 << 20
_GIB = 1 << 30
ROOT = "root@pam"


def ways_of(facts: HandFacts, card: Card) -> dict[str, str]:
    """How a card may be named: `mapping` and `address` with the line's text, as rights allow."""
    found = {}
    part = parts.part_of(facts)
    # A card that can be divided fits a mapping that says so, whole as well.
    fit = (lambda m: m.mdev) if part else (lambda m: not m.mdev or card.device.mdev)
    named = [m for m in facts.mappings if m.name in card.mappings and fit(m)]
    allowed = [m for m in named if _held(facts, f"/mapping/pci/{m.name}")]
    if allowed:
        best = min(allowed, key=lambda mapping: (len(mapping.on(facts.node)), mapping.name))
        found["mapping"] = parts.line_of(f"mapping={best.name}", part)
    if facts.rights is None or facts.rights.user == ROOT:
        place = card.device.address if part else card.device.slot
        found["address"] = parts.line_of(place, part)
    return found


def _held(facts: HandFacts, path: str) -> bool:
    held = facts.rights
    return held is None or held.user == ROOT or held.allows("Mapping.Use", path)


def blocked(party: Party) -> Iterator[str]:
    """Why a guest's configuration can't be changed now."""
    label = party.guest.label
    for text in (*party.subject.blockers, party.problem, party.subject.lock_text):
        if text:
            yield text if label in text else f"{label}: {text}"
    if party.subject.pending:
        text = _("{guest}: {keys} waits for a restart: restart it, or take that back, first")
        yield text.format(guest=label, keys=pending_text(party.subject.pending))


def against(
    facts: HandFacts, changes: Sequence[Change], target: Party | None, how: Mapping[str, str]
) -> Iterator[str]:
    """What forbids it."""
    yield from facts.problems
    for card in facts.cards:
        if not card.node_online:
            yield _("{node} is away").format(node=card.device.node)
        yield from _by_nodes(card)
    yield from parts.against(facts, target)
    if facts.only_away and not changes:
        yield _("there is no line in a configuration that could be taken out")
    parties = {change.party.guest.key: change.party for change in changes}
    if target is not None:
        parties[target.guest.key] = target
    for party in parties.values():
        yield from blocked(party)
    for change in changes:
        yield from _rights(facts, change)
    if target is not None:
        yield from _unnameable(facts, how)
        yield from _places(facts, target, changes)
        yield from _grouped(facts, tuple(parties))


def _by_nodes(card: Card) -> Iterator[str]:
    """Containers have a card by the host's driver, which loses it to a machine."""
    for claim in card.claims:
        if claim.path and claim.running and claim.alternatives == 1:
            text = _("{guest} runs and uses {card} by {path}: take that line out of it first")
            yield text.format(guest=claim.guest.label, card=card.device.slot, path=claim.path)


def _rights(facts: HandFacts, change: Change) -> Iterator[str]:
    """Raw lines are for root alone, written or taken out (qemu-server `check_hostpci_perm`)."""
    if facts.rights is None or facts.rights.user == ROOT:
        return
    for key in change.values:
        if not key.startswith("hostpci"):
            continue
        for line in (change.before[key], change.values[key]):
            name = mapping_of(line)
            if line and not name:
                text = _("{guest}: {line} names a device by its address: that is for {root} alone")
                yield text.format(guest=change.party.guest.label, line=key, root=ROOT)
                break
            if name and not _held(facts, f"/mapping/pci/{name}"):
                text = _("{right} on {path} is missing")
                yield text.format(right="Mapping.Use", path=f"/mapping/pci/{name}")


def _unnameable(facts: HandFacts, how: Mapping[str, str]) -> Iterator[str]:
    for card in facts.cards:
        if not how.get(card.key):
            text = _("{card} is in no mapping you may use (m makes one); addresses are for {root}")
            if parts.part_of(facts):
                text = _("{card} is in no mapping for parts (mdev) that you may use: m makes one")
            yield text.format(card=card.device.slot, root=ROOT)
        if card.device.iommu_group < 0:
            text = _("{card} has no IOMMU group: the IOMMU of {node} is off")
            yield text.format(card=card.device.slot, node=card.device.node)


def _places(facts: HandFacts, target: Party, changes: Sequence[Change]) -> Iterator[str]:
    """A guest has sixteen lines for devices."""
    lines = len(lines_of(target.config))
    own = next((change for change in changes if not change.gives), None)
    new = sum(key.startswith("hostpci") for key in own.values) if own is not None else 0
    named = sum(any(c.guest.key == target.guest.key for c in card.claims) for card in facts.cards)
    if lines + new >= MOST_LINES and new + named < len(facts.cards):
        text = _("{guest} has {n} of {most} passed-through devices already")
        yield text.format(guest=target.guest.label, n=lines, most=MOST_LINES)


def _grouped(facts: HandFacts, parties: Sequence[str]) -> Iterator[str]:
    """A group goes to one guest as a whole: nobody else that runs may have of it."""
    for card in facts.cards:
        for claim in (*card.group_claims, *card.part_claims):
            if claim.running and claim.guest.key not in parties:
                text = _("{card} shares IOMMU group {group} with a device of {guest}, which runs")
                yield text.format(
                    card=card.device.slot, group=card.device.iommu_group, guest=claim.guest.label
                )


def warned(
    facts: HandFacts, changes: Sequence[Change], target: Party | None, how: Mapping[str, str]
) -> Iterator[str]:
    """What should be known before."""
    for change in changes:
        yield from change.party.subject.warnings
    if target is None:
        return
    label, config = target.guest.label, target.config
    yield from parts.warned(facts, target)
    if facts.group and not parts.part_of(facts):
        devices = ", ".join(f"{d.slot} {d.model}" for d in facts.group[:4])
        text = _("in its IOMMU group, and nobody else's from now on: {devices}")
        yield text.format(devices=devices)
    if not is_q35(config):
        text = _("the machine of {guest} is not q35: plain PCI, which many cards' drivers refuse")
        yield text.format(guest=label)
    if str(config.get("bios") or "") != "ovmf" and any(c.device.is_gpu for c in facts.cards):
        text = _("{guest} starts by SeaBIOS: cards with large memory windows (BARs) want OVMF")
        yield text.format(guest=label)
    yield from _pooled(facts, how)
    yield from _boots(facts, changes, target)
    yield from _tight(facts, changes, target)
    if target.subject.managed:
        text = _("HA can bring {guest} elsewhere only by stopping it, where its cards are mapped")
        yield text.format(guest=label)


def _pooled(facts: HandFacts, how: Mapping[str, str]) -> Iterator[str]:
    for line in dict.fromkeys(how.values()):
        name = mapping_of(line)
        size = next((len(m.on(facts.node)) for m in facts.mappings if m.name == name), 1)
        if name and size > 1 and not parts.part_of(facts):
            text = _("mapping {name} has {n} devices on {node}: the first free one is taken")
            yield text.format(name=name, n=size, node=facts.node)


def _boots(facts: HandFacts, changes: Sequence[Change], target: Party) -> Iterator[str]:
    """Others that still name it and start with the node."""
    gone = {change.party.guest.key for change in changes}
    if str(target.config.get("onboot", 0)) != "1":
        return
    for card in facts.cards:
        for claim in card.claims:
            if claim.onboot and claim.alternatives == 1 and claim.guest.key not in gone:
                text = _("{guest} names {card} as well, and both start with {node}")
                yield text.format(guest=claim.guest.label, card=card.device.slot, node=facts.node)


def _tight(facts: HandFacts, changes: Sequence[Change], target: Party) -> Iterator[str]:
    """Its whole memory is locked at start; those that are shut down give theirs back."""
    if facts.memory is None:
        return
    used, size = facts.memory
    stopped = [c.party.guest for c in changes if c.party.subject.running]
    free = size - used + sum(guest.memory or 0 for guest in stopped)
    wanted = memory_of(target)
    if wanted > free:
        text = _("{node} has {free} GiB free then, and {guest} locks {wanted} GiB")
        yield text.format(
            node=facts.node,
            free=max(0, free) // _GIB,
            guest=target.guest.label,
            wanted=wanted // _GIB,
        )


def memory_of(party: Party) -> int:
    """Bytes of its memory by configuration."""
    text = str(party.config.get("memory") or "")
    parts = dict(part.partition("=")[::2] for part in text.split(",") if "=" in part)
    number = parts.get("current", text)
    return int(number) * _MIB if number.isdigit() else party.guest.memory_max or 0
