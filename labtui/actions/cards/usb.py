"""USB devices handed over: by mapping, else by port, with the steps and the journal of cards.

The server plugs them in and out of a guest that runs (`hotplug` has `usb` unless somebody took it
out), so nobody is shut down; what it could not plug waits for the guest's restart, and is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from labtui.actions.action import Choice, Fact, Outcome, Plan, Step, Wire
from labtui.actions.cards import checks
from labtui.actions.cards.changes import Change, change_of
from labtui.actions.cards.facts import NOBODY, Party, candidates, parties_of, path_of
from labtui.actions.cards.steps import write_step
from labtui.locale import _
from labtui.model.cluster import Rights
from labtui.model.errors import LabError, NotFound
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot
from labtui.model.usb import UsbPort, usb_table

_LINE = re.compile(r"usb([0-9]|1[0-3])")
# usb5 and above want a machine of version 7.1 or later.
MOST_LINES = 14
GIVE, TAKE = "device.give", "device.take"


class UsbFacts(msgspec.Struct, frozen=True):
    """All that a draft needs; `holders` are keys of guests that name it, `parties` all by key."""

    port: UsbPort
    read_at: float
    holders: tuple[str, ...]
    parties: dict[str, Party]
    rights: Rights | None = None
    only_away: bool = False
    book: str = ""
    answers: dict[str, str] = {}


def port_of(subject: str, snapshot: Snapshot) -> UsbPort | None:
    """The device of that row."""
    return next((port for port in usb_table(snapshot) if port.key == subject), None)


def applies(subject: str, snapshot: Snapshot, *, held: bool = False) -> str:
    """Why it can't be given, or taken away; empty when it can be."""
    port = port_of(subject, snapshot)
    if port is None:
        return _("{subject} is not there any more").format(subject=subject)
    if not port.node_online:
        return _("{node} is away").format(node=port.node)
    if held:
        return "" if port.claims else _("nobody has it")
    return "" if port.plugged else _("it is not plugged in")


async def survey(subject: str, wire: Wire, *, only_away: bool = False) -> UsbFacts:
    """Read what a draft needs. Raises `NotFound`."""
    snapshot = wire.snapshot
    port = port_of(subject, snapshot)
    if port is None:
        raise NotFound(_("device not found"), where=subject, remedy=_("press r to read again"))
    holders = tuple(seen.guest.key for seen in port.claims if not seen.guest.template)
    keys = list(holders)
    if not only_away:
        keys += [k for k in candidates(snapshot, port.cluster, port.node) if k not in holders]
    parties = {party.guest.key: party for party in await parties_of(keys, wire)}
    rights = snapshot.one(Rights, port.cluster)
    return UsbFacts(port, wire.now(), holders, parties, rights, only_away)


def line_for(facts: UsbFacts) -> str:
    """How it may be named: by a mapping, by its port as root; empty when not at all."""
    held, port = facts.rights, facts.port
    root = held is None or held.user == checks.ROOT
    for name in port.mappings:
        if root or (held is not None and held.allows("Mapping.Use", f"/mapping/usb/{name}")):
            return f"mapping={name}"
    return f"host={port.path or port.ids}" if root else ""


def lines_of(config: Mapping[str, Any], port: UsbPort) -> tuple[str, ...]:
    """The keys of a configuration that name that device."""
    found = []
    for key, value in sorted(config.items()):
        if not _LINE.fullmatch(key):
            continue
        told = dict(
            part.partition("=")[::2] if "=" in part else ("host", part)
            for part in str(value).split(",")
        )
        host = told.get("host", "").lower()
        if told.get("mapping") in port.mappings or (host and host in (port.path, port.ids)):
            found.append(key)
    return tuple(found)


def draft(facts: UsbFacts, choice: str, mode: str) -> Plan:
    """The plan for a target (its label, or `nobody`)."""
    del mode
    target = _target(facts, choice)
    changes = [
        change
        for key in facts.holders
        if target is None or key != target.guest.key
        for change in (_taking(facts, key),)
        if change is not None
    ]
    line = line_for(facts)
    if target is not None and not lines_of(target.config, facts.port):
        key = next((f"usb{n}" for n in range(MOST_LINES) if f"usb{n}" not in target.config), "")
        new = change_of(target, {key: line}, gives=False) if key and line else None
        changes += [new] if new is not None else []
    steps = tuple(write_step(change, later=True) for change in changes)
    if target is not None and steps:
        steps = (*steps, _look(target))
    labels = [change.party.guest.label for change in changes if change.gives]
    name = facts.port.name or facts.port.ids
    title = _("Take {cards} away from {guests}").format(cards=name, guests=", ".join(labels) or "-")
    if target is not None:
        title = _("Give {cards} to {target}").format(cards=name, target=target.guest.label)
    keys = [facts.port.key, *(change.party.guest.key for change in changes)]
    return Plan(
        action=TAKE if facts.only_away else GIVE,
        subject=",".join(dict.fromkeys(keys)),
        title=title,
        made_at=facts.read_at,
        chosen=target.guest.label if target else "" if facts.only_away else NOBODY,
        choices=() if facts.only_away else _choices(facts),
        choice_label=_("to"),
        facts=tuple(_facts(facts, changes)),
        calls=tuple(step.calls[0] for step in steps if step.calls),
        blockers=tuple(dict.fromkeys(_against(facts, changes, target, line))),
        warnings=tuple(_warned(facts, target, line)),
        steps=steps,
    )


