"""The plans of making a snapshot, going back to one, and deleting one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from labtui.actions.action import Call, Choice, Fact, Input, Params, Plan
from labtui.actions.amounts import size
from labtui.actions.guest_task import standing_facts
from labtui.actions.snapshots.facts import SnapshotFacts, replicated_text
from labtui.actions.snapshots.list import CURRENT, GuestSnapshot, age, tree
from labtui.locale import _

# The server's `pve-configid`, of at most 40 characters (pve-common `JSONSchema.pm`).
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]+")
_LONGEST = 40
_RESERVED = ("current", "pending")


def draft(facts: SnapshotFacts, choice: str, mode: str) -> Plan:
    """The plan, for that snapshot and in that mode (empty: the natural ones)."""
    guest = facts.subject.guest
    choices = () if facts.what == "snapshot" else tuple(_choices(facts))
    chosen = next((c for c in choices if c.id == choice), None) or _natural(facts, choices)
    picked = next((s for s in facts.snapshots if chosen and s.name == chosen.id), None)
    modes = _modes(facts, picked)
    taken = mode if mode in modes else next(iter(modes), "")
    blockers = [*_against(facts, taken), *(chosen.blockers if chosen else ())]
    return Plan(
        action=f"guest.{facts.what}",
        subject=guest.key,
        title=_title(facts, picked),
        made_at=facts.read_at,
        mode=taken,
        modes=modes,
        chosen=chosen.id if chosen else "",
        choices=choices,
        choice_label=_("snapshots") if choices else "",
        facts=tuple(_facts(facts, taken)),
        calls=_calls(facts, picked, taken),
        blockers=tuple(blockers),
        warnings=tuple(_warnings(facts, picked)),
        confirm=(guest.name or str(guest.vmid)) if facts.what == "rollback" else "",
        stands_on=standing_facts(guest),
        inputs=_inputs(facts) if facts.what == "snapshot" else (),
    )


def _title(facts: SnapshotFacts, picked: GuestSnapshot | None) -> str:
    name = picked.name if picked else "?"
    texts = {
        "snapshot": _("Make a snapshot of {guest}"),
        "rollback": _("Roll {guest} back to {name}"),
        "delsnapshot": _("Delete snapshot {name} of {guest}"),
    }
    return texts[facts.what].format(guest=facts.subject.guest.label, name=name)


def _modes(facts: SnapshotFacts, picked: GuestSnapshot | None) -> tuple[str, ...]:
    if facts.what == "snapshot":
        running = facts.subject.running and facts.subject.guest.kind == "qemu"
        return ("bare", "memory") if running else ()
    if facts.what == "rollback" and (picked is None or not picked.memory):
        return ("leave", "start")
    return ()


def _choices(facts: SnapshotFacts) -> Iterable[Choice]:
    """Each snapshot in the order of the tree; what can't be gone back to says why."""
    youngest = max((s.taken or 0.0 for s in facts.snapshots), default=0.0)
    zfs = sorted(name for name, kind in facts.kinds.items() if kind == "zfspool")
    for depth, snapshot in tree(facts.snapshots):
        if snapshot.name == CURRENT:
            continue
        told = ["  " * depth + _("{age} old").format(age=_age(facts, snapshot))]
        if snapshot.memory:
            told.append(_("with memory"))
        if snapshot.description:
            told.append(snapshot.description)
        blockers: tuple[str, ...] = ()
        if facts.what == "rollback" and zfs and (snapshot.taken or 0.0) < youngest:
            text = _("{storages} (ZFS) goes back to the youngest only: delete the later ones first")
            blockers = (text.format(storages=", ".join(zfs)),)
        yield Choice(snapshot.name, tuple(told), blockers, score=snapshot.taken or 0.0)


def _age(facts: SnapshotFacts, snapshot: GuestSnapshot) -> str:
    return age(facts.read_at - snapshot.taken) if snapshot.taken is not None else "?"


def _natural(facts: SnapshotFacts, choices: tuple[Choice, ...]) -> Choice | None:
    """Back to the youngest; deleted is the oldest first."""
    possible = [c for c in choices if not c.blockers] or list(choices)
    if not possible:
        return None
    pick = max if facts.what == "rollback" else min
    return pick(possible, key=lambda choice: choice.score)


