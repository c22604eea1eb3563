"""The survey and the plan of a restore: which archive, over the guest or beside it, onto what."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from labtui.actions import interlock
from labtui.actions.action import Call, Choice, Fact, Input, Plan, Scope, Wire
from labtui.actions.amounts import size
from labtui.actions.backups.list import archives_of, gone_guest
from labtui.actions.guest_facts import Subject, look_at
from labtui.actions.guest_task import standing_facts
from labtui.actions.interlock import Standing
from labtui.actions.snapshots.list import age
from labtui.locale import _
from labtui.model.backups import Archive
from labtui.model.cluster import Resources, Rights, Storage
from labtui.model.errors import LabError, NotFound
from labtui.model.guests import Guest
from labtui.model.presence import presences, seen_guests
from labtui.model.text import clean

NEW, OVER = "new", "over"
SAME = "-"
_LEAST, _MOST = 100, 999_999_999
_WISHES = ("newid", "node", "storage", "unique", "start")


class RestoreFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `subject` is None when the guest of the archives is gone.

    `nodes` are those that are there; `rights` None where nobody says. The last five are a person's.
    """

    guest: Guest
    standing: Standing
    read_at: float
    subject: Subject | None = None
    archives: tuple[Archive, ...] = ()
    missing: tuple[str, ...] = ()
    storages: tuple[Storage, ...] = ()
    nodes: tuple[str, ...] = ()
    taken: frozenset[int] = frozenset()
    rights: Rights | None = None
    newid: str = ""
    node: str = ""
    storage: str = SAME
    unique: str = ""
    start: str = "0"


def scope_of(subject: str) -> Scope:
    """The cluster: the guest itself is only in the way when it is replaced."""
    cluster, _slash, vmid = subject.partition("/")
    return Scope(cluster, vmid)


async def survey(subject: str, wire: Wire) -> RestoreFacts:
    """Read what a plan needs. Raises `NotFound` when there is no archive of that guest."""
    cluster, _slash, vmid = subject.partition("/")
    snapshot = wire.snapshot
    standing = await interlock.look(scope_of(subject), wire)
    here = subject in seen_guests(snapshot)
    found, missing = await archives_of(cluster, int(vmid), wire)
    if not found:
        raise NotFound(
            _("no backup of it was found"), where=subject, why="; ".join(missing), remedy=""
        )
    resources = snapshot.one(Resources, cluster) or Resources()
    there = presences(snapshot)
    taken = frozenset(guest.vmid for guest in resources.guests)
    newid = vmid if int(vmid) not in taken else await _free(cluster, wire)
    looked = (await look_at(subject, wire, "VM.Backup"))[0] if here else None
    return RestoreFacts(
        looked.guest if looked else gone_guest(found[0]),
        standing,
        wire.now(),
        looked,
        found,
        missing,
        resources.storages,
        tuple(n.name for n in resources.nodes if (p := there.get((cluster, n.name))) and p.online),
        taken,
        snapshot.one(Rights, cluster),
        newid,
        unique="1" if here else "0",
    )


async def _free(cluster: str, wire: Wire) -> str:
    try:
        return clean(str(await wire.read(cluster, "/cluster/nextid")), 12)
    except LabError:
        return ""


def answer(facts: RestoreFacts, name: str, value: str) -> RestoreFacts:
    """The facts with another number, node, storage, or flag."""
    changes = {name: value} if name in _WISHES else {}
    return msgspec.structs.replace(facts, **changes)


def draft(facts: RestoreFacts, choice: str, mode: str) -> Plan:
    """The plan, from that archive (empty: the youngest), in that mode (empty: beside it)."""
    guest = facts.guest
    modes = (NEW, OVER) if facts.subject is not None else (NEW,)
    taken = mode if mode in modes else NEW
    archive = next((a for a in facts.archives if a.volume == choice), facts.archives[0])
    node = _node(facts, archive, taken)
    title = _("Restore {guest} from {when} ago").format(
        guest=guest.label, when=age(facts.read_at - archive.made)
    )
    return Plan(
        action="guest.restore",
        subject=guest.key,
        title=title,
        made_at=facts.read_at,
        mode=taken,
        modes=modes,
        chosen=archive.volume,
        choices=tuple(_choices(facts)),
        choice_label=_("backups"),
        facts=tuple(_facts(facts, archive, taken, node)),
        calls=(call_of(facts, archive, taken, node),) if node else (),
        blockers=tuple(_against(facts, archive, taken, node)),
        warnings=tuple(_warnings(facts, taken)),
        confirm=(guest.name or str(guest.vmid)) if taken == OVER else "",
        stands_on=standing_facts(guest) if taken == OVER else (),
        inputs=tuple(_inputs(facts, archive, taken, node)),
    )


def _choices(facts: RestoreFacts) -> Iterable[Choice]:
    for archive in facts.archives:
        told = [_("{age} ago").format(age=age(facts.read_at - archive.made)), size(archive.size)]
        told += [text for text in (archive.notes, archive.verified) if text]
        if archive.protected:
            told.append(_("protected"))
        # The chosen one's whole name is among the facts; here the age tells them apart.
        yield Choice(archive.volume, tuple(told), label=archive.storage)


def _places(facts: RestoreFacts, archive: Archive) -> tuple[str, ...]:
    """The nodes that are there and see the archive, the guest's own first."""
    holding = [s for s in facts.storages if s.name == archive.storage and s.status == "available"]
    names = {s.node for s in holding if s.shared or s.node == archive.node}
    found = [name for name in facts.nodes if name in names]
    return tuple(sorted(found, key=lambda name: (name != facts.guest.node, name)))


def _node(facts: RestoreFacts, archive: Archive, mode: str) -> str:
    places = _places(facts, archive)
    if mode == OVER:
        return facts.guest.node
    return facts.node if facts.node in places else next(iter(places), "")


