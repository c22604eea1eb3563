"""The survey and the plans of deleting a guest, cloning it, and making it a template."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from labtui.actions.action import Call, Choice, Fact, Input, Params, Plan, Wire
from labtui.actions.amounts import size
from labtui.actions.guest_facts import Subject, look_at
from labtui.actions.guest_task import standing_facts
from labtui.actions.power.facts import storages_of
from labtui.actions.snapshots.facts import replicated_text, replication_targets
from labtui.actions.snapshots.list import CURRENT, read_snapshots
from labtui.locale import _
from labtui.model.cluster import Resources, Storage
from labtui.model.errors import LabError
from labtui.model.text import clean

What = Literal["delete", "clone", "template"]
PRIVILEGES: dict[str, str] = {
    "delete": "VM.Allocate",
    "clone": "VM.Clone",
    "template": "VM.Allocate",
}
# The server's `dns-name`, and the numbers that it takes for guests.
_NAME = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9-]{1,63})*")
_LEAST, _MOST = 100, 999_999_999


class LifeFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `storages` could take a clone's disks; `newid` and `name` are its own."""

    what: What
    subject: Subject
    read_at: float
    snapshots: int = 0
    replicated: tuple[str, ...] = ()
    storages: tuple[Storage, ...] = ()
    taken: frozenset[int] = frozenset()
    newid: str = ""
    name: str = ""


async def survey(what: What, subject: str, wire: Wire) -> LifeFacts:
    """Read what a plan needs. Raises `NotFound`."""
    found = (await look_at(subject, wire, PRIVILEGES[what]))[0]
    facts = LifeFacts(what, found, wire.now())
    if found.blockers:
        return facts
    guest = found.guest
    resources = wire.snapshot.one(Resources, guest.cluster) or Resources()
    content = "images" if guest.kind == "qemu" else "rootdir"
    usable = [s for s in resources.storages if s.node == guest.node and content in s.content]
    try:
        snapshots = await read_snapshots(guest, wire)
        newid = await wire.read(guest.cluster, "/cluster/nextid") if what == "clone" else ""
    except LabError as error:
        text = _("it can't be read: {why}").format(why=error.why or error.what)
        found = msgspec.structs.replace(found, blockers=(*found.blockers, text))
        return msgspec.structs.replace(facts, subject=found)
    return msgspec.structs.replace(
        facts,
        snapshots=sum(snapshot.name != CURRENT for snapshot in snapshots),
        replicated=await replication_targets(guest, wire),
        storages=tuple(usable),
        taken=frozenset(each.vmid for each in resources.guests),
        newid=clean(str(newid), 12),
        name=f"{guest.name}-copy" if guest.name else "",
    )


def answer(facts: LifeFacts, name: str, value: str) -> LifeFacts:
    """The facts with another number or name for the clone."""
    changes = {name: value} if name in ("newid", "name") else {}
    return msgspec.structs.replace(facts, **changes)


def draft(facts: LifeFacts, choice: str, mode: str) -> Plan:
    """The plan, with that storage and in that mode (empty: the natural ones)."""
    guest = facts.subject.guest
    modes = _modes(facts)
    taken = mode if mode in modes else next(iter(modes), "")
    choices = tuple(_choices(facts, taken))
    chosen = next((c for c in choices if c.id == choice), None) or next(iter(choices), None)
    place = chosen.id if chosen else ""
    blockers = [*_against(facts, taken)]
    if chosen is not None:
        blockers.extend(f"{chosen.id}: {text}" for text in chosen.blockers)
    titles = {
        "delete": _("Delete {guest}"),
        "clone": _("Clone {guest}"),
        "template": _("Make {guest} a template"),
    }
    return Plan(
        action=f"guest.{facts.what}",
        subject=guest.key,
        title=titles[facts.what].format(guest=guest.label),
        made_at=facts.read_at,
        mode=taken,
        modes=modes,
        chosen=place,
        choices=choices,
        choice_label=_("storages") if choices else "",
        facts=tuple(_facts(facts)),
        calls=(_call(facts, taken, place),),
        blockers=tuple(blockers),
        warnings=tuple(_warnings(facts, taken)),
        confirm="" if facts.what == "clone" else guest.name or str(guest.vmid),
        stands_on=standing_facts(guest),
        inputs=_inputs(facts) if facts.what == "clone" else (),
    )


def _modes(facts: LifeFacts) -> tuple[str, ...]:
    if facts.what == "delete":
        return ("keep", "purge")
    if facts.what == "clone" and facts.subject.guest.template:
        return ("full", "linked")
    return ()


