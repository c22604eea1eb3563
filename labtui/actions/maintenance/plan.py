"""HA maintenance of a node: what is known, the plan, and the step for other plans.

`ha-manager crm-command node-maintenance enable|disable NODE` leaves a wish for the manager, which
takes it up in its next round (`PVE/CLI/ha_manager.pm`, `PVE/HA/Manager.pm`); the node's agent then
says `maintenance mode`. HA guests leave it and, when it ends, come back. It outlives a reboot.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from labtui.actions import interlock
from labtui.actions.action import Call, Fact, Plan, Right, Scope, Wire
from labtui.actions.interlock import Standing
from labtui.actions.shell import Shell, command, shell_of, way_text
from labtui.locale import _
from labtui.model.cluster import HaStatus, Membership, Resources
from labtui.model.errors import NotFound
from labtui.model.guests import Guest
from labtui.model.presence import presences, seen_guests
from labtui.model.snapshot import Snapshot

PRIVILEGE = "Sys.Console"
"""What the API itself asks of whoever changes HA."""
_MOST_NAMED = 8


class MaintenanceFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `at` is the node whose shell is used; `left` the HA guests elsewhere."""

    on: bool
    cluster: str
    node: str
    read_at: float
    standing: Standing
    at: str = ""
    shell: Shell = Shell()
    is_on: bool = False
    online: bool | None = None
    managed: tuple[Guest, ...] = ()
    any_managed: bool = False
    master: str = ""


def scope_of(subject: str) -> Scope:
    """The node, which need not be there, and the right that the API asks for changes of HA."""
    cluster, _slash, node = subject.partition("/")
    return Scope(cluster, node, rights=(Right(PRIVILEGE, "/"),))


def words(node: str, *, on: bool) -> tuple[str, ...]:
    """The command."""
    verb = "enable" if on else "disable"
    return ("ha-manager", "crm-command", "node-maintenance", verb, node)


def maintained(snapshot: Snapshot, cluster: str, node: str) -> bool:
    """Whether the cluster's rows say that the node is in maintenance."""
    resources = snapshot.one(Resources, cluster) or Resources()
    return any(row.name == node and row.ha_state == "maintenance" for row in resources.nodes)


def teller(snapshot: Snapshot, cluster: str, node: str) -> str:
    """The node whose shell takes the command: itself when it is there, else the next one."""
    membership = snapshot.one(Membership, cluster)
    there = sorted(membership.online) if membership is not None else []
    return node if node in there or not there else there[0]


def step(wire: Wire, cluster: str, node: str, *, on: bool) -> Call | str:
    """The step for another plan, or why there is none. Such a plan runs it by `run.turned`."""
    if not _managed(wire.snapshot, cluster):
        return _("no guest is managed by HA: maintenance mode would do nothing")
    shell = shell_of(wire, cluster, teller(wire.snapshot, cluster, node))
    return shell.against or command(cluster, shell, words(node, on=on))


async def survey(on: bool, subject: str, wire: Wire) -> MaintenanceFacts:
    """Read what a plan needs. Raises `NotFound` when there is no such node."""
    cluster, _slash, node = subject.partition("/")
    snapshot = wire.snapshot
    presence = presences(snapshot).get((cluster, node))
    if presence is None:
        raise NotFound(_("node not found"), where=subject, remedy=_("press r to read again"))
    ha = snapshot.one(HaStatus, cluster)
    managed = _managed(snapshot, cluster)
    at = teller(snapshot, cluster, node)
    return MaintenanceFacts(
        on,
        cluster,
        node,
        wire.now(),
        await interlock.look(scope_of(subject), wire),
        at=at,
        shell=shell_of(wire, cluster, at),
        is_on=maintained(snapshot, cluster, node),
        online=presence.online,
        managed=tuple(guest for guest in managed if guest.node == node),
        any_managed=bool(managed),
        master=ha.master if ha is not None else "",
    )


def _managed(snapshot: Snapshot, cluster: str) -> tuple[Guest, ...]:
    found = (
        seen.guest
        for seen in seen_guests(snapshot).values()
        if seen.guest.cluster == cluster and seen.guest.ha_state not in ("", "ignored")
    )
    return tuple(sorted(found, key=lambda guest: guest.vmid))


def draft(facts: MaintenanceFacts, choice: str, mode: str) -> Plan:
    """The plan; there is nothing to choose."""
    del choice, mode
    title = _("HA maintenance of {node} on") if facts.on else _("HA maintenance of {node} off")
    call = command(facts.cluster, facts.shell, words(facts.node, on=facts.on))
    return Plan(
        action="node.maintenance" if facts.on else "node.maintenance-off",
        subject=f"{facts.cluster}/{facts.node}",
        title=title.format(node=facts.node),
        made_at=facts.read_at,
        facts=tuple(_facts(facts)),
        calls=() if facts.shell.against else (call,),
        blockers=tuple(_blockers(facts)),
        warnings=tuple(_warnings(facts)),
    )


def _blockers(facts: MaintenanceFacts) -> Iterable[str]:
    yield from facts.standing.blockers
    if facts.is_on == facts.on:
        yield _("it is in maintenance mode already") if facts.on else _("it is not in it")
    if facts.on and not facts.any_managed:
        yield _("no guest is managed by HA: maintenance mode would do nothing")
    if facts.any_managed and not facts.master:
        yield _("HA has no master: nobody would take the wish up")
    if facts.shell.against:
        yield facts.shell.against


def _facts(facts: MaintenanceFacts) -> Iterable[Fact]:
    yield Fact(_("step"), _("{way}, on {node}").format(way=way_text(facts.shell), node=facts.at))
    if facts.on:
        names = _named(facts.managed) or _("none of its guests")
        yield Fact(_("leave it"), _("HA guests: {names}").format(names=names))
        yield Fact(
            _("stay"), _("all guests that HA does not manage: E or `labtui evacuate` moves them")
        )
        yield Fact(_("until"), _("it is switched off again; a reboot does not end it"))
    else:
        yield Fact(_("then"), _("HA guests that left it because of that come back"))
    for note in facts.standing.notes:
        yield Fact(_("note"), note)


def _named(guests: tuple[Guest, ...]) -> str:
    names = [guest.label for guest in guests[:_MOST_NAMED]]
    if (rest := len(guests) - len(names)) > 0:
        names.append(_("and {n} more").format(n=rest))
    return ", ".join(names)


def _warnings(facts: MaintenanceFacts) -> Iterable[str]:
    yield from facts.standing.warnings
    if facts.online is False:
        yield _("{node} is away").format(node=facts.node)
