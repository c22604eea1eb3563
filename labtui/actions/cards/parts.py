"""Parts of cards (mdev, vGPU): which kinds the driver offers, and which one is handed over.

`GET /nodes/{n}/hardware/pci/{address}/mdev` tells them with how many of each are left. It offers
nothing while a guest has the card as a whole, since it is not the driver's then. A part is of one
function: the server refuses those of several (qemu-server `PVE/QemuServer/PCI.pm`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from labtui.actions.action import Fact, Input, Wire
from labtui.actions.task_run import reason
from labtui.locale import _
from labtui.model.claims import Card, Claim
from labtui.model.errors import LabError
from labtui.model.text import clean

if TYPE_CHECKING:
    from labtui.actions.cards.facts import HandFacts, Party

WHOLE = "whole"


class Kind(msgspec.Struct, frozen=True):
    """A kind of part as a line names it (`nvidia-661`), how many are left, what it is called."""

    id: str
    left: int = 0
    name: str = ""


class Kinds(msgspec.Struct, frozen=True):
    """What each card offers, by its key, and why one could not be asked."""

    of: dict[str, tuple[Kind, ...]] = {}
    unread: tuple[str, ...] = ()


async def ask(cards: Sequence[Card], wire: Wire) -> Kinds:
    """The kinds of those that can be divided; a server that does not say is no failure."""
    found, unread = dict[str, tuple[Kind, ...]](), []
    for card in (each for each in cards if each.device.mdev and each.node_online):
        device = card.device
        try:
            told = await wire.read(
                device.cluster, f"/nodes/{device.node}/hardware/pci/{device.address}/mdev"
            )
        except LabError as error:
            text = _("{card}: what parts it has is not told: {why}")
            unread.append(text.format(card=device.slot, why=reason(error)))
        else:
            found[card.key] = kinds_in(told)
    return Kinds(found, tuple(unread))


def kinds_in(told: Any) -> tuple[Kind, ...]:
    """The rows of the answer; what is none is left out."""
    rows = [row for row in told if isinstance(row, dict)] if isinstance(told, list) else []
    found = []
    for row in rows:
        name, left = clean(str(row.get("type") or ""), 80), row.get("available")
        whole = isinstance(left, int) and not isinstance(left, bool)
        if name and not set(name) & set(",;= "):
            found.append(Kind(name, max(0, int(left or 0)) if whole else 0, _named(row)))
    return tuple(found)


def _named(row: dict[str, Any]) -> str:
    # Older drivers have no name; then the first words of the description do.
    told = str(row.get("description") or "").strip().partition("\n")[0].partition(",")[0]
    return clean((str(row.get("name") or "") or told).strip(), 80)


def kinds_of_all(facts: HandFacts) -> tuple[Kind, ...]:
    """The kinds that every card of it offers, each with the fewest that one of them has left."""
    offered = [{kind.id: kind for kind in facts.kinds.of.get(card.key, ())} for card in facts.cards]
    if not offered:
        return ()
    return tuple(
        Kind(kind.id, min(each[kind.id].left for each in offered), kind.name)
        for kind in offered[0].values()
        if all(kind.id in each for each in offered)
    )


def part_of(facts: HandFacts) -> str:
    """The kind that is given; empty when the cards are given as a whole.

    Of a card that others have parts of, a part is given unless something else is wanted.
    """
    kinds = kinds_of_all(facts)
    divided = any(claim.mdev for card in facts.cards for claim in card.claims)
    likely = next((kind.id for kind in kinds if kind.left), "") if divided else ""
    wanted = facts.answers.get("part", likely)
    return wanted if any(kind.id == wanted for kind in kinds) else ""


def input_of(facts: HandFacts) -> Input | None:
    """The choice between the whole cards and a part of each."""
    kinds, part = kinds_of_all(facts), part_of(facts)
    if not kinds:
        return None
    chosen = next((kind for kind in kinds if kind.id == part), None)
    hint = _("or a part of each, by its kind")
    if chosen is not None:
        hint = _("{name}, {n} left").format(name=chosen.name or chosen.id, n=chosen.left)
    options = (WHOLE, *(kind.id for kind in kinds))
    return Input("part", _("how much"), part or WHOLE, "choice", options, hint)


def line_of(base: str, part: str) -> str:
    """A line for a card, or for that part of it."""
    return f"{base},mdev={part}" if part else base


def against(facts: HandFacts, target: Party | None) -> Iterator[str]:
    """What forbids to give the part, or the whole of what is divided."""
    part = part_of(facts)
    for card in facts.cards:
        own = [c for c in card.claims if target is not None and c.guest.key == target.guest.key]
        others = [claim for claim in card.claims if claim not in own]
        yield from _mixed(card, own, part)
        if part and not any(claim.mdev == part for claim in own):
            yield from _offered(facts, card, part)
        elif not part:
            yield from _pooled(facts, card, others)


def _mixed(card: Card, own: Sequence[Claim], part: str) -> Iterator[str]:
    """A guest has a card or parts of it, not both."""
    for claim in own:
        if claim.alternatives > 1 or bool(claim.mdev) == bool(part):
            continue
        text = _("{guest} has a part of {card}: take that away first")
        if part:
            text = _("{guest} has {card} as a whole: take that away first")
        yield text.format(guest=claim.guest.label, card=card.device.slot)


def _offered(facts: HandFacts, card: Card, part: str) -> Iterator[str]:
    kind = next((each for each in facts.kinds.of.get(card.key, ()) if each.id == part), None)
    if kind is None or not kind.left:
        yield _("{card} has no {kind} left").format(card=card.device.slot, kind=part)
    mapped = {m.name: m for m in facts.mappings}
    for name in card.mappings:
        entries = mapped[name].on(facts.node) if name in mapped else ()
        several = [e for e in entries if len(e.addresses) > 1 or "." not in e.addresses[0]]
        if mapped[name].mdev and several:
            text = _("mapping {name} names whole slots: a part is of one function")
            yield text.format(name=name)


def _pooled(facts: HandFacts, card: Card, others: Sequence[Claim]) -> Iterator[str]:
    """Which of several cards a part is of, nobody tells."""
    for claim in others:
        if claim.mdev and claim.alternatives > 1 and not facts.named:
            text = _(
                "{guest} has a part of one of {n} cards of mapping {name}: of which is not told"
            )
            yield text.format(guest=claim.guest.label, n=claim.alternatives, name=claim.mapping)


def warned(facts: HandFacts, target: Party | None) -> Iterator[str]:
    """What should be known before a part is given."""
    yield from facts.kinds.unread
    part = part_of(facts)
    if not part or target is None:
        return
    for card in facts.cards:
        left = next((k.left for k in facts.kinds.of.get(card.key, ()) if k.id == part), 0)
        waiting = {
            claim.guest.key: claim.guest.label
            for claim in card.claims
            if claim.mdev and not claim.running and claim.guest.key != target.guest.key
        }
        if waiting and left <= len(waiting):
            text = _("{n} of {kind} are left of {card}; off now, and in want of one: {guests}")
            names = ", ".join(waiting.values())
            yield text.format(n=left, kind=part, card=card.device.slot, guests=names)


def facts_of(facts: HandFacts) -> Iterator[Fact]:
    """The part in words, with how many are left of it on each card."""
    part = part_of(facts)
    for card in facts.cards if part else ():
        for kind in facts.kinds.of.get(card.key, ()):
            if kind.id == part:
                text = _("{kind} {name}, {n} left on {card}")
                told = text.format(kind=kind.id, name=kind.name, n=kind.left, card=card.device.slot)
                yield Fact(_("part"), told)