def _stores(facts: RestoreFacts, node: str, kind: str) -> list[Storage]:
    content = "images" if kind == "qemu" else "rootdir"
    return [
        s
        for s in facts.storages
        if s.node == node and s.status == "available" and content in s.content
    ]


def _kind(facts: RestoreFacts, archive: Archive) -> str:
    return archive.kind or facts.guest.kind


def _inputs(facts: RestoreFacts, archive: Archive, mode: str, node: str) -> Iterable[Input]:
    if mode == NEW:
        number = facts.newid.strip()
        fits = number.isascii() and number.isdigit() and _LEAST <= int(number[:12]) <= _MOST
        problem = "" if fits else _("a number from {least} on").format(least=_LEAST)
        if fits and int(number) in facts.taken:
            problem = _("a guest has that number")
        yield Input("newid", _("number"), facts.newid, "number", problem=problem)
        places = _places(facts, archive)
        wrong = bool(facts.node) and facts.node not in places
        told = _("the archive is not seen there") if wrong else ""
        yield Input("node", _("node"), facts.node or node, "choice", places, problem=told)
    stores = _stores(facts, node, _kind(facts, archive))
    names = (SAME, *sorted(store.name for store in stores))
    free = next((s for s in stores if s.name == facts.storage), None)
    hint = _("{name}: where its disks were").format(name=SAME)
    if free is not None and free.size is not None:
        hint = _("{size} free").format(size=size(max(0, free.size - (free.used or 0))))
    told = (
        ""
        if facts.storage in names
        else _("no such storage; there are: {names}").format(names=", ".join(names))
    )
    yield Input("storage", _("storage"), facts.storage, "choice", names, hint, told)
    if mode == NEW:
        yield Input("unique", _("new addresses"), facts.unique, "flag", hint="MAC")
    yield Input("start", _("start it"), facts.start, "flag")


def _against(facts: RestoreFacts, archive: Archive, mode: str, node: str) -> Iterable[str]:
    yield from facts.standing.blockers
    places = _places(facts, archive)
    if not places:
        yield _("no node that is there sees {storage}").format(storage=archive.storage)
    if mode == OVER and facts.subject is not None:
        subject, guest = facts.subject, facts.guest
        yield from (text for text in subject.blockers if text not in facts.standing.blockers)
        if subject.lock_text:
            yield subject.lock_text
        if subject.running:
            yield _("it runs: shut it down first")
        if str(subject.config.get("protection", 0)) == "1":
            yield _("it is protected: switch that off first, by editing it")
        if places and guest.node not in places:
            text = _("{node} does not see {storage}: restore it beside, or move it there first")
            yield text.format(node=guest.node, storage=archive.storage)
        if archive.kind and archive.kind != guest.kind:
            yield _("the archive is not of the same kind of guest")
    for right, path in _needed(facts, archive, mode):
        if facts.rights is not None and not facts.rights.allows(right, path):
            yield _("{right} on {path} is missing").format(right=right, path=path)


def _needed(facts: RestoreFacts, archive: Archive, mode: str) -> Iterable[tuple[str, str]]:
    """Rights for the guest, for what its disks go to, and for the archive."""
    yield "Datastore.AllocateSpace", f"/storage/{archive.storage}"
    if facts.storage not in (SAME, archive.storage):
        yield "Datastore.AllocateSpace", f"/storage/{facts.storage}"
    if mode == NEW and facts.newid.strip().isdigit():
        yield "VM.Allocate", f"/vms/{int(facts.newid.strip())}"
    yield "VM.Backup", f"/vms/{archive.vmid}"


def _warnings(facts: RestoreFacts, mode: str) -> Iterable[str]:
    yield from facts.standing.warnings
    yield from facts.missing
    if mode == OVER and facts.subject is not None:
        yield _("what it is now is destroyed: its disks, its configuration, its snapshots")
        if facts.subject.managed:
            yield _("HA looks after it: it may start it as soon as it is whole")
    if mode == NEW and facts.subject is not None and facts.start == "1":
        yield _(
            "its twin has the same addresses within: both on one network are in each other's way"
        )


def _facts(facts: RestoreFacts, archive: Archive, mode: str, node: str) -> Iterable[Fact]:
    when = _("{age} ago").format(age=age(facts.read_at - archive.made))
    yield Fact(_("backup"), f"{archive.volume}  {when}  {size(archive.size)}")
    if facts.subject is None:
        yield Fact(_("now"), _("the guest is gone"))
    else:
        text = _("{state} on {node}")
        yield Fact(_("now"), text.format(state=facts.subject.state, node=facts.guest.node))
    number = facts.guest.vmid if mode == OVER else facts.newid.strip() or "?"
    yield Fact(_("becomes"), _("guest {vmid} on {node}").format(vmid=number, node=node or "?"))


def call_of(facts: RestoreFacts, archive: Archive, mode: str, node: str) -> Call:
    """The literal call; a container's archive is called a template there (API2/LXC.pm)."""
    kind, number = _kind(facts, archive), facts.newid.strip()
    vmid = facts.guest.vmid if mode == OVER else int(number) if number.isdigit() else 0
    params: list[tuple[str, str | int]] = [("vmid", vmid)]
    if kind == "qemu":
        params.append(("archive", archive.volume))
    else:
        params.extend((("ostemplate", archive.volume), ("restore", 1)))
    if facts.storage != SAME:
        params.append(("storage", facts.storage))
    if mode == OVER:
        params.append(("force", 1))
    elif facts.unique == "1":
        params.append(("unique", 1))
    if facts.start == "1":
        params.append(("start", 1))
    return Call(facts.guest.cluster, "POST", f"/nodes/{node}/{kind}", tuple(params))
