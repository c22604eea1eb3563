"""What is read of a guest only while somebody looks: snapshots, backups, agent, who may do what."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from labtui.actions.action import Wire
from labtui.actions.backups.list import places
from labtui.actions.backups.plan import read_archives
from labtui.actions.guest_facts import pending_of
from labtui.actions.snapshots.list import CURRENT, read_snapshots, tree
from labtui.locale import _
from labtui.model.acl import entries_of, on_guest
from labtui.model.agent_words import disks_of, host_name_of, nics_of, system_of, users_of
from labtui.model.backups import Archive
from labtui.model.errors import Forbidden, Rejected
from labtui.model.guests import Guest, GuestConfigs
from labtui.model.safeguards import Agents
from labtui.model.snapshot import Snapshot
from labtui.ui.panes.query import Look, Query, Told
from labtui.views import agent_details, emptiness
from labtui.views.agent_details import AgentFacts
from labtui.views.figures import size, span
from labtui.views.view import Cell, Section

_MOST = 12
_Read = Callable[[Guest, Wire], Awaitable[tuple[Section, ...]]]


def on_its_node(guest: Guest) -> tuple[Query, Query, Query]:
    """What only the guest's own node can answer: inside, snapshots, what waits for a restart."""
    inside = _inside if guest.kind == "qemu" else _container
    return (
        _once("inside", _("Inside"), guest, inside),
        _once("snapshots", _("Snapshots"), guest, _snapshots),
        _once("pending", _("Waits for a restart"), guest, _pending),
    )


def anywhere(guest: Guest) -> tuple[Query, Query]:
    """What other nodes can answer too: backups, who may do what."""
    return (
        _once("backups", _("Backups"), guest, _backups),
        _once("acl", _("Who may what"), guest, _acl),
    )


def _once(name: str, title: str, guest: Guest, read: _Read) -> Query:
    async def ask(wire: Wire, _look: Look) -> AsyncIterator[Told]:
        yield Told(await read(guest, wire))

    return Query(name, title, ask)


async def _inside(guest: Guest, wire: Wire) -> tuple[Section, ...]:
    """What its agent tells. A part that is refused is left out, a silent agent is an answer."""
    title = _("Inside")
    configs = wire.snapshot.one(GuestConfigs, guest.cluster) or GuestConfigs({})
    config = configs.configs.get(guest.vmid)
    if guest.status != "running":
        return (Section(title, emptiness.nothing(_("it does not run"))),)
    if config is not None and not config.agent:
        return (Section(title, emptiness.nothing(_("its configuration has no agent"))),)

    async def ask(command: str) -> Any:
        path = f"/nodes/{guest.node}/qemu/{guest.vmid}/agent/{command}"
        return await wire.read(guest.cluster, path)

    try:
        told = await ask("network-get-interfaces")
    except Rejected as error:
        gone = emptiness.failed(error.bare().problem)
        return (Section(title, gone), *_known_disks(guest, wire.snapshot, wire.now()))
    facts = AgentFacts(
        host_name_of(await _or_none(ask("get-host-name"))),
        system_of(await _or_none(ask("get-osinfo"))),
        nics_of(told),
        users_of(await _or_none(ask("get-users"))),
        disks_of(await _or_none(ask("get-fsinfo"))),
    )
    return agent_details.sections(facts, wire.now())


async def _or_none(asked: Awaitable[Any]) -> Any:
    """The answer, None where this command is refused: agents can be told to."""
    try:
        return await asked
    except (Rejected, Forbidden):
        return None


def _known_disks(guest: Guest, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    """What the agent told of its disks when it was asked by turns, with its age."""
    part = snapshot.one(Agents, guest.cluster)
    word = part.guests.get(guest.vmid) if part is not None else None
    if word is None or not word.disks:
        return ()
    return (agent_details.disks(word.disks, now - word.read_at),)


async def _container(guest: Guest, wire: Wire) -> tuple[Section, ...]:
    """Its addresses, from its network namespace; null while it does not run."""
    path = f"/nodes/{guest.node}/lxc/{guest.vmid}/interfaces"
    told = await wire.read(guest.cluster, path)
    if not isinstance(told, list):
        return (Section(_("Addresses"), emptiness.nothing(_("it does not run"))),)
    return (agent_details.addresses(nics_of(told)),)


async def _snapshots(guest: Guest, wire: Wire) -> tuple[Section, ...]:
    """As a tree: what was made from what, and where now is."""
    lines = []
    found = tree(await read_snapshots(guest, wire))
    for depth, snapshot in found:
        name = _("now") if snapshot.name == CURRENT else snapshot.name
        label = "  " * (depth - 1) + ("└ " if depth else "") + name
        if snapshot.name == CURRENT:
            lines.append((label, Cell("◂", "info")))
            continue
        age = span(wire.now() - snapshot.taken) if snapshot.taken is not None else "?"
        memory = _("with memory") if snapshot.memory else ""
        parts = (_("{span} ago").format(span=age), memory, snapshot.description)
        lines.append((label, Cell("  ".join(part for part in parts if part))))
    return (emptiness.section(_("Snapshots"), tuple(lines) if len(found) > 1 else ()),)


async def _backups(guest: Guest, wire: Wire) -> tuple[Section, ...]:
    """Its archives, youngest first, from every storage that its cluster can list."""
    asked, missing = places(wire.snapshot, guest.cluster)
    found: list[Archive] = []
    for storage in asked:
        archives = await read_archives(storage, guest.vmid, wire)
        if archives is None:
            missing[storage.name] = _("no answer")
        found.extend(archives or ())
    found.sort(key=lambda archive: -archive.made)
    lines = [
        (_("{span} ago").format(span=span(wire.now() - archive.made)), Cell(_archive(archive)))
        for archive in found[:_MOST]
    ]
    if rest := len(found) - len(lines):
        lines.append(("", Cell(_("and {n} more").format(n=rest), "dim")))
    if not found:
        lines.append(("", Cell(_("it has no backup where we can see"), "warn")))
    lines.extend((place, Cell(why, "warn")) for place, why in missing.items())
    return (Section(_("Backups"), tuple(lines)),)


def _archive(archive: Archive) -> str:
    protected = _("protected") if archive.protected else ""
    parts = (size(archive.size), archive.storage, protected, archive.notes)
    return "  ".join(part for part in parts if part)


async def _pending(guest: Guest, wire: Wire) -> tuple[Section, ...]:
    """What of its configuration waits for a restart."""
    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/pending"
    waiting = pending_of(await wire.read(guest.cluster, path))
    lines = tuple((key, Cell(value or _("goes away"), "info")) for key, value in waiting)
    return (emptiness.section(_("Waits for a restart"), lines, none=_("nothing")),)


async def _acl(guest: Guest, wire: Wire) -> tuple[Section, ...]:
    """The entries that reach it. Without rights the list is empty, not refused (recorded)."""
    entries = on_guest(entries_of(await wire.read(guest.cluster, "/access/acl")), guest.vmid,
                       guest.pool)  # fmt: skip
    lines = tuple(
        (entry.who, Cell(_("{role} on {path}").format(role=entry.role, path=entry.path)))
        for entry in entries
    )
    none = _("none that we may see (Permissions.Modify)")
    return (emptiness.section(_("Who may what"), lines, none=none),)
