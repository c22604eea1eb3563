"""The plans to mend a mapping after a change of hardware, and to delete one that nobody uses."""

from __future__ import annotations

from collections.abc import Iterable

from labtui.actions.action import Call, Fact, Input, Plan, Scope, Wire
from labtui.actions.mappings import facts as base
from labtui.actions.mappings import usb
from labtui.actions.mappings.facts import MappingFacts
from labtui.locale import _
from labtui.model.cluster import Resources
from labtui.model.guests import GuestConfigs
from labtui.model.mapping_check import (
    MappingState,
    Mismatch,
    entry_text,
    mapping_states,
    moved,
    places_taken,
)
from labtui.model.snapshot import Snapshot

KEEP, DROP = "keep", "drop"


def state_of(subject: str, snapshot: Snapshot) -> MappingState | None:
    """The mapping of that row."""
    return next((state for state in mapping_states(snapshot) if state.key == subject), None)


def applies(subject: str, snapshot: Snapshot) -> str:
    """Why there is nothing to mend; empty when there is."""
    state = state_of(subject, snapshot)
    if state is None:
        return _("there is no such mapping any more")
    return "" if state.mismatches else _("every entry fits the devices that are there")


def scope(subject: str, snapshot: Snapshot) -> Scope:
    """That mapping; its nodes need not all be there."""
    cluster, kind, name = base.named(subject)
    return base.scope(cluster, name, (), kind, name)


async def survey(subject: str, wire: Wire) -> MappingFacts:
    """Read what a plan needs. Raises `NotFound`."""
    return await base.survey(subject, wire, scope(subject, wire.snapshot), base.named(subject)[1])


def draft(facts: MappingFacts, choice: str, mode: str) -> Plan:
    """The plan with what was chosen for each entry that does not fit."""
    del choice, mode
    cluster, _kind, name = base.named(facts.subject)
    state, row = state_of(facts.subject, facts.snapshot), facts.row(name)
    blockers = list(facts.standing.blockers)
    if facts.unread:
        blockers.append(_("the mappings can't be read: {why}").format(why=facts.unread))
    wrong = state.mismatches if state is not None else ()
    if row is None or not wrong:
        blockers.append(applies(facts.subject, facts.snapshot) or _("it is not there any more"))
    choices = {f"entry{n}": _choices(each, facts) for n, each in enumerate(wrong)}
    set_to = {
        key: facts.values.get(key, _default(each, options))
        for (key, options), each in zip(choices.items(), wrong, strict=True)
    }
    lines = list(row.lines) if row is not None else []
    for (key, chosen), each in zip(set_to.items(), wrong, strict=True):
        _replace(lines, each, chosen if chosen in choices[key] else KEEP, facts)
    changed = row is not None and tuple(lines) != row.lines and bool(lines)
    if row is not None and not lines:
        blockers.append(_("no entry would be left: delete the mapping instead"))
    digest = row.digest if row is not None else facts.digest
    params = (*(("map", line) for line in lines), *((("digest", digest),) if digest else ()))
    return Plan(
        action="mapping.repair",
        subject=facts.subject,
        title=_("Mend mapping {name}").format(name=name),
        made_at=facts.read_at,
        facts=tuple(_facts(wrong, set_to, facts)),
        calls=(Call(cluster, "PUT", f"{facts.path}/{name}", params),) if changed else (),
        blockers=tuple(blockers),
        warnings=(*facts.standing.warnings, *_warnings(state)),
        stands_on=(("digest", facts.digest), ("name", name)),
        inputs=tuple(
            Input(
                key,
                f"{each.entry.node} {' '.join(each.entry.addresses)}",
                set_to[key],
                "choice",
                choices[key],
                problem="" if set_to[key] in choices[key] else _("not one of these"),
            )
            for key, each in zip(set_to, wrong, strict=True)
        ),
    )


def _choices(wrong: Mismatch, facts: MappingFacts) -> tuple[str, ...]:
    """What may be set for an entry: places that have what it expects, the same place, or none."""
    entry = wrong.entry
    if facts.kind == "usb":
        return (*usb.places(wrong, facts), KEEP, DROP)
    found = [KEEP, DROP]
    if all(facts.hardware.device(entry.node, address) for address in entry.addresses):
        found.insert(0, entry.addresses[0])
    if len(entry.addresses) == 1:
        taken = places_taken(facts.hardware.mappings, facts.hardware, entry.node)
        slot = "." not in entry.addresses[0]
        places = [d.slot if slot else d.address for d in moved(entry, facts.hardware, taken)]
        found = [*dict.fromkeys(places), *found]
    return tuple(dict.fromkeys(found))


