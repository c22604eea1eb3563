"""Live migration of a virtual machine: local disks by drive mirror, then memory in passes.

Memory goes over at about 1 GiB/s; what the guest writes meanwhile goes again in the next pass,
until the rest fits into the allowed downtime.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from labtui.demo.cluster.configuration import Drive
from labtui.demo.cluster.migration import (
    MIB,
    Migration,
    check_connection,
    check_resources,
    scan_volumes,
)
from labtui.demo.cluster.migration_log import binary, short_duration
from labtui.demo.cluster.noise import smooth
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.tasks import Interrupted, Killed, TaskError

LINK_SPEED = 1024 * MIB
"""Bytes per second of the migration network."""

MIRROR_SPEED = 420 * MIB
DIRTY_AT_FULL_LOAD = 620 * MIB
"""Bytes per second that a guest at full load writes to its memory."""

FIRST_DOWNTIME = 100
"""Milliseconds of downtime allowed at first."""


class LiveFailure(Exception):
    """The live part failed; the guest goes on at the source."""


@dataclass
class _Memory:
    """One run of memory passes, bytes."""

    total: float
    remaining: float
    sent: float = 0.0
    dirtied: float = 0.0
    first_pass: bool = True
    downtime: int = FIRST_DOWNTIME


def live_migration(run: Migration) -> Process:
    """The body of a live `qmigrate`."""
    if run.state.modern and not run.request.conntrack:
        run.log.say(
            "conntrack state migration not supported or disabled, active connections might"
            " get dropped"
        )
    check_resources(run)
    yield from check_connection(run)
    run.guest.set_lock("migrate")
    run.announce()
    yield 0.2
    copied = scan_volumes(run)
    jobs: list[str] = []
    try:
        yield from _prepare_target(run, copied)
        jobs = yield from _mirror(run, copied)
        yield from _memory(run)
    except (Interrupted, LiveFailure) as error:
        yield from _fail(run, error)
    yield from _switch_over(run, jobs)


def _fail(run: Migration, error: Exception) -> Process:
    run.guest.state = "running"
    run.log.fail(f"online migrate failure - {error}")
    run.log.say("aborting phase 2 - cleanup resources")
    run.log.say("migrate_cancel")
    if isinstance(error, Interrupted):
        # The worker is still cleaning up when the five seconds of the stop are over.
        yield 2.5
        raise Killed
    yield 1.5
    run.log.fail(f"migration finished with problems (duration {run.log.duration})")
    raise TaskError("migration problems")


def _need_target(run: Migration) -> None:
    if not run.target_alive:
        raise LiveFailure("aborting")


def _prepare_target(run: Migration, copied: list[Drive]) -> Process:
    vmid, target = run.guest.vmid, run.request.target
    run.log.say(f"starting VM {vmid} on remote node '{target}'")
    yield 1.4
    _need_target(run)
    run.target_started = run.state.now
    for drive in copied:
        run.log.say(f"volume '{drive.volid}' is '{run.new_volid(drive)}' on the target")
    run.log.say("start remote tunnel")
    yield 0.9
    run.log.say("ssh tunnel ver 1")


def _mirror(run: Migration, copied: list[Drive]) -> Generator[float, None, list[str]]:
    """Copy local disks while the guest runs; block job names as this version prints them."""
    disks = [drive for drive in copied if not drive.cdrom]
    if not disks:
        return []
    vmid = run.guest.vmid
    prefix = "mirror" if run.state.modern else "drive"
    run.log.say("starting storage migration")
    for drive in disks:
        run.log.say(
            f"{drive.key}: start migration to nbd:unix:/run/qemu-server/{vmid}_nbd.migrate:"
            f"exportname=drive-{drive.key}"
        )
        limit = run.request.bwlimit
        extra = f" with bandwidth limit: {limit} KiB/s" if limit else ""
        run.log.bare(f"drive mirror is starting for drive-{drive.key}{extra}")
        try:
            yield from _mirror_disk(run, f"{prefix}-{drive.key}", drive)
        except Interrupted:
            job = f"{prefix}-{drive.key}"
            run.log.bare(f"{job}: Cancelling block job")
            run.log.bare(f"WARN: {job}: Operation canceled (io-status: ok)")
            run.log.bare(f"{job}: Done.")
            raise LiveInterrupted from None
    jobs = [f"{prefix}-{drive.key}" for drive in disks]
    run.log.bare("all 'mirror' jobs are ready")
    if run.state.modern:
        run.log.say("switching mirror jobs to actively synced mode")
        for job in jobs:
            run.log.bare(f"{job}: switching to actively synced mode")
            run.log.bare(f"{job}: successfully switched to actively synced mode")
        yield 0.4
    return jobs


class LiveInterrupted(Interrupted):
    """The stop came while a disk was copied."""

    def __str__(self) -> str:
        return "block job (mirror) error: interrupted by signal"


def _mirror_disk(run: Migration, job: str, drive: Drive) -> Process:
    total = drive.size or 1 << 30
    done, seconds = 0.0, 0
    while True:
        ready = done >= total
        part = min(done, total)
        run.log.bare(
            f"{job}: transferred {binary(part)} of {binary(total)} ({part / total:.2%})"
            f" in {short_duration(seconds)}{', ready' if ready else ''}"
        )
        if ready:
            return
        yield 1.0
        _need_target(run)
        wave = smooth(run.state.seed, run.guest.vmid + 77, run.state.now, 4.0)
        done += run.speed(MIRROR_SPEED * (0.8 + 0.4 * wave))
        seconds += 1


def _memory(run: Migration) -> Process:
    vmid, guest = run.guest.vmid, run.guest
    socket = f"unix:/run/qemu-server/{vmid}.migrate"
    run.log.say(f"starting online/live migration on {socket}")
    run.log.say("set migration capabilities")
    run.log.say(f"migration downtime limit: {FIRST_DOWNTIME} ms")
    run.log.say(f"migration cachesize: {binary(_cache_size(guest.maxmem))}")
    run.log.say("set migration parameters")
    run.log.say(f"start migrate command to {socket}")
    started = run.state.now
    memory = _Memory(guest.maxmem + 16.0 * MIB, guest.maxmem * 0.93)
    finished = False
    while not finished:
        yield 1.0
        _need_target(run)
        finished = _second(run, memory)
    guest.state = "postmigrate"
    yield 0.3
    average = memory.total / max(run.state.now - started, 0.1)
    downtime = 20 + int(60 * smooth(run.state.seed, vmid, run.state.now, 5.0))
    run.log.say(f"average migration speed: {binary(average)}/s - downtime {downtime} ms")
    run.log.say(f"migration completed, transferred {binary(memory.sent)} VM-state")
    run.log.say("migration status: completed")


def _cache_size(memory: int) -> int:
    """An eighth of the memory, as a power of two, at least 32 MiB."""
    size = 32 * MIB
    while size * 2 <= memory // 8:
        size *= 2
    return size


def _second(run: Migration, memory: _Memory) -> bool:
    """One second of copying; True when all is over."""
    state, guest = run.state, run.guest
    wave = smooth(state.seed, guest.vmid + 991, state.now, 3.0)
    speed = run.speed(LINK_SPEED * (0.82 + 0.3 * wave) * (0.6 if memory.sent == 0 else 1.0))
    dirty = DIRTY_AT_FULL_LOAD * guest.load * (0.8 + 0.4 * wave)
    left = speed
    while left > 0:
        part = min(left, memory.remaining)
        memory.sent += part
        memory.remaining -= part
        memory.dirtied += dirty * part / speed
        left -= part
        if memory.remaining > 0:
            break
        if memory.dirtied <= speed * memory.downtime / 1000:
            memory.sent += memory.dirtied
            return True
        memory.remaining, memory.dirtied, memory.first_pass = memory.dirtied, 0.0, False
        if dirty > 0.85 * speed:
            memory.downtime *= 2
            run.log.say(f"auto-increased downtime to continue migration: {memory.downtime} ms")
    heavy = f", VM dirties lots of memory: {binary(dirty)}/s" if dirty > speed else ""
    run.log.say(
        f"migration active, transferred {binary(memory.sent)} of {binary(memory.total)} VM-state,"
        f" {binary(speed)}/s{heavy}"
    )
    if not memory.first_pass:
        pages = int(memory.sent / 40_960)
        run.log.say(
            f"xbzrle: send updates to {pages} pages in {binary(pages * 310)} encoded memory,"
            f" cache-miss {30 + 60 * wave:.2f}%, overflow {pages // 90}"
        )
    return False


def _switch_over(run: Migration, jobs: list[str]) -> Process:
    """The guest runs on the target from here on; a stop comes too late."""
    guest = run.guest
    if jobs:
        run.log.bare("all 'mirror' jobs are ready")
        for job in jobs:
            run.log.bare(f"{job}: Completing block job...")
            run.log.bare(f"{job}: Completed successfully.")
        for job in jobs:
            run.log.bare(f"{job}: mirror-job finished")
    run.move_config()
    guest.state = "running"
    guest.started_at = run.target_started
    guest.counters = [0.0, 0.0, 0.0, 0.0]
    if jobs:
        run.log.say("stopping NBD storage migration server on target.")
    for delay in (1.0, 1.0, 0.8):
        try:
            yield delay
        except Interrupted:
            continue
