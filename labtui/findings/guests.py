"""Findings about guests: failed, locked for nothing, stopped by themselves, out of memory."""

from __future__ import annotations

from collections.abc import Iterator

from labtui.findings.finding import Evidence, Finding, Hits, Remedy, Severity, Subject, Words, words
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.cluster import HaStatus, Resources, Task, Tasks
from labtui.model.derived import Derived
from labtui.model.guests import Guest, GuestConfigs
from labtui.model.presence import SeenGuest
from labtui.model.snapshot import Snapshot

_BROKEN = frozenset(("internal-error", "io-error", "error"))
_PRESSED = 0.97
# Tasks by which a person (or a shutdown of the node) stops a guest on purpose.
_STOPPING = frozenset(
    (
        "qmstop",
        "qmshutdown",
        "qmsuspend",
        "vzstop",
        "vzshutdown",
        "stopall",
        "qmdestroy",
        "vzdestroy",
        "qmigrate",
        "vzmigrate",
        "hamigrate",
        "hastop",
        "suspendall",
        "qmreboot",
        "vzreboot",
    )
)


def _guest(
    rule: str,
    guest: Guest,
    severity: Severity,
    says: Words,
    since: float | None = None,
    *,
    evidence: tuple[Evidence, ...] = (),
    remedies: tuple[Remedy, ...] = (),
) -> Finding:
    subject = Subject("guest", guest.key, guest.label, "guests")
    hits = Hits(guests=(guest.key,))
    return Finding(
        rule,
        subject,
        "guest",
        severity,
        says,
        since,
        evidence=evidence,
        remedies=remedies,
        hits=hits,
    )


def _of_interest(snapshot: Snapshot) -> tuple[str, ...]:
    # A list first: a generator is much slower over all rows of a large lab.
    return tuple(
        [
            guest.key
            for _cluster, part in snapshot.of(Resources)
            for guest in part.guests
            if guest.lock
            or (guest.memory or 0) >= _PRESSED * (guest.memory_max or 1)
            or guest.status in _BROKEN
        ]
    )


_guests_of_interest = Derived((Resources,), _of_interest)
"""The guests that a finding may be about: few of thousands, looked for once for all rules."""


def _here(sight: Sight) -> Iterator[SeenGuest]:
    """Those whose row can be believed: their node is there and their cluster was read."""
    late = {name for name in sight.clusters if sight.as_of("resources", name) is not None}
    for key in _guests_of_interest(sight.snapshot):
        seen = sight.guests[key]
        if seen.node_online is True and seen.guest.cluster not in late:
            yield seen


def _ha_error(sight: Sight) -> Iterator[Finding]:
    for cluster, part in sight.snapshot.of(HaStatus):
        for service in part.services:
            if service.state != "error":
                continue
            vmid = service.sid.partition(":")[2]
            yield Finding(
                "ha-error",
                Subject("resource", f"{cluster}/{vmid}", service.sid, "guests"),
                "cluster",
                "critical",
                words(N_("HA has given up on {sid} after too many failures"), sid=service.sid),
                evidence=(Evidence(words(N_("the manager holds it in `error`")), source=cluster),),
                remedies=(
                    Remedy(
                        words(N_("find out why it did not start on {node}"), node=service.node),
                        view="guests",
                        key=f"{cluster}/{vmid}",
                    ),
                    Remedy(
                        words(
                            N_("then set {sid} to disabled and to started again"), sid=service.sid
                        )
                    ),
                ),
                hits=Hits(guests=(f"{cluster}/{vmid}",)),
                as_of=sight.as_of("ha", cluster),
            )


def _broken(sight: Sight) -> Iterator[Finding]:
    for seen in _here(sight):
        guest = seen.guest
        if guest.status in _BROKEN:
            yield _guest(
                "guest-broken",
                guest,
                "critical",
                words(N_("{guest} stands still: {status}"), guest=guest.label, status=guest.status),
                remedies=(
                    Remedy(
                        words(N_("look at the storage of its disks, then resume or reset it")),
                        "guest.resume",
                        "guests",
                        guest.key,
                    ),
                ),
            )


