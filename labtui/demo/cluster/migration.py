"""A migration task from its first check to its last line; live and offline bodies elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from labtui.demo.cluster.configuration import Drive, drives
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.migration_log import MigrationLog
from labtui.demo.cluster.operations import acquire
from labtui.demo.cluster.preconditions import (
    local_drives,
    local_resources,
    mapped_resources,
    missing_mappings,
)
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.storages import REPLICATED
from labtui.demo.cluster.tasks import Interrupted, Task, TaskError

MIB = 1 << 20


class MigrationAborted(Exception):
    """A check failed before anything moved; the guest stays as it was."""


@dataclass(frozen=True)
class MigrationRequest:
    """What the caller asked for; `bwlimit` is KiB/s (0: no limit)."""

    target: str
    online: bool = False
    with_local_disks: bool = False
    restart: bool = False
    storages: Mapping[str, str] = field(default_factory=dict)
    bwlimit: int = 0
    conntrack: bool = False
    by_ha: bool = False

    def storage_for(self, name: str) -> str:
        """Where volumes of a storage go; `""` in the map is the answer for all others."""
        return self.storages.get(name, self.storages.get("", name))


@dataclass
class Migration:
    """What the steps of one migration share."""

    state: ClusterState
    task: Task
    guest: Guest
    request: MigrationRequest
    log: MigrationLog
    source: str = ""
    moved: bool = False
    target_started: float = 0.0

    @property
    def address(self) -> str:
        """Address of the target node."""
        return self.state.nodes[self.request.target].lab.address

    @property
    def target_alive(self) -> bool:
        """Whether the target still has power."""
        node = self.state.nodes[self.request.target]
        return node.powered and node.api_up

    def speed(self, wanted: float) -> float:
        """Bytes per second after the caller's limit."""
        limit = self.request.bwlimit * 1024
        return min(wanted, limit) if limit else wanted

    def new_volid(self, drive: Drive) -> str:
        """Name of a copied volume on the target."""
        storage = self.request.storage_for(drive.storage)
        return f"{storage}:{drive.volid.partition(':')[2]}"

    def move_config(self) -> None:
        """The configuration file goes to the target's directory, volumes renamed."""
        guest = self.guest
        for drive in drives(guest.config):
            if drive in local_drives(guest) and not drive.cdrom:
                text = str(guest.config[drive.key])
                guest.config[drive.key] = text.replace(drive.volid, self.new_volid(drive), 1)
        guest.node = self.request.target
        guest.touch()
        self.state.allocated = None
        self.moved = True

    def announce(self) -> None:
        """The first line with the names of guest and target."""
        noun, target = self.guest.noun, self.request.target
        self.log.say(
            f"starting migration of {noun} {self.guest.vmid} to node '{target}' ({self.address})"
        )


def check_connection(run: Migration) -> Process:
    """See whether the target answers over SSH, as root of the source."""
    if run.target_alive:
        yield 0.2
        return
    yield 2.6
    target = run.request.target
    run.log.say(
        f"# /usr/bin/ssh -e none -o 'BatchMode=yes' -o 'HostKeyAlias={target}'"
        f" -o 'UserKnownHostsFile=/etc/pve/nodes/{target}/ssh_known_hosts'"
        f" -o 'GlobalKnownHostsFile=none' root@{run.address} /bin/true"
    )
    run.log.say(f"ssh: connect to host {run.address} port 22: No route to host")
    raise MigrationAborted("Can't connect to destination address using public key")


def check_resources(run: Migration) -> None:
    """Devices that forbid the move; raises `MigrationAborted`."""
    guest, target = run.guest, run.request.target
    if blocking := local_resources(guest, modern=run.state.modern):
        raise MigrationAborted(f"can't migrate VM which uses local devices: {', '.join(blocking)}")
    mapped = mapped_resources(guest)
    if not mapped:
        return
    if missing := missing_mappings(run.state, guest, target):
        raise MigrationAborted(
            f"can't migrate to '{target}': missing mapped devices {', '.join(missing)}"
        )
    fixed = [
        f"{key}:{name}"
        for key, name in mapped.items()
        if name not in run.state.mappings or not run.state.mappings[name].live
    ]
    if guest.running and fixed:
        raise MigrationAborted(
            "can't live migrate running VM which uses following mapped devices: " + ", ".join(fixed)
        )
    run.log.say("migrating VM which uses mapped local devices")


def scan_volumes(run: Migration) -> list[Drive]:
    """Local volumes to copy, each with its log line; raises `MigrationAborted`."""
    problems, found = 0, []
    for drive in local_drives(run.guest):
        if drive.cdrom and not drive.cloudinit:
            run.log.say(f"can't migrate local disk '{drive.volid}': local cdrom image")
            problems += 1
            continue
        run.log.say(f"found local disk '{drive.volid}' (attached)")
        if run.guest.running and not run.request.with_local_disks and not drive.cdrom:
            run.log.say(
                f"can't migrate local disk '{drive.volid}': can't live migrate attached local"
                " disks without with-local-disks option"
            )
            problems += 1
        elif run.guest.running and run.guest.snapshots and drive.storage not in REPLICATED:
            run.log.say(
                f"can't migrate local disk '{drive.volid}': online storage migration not possible"
                " if snapshot exists"
            )
            problems += 1
        found.append(drive)
    if problems:
        text = "Problem found while scanning volumes - can't migrate VM - check log"
        run.log.fail(text)
        run.log.say("aborting phase 1 - cleanup resources")
        raise MigrationAborted(text)
    return found


def migrate(
    state: ClusterState,
    task: Task,
    guest: Guest,
    request: MigrationRequest,
    body: Callable[[Migration], Process],
) -> Process:
    """The whole task: lock, body, unlock, last line. `body` does what the kind of guest needs."""
    run = Migration(state, task, guest, request, MigrationLog(state, task), guest.node)
    if request.by_ha:
        run.log.bare("task started by HA resource agent")
    yield 0.3
    yield from acquire(state, task, guest)
    try:
        if guest.node != run.source:
            raise TaskError(f"{guest.noun} {guest.vmid} is not on node '{run.source}'")
        yield from body(run)
    except (MigrationAborted, Interrupted) as error:
        run.log.fail(f"migration aborted (duration {run.log.duration}): {error}")
        raise TaskError("migration aborted") from error
    finally:
        guest.busy = False
        if guest.lock == "migrate":
            guest.set_lock(None)
    run.log.say(f"migration finished successfully (duration {run.log.duration})")