def _inputs(facts: SnapshotFacts) -> tuple[Input, ...]:
    return (
        Input("name", _("name"), facts.name, problem=name_problem(facts)),
        Input("description", _("text"), facts.description),
    )


def name_problem(facts: SnapshotFacts) -> str:
    """Why that name will not do, or an empty text."""
    name = facts.name.strip()
    if not name:
        return _("a name, please")
    if name in _RESERVED:
        return _("that name is the server's own")
    if not _NAME.fullmatch(name):
        return _("a letter first, then letters, digits, - and _ (two at least)")
    if len(name) > _LONGEST:
        return _("at most {most} characters").format(most=_LONGEST)
    if any(snapshot.name == name for snapshot in facts.snapshots):
        return _("there is one of that name already")
    return ""


def _against(facts: SnapshotFacts, mode: str) -> Iterable[str]:
    subject = facts.subject
    yield from subject.blockers
    if subject.lock_text:
        yield subject.lock_text
    if facts.unread:
        yield _("its snapshots can't be read: {why}").format(why=facts.unread)
    if subject.guest.template:
        yield _("it is a template: those have no snapshots")
    if facts.what == "snapshot":
        yield from _untakable(facts, mode)
        return
    known = not facts.unread and not subject.blockers
    if known and not any(snapshot.name != CURRENT for snapshot in facts.snapshots):
        yield _("it has no snapshots")


def _untakable(facts: SnapshotFacts, mode: str) -> Iterable[str]:
    if facts.able is False:
        text = _("no snapshots of its disks on {storages}: a storage of another kind is needed")
        storages = ", ".join(f"{name} ({kind})" for name, kind in facts.kinds.items())
        yield text.format(storages=storages or "?")
    if mode == "memory" and any(key.startswith("hostpci") for key in facts.subject.config):
        yield _("it has a passed-through device, so its memory can't be kept: make it without")


def _warnings(facts: SnapshotFacts, picked: GuestSnapshot | None) -> Iterable[str]:
    yield from facts.subject.warnings
    if facts.what == "rollback" and picked is not None:
        text = _("all that was written in the last {age} is lost, its configuration of now too")
        yield text.format(age=_age(facts, picked))
        if facts.subject.running:
            yield _("it is stopped hard for it")
    if facts.replicated and facts.what != "delsnapshot":
        text = _("{replicated}: the next run may have to copy everything anew")
        if facts.what == "rollback":
            yield text.format(replicated=replicated_text(facts.replicated))


def _facts(facts: SnapshotFacts, mode: str) -> Iterable[Fact]:
    subject = facts.subject
    storages = ", ".join(f"{name} ({kind})" for name, kind in facts.kinds.items())
    now = _("{state}, on {node}").format(state=subject.state, node=subject.guest.node)
    if storages:
        now += _(", disks on {storages}").format(storages=storages)
    yield Fact(_("now"), now)
    count = sum(snapshot.name != CURRENT for snapshot in facts.snapshots)
    if facts.what == "snapshot":
        yield Fact(_("has"), _("{n} snapshots").format(n=count))
        if mode == "memory":
            text = _("up to {size} of memory is written; it stands still at the end of that")
            yield Fact(_("writes"), text.format(size=size(subject.guest.memory_max or 0)))
    if facts.replicated:
        yield Fact(_("note"), replicated_text(facts.replicated))
    for note in subject.notes:
        yield Fact(_("note"), note)


def _calls(facts: SnapshotFacts, picked: GuestSnapshot | None, mode: str) -> tuple[Call, ...]:
    guest = facts.subject.guest
    base = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/snapshot"
    params: list[tuple[str, str | int]] = []
    if facts.what == "snapshot":
        params.append(("snapname", facts.name.strip() or "?"))
        if facts.description.strip():
            params.append(("description", facts.description.strip()))
        if mode == "memory":
            params.append(("vmstate", 1))
        return (Call(guest.cluster, "POST", base, tuple(params)),)
    if picked is None:
        return ()
    if facts.what == "delsnapshot":
        return (Call(guest.cluster, "DELETE", f"{base}/{picked.name}"),)
    start: Params = (("start", 1),) if mode == "start" else ()
    return (Call(guest.cluster, "POST", f"{base}/{picked.name}/rollback", start),)
