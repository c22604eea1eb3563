"""Faults of the cluster as a whole: its network, its storages, its managed guests, its copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.demo.cluster.aftermath import Aftermath, running_guests
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.state import BackupVolume
from labtui.demo.faults.fault import Fault, Options

if TYPE_CHECKING:
    from labtui.demo.cluster.replication import ReplicationJob
    from labtui.demo.running import RunningLab

ALL_NODES = ""


def nodes(lab: RunningLab) -> list[str]:
    """All nodes."""
    return list(lab.cluster.state.nodes)


def guest_of(lab: RunningLab, target: str) -> Guest:
    """A guest by its name or number. KeyError with a sentence."""
    for guest in lab.cluster.state.guests.values():
        if target in (guest.name, str(guest.vmid)):
            return guest
    raise KeyError(f"there is no guest {target!r}")


def kept(lab: RunningLab, fault: str) -> dict[str, object]:
    """What a fault has to remember until it ends, by target."""
    return lab.cluster.state.fault_memory.setdefault(fault, {})


def _part(lab: RunningLab, target: str, options: Options) -> None:
    state, cuts = lab.cluster.state, kept(lab, "node-partition")
    if target in cuts:
        return
    side = [name.strip() for name in str(options.get("side", "")).split(",") if name.strip()]
    if target not in state.nodes:
        raise KeyError(f"there is no node {target!r}")
    for name in side:
        if name not in state.nodes:
            raise ValueError(f"there is no node {name!r}")
    if len({target, *side}) == len(state.nodes):
        raise ValueError("a cut needs nodes on both sides")
    cut = state.part(list(dict.fromkeys((target, *side))))
    cuts[target] = (cut, running_guests(lab.cluster))


def _join(lab: RunningLab, target: str, _: Options) -> None:
    found = kept(lab, "node-partition").pop(target, None)
    if isinstance(found, tuple):
        cut, ran = found
        lab.cluster.state.join_side(cut)
        Aftermath(lab.cluster, ran)


def _storages(lab: RunningLab) -> list[str]:
    state = lab.cluster.state
    return sorted({name for node in state.nodes for name in state.storages_on(node)})


def _where(lab: RunningLab, target: str, options: Options) -> tuple[str, str]:
    node = str(options.get("node", ALL_NODES))
    state = lab.cluster.state
    if target not in _storages(lab):
        raise KeyError(f"there is no storage {target!r}")
    if node and node not in state.nodes:
        raise ValueError(f"there is no node {node!r}")
    if node and target not in state.storages_on(node):
        raise ValueError(f"{node} has no storage {target!r}")
    return target, node


def _away(lab: RunningLab, target: str, options: Options) -> None:
    place = _where(lab, target, options)
    state = lab.cluster.state
    since = state.storage_health.away.get(place, state.now)
    _back(lab, target, options)
    state.storage_health.away[place] = since


def _back(lab: RunningLab, target: str, _: Options) -> None:
    health = lab.cluster.state.storage_health
    health.away = {place: at for place, at in health.away.items() if place[0] != target}


def _fill(lab: RunningLab, target: str, options: Options) -> None:
    place = _where(lab, target, options)
    _empty(lab, target, options)
    kept(lab, "storage-full")[target] = place
    lab.cluster.state.storage_health.full.add(place)
    lab.cluster.starve(target, place[1])


def _empty(lab: RunningLab, target: str, _: Options) -> None:
    place = kept(lab, "storage-full").pop(target, None)
    if isinstance(place, tuple):
        lab.cluster.state.storage_health.full.discard(place)
        lab.cluster.feed(target)


def _managed(lab: RunningLab) -> list[str]:
    return [resource.guest.name for resource in lab.cluster.ha.resources.values()]


def _ha_error(lab: RunningLab, target: str, _: Options) -> None:
    guest = guest_of(lab, target)
    if guest.sid not in lab.cluster.ha.resources:
        raise KeyError(f"{target} is not under high availability")
    lab.cluster.ha.fail(guest)


def _ha_mend(lab: RunningLab, target: str, _: Options) -> None:
    lab.cluster.ha.clear(guest_of(lab, target))


def _saved(lab: RunningLab) -> list[str]:
    backups = lab.cluster.backups
    memory = lab.cluster.state.fault_memory.get("backup-missing", {})
    state = lab.cluster.state
    found = [guest.name for guest in state.guests.values() if backups.covered(guest)]
    return found + [str(name) for name in memory if name not in found]


def _fail_backup(lab: RunningLab, target: str, options: Options) -> None:
    guest, backups = guest_of(lab, target), lab.cluster.backups
    new = guest.vmid not in backups.failing
    backups.failing[guest.vmid] = str(options.get("reason") or _QMP_LOST.format(vmid=guest.vmid))
    job = next((job for job in backups.jobs.values() if job.takes(guest)), None)
    if new and job is not None:
        backups.run_now(job, [guest])


def _heal_backup(lab: RunningLab, target: str, _: Options) -> None:
    guest, backups = guest_of(lab, target), lab.cluster.backups
    if backups.failing.pop(guest.vmid, None) is not None:
        job = next((job for job in backups.jobs.values() if job.takes(guest)), None)
        if job is not None:
            backups.run_now(job, [guest])


def _forget_backup(lab: RunningLab, target: str, _: Options) -> None:
    guest, state = guest_of(lab, target), lab.cluster.state
    memory = kept(lab, "backup-missing")
    if target in memory:
        return
    jobs = lab.cluster.backups.exclude(guest.vmid)
    gone = [volume for volume in state.backups if volume.vmid == guest.vmid]
    state.backups[:] = [volume for volume in state.backups if volume.vmid != guest.vmid]
    memory[target] = (jobs, gone)


def _restore_backup(lab: RunningLab, target: str, _: Options) -> None:
    found = kept(lab, "backup-missing").pop(target, None)
    if not isinstance(found, tuple):
        return
    jobs, gone = found
    lab.cluster.backups.include(guest_of(lab, target).vmid, jobs)
    volumes: list[BackupVolume] = lab.cluster.state.backups
    volumes.extend(gone)


def _replicated(lab: RunningLab) -> list[str]:
    state = lab.cluster.state
    vmids = [job.vmid for job in lab.cluster.replication.jobs.values()]
    return [state.guests[vmid].name for vmid in vmids if vmid in state.guests]


def _job(lab: RunningLab, target: str) -> ReplicationJob:
    job = lab.cluster.replication.of_guest(guest_of(lab, target).vmid)
    if job is None:
        raise KeyError(f"{target} is not replicated")
    return job


def _late(lab: RunningLab, target: str, _: Options) -> None:
    job = _job(lab, target)
    if not job.broken:
        job.broken = True
        lab.cluster.replication.now(job)


def _in_time(lab: RunningLab, target: str, _: Options) -> None:
    job = _job(lab, target)
    if job.broken:
        job.broken = False
        lab.cluster.replication.now(job)


_QMP_LOST = "VM {vmid} qmp command 'backup' failed - got timeout"
_WHERE: Options = {"node": ALL_NODES}

CLUSTER_FAULTS: tuple[Fault, ...] = (
    Fault(
        "node-partition",
        "cluster",
        "node",
        "The cluster's network is cut; the nodes of `side` stay with this one.",
        nodes,
        _part,
        _join,
        {"side": ""},
    ),
    Fault(
        "storage-away",
        "storage",
        "storage",
        "A storage cannot be reached, by all nodes or by one.",
        _storages,
        _away,
        _back,
        _WHERE,
    ),
    Fault(
        "storage-full",
        "storage",
        "storage",
        "A storage has no space left, on all nodes or on one.",
        _storages,
        _fill,
        _empty,
        _WHERE,
    ),
    Fault(
        "ha-error",
        "cluster",
        "guest",
        "A managed guest failed too often; the manager leaves it in error.",
        _managed,
        _ha_error,
        _ha_mend,
    ),
    Fault(
        "backup-failed",
        "storage",
        "guest",
        "The backup of a guest fails, now and in every run of its job.",
        _saved,
        _fail_backup,
        _heal_backup,
        {"reason": ""},
    ),
    Fault(
        "backup-missing",
        "storage",
        "guest",
        "A guest is in no backup job and has no archive.",
        _saved,
        _forget_backup,
        _restore_backup,
    ),
    Fault(
        "replication-late",
        "storage",
        "guest",
        "The replication of a guest fails; its copy gets older.",
        _replicated,
        _late,
        _in_time,
    ),
)
