"""Give cards to a guest, take them away, hand a lease back: one plan for all guests of it.

Its parts are imported when they are first needed: no frame has to wait for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from labtui.actions.action import Action, Outcome, Plan, Report, Scope, Wire, subjects
from labtui.locale import N_, _
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.actions.cards.facts import HandFacts
    from labtui.actions.cards.usb import UsbFacts


def _is_usb(subject: str) -> bool:
    """A USB device has no card's key; several at a time are not handed over."""
    return "," not in subject and subject.rpartition("/")[2].startswith("usb-")


def _applies(subject: str, snapshot: Snapshot) -> str:
    from labtui.actions.cards.facts import cards_of

    if _is_usb(subject):
        from labtui.actions.cards import usb

        return usb.applies(subject, snapshot)
    found = cards_of(subject, snapshot)
    if not found:
        return _("{subject} is not there any more").format(subject=subject)
    away = next((card for card in found if not card.node_online), None)
    return _("{node} is away").format(node=away.device.node) if away else ""


def _held(subject: str, snapshot: Snapshot) -> str:
    from labtui.actions.cards.facts import cards_of

    if _is_usb(subject):
        from labtui.actions.cards import usb

        return usb.applies(subject, snapshot, held=True)
    if why := _applies(subject, snapshot):
        return why
    claimed = any(card.claims for card in cards_of(subject, snapshot))
    return "" if claimed else _("nobody has it")


def _leased(subject: str, snapshot: Snapshot) -> str:
    from labtui.actions.cards.facts import cards_of

    held = cards_of(subject, snapshot)
    return _held(subject, snapshot) if held else _("the guest has no card of this lease any more")


def _scope(subject: str, snapshot: Snapshot) -> Scope:
    """The node of the cards and the guests that the subject names."""
    from labtui.actions.cards.facts import CONFIG, OPTIONS, POWER, cards_of, guests_of
    from labtui.actions.guest_facts import scope_of

    guests = guests_of(subject)
    if guests:
        return scope_of(",".join(guests), snapshot, CONFIG, OPTIONS, POWER)
    cluster = subject.partition("/")[0]
    found = cards_of(subject, snapshot)
    nodes = tuple(dict.fromkeys(card.device.node for card in found))
    label = ", ".join(card.device.slot for card in found) or subjects(subject)[0]
    return Scope(cluster, label, nodes)


async def _survey(subject: str, wire: Wire) -> HandFacts | UsbFacts:
    if _is_usb(subject):
        from labtui.actions.cards import usb

        return await usb.survey(subject, wire)
    from labtui.actions.cards.facts import survey

    return await survey(subject, wire)


async def _survey_away(subject: str, wire: Wire) -> HandFacts | UsbFacts:
    if _is_usb(subject):
        from labtui.actions.cards import usb

        return await usb.survey(subject, wire, only_away=True)
    from labtui.actions.cards.facts import survey

    return await survey(subject, wire, only_away=True)


async def _resumed(book: str, wire: Wire) -> HandFacts:
    from labtui.actions.cards.resume import facts_of_book

    return await facts_of_book(book, wire)


def _draft(facts: HandFacts | UsbFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.cards.usb import UsbFacts

    if isinstance(facts, UsbFacts):
        from labtui.actions.cards.usb import draft as by_usb

        return by_usb(facts, choice, mode)
    if facts.book:
        from labtui.actions.cards.resume import draft as resume

        return resume(facts, mode)
    from labtui.actions.cards.draft import draft

    return draft(facts, choice, mode)


def _answer(facts: HandFacts, name: str, value: str) -> HandFacts:
    from labtui.actions.cards.facts import answer

    return answer(facts, name, value)


async def _run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    from labtui.actions.cards.run import run

    return await run(plan, wire, report)


GIVE = Action(
    id="gpu.give",
    noun="gpu",
    key="g",
    title=N_("hand over"),
    hint=N_("Cards to a guest, with all that takes."),
    applies=_applies,
    scope=_scope,
    survey=_survey,
    draft=_draft,
    run=_run,
    answer=_answer,
    resumed=_resumed,
    bulk=True,
)
TAKE = Action(
    id="gpu.take",
    noun="gpu",
    key="G",
    title=N_("take away"),
    hint=N_("Cards from those that have them."),
    applies=_held,
    scope=_scope,
    survey=_survey_away,
    draft=_draft,
    run=_run,
    answer=_answer,
    resumed=_resumed,
    bulk=True,
    weight=1,
)
GIVE_DEVICE = msgspec.structs.replace(
    GIVE, id="device.give", noun="device", hint=N_("Devices to a guest, with all that takes.")
)
TAKE_DEVICE = msgspec.structs.replace(
    TAKE, id="device.take", noun="device", hint=N_("Devices from those that have them.")
)
HAND_BACK = Action(
    id="lease.back",
    noun="lease",
    key="G",
    title=N_("hand back"),
    hint=N_("Its cards are free for others then."),
    applies=_leased,
    scope=_scope,
    survey=_survey_away,
    draft=_draft,
    run=_run,
    answer=_answer,
    resumed=_resumed,
)