def _target(facts: UsbFacts, choice: str) -> Party | None:
    if facts.only_away or choice == NOBODY:
        return None
    parties = list(facts.parties.values())
    named = (party for party in parties if choice in (party.guest.label, party.guest.key))
    others = (party for party in parties if party.guest.key not in facts.holders)
    return next(named, None) or next(others, None)


def _taking(facts: UsbFacts, key: str) -> Change | None:
    party = facts.parties.get(key)
    if party is None or party.problem:
        return None
    values = dict.fromkeys(lines_of(party.config, facts.port), "")
    return change_of(party, values, gives=True) if values else None


def _choices(facts: UsbFacts) -> tuple[Choice, ...]:
    found = []
    for party in facts.parties.values():
        words = [_("names it")] if party.guest.key in facts.holders else []
        against = tuple(checks.blocked(party))
        found.append(Choice(party.guest.label, (*words, party.subject.state), against))
    return (*found, Choice(NOBODY, (_("taken away, given to nobody"),)))


def _facts(facts: UsbFacts, changes: list[Change]) -> Iterator[Fact]:
    port = facts.port
    whose = ", ".join(seen.guest.label for seen in port.claims) or _("nobody's")
    yield Fact(f"{port.node} {port.path}", f"{port.name or port.ids}, {whose}")
    for change in changes:
        told = "; ".join(
            f"{k}: {change.before[k] or '-'} > {v or '-'}" for k, v in change.values.items()
        )
        yield Fact(change.party.guest.label, told)


def _against(
    facts: UsbFacts, changes: list[Change], target: Party | None, line: str
) -> Iterator[str]:
    if target is not None and not line:
        text = _("it is in no mapping that may be used, and ports are for {root} alone")
        yield text.format(root=checks.ROOT)
    if target is not None and not any(not change.gives for change in changes) and line:
        text = _("{guest} names it already, or has no line left")
        yield text.format(guest=target.guest.label)
    if not changes and target is None:
        yield _("there is no line in a configuration that could be taken out")
    parties = [change.party for change in changes] + ([target] if target is not None else [])
    for party in parties:
        yield from checks.blocked(party)
    held = facts.rights
    if held is None or held.user == checks.ROOT:
        return
    for change in changes:
        for key in change.values:
            for each in (change.before[key], change.values[key]):
                if each and "mapping=" not in each and "spice" not in each:
                    text = _("{guest}: {line} names a device by its port: that is for {root} alone")
                    label = change.party.guest.label
                    yield text.format(guest=label, line=key, root=checks.ROOT)


def _warned(facts: UsbFacts, target: Party | None, line: str) -> Iterator[str]:
    if target is None:
        return
    if line.startswith("host="):
        yield _("stays on {node}: it is named by its port").format(node=facts.port.node)
    if "usb" not in str(target.config.get("hotplug", "usb")) and target.subject.running:
        text = _("{guest} has USB hot-plug switched off: it counts from its restart")
        yield text.format(guest=target.guest.label)


def _look(target: Party) -> Step:
    guest = target.guest
    return Step(guest.key, guest.label, "plugged", guest.node, guest.node, parts=("plugged",))


async def plugged(step: Step, wire: Wire) -> Outcome:
    """Whether it is in the guest, or waits for its restart; nobody is undone for that."""
    seen = seen_guests(wire.snapshot).get(step.subject)
    if seen is None or not seen.running:
        return Outcome("done", _("it is there from its next start"))
    try:
        rows = await wire.read(seen.guest.cluster, f"{path_of(seen.guest)}/pending")
    except LabError:
        return Outcome("done", _("not asked whether it sees them"))
    waits = [
        str(row["key"])
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and _LINE.fullmatch(str(row.get("key"))) and "pending" in row
    ]
    if waits:
        return Outcome("done", _("{lines} waits for its restart").format(lines=", ".join(waits)))
    return Outcome("done", _("it is plugged in"))
