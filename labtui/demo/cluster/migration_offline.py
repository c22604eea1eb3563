"""Offline migration of virtual machines, and the moves of containers (stop, move, start)."""

from __future__ import annotations

from labtui.demo.cluster.configuration import Drive, drives
from labtui.demo.cluster.migration import (
    MIB,
    Migration,
    MigrationAborted,
    check_connection,
    check_resources,
    scan_volumes,
)
from labtui.demo.cluster.noise import smooth
from labtui.demo.cluster.preconditions import local_drives
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.storages import BY_NAME

COPY_SPEED = 260 * MIB
"""Bytes per second of a disk sent through SSH."""

BLOCK = 64 * 1024


def offline_migration(run: Migration) -> Process:
    """The body of a `qmigrate` of a stopped virtual machine."""
    check_resources(run)
    yield from check_connection(run)
    run.guest.set_lock("migrate")
    run.announce()
    yield 0.3
    copied = [drive for drive in scan_volumes(run) if not drive.cdrom]
    if copied:
        run.log.say("copying local disk images")
    for drive in copied:
        yield from _copy(run, drive)
    run.move_config()
    yield 1.2


def container_migration(run: Migration) -> Process:
    """The body of a `vzmigrate`; a running container is shut down and started again."""
    guest, target = run.guest, run.request.target
    was_running = guest.running
    if run.request.online and was_running and not run.request.restart:
        raise MigrationAborted("lxc live migration is currently not implemented")
    yield from check_connection(run)
    if was_running:
        run.log.say(f"shutdown CT {guest.vmid}")
        yield 2.2
        guest.set_running(running=False, now=run.state.now)
    try:
        guest.set_lock("migrate")
        run.announce()
        yield 0.3
        yield from _move_volumes(run)
    except BaseException:
        if was_running and not run.moved and run.state.nodes[run.source].powered:
            guest.set_running(running=True, now=run.state.now)
        raise
    run.log.say("start final cleanup")
    run.move_config()
    yield 0.8
    if was_running:
        run.log.say("start container on target node")
        run.log.say(
            f"# /usr/bin/ssh -e none -o 'HostKeyAlias={target}' root@{run.address}"
            f" pct start {guest.vmid}"
        )
        yield 1.5
        guest.set_running(running=True, now=run.state.now)


def _move_volumes(run: Migration) -> Process:
    local = local_drives(run.guest)
    for drive in drives(run.guest.config):
        if drive not in local:
            run.log.say(f"volume '{drive.volid}' is on shared storage '{drive.storage}'")
    for drive in local:
        run.log.say(f"found local volume '{drive.volid}' (in current VM config)")
    for drive in local:
        yield from _copy(run, drive)


def _copy(run: Migration, drive: Drive) -> Process:
    """One volume through dd at both ends, progress thinned out to each 3, 10, then 30 seconds."""
    total = drive.size or 1 << 30
    volid = run.new_volid(drive)
    storage = BY_NAME.get(run.request.storage_for(drive.storage))
    if storage is not None and storage.kind == "lvmthin":
        run.log.say(f'  Logical volume "{volid.partition(":")[2]}" created.')
    done, seconds = 0, 0
    while done < total:
        step = 3 if seconds < 30 else 10 if seconds < 120 else 30
        wave = smooth(run.state.seed, run.guest.vmid + 5, run.state.now, 9.0)
        speed = run.speed(COPY_SPEED * (0.8 + 0.4 * wave))
        rest = (total - done) / speed
        yield min(float(step), rest)
        if not run.target_alive:
            raise MigrationAborted(
                f"storage migration for '{drive.volid}' to storage"
                f" '{run.request.storage_for(drive.storage)}' failed - command 'set -o pipefail'"
                " failed: exit code 255"
            )
        if rest <= step:
            done, last = total, seconds + rest
            blocks = total // BLOCK
            for end in ("in", "out"):
                run.log.say(f"{blocks}+0 records {end}")
            run.log.dd(total, round(last, 4))
        else:
            done, seconds = done + int(speed * step), seconds + step
            run.log.dd(done, float(seconds))
    run.log.say(f"successfully imported '{volid}'")
    if run.guest.kind == "qemu":
        run.log.say(f"volume '{drive.volid}' is '{volid}' on the target")