def _locked(sight: Sight) -> Iterator[Finding]:
    busy: dict[str, set[str]] = {}
    for cluster, part in sight.snapshot.of(Tasks):
        busy[cluster] = {task.subject for task in part.tasks if task.running}
        # A job over several guests has no subject of its own.
        busy[cluster] |= {task.node for task in part.tasks if task.running and not task.subject}
    for seen in _here(sight):
        guest = seen.guest
        if not guest.lock or guest.lock in ("suspended", "suspending"):
            continue
        running = busy.get(guest.cluster)
        if running is None or str(guest.vmid) in running or guest.node in running:
            continue
        yield _guest(
            "guest-locked",
            guest,
            "warning",
            words(
                N_("{guest} is locked ({lock}), and no task works on it"),
                guest=guest.label,
                lock=guest.lock,
            ),
            evidence=(Evidence(words(N_("no running task names it")), source=guest.cluster),),
            remedies=(
                Remedy(
                    words(
                        N_("make sure that nothing runs, then `{tool} unlock {vmid}`"),
                        tool="qm" if guest.kind == "qemu" else "pct",
                        vmid=guest.vmid,
                    ),
                    "guest.unlock",
                    "guests",
                    guest.key,
                ),
            ),
        )


def _stopped(sight: Sight) -> Iterator[Finding]:
    """Guests that ran when last looked at and were stopped by no task that the list knows."""
    tasks = {cluster: _by_subject(part) for cluster, part in sight.snapshot.of(Tasks)}
    for cluster, past in sight.history.guests.items():
        if sight.as_of("resources", cluster) is not None:
            continue
        for key, stopped in past.stopped.items():
            seen = sight.guests.get(key)
            if seen is None or seen.node_online is not True or seen.guest.status != "stopped":
                continue
            guest = seen.guest
            known = tasks.get(cluster, {})
            around = known.get(str(guest.vmid), []) + known.get("", [])
            if any(stopped.at - 600 <= task.started <= stopped.at + 5 for task in around):
                continue
            yield _stopped_itself(sight, guest, stopped.at)


def _stopped_itself(sight: Sight, guest: Guest, at: float) -> Finding:
    """Whether somebody wants it to run is known only of those that start with their node."""
    configs = sight.snapshot.one(GuestConfigs, guest.cluster)
    config = configs.configs.get(guest.vmid) if configs is not None else None
    inside = words(N_("a shutdown from inside looks the same"))
    return _guest(
        "guest-stopped",
        guest,
        "notice" if config is not None and not config.onboot else "warning",
        words(N_("{guest} has stopped, and nobody stopped it by a task"), guest=guest.label),
        at,
        evidence=(
            Evidence(words(N_("it ran when it was last read")), source=guest.cluster, at=at),
            Evidence(words(N_("no task of the list stopped it")), source=guest.cluster),
            Evidence(inside, "against"),
        ),
        remedies=(
            Remedy(
                words(N_("look into its log, then start it")),
                "guest.start",
                "guests",
                guest.key,
            ),
        ),
    )


def _by_subject(part: Tasks) -> dict[str, list[Task]]:
    found: dict[str, list[Task]] = {}
    for task in part.tasks:
        if task.kind in _STOPPING:
            found.setdefault(task.subject, []).append(task)
    return found


def _pressed(sight: Sight) -> Iterator[Finding]:
    for seen in _here(sight):
        guest = seen.guest
        if guest.status != "running" or not guest.memory or not guest.memory_max:
            continue
        if guest.memory >= _PRESSED * guest.memory_max:
            yield _guest(
                "guest-memory",
                guest,
                "warning",
                words(
                    N_("{guest} uses {percent} % of its memory"),
                    guest=guest.label,
                    percent=min(100, guest.memory * 100 // guest.memory_max),
                ),
                remedies=(
                    Remedy(
                        words(N_("give it more memory, or see what in it grows")),
                        "guest.edit",
                        "guests",
                        guest.key,
                    ),
                ),
            )


GUEST_RULES = (
    Rule("ha-error", "guests", (HaStatus,), _ha_error),
    Rule("guest-broken", "guests", (Resources,), _broken),
    Rule("guest-locked", "guests", (Resources, Tasks), _locked),
    Rule("guest-stopped", "guests", (Resources, Tasks), _stopped),
    Rule("guest-memory", "guests", (Resources,), _pressed),
)
