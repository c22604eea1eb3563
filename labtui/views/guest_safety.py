"""More details of a guest: who keeps a copy of it, and what we may do to it. Pure."""

from __future__ import annotations

from labtui.locale import N_, _
from labtui.model.cluster import Rights
from labtui.model.guests import Guest
from labtui.model.node_facts import NodesHealth
from labtui.model.safeguards import HaRule, Safeguards
from labtui.model.snapshot import Snapshot
from labtui.views import aging, emptiness
from labtui.views.emptiness import Lines
from labtui.views.node_details import replication_cell
from labtui.views.view import Cell, Section

# What a person wants to do to a guest, and the privilege that it takes (docs/accounts.md).
_DEEDS = (
    (N_("look"), "VM.Audit"),
    (N_("start, stop"), "VM.PowerMgmt"),
    (N_("move"), "VM.Migrate"),
    (N_("console"), "VM.Console"),
    (N_("snapshots"), "VM.Snapshot"),
    (N_("back up"), "VM.Backup"),
    (N_("clone"), "VM.Clone"),
    (N_("edit"), "VM.Config.Options"),
    (N_("disks"), "VM.Config.Disk"),
    (N_("delete"), "VM.Allocate"),
)


def sections(guest: Guest, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    """Its safeguards, and our rights."""
    return (_safety(guest, snapshot, now), _rights(guest, snapshot, now))


def _safety(guest: Guest, snapshot: Snapshot, now: float) -> Section:
    title = _("Safety")
    part, fresh = (
        snapshot.one(Safeguards, guest.cluster),
        snapshot.fresh(Safeguards, guest.cluster),
    )
    lines: list[tuple[str, Cell]] = []
    if part is not None:
        lines.append((_("backup job"), _covered(guest, part)))
        if "rules" in part.problems:
            lines.append((_("HA rules"), emptiness.failed(part.problems["rules"])[0][1]))
        named = [rule for rule in part.rules or () if guest.sid in rule.resources]
        lines.extend((_("HA rule"), _rule(rule)) for rule in named)
    elif fresh is not None and fresh.problem is not None:
        lines.extend(emptiness.failed(fresh.problem))
    elif fresh is not None:
        lines.extend(emptiness.loading())
    lines.extend(_replicated(guest, snapshot, now))
    age = aging.age_of(snapshot, now, (Safeguards, guest.cluster))
    return aging.section(title, tuple(lines), age)


def _covered(guest: Guest, part: Safeguards) -> Cell:
    if part.not_backed_up is None:
        problem = part.problems.get("not_backed_up")
        return emptiness.failed(problem)[0][1] if problem is not None else Cell("?", "dim")
    if guest.vmid in part.not_backed_up:
        return Cell(_("in none"), "warn")
    return Cell(_("in one; whether it succeeds is another matter"))


def _rule(rule: HaRule) -> Cell:
    parts = (
        rule.name,
        rule.kind,
        rule.affinity,
        _("strict") if rule.strict else "",
        " ".join(rule.nodes),
        _("switched off") if rule.disabled else "",
        rule.comment,
    )
    return Cell("  ".join(filter(None, parts)), "dim" if rule.disabled else "")


def _replicated(guest: Guest, snapshot: Snapshot, now: float) -> Lines:
    part = snapshot.one(NodesHealth, guest.cluster) or NodesHealth({})
    return tuple(
        (_("replication"), replication_cell(job, now))
        for fact in part.nodes.values()
        for job in fact.replication or ()
        if job.vmid == guest.vmid
    )


def _rights(guest: Guest, snapshot: Snapshot, now: float) -> Section:
    title = _("What we may")
    rights = snapshot.one(Rights, guest.cluster)
    if rights is None:
        fresh = snapshot.fresh(Rights, guest.cluster)
        if fresh is None:
            return Section(title, ())
        problem = fresh.problem
        return Section(title, emptiness.failed(problem) if problem else emptiness.loading())
    path = f"/vms/{guest.vmid}"
    held = [_(deed) for deed, privilege in _DEEDS if rights.allows(privilege, path)]
    lacking = [
        f"{_(deed)} ({privilege})"
        for deed, privilege in _DEEDS
        if not rights.allows(privilege, path)
    ]
    lines = (
        (_("as"), Cell(rights.user, "dim")),
        (_("may"), Cell(", ".join(held))),
        (_("may not"), Cell(", ".join(lacking), "warn" if lacking else "")),
    )
    return aging.section(title, lines, aging.age_of(snapshot, now, (Rights, guest.cluster)))
