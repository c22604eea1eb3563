"""Findings about storages, and about the backups that the task list tells of."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from labtui.findings.finding import Evidence, Finding, Hits, Remedy, Subject, counted, words
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.cluster import Resources, Storage, Task, Tasks
from labtui.model.guests import GuestConfigs

_FULL, _FILLS = 0.95, 0.90
_A_DAY_AND_A_HALF = 129_600.0


def _groups(resources: Resources) -> dict[tuple[str, str], list[Storage]]:
    """(storage, node) -> rows; the node is empty for a shared one, which has a row per node."""
    found: dict[tuple[str, str], list[Storage]] = {}
    for storage in resources.storages:
        found.setdefault((storage.name, "" if storage.shared else storage.node), []).append(storage)
    return found


def _there(sight: Sight, storage: Storage) -> bool:
    presence = sight.presences.get((storage.cluster, storage.node))
    return presence is None or presence.online is True


def _full(sight: Sight) -> Iterator[Finding]:
    for cluster, resources in sight.clusters.items():
        for (name, node), rows in _groups(resources).items():
            good = [row for row in rows if _there(sight, row) and row.used and row.size]
            used = max(((row.used or 0) / (row.size or 1) for row in good), default=0.0)
            if used < _FILLS:
                continue
            label = f"{name} ({node})" if node else name
            yield Finding(
                "storage-full",
                Subject("storage", f"{cluster}/{node}/{name}", label, "storage", good[0].key),
                "storage",
                "critical" if used >= _FULL else "warning",
                words(N_("{storage} is {percent} % full"), storage=label, percent=int(used * 100)),
                remedies=(
                    Remedy(
                        words(N_("delete old snapshots, backups and unused disks there")),
                        view="storage",
                        key=good[0].key,
                    ),
                    Remedy(words(N_("move a guest's disks to another storage"))),
                ),
                hits=Hits(guests=_with_disks(sight, cluster, name, node)),
                as_of=sight.as_of("resources", cluster),
            )


def _with_disks(sight: Sight, cluster: str, storage: str, node: str) -> tuple[str, ...]:
    configs = sight.snapshot.one(GuestConfigs, cluster)
    head = f"{storage}:"
    return tuple(
        f"{cluster}/{vmid}"
        for vmid, config in (configs.configs if configs else {}).items()
        if (not node or config.node == node) and any(d.startswith(head) for d in config.disks)
    )


def _away(sight: Sight) -> Iterator[Finding]:
    for cluster, resources in sight.clusters.items():
        # A storage that is away reads `unknown`, as all do of a node that publishes nothing.
        speaks = {row.node for row in resources.storages if row.status == "available"}
        for (name, node), rows in _groups(resources).items():
            here = [row for row in rows if _there(sight, row) and row.node in speaks]
            away = [row for row in here if row.status != "available"]
            if not away:
                continue
            nodes = " ".join(sorted(row.node for row in away))
            everywhere = len(away) == len(here)
            yield Finding(
                "storage-away",
                Subject("storage", f"{cluster}/{node}/{name}", name, "storage", away[0].key),
                "storage",
                "critical" if everywhere and not node else "warning",
                words(N_("{storage} is not available on {nodes}"), storage=name, nodes=nodes),
                evidence=(
                    Evidence(
                        counted(
                            N_("one of {all} nodes lacks it"),
                            N_("{n} of {all} nodes lack it"),
                            len(away),
                            all=len(here),
                        ),
                        source=cluster,
                    ),
                ),
                remedies=(
                    Remedy(
                        words(N_("look at its server and the way there from {nodes}"), nodes=nodes),
                        view="storage",
                        key=away[0].key,
                    ),
                ),
                hits=Hits(
                    nodes=tuple(f"{cluster}/{row.node}" for row in away),
                    guests=_with_disks(sight, cluster, name, node) if everywhere else (),
                ),
                as_of=sight.as_of("resources", cluster),
            )


def _backups(sight: Sight) -> Iterator[Finding]:
    """The newest backup task of a guest, or of a node's job, that ended without OK."""
    for cluster, part in sight.snapshot.of(Tasks):
        judged: set[tuple[str, str]] = set()
        for task in sorted(part.tasks, key=lambda each: -each.started):
            whose = (task.subject, "" if task.subject else task.node)
            if task.kind != "vzdump" or task.running or whose in judged:
                continue
            judged.add(whose)
            good = (task.status or "").startswith(("OK", "WARNINGS"))
            if not good and sight.now - task.started < _A_DAY_AND_A_HALF:
                yield _backup_failed(cluster, task)


def _backup_failed(cluster: str, task: Task) -> Finding:
    subject = Subject("backup", f"{cluster}/{task.node}/", task.node, "tasks", task.upid)
    says = words(N_("the last backup run on {node} failed"), node=task.node)
    hits = Hits()
    again = Remedy(
        words(N_("read the task's log, then run the backup again")), "", "tasks", task.upid
    )
    if task.subject:
        key = f"{cluster}/{task.subject}"
        subject = Subject("backup", key, task.subject, "guests")
        says = words(N_("the last backup of {guest} failed"), guest=task.subject)
        hits = Hits(guests=(key,))
        again = msgspec.structs.replace(again, action="guest.backup", view="guests", key=key)
    why = words(N_("the task ended with: {why}"), why=task.status or "")
    return Finding(
        "backup-failed",
        subject,
        "storage",
        "warning",
        says,
        task.ended,
        evidence=(Evidence(why, source=task.node, at=task.ended),),
        remedies=(again,),
        hits=hits,
    )


STORAGE_RULES = (
    Rule("storage-full", "cluster", (Resources,), _full),
    Rule("storage-away", "cluster", (Resources,), _away),
    Rule("backup-failed", "cluster", (Tasks,), _backups),
)
