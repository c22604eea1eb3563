"""Guests that come and go: creating, cloning, turning into templates, deleting."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field

from labtui.demo.cluster.configuration import Config, drives
from labtui.demo.cluster.disks import (
    check_space,
    copy_lines,
    new_volume,
    replace_volume,
)
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.operations import Operations, boot
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.storages import BY_NAME
from labtui.demo.cluster.tasks import Task, TaskError

_NOT_CLONED = ("lock", "template", "parent", "protection")


@dataclass(frozen=True)
class CloneWish:
    """What a clone shall be; empty texts mean as the original."""

    vmid: int
    name: str = ""
    pool: str = ""
    storage: str = ""
    target: str = ""
    description: str = ""
    snapshot: str = ""
    full: bool = True


@dataclass
class Buried:
    """Configurations of guests that were deleted, for archives that can still be restored."""

    configs: dict[int, tuple[str, Config]] = field(default_factory=dict)


class Lifecycle:
    """Makes the tasks; MAC addresses come from the seed of the world."""

    def __init__(self, state: ClusterState, operations: Operations) -> None:
        self._state = state
        self._operations = operations
        self._dice = random.Random(state.seed ^ 0xC10E)
        self.buried = Buried()

    def _mac(self) -> str:
        return "BC:24:11:" + ":".join(f"{self._dice.randrange(256):02X}" for _ in range(3))

    def enter(self, vmid: int, kind: str, node: str, config: Config, pool: str) -> Guest:
        """A guest that is there from now on, stopped."""
        load = 0.02 + 0.1 * self._dice.random()
        now = self._state.now
        guest = Guest(
            vmid,
            kind,
            node,
            config,
            load,
            pool,
            running=False,
            started_at=now,
            pid=2_000 + vmid,
            state="stopped",
        )
        self._state.guests[vmid] = guest
        self._state.allocated = None
        return guest

    def leave(self, guest: Guest) -> None:
        """A guest that is no more."""
        self._state.guests.pop(guest.vmid, None)
        self._state.allocated = None

    def create(
        self, node: str, kind: str, vmid: int, config: Config, owner: str, pool: str, *, start: bool
    ) -> Task:
        """A new guest; disk values such as `local-lvm:32` become volumes of 32 GiB."""
        guest = self.enter(vmid, kind, node, {"lock": "create"}, pool)
        verb = "qmcreate" if kind == "qemu" else "vzcreate"
        task = self._state.tasks.create(node, verb, str(vmid), owner)

        def work() -> Process:
            try:
                yield 0.4
                yield from self._allocate(task, guest, config)
            except BaseException:
                self.leave(guest)
                raise
            guest.config.clear()
            guest.config.update(config)
            guest.touch()
            if start:
                yield from boot(self._state, task, guest)

        return self._state.tasks.start(task, work())

    def _allocate(self, task: Task, guest: Guest, config: Config) -> Process:
        if guest.kind == "qemu":
            config.setdefault("smbios1", f"uuid={uuid.UUID(int=self._dice.getrandbits(128))}")
            config.setdefault("vmgenid", str(uuid.UUID(int=self._dice.getrandbits(128))))
            config.setdefault("meta", f"creation-qemu=10.0.13,ctime={int(self._state.now)}")
        for drive in drives(config):
            amount = drive.volid.partition(":")[2]
            if not amount.isdigit():
                continue
            volid = new_volume(self._state, drive.storage, guest.vmid)
            check_space(self._state, drive.storage, guest.node, volid.partition(":")[2])
            text = replace_volume(str(config[drive.key]), volid) + f",size={amount}G"
            config[drive.key] = guest.config[drive.key] = text
            task.log.append(f"{drive.key}: successfully created disk '{volid},size={amount}G'")
            yield 0.5
        for key, value in list(config.items()):
            if key.startswith("net") and isinstance(value, str):
                model, _, rest = value.partition(",")
                if guest.kind == "qemu" and "=" not in model:
                    config[key] = f"{model}={self._mac()},{rest}".rstrip(",")
                elif guest.kind == "lxc" and "hwaddr=" not in value:
                    config[key] = f"{value},hwaddr={self._mac()},type=veth"

    def clone(self, guest: Guest, owner: str, wish: CloneWish) -> Task:
        """A copy; a linked one (of a template) shares the base volume."""
        found = guest.snapshots.get(wish.snapshot)
        source = dict(found.config if found is not None else guest.config)
        config: Config = {k: v for k, v in source.items() if k not in _NOT_CLONED}
        config = {key: value for key, value in config.items() if not key.startswith("unused")}
        name_key = "name" if guest.kind == "qemu" else "hostname"
        config[name_key] = wish.name or f"Copy-of-VM-{guest.name}"
        if wish.description:
            config["description"] = wish.description
        pool = wish.pool
        node = wish.target or guest.node
        new = self.enter(wish.vmid, guest.kind, guest.node, {"lock": "clone"}, pool)
        task_kind = "qmclone" if guest.kind == "qemu" else "vzclone"
        task = self._state.tasks.create(guest.node, task_kind, str(guest.vmid), owner)

        def work() -> Process:
            try:
                yield from self._copy_disks(task, guest, new, config, wish)
            except BaseException:
                self.leave(new)
                raise
            new.config.clear()
            new.config.update(config)
            new.node = node
            new.touch()
            self._state.allocated = None

        return self._state.tasks.start(task, work())

    def _copy_disks(
        self, task: Task, guest: Guest, new: Guest, config: Config, wish: CloneWish
    ) -> Process:
        for drive in drives(config):
            if drive.cdrom and not drive.cloudinit:
                continue
            storage = (wish.storage if wish.full else "") or drive.storage
            volid = new_volume(self._state, storage, new.vmid)
            check_space(self._state, storage, guest.node, volid.partition(":")[2])
            kind = "full" if wish.full else "linked"
            label = "drive" if guest.kind == "qemu" else "mount point"
            task.log.append(f"create {kind} clone of {label} {drive.key} ({drive.volid})")
            if wish.full:
                yield 0.8
                yield from copy_lines(task, max(1, drive.size or 0))
            else:
                base = drive.volid.partition(":")[2]
                volid = f"{storage}:{base}/{volid.partition(':')[2]}"
                task.log.append("clone " + drive.volid + f": {base} snapname __base__ to {volid}")
                yield 0.6
            config[drive.key] = replace_volume(str(config[drive.key]), volid)
            new.config[drive.key] = config[drive.key]
        if guest.kind == "qemu":
            config["smbios1"] = f"uuid={uuid.UUID(int=self._dice.getrandbits(128))}"
            config["vmgenid"] = str(uuid.UUID(int=self._dice.getrandbits(128)))
        for key, value in config.items():
            if key.startswith("net"):
                config[key] = self.with_new_mac(str(value))

    def with_new_mac(self, text: str) -> str:
        """The value of a `netN` with another address."""
        parts = text.split(",")
        for index, part in enumerate(parts):
            name, equals, value = part.partition("=")
            if equals and value.count(":") == 5:
                parts[index] = f"{name}={self._mac()}"
        return ",".join(parts)

    def make_template(self, guest: Guest, owner: str) -> Task:
        """Turn a stopped guest into a template; its volumes become base volumes."""

        def work(task: Task) -> Process:
            for drive in drives(guest.config):
                if drive.cdrom:
                    continue
                old = drive.volid.partition(":")[2]
                new = old.replace("vm-", "base-", 1)
                if BY_NAME[drive.storage].kind == "lvmthin":
                    text = f'  Renamed "{old}" to "{new}" in volume group "pve"'
                    task.log += [text, f"  Logical volume pve/{new} changed."]
                guest.config[drive.key] = replace_volume(
                    str(guest.config[drive.key]), f"{drive.storage}:{new}"
                )
                yield 0.5
            guest.config["template"] = 1
            guest.touch()

        return self._operations.run(guest, "template", owner, work)

    def destroy(self, guest: Guest, owner: str, *, purge: bool) -> Task:
        """Delete a guest and its volumes."""

        def work(task: Task) -> Process:
            if guest.running:
                raise TaskError(f"{guest.noun} {guest.vmid} is running - destroy failed")
            self.buried.configs[guest.vmid] = (guest.kind, dict(guest.config))
            guest.set_lock("destroyed")
            for drive in drives(guest.config):
                if drive.cdrom:
                    continue
                kind = BY_NAME[drive.storage].kind if drive.storage in BY_NAME else "dir"
                if kind == "rbd":
                    task.log.append("Removing image: 100% complete...done.")
                elif kind == "lvmthin":
                    name = drive.volid.rpartition("/")[2].rpartition(":")[2]
                    task.log.append(f'  Logical volume "{name}" successfully removed.')
                yield 0.5
            if purge:
                task.log.append(f"purging {guest.noun} {guest.vmid} from related configurations..")
                yield 0.2
            self.leave(guest)

        return self._operations.run(guest, "destroy", owner, work)
