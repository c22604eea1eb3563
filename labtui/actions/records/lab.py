"""The other direction: the lab made to be as NetBox says, by the actions that are there.

Where none is, the plan says what a person would type.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from labtui.actions.action import Action, Wire
from labtui.actions.records.facts import Deed, Item
from labtui.locale import _
from labtui.model.drift.difference import Difference, Value
from labtui.model.errors import LabError
from labtui.model.guests import Guest
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot

_MIB = 1 << 20


async def deeds_for(items: Sequence[Item], wire: Wire) -> list[Item]:
    """The items with what could be done in the lab; changes of one guest are one deed."""
    raw = [tuple(_deeds(item.about, wire.snapshot)) for item in items]
    merged: dict[tuple[str, str], Deed] = {}
    for deeds in raw:
        for deed in deeds:
            place = (deed.action, deed.subject if deed.action else deed.keys[0])
            before = merged.get(place)
            merged[place] = deed if before is None else _joined(before, deed)
    ready = [await planned(deed, wire) for deed in merged.values()]
    return [
        msgspec.structs.replace(
            item, deeds=tuple(deed for deed in ready if item.about.key in deed.keys)
        )
        for item in items
    ]


def _joined(one: Deed, other: Deed) -> Deed:
    return msgspec.structs.replace(
        one,
        keys=(*one.keys, *other.keys),
        label=f"{one.label}, {other.label}",
        answers=(*one.answers, *other.answers),
    )


async def planned(deed: Deed, wire: Wire) -> Deed:
    """The deed with the calls and the blockers of its action's own plan."""
    action = action_of(deed)
    if action is None:
        return deed
    if against := action.applies(deed.subject, wire.snapshot):
        return msgspec.structs.replace(deed, blockers=(against,))
    try:
        facts = await action.survey(deed.subject, wire)
    except LabError as error:
        return msgspec.structs.replace(deed, blockers=(str(error),))
    if action.answer is not None:
        for name, value in deed.answers:
            facts = action.answer(facts, name, value)
    plan = action.draft(facts, deed.choice, "")
    problems = tuple(f"{item.id}: {item.problem}" for item in plan.inputs if item.problem)
    blockers = (*plan.blockers, *problems)
    if deed.choice and plan.chosen != deed.choice:
        blockers = (*blockers, _("it can't go to {node}").format(node=deed.choice))
    return msgspec.structs.replace(
        deed, calls=plan.calls, blockers=blockers, warnings=plan.warnings
    )


def action_of(deed: Deed) -> Action | None:
    """The action that carries it out."""
    # The register imports this package.
    from labtui.actions import ACTIONS

    return next((each for each in ACTIONS if each.id == deed.action), None)


def title_of(action: str) -> str:
    """What people call the action of that id."""
    from labtui.actions import ACTIONS

    return next((_(each.title) for each in ACTIONS if each.id == action), action)


def _deeds(about: Difference, snapshot: Snapshot) -> Iterable[Deed]:
    for mend in about.mends:
        if mend.direction == "lab":
            seen = seen_guests(snapshot).get(mend.key)
            for name, value in mend.values:
                yield _deed(about, mend.key, name, value, seen.guest if seen else None)


def _deed(about: Difference, key: str, name: str, value: Value, guest: Guest | None) -> Deed:
    deed = Deed((about.key,), f"{about.name} {about.field}".strip(), subject=key)
    replace = msgspec.structs.replace
    if name == "disabled" and about.what in ("tunnel", "session"):
        return replace(deed, action=f"{about.what}.{'off' if value else 'on'}")
    if guest is None:
        text = _("labtui has no action for that: set {field} to {value} by hand")
        return replace(deed, blockers=(text.format(field=name, value=value),))
    if name == "status":
        return replace(deed, action="guest.start" if value == "running" else "guest.shutdown")
    if name == "node":
        return replace(deed, action="guest.migrate", choice=str(value))
    if name == "cores":
        return replace(deed, action="guest.edit", answers=(("cores", str(value)),))
    if name == "memory":
        mebibytes = str(int(value or 0) // _MIB)
        return replace(deed, action="guest.edit", answers=(("memory", mebibytes),))
    text = _("labtui has no action for that; on {node}: {command}")
    command = _command(guest, name, value)
    return replace(deed, blockers=(text.format(node=guest.node, command=command),))


def _command(guest: Guest, name: str, value: Value) -> str:
    """What root would type on the node; a line of the network is only named, for it has more."""
    tool = "pct" if guest.kind == "lxc" else "qm"
    option = "hostname" if name == "name" and guest.kind == "lxc" else name
    net, dot, part = name.partition(".")
    if dot:
        word = {"mac": "hwaddr" if guest.kind == "lxc" else "virtio"}.get(part, part)
        return f"{tool} set {guest.vmid} --{net} ...,{word}={value}"
    return f"{tool} set {guest.vmid} --{option} {value}"
