"""Findings about what keeps data safe, and about what agents in guests say of it."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from labtui.findings.finding import (
    Evidence,
    Finding,
    Hits,
    Remedy,
    Severity,
    Subject,
    counted,
    words,
)
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.derived import Derived
from labtui.model.guests import Guest, GuestConfigs
from labtui.model.node_facts import NodesHealth, Replication
from labtui.model.presence import SeenGuest
from labtui.model.safeguards import AgentDisk, Agents, AgentWord, Ceph, Safeguards
from labtui.model.snapshot import Snapshot

_LATE = 900.0
_COUNTS = 600.0
_FULL, _FILLS = 0.95, 0.90
# An agent starts with the system in the guest.
_BOOTED = 300
_MOST_CHECKS = 6
_MOST_GUESTS = 12
_CEPH_KINDS = ("rbd", "cephfs")
_OK = "HEALTH_OK"


def _replication(sight: Sight) -> Iterator[Finding]:
    for cluster, part in sight.snapshot.of(NodesHealth):
        for node, fact in sorted(part.nodes.items()):
            if sight.now - fact.read_at > _COUNTS:
                continue
            # By the clock of that node, which planned the run.
            now = sight.now + (fact.clock.ahead if fact.clock is not None else 0.0)
            for job in fact.replication or ():
                late = job.next_sync is not None and now - job.next_sync > _LATE
                if not job.disabled and (job.fail_count or job.error or late):
                    yield _job(sight, cluster, node, job)


def _job(sight: Sight, cluster: str, node: str, job: Replication) -> Finding:
    key = f"{cluster}/{job.vmid}"
    seen = sight.guests.get(key)
    label = seen.guest.label if seen is not None else str(job.vmid)
    failed = bool(job.fail_count or job.error)
    says = words(N_("the replication of {guest} to {node} is late"), guest=label, node=job.target)
    evidence = [Evidence(words(N_("its next run was due and did not come")), source=node)]
    if failed:
        says = words(N_("the replication of {guest} to {node} fails"), guest=label,
                     node=job.target)  # fmt: skip
        text = counted(N_("its last run failed: {why}"), N_("it failed {n} times in a row: {why}"),
                       max(1, job.fail_count), why=job.error)  # fmt: skip
        evidence = [Evidence(text, source=node, at=job.last_try)]
    if job.last_sync is not None:
        text = words(N_("the copy there is of that time"))
        evidence.append(Evidence(text, source=node, at=job.last_sync))
    return Finding(
        "replication-late",
        Subject("replication", f"{cluster}/{job.id}", label, "guests" if seen else "", key),
        "storage",
        "warning",
        says,
        job.last_sync,
        evidence=tuple(evidence),
        remedies=(
            Remedy(words(N_("see that {node} is there and has room"), node=job.target),
                   view="nodes", key=f"{cluster}/{job.target}"),
            Remedy(words(N_("`pvesr schedule-now {job}` on {node}, and read its log"),
                         job=job.id, node=node)),
        ),
        hits=Hits(nodes=(f"{cluster}/{node}", f"{cluster}/{job.target}"), guests=(key,)),
        as_of=sight.as_of("health", cluster),
    )  # fmt: skip


def _uncovered(sight: Sight) -> Iterator[Finding]:
    """Guests that somebody wants to run, and that no backup job takes."""
    for cluster, part in sight.snapshot.of(Safeguards):
        configs = sight.snapshot.one(GuestConfigs, cluster) or GuestConfigs({})
        known = configs.configs
        seen = (sight.guests.get(f"{cluster}/{vmid}") for vmid in sorted(part.not_backed_up or ()))
        found = [
            each.guest
            for each in seen
            if each is not None and not each.guest.template
            if each.guest.status == "running"
            or ((config := known.get(each.guest.vmid)) is not None and config.onboot)
        ]
        past = sight.history.cover.get(cluster)
        left = past.left if past is not None else {}
        recent = [guest for guest in found if guest.vmid in left]
        named = found if len(found) <= _MOST_GUESTS else recent
        yield from (_not_backed_up(sight, guest, left.get(guest.vmid)) for guest in named)
        if len(found) > _MOST_GUESTS:
            yield _many_not_backed_up(sight, cluster, found)


def _many_not_backed_up(sight: Sight, cluster: str, guests: list[Guest]) -> Finding:
    """Where most are in no job it is how that cluster is run: one finding, and nobody is hit."""
    first = heapq.nsmallest(_MOST_GUESTS, guests, key=lambda guest: guest.vmid)
    named = " ".join(str(guest.vmid) for guest in first)
    return Finding(
        "backup-missing",
        Subject("backup", f"{cluster}/", cluster, "guests", first[0].key),
        "storage",
        "notice",
        words(N_("{n} guests of {cluster} are in no backup job"), n=len(guests), cluster=cluster),
        evidence=(Evidence(words(N_("among them {guests}"), guests=named), source=cluster),),
        remedies=(Remedy(words(N_("add it, or its pool, to a backup job"))),),
        as_of=sight.as_of("safeguards", cluster),
        count=len(guests),
    )


def _not_backed_up(sight: Sight, guest: Guest, left: float | None) -> Finding:
    """`left`: it was in a job until then."""
    severity: Severity = "notice" if left is None else "warning"
    says = N_("{guest} is in no backup job")
    if left is not None:
        says = N_("{guest} is in no backup job, and was in one before")
    return Finding(
        "backup-missing",
        Subject("backup", guest.key, guest.label, "guests", guest.key),
        "storage",
        severity,
        words(says, guest=guest.label),
        left,
        evidence=(
            Evidence(words(N_("the cluster lists it as not backed up")), source=guest.cluster),
            Evidence(words(N_("somebody may back it up from inside")), "against"),
        ),
        remedies=(
            Remedy(words(N_("add it, or its pool, to a backup job")), view="guests", key=guest.key),
            Remedy(words(N_("make one backup of it now")), "guest.backup", "guests", guest.key),
        ),
        hits=Hits(guests=(guest.key,)),
        as_of=sight.as_of("safeguards", guest.cluster),
    )  # fmt: skip


def _ceph(sight: Sight) -> Iterator[Finding]:
    for cluster, ceph in sight.snapshot.of(Ceph):
        if ceph.health in ("", _OK):
            continue
        resources = sight.clusters.get(cluster)
        rows = (
            [row.key for row in resources.storages if row.kind in _CEPH_KINDS] if resources else []
        )
        bad = ceph.health == "HEALTH_ERR"
        first = ceph.checks[0].message if ceph.checks else ceph.health
        yield Finding(
            "ceph-health",
            Subject("Ceph", f"{cluster}/ceph", cluster, "storage" if rows else "",
                    rows[0] if rows else ""),
            "storage",
            "critical" if bad else "warning",
            words(N_("Ceph of {cluster} is not well: {why}"), cluster=cluster, why=first),
            evidence=tuple(
                Evidence(words(N_("{check}: {message}"), check=check.name, message=check.message),
                         source=cluster)
                for check in ceph.checks[:_MOST_CHECKS]
            ),
            remedies=(
                Remedy(words(N_("`ceph health detail` on a node names what is behind it"))),
                Remedy(words(N_("{up} of {all} OSDs are up: bring the others back"),
                             up=ceph.osds_up, all=ceph.osds)),
            ),
            as_of=sight.as_of("ceph", cluster),
        )  # fmt: skip


def _of_interest(snapshot: Snapshot) -> tuple[tuple[str, AgentWord], ...]:
    found: dict[str, AgentWord] = {}
    for cluster, part in snapshot.of(Agents):
        # Spelt out instead of `_fills`: this passes over every file system of a large lab.
        found |= {
            f"{cluster}/{vmid}": word
            for vmid, word in part.guests.items()
            if word.answers
            for disk in word.disks
            if disk.used >= _FILLS * disk.size > 0
        }
        found |= {f"{cluster}/{n}": word for n, word in part.guests.items() if not word.answers}
    return tuple(found.items())


_words_of_interest = Derived((Agents,), _of_interest)
"""(guest, word) of those that a finding may be about: few of thousands."""


def _words(sight: Sight) -> Iterator[tuple[SeenGuest, AgentWord]]:
    """What agents of guests that run said last, where it is of interest."""
    for key, word in _words_of_interest(sight.snapshot):
        seen = sight.guests.get(key)
        if seen is not None and seen.running:
            yield seen, word


def _agent_gone(sight: Sight) -> Iterator[Finding]:
    for seen, word in _words(sight):
        guest = seen.guest
        if word.answers or (guest.uptime or 0) < _BOOTED:
            continue
        heard = word.heard_at is not None
        against = words(N_("it may never have been installed, or be stopped on purpose"))
        yield Finding(
            "agent-gone",
            Subject("guest", guest.key, guest.label, "guests"),
            "guest",
            # One that answered before, in a guest that runs on, speaks for a system that hangs.
            "warning" if heard else "notice",
            words(N_("the agent in {guest} does not answer, though the guest runs"),
                  guest=guest.label),
            word.heard_at,
            "likely" if heard else "possible",
            evidence=(
                Evidence(words(N_("the node says: {why}"), why=word.why), source=guest.node,
                         at=word.read_at),
                *((Evidence(words(N_("it answered then")), source=guest.node, at=word.heard_at),)
                  if heard else (Evidence(against, "against"),)),
            ),
            remedies=(
                Remedy(words(N_("look at its console: does the system in it still work?")),
                       view="guests", key=guest.key),
                Remedy(words(N_("`systemctl restart qemu-guest-agent` in the guest"))),
                Remedy(words(N_("when nobody gets in any more: reset it")), "guest.reset",
                       "guests", guest.key),
            ),
            hits=Hits(guests=(guest.key,)),
            as_of=_old(sight, word),
        )  # fmt: skip


def _disks(sight: Sight) -> Iterator[Finding]:
    for seen, word in _words(sight):
        full = [disk for disk in word.disks if _fills(disk)]
        if not full:
            continue
        worst = max(full, key=lambda disk: disk.used / disk.size)
        yield _filling(sight, seen.guest, word, worst, len(full))


def _fills(disk: AgentDisk) -> bool:
    return disk.used >= _FILLS * disk.size > 0


def _filling(sight: Sight, guest: Guest, word: AgentWord, disk: AgentDisk, count: int) -> Finding:
    severity: Severity = "warning" if disk.used >= _FULL * disk.size else "notice"
    return Finding(
        "guest-disk",
        Subject("guest", guest.key, guest.label, "guests"),
        "guest",
        severity,
        words(
            N_("{mount} in {guest} is {percent} % full"),
            mount=disk.mount,
            guest=guest.label,
            percent=int(disk.used * 100 / disk.size),
        ),
        evidence=(
            Evidence(counted(N_("its agent says so"),
                             N_("its agent says so, of {n} file systems"), count),
                     source=guest.node, at=word.read_at),
        ),
        remedies=(
            Remedy(words(N_("make room in it, or give its disk more room")), "guest.edit",
                   "guests", guest.key),
        ),
        hits=Hits(guests=(guest.key,)),
        as_of=_old(sight, word),
    )  # fmt: skip


def _old(sight: Sight, word: AgentWord) -> float | None:
    """When it was said, if that is long ago: agents are asked by turns."""
    return word.read_at if sight.now - word.read_at > _COUNTS else None


SAFEGUARD_RULES = (
    Rule("replication-late", "cluster", (NodesHealth,), _replication),
    Rule("backup-missing", "cluster", (Safeguards,), _uncovered),
    Rule("ceph-health", "cluster", (Ceph,), _ceph),
    Rule("agent-gone", "guests", (Agents,), _agent_gone),
    Rule("guest-disk", "guests", (Agents,), _disks),
)