def _default(wrong: Mismatch, options: tuple[str, ...]) -> str:
    """The one place that can be meant; what leaves a doubt is left for a person to say."""
    places = [option for option in options if option not in (KEEP, DROP)]
    here = wrong.entry.addresses[0]
    others = [place for place in places if place != here]
    if wrong.fault == "iommugroup" and here in places:
        # The same device in the same place: only the numbering of the groups has changed.
        return here
    return others[0] if len(others) == 1 else KEEP


def _replace(lines: list[str], wrong: Mismatch, chosen: str, facts: MappingFacts) -> None:
    """Put the chosen entry in the place of the old one; others stay word for word."""
    entry = wrong.entry
    if chosen == KEEP or entry.text not in lines:
        return
    place = lines.index(entry.text)
    if chosen == DROP:
        del lines[place]
        return
    if facts.kind == "usb":
        lines[place] = usb.line_at(entry, chosen, facts)
        return
    addresses = entry.addresses if chosen == entry.addresses[0] else (chosen,)
    devices = [facts.hardware.device(entry.node, address) for address in addresses]
    known = [device for device in devices if device is not None]
    if known:
        lines[place] = entry_text(entry.node, known, whole_slot="." not in addresses[0])


def _facts(
    wrong: Iterable[Mismatch], set_to: dict[str, str], facts: MappingFacts
) -> Iterable[Fact]:
    for each in wrong:
        text = _("{what}: expected {expected}, there is {found}")
        found = each.found or _("nothing")
        said = text.format(what=each.fault, expected=each.expected, found=found)
        yield Fact(each.entry.node, said)
    if any(value == KEEP for value in set_to.values()):
        yield Fact(_("keep"), _("entries that are kept stay as they are, and go on not fitting"))
    for note in facts.standing.notes:
        yield Fact(_("note"), note)


def _warnings(state: MappingState | None) -> Iterable[str]:
    if state is not None and state.users:
        text = _("{guests} use it: at their next start they get what it names then")
        yield text.format(guests=", ".join(guest.label for guest in state.users))


def deletable(subject: str, snapshot: Snapshot) -> str:
    """Why it can't be deleted, as far as that is known at once."""
    state = state_of(subject, snapshot)
    return "" if state is not None else _("there is no such mapping any more")


def delete_scope(subject: str, snapshot: Snapshot) -> Scope:
    """All mappings: the server wants the right on the whole."""
    cluster, kind, name = base.named(subject)
    return base.scope(cluster, name, (), kind)


async def delete_survey(subject: str, wire: Wire) -> MappingFacts:
    """Read what a plan needs. Raises `NotFound`."""
    wanted = delete_scope(subject, wire.snapshot)
    return await base.survey(subject, wire, wanted, base.named(subject)[1])


def delete_draft(facts: MappingFacts, choice: str, mode: str) -> Plan:
    """The plan; nothing to choose. The server deletes it whoever uses it, so users are blockers."""
    del choice, mode
    cluster, _kind, name = base.named(facts.subject)
    state = state_of(facts.subject, facts.snapshot)
    blockers = list(facts.standing.blockers)
    if facts.unread:
        blockers.append(_("the mappings can't be read: {why}").format(why=facts.unread))
    elif facts.row(name) is None:
        blockers.append(_("it is not there any more"))
    users = state.users if state is not None else ()
    if users:
        text = _("{guests} use it: they would not start any more")
        blockers.append(text.format(guests=", ".join(guest.label for guest in users)))
    unknown = _unknown(cluster, facts.snapshot)
    if unknown:
        text = _("the configurations of {n} guests are not known: one of them may use it")
        blockers.append(text.format(n=unknown))
    return Plan(
        action="mapping.delete",
        subject=facts.subject,
        title=_("Delete mapping {name}").format(name=name),
        made_at=facts.read_at,
        facts=tuple(Fact(_("entry"), line) for line in (facts.row(name) or _none(name)).lines),
        calls=(Call(cluster, "DELETE", f"{facts.path}/{name}"),),
        blockers=tuple(blockers),
        warnings=facts.standing.warnings,
        confirm=name,
        stands_on=(("digest", facts.digest), ("name", name)),
    )


def _none(name: str) -> base.Row:
    return base.Row(name, ())


def _unknown(cluster: str, snapshot: Snapshot) -> int:
    """Machines whose configuration nobody has read, on nodes that are away too."""
    known = (snapshot.one(GuestConfigs, cluster) or GuestConfigs({})).configs
    resources = snapshot.one(Resources, cluster) or Resources()
    return sum(g.kind == "qemu" and g.vmid not in known for g in resources.guests)