def _choices(facts: LifeFacts, mode: str) -> Iterable[Choice]:
    """Where the disks of a full clone go: where those of the original are, or elsewhere."""
    if facts.what != "clone" or mode == "linked":
        return
    own = storages_of(facts.subject.config)
    for storage in sorted(facts.storages, key=lambda s: (s.name not in own, s.name)):
        told = [_("as the original")] if storage.name in own else []
        free = (storage.size or 0) - (storage.used or 0)
        told.append(_("{size} free").format(size=size(max(0, free))))
        against = []
        if storage.status != "available":
            against.append(_("not available ({state})").format(state=storage.status))
        elif storage.size is not None and free < (facts.subject.guest.disk_max or 0):
            disks = size(facts.subject.guest.disk_max or 0)
            against.append(_("too small for {disks} of disks").format(disks=disks))
        yield Choice(storage.name, tuple(told), tuple(against))


def _inputs(facts: LifeFacts) -> tuple[Input, ...]:
    number, name = facts.newid.strip(), facts.name.strip()
    fits = number.isascii() and number.isdigit() and _LEAST <= int(number[:12]) <= _MOST
    problem = "" if fits else _("a number from {least} on").format(least=_LEAST)
    if fits and int(number) in facts.taken:
        problem = _("a guest has that number")
    wrong = bool(name) and not _NAME.fullmatch(name)
    told = _("letters, digits and - only") if wrong else ""
    return (
        Input("newid", _("number"), facts.newid, "number", problem=problem),
        Input("name", _("name"), facts.name, problem=told),
    )


def _against(facts: LifeFacts, mode: str) -> Iterable[str]:
    subject = facts.subject
    guest = subject.guest
    yield from subject.blockers
    if subject.lock_text:
        yield subject.lock_text
    if facts.what == "clone":
        if guest.kind == "lxc" and subject.running:
            yield _("a container that runs can't be cloned: shut it down first")
        return
    if subject.running:
        yield _("it runs: shut it down first")
    if facts.what == "template":
        if guest.template:
            yield _("it is a template already")
        if facts.snapshots:
            text = _("it has {n} snapshots: delete those first")
            yield text.format(n=facts.snapshots)
        return
    if str(subject.config.get("protection", 0)) == "1":
        yield _("it is protected: switch that off first, by editing it")
    if mode == "keep" and guest.ha_state:
        yield _("HA looks after it: take it out there, or let the references go too")
    if mode == "keep" and facts.replicated:
        text = _("{replicated}: delete that job, or let the references go too")
        yield text.format(replicated=replicated_text(facts.replicated))


def _warnings(facts: LifeFacts, mode: str) -> Iterable[str]:
    yield from facts.subject.warnings
    if facts.what == "delete":
        yield _("its disks are destroyed and nothing brings them back but a backup")
        if facts.snapshots:
            yield _("its {n} snapshots go with it").format(n=facts.snapshots)
        if mode == "purge":
            yield _("backup jobs, replication and HA forget it")
    if facts.what == "template":
        yield _("there is no way back: a template is never started again")
    if facts.what == "clone" and facts.subject.running:
        yield _("it runs: what it has not written yet is not in the copy")


def _facts(facts: LifeFacts) -> Iterable[Fact]:
    subject = facts.subject
    text = _("{state}, {disks} of disks, on {node}")
    disks = size(subject.guest.disk_max or 0)
    yield Fact(_("now"), text.format(state=subject.state, disks=disks, node=subject.guest.node))
    if storages := storages_of(subject.config):
        yield Fact(_("disks"), ", ".join(storages))
    if subject.guest.tags:
        yield Fact(_("tags"), " ".join(subject.guest.tags))
    for note in subject.notes:
        yield Fact(_("note"), note)


def _call(facts: LifeFacts, mode: str, storage: str) -> Call:
    guest = facts.subject.guest
    base = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}"
    if facts.what == "delete":
        purge: Params = (("purge", 1),) if mode == "purge" else ()
        return Call(guest.cluster, "DELETE", base, purge)
    if facts.what == "template":
        return Call(guest.cluster, "POST", f"{base}/template")
    number = facts.newid.strip()
    params: list[tuple[str, str | int]] = [("newid", int(number) if number.isdigit() else 0)]
    if facts.name.strip():
        key = "name" if guest.kind == "qemu" else "hostname"
        params.append((key, facts.name.strip()))
    if mode == "linked":
        params.append(("full", 0))
    else:
        params.append(("full", 1))
        if storage and storage not in storages_of(facts.subject.config)[:1]:
            params.append(("storage", storage))
    return Call(guest.cluster, "POST", f"{base}/clone", tuple(params))
