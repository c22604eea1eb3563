"""Starting, stopping and pausing guests, as tasks with the messages of the real thing.

A task that works on a guest holds its configuration lock; a second one waits ten seconds for it.
"""

from __future__ import annotations

from collections.abc import Callable

from labtui.demo.cluster.configuration import drives
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.mdev import check_whole, take_parts
from labtui.demo.cluster.passthrough import claim_devices
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.statistics import guest_memory
from labtui.demo.cluster.tasks import Task, TaskError

LOCK_PATIENCE = 10.0
"""World seconds a task waits for the lock of a guest."""

_SUSPENDED = frozenset({"suspended"})

DEFAULT_SHUTDOWN = 180.0
"""World seconds a shutdown waits when the caller gives no timeout."""


def lock_file(guest: Guest) -> str:
    """The file that a working task holds."""
    if guest.kind == "qemu":
        return f"/var/lock/qemu-server/lock-{guest.vmid}.conf"
    return f"/run/lock/lxc/pve-config-{guest.vmid}.lock"


def acquire(state: ClusterState, task: Task, guest: Guest) -> Process:
    """Take the lock of the guest; `TaskError` when another task keeps it."""
    end = state.now + LOCK_PATIENCE
    waited = False
    while guest.busy:
        if not waited:
            task.log.append("trying to acquire lock...")
        if state.now >= end:
            raise TaskError(f"can't lock file '{lock_file(guest)}' - got timeout")
        waited = True
        yield 0.25
    if waited:
        task.log.append(" OK")
    guest.busy = True


def holding(
    state: ClusterState,
    task: Task,
    guest: Guest,
    work: Callable[[], Process],
    skip: frozenset[str] | None = frozenset(),
) -> Process:
    """Do `work` with the lock of the guest held; `TaskError` when its configuration is locked.

    Locks named in `skip` do not hinder; None ignores every one.
    """
    node = guest.node
    yield from acquire(state, task, guest)
    try:
        if guest.node != node:
            raise TaskError(f"Configuration file '{_path_on(guest, node)}' does not exist")
        if guest.lock is not None and skip is not None and guest.lock not in skip:
            raise TaskError(f"{guest.noun} is locked ({guest.lock})")
        yield from work()
    finally:
        guest.busy = False


def _path_on(guest: Guest, node: str) -> str:
    folder = "qemu-server" if guest.kind == "qemu" else "lxc"
    return f"nodes/{node}/{folder}/{guest.vmid}.conf"


def boot(state: ClusterState, task: Task, guest: Guest) -> Process:
    """The steps of a start, without the lock."""
    if guest.template:
        noun = "vm" if guest.kind == "qemu" else "CT"
        raise TaskError(f"you can't start a {noun} if it's a template")
    if guest.running:
        raise TaskError(f"{guest.noun} {guest.vmid} already running")
    devices = claim_devices(state, guest, task.log)
    check_whole(state, guest, devices)
    guest.devices, guest.parts = devices, take_parts(state, guest, task.log)
    try:
        yield 1.2 + (2.5 if devices else 0.0)
    except BaseException:
        guest.devices, guest.parts = (), ()
        raise
    if guest.lock == "suspended":
        task.log.append("Resuming suspended VM")
        guest.config.pop("vmstate", None)
        guest.set_lock(None)
    apply_pending(guest)
    guest.set_running(running=True, now=state.now)
    yield 0.3


def apply_pending(guest: Guest) -> None:
    """What waited for the next start is now in force; an empty value deletes its key."""
    for key, value in guest.pending.items():
        if value == "":
            guest.config.pop(key, None)
        else:
            guest.config[key] = value
    if guest.pending:
        guest.pending.clear()
        guest.touch()


def halt(state: ClusterState, guest: Guest) -> Process:
    """The steps of a hard stop, without the lock."""
    if guest.running:
        yield 0.6
        guest.set_running(running=False, now=state.now)


def power_down(
    state: ClusterState, task: Task, guest: Guest, timeout: float, *, force: bool
) -> Process:
    """The steps of an orderly end: the guest system needs a few seconds; paused ones never end."""
    if not guest.running:
        raise TaskError(f"{guest.noun} {guest.vmid} not running")
    needed = 3.0 + guest.vmid % 5
    if guest.state == "running" and needed <= timeout:
        yield needed
        guest.set_running(running=False, now=state.now)
        return
    yield timeout
    if not force:
        raise TaskError("VM quit/powerdown failed - got timeout")
    task.log.append("VM still running - terminating now with SIGTERM")
    yield from halt(state, guest)


def _to_disk(state: ClusterState, task: Task, guest: Guest, storage: str) -> Process:
    if any(key.startswith("hostpci") for key in guest.config):
        raise TaskError("cannot suspend VM to disk with assigned PCI devices")
    place = storage or next((d.storage for d in drives(guest.config) if not d.cdrom), "local")
    guest.set_lock("suspending")
    try:
        task.log.append(f"State saving: saving VM state and RAM using storage '{place}'")
        size = guest_memory(state, guest, state.now)
        yield max(1.0, size / (700 << 20))
    except BaseException:
        guest.set_lock(None)
        raise
    task.log.append(f"completed saving the VM state, saved {size / (1 << 20):.2f} MiB")
    guest.config["vmstate"] = f"{place}:vm-{guest.vmid}-state-suspend-{int(state.now):x}"
    guest.set_running(running=False, now=state.now)
    guest.set_lock("suspended")


class Operations:
    """The power buttons of guests; each makes a task and returns it running."""

    def __init__(self, state: ClusterState) -> None:
        self._state = state

    def run(
        self,
        guest: Guest,
        kind: str,
        owner: str,
        work: Callable[[Task], Process],
        skip: frozenset[str] | None = frozenset(),
    ) -> Task:
        """A task of type `qm`/`vz` + `kind` that does `work` with the guest's lock held."""
        prefix = "qm" if guest.kind == "qemu" else "vz"
        task = self._state.tasks.create(guest.node, f"{prefix}{kind}", str(guest.vmid), owner)
        process = holding(self._state, task, guest, lambda: work(task), skip)
        return self._state.tasks.start(task, process)

    def start(self, guest: Guest, owner: str, *, skiplock: bool = False) -> Task:
        """Start it; one suspended to disk goes on where it was."""
        skip = None if skiplock else _SUSPENDED
        return self.run(guest, "start", owner, lambda task: boot(self._state, task, guest), skip)

    def stop(self, guest: Guest, owner: str, *, skiplock: bool = False) -> Task:
        """Pull its plug."""
        skip: frozenset[str] | None = None if skiplock else frozenset()
        return self.run(guest, "stop", owner, lambda _: halt(self._state, guest), skip)

    def shutdown(self, guest: Guest, owner: str, timeout: float, *, force: bool) -> Task:
        """Ask its system to end within `timeout` world seconds, then perhaps force it."""
        return self.run(
            guest,
            "shutdown",
            owner,
            lambda task: power_down(self._state, task, guest, timeout, force=force),
        )

    def reboot(self, guest: Guest, owner: str, timeout: float) -> Task:
        """End and start again."""

        def work(task: Task) -> Process:
            yield from power_down(self._state, task, guest, timeout, force=False)
            yield from boot(self._state, task, guest)

        return self.run(guest, "reboot", owner, work)

    def reset(self, guest: Guest, owner: str) -> Task:
        """The reset button: it goes on running and its system begins anew."""

        def work(_: Task) -> Process:
            self._need_running(guest)
            yield 0.2

        return self.run(guest, "reset", owner, work)

    def suspend(self, guest: Guest, owner: str) -> Task:
        """Pause it in memory."""

        def work(_: Task) -> Process:
            self._need_running(guest)
            yield 0.2
            guest.state = "paused"

        kind = "pause" if guest.kind == "qemu" else "suspend"
        return self.run(guest, kind, owner, work)

    def hibernate(self, guest: Guest, owner: str, storage: str = "") -> Task:
        """Write its memory to disk and stop it; the lock `suspended` stays."""

        def work(task: Task) -> Process:
            self._need_running(guest)
            yield from _to_disk(self._state, task, guest, storage)

        return self.run(guest, "suspend", owner, work)

    def resume(self, guest: Guest, owner: str) -> Task:
        """Let a paused guest go on."""

        def work(_: Task) -> Process:
            self._need_running(guest)
            yield 0.2
            guest.state = "running"

        return self.run(guest, "resume", owner, work)

    @staticmethod
    def _need_running(guest: Guest) -> None:
        if not guest.running:
            raise TaskError(f"{guest.noun} {guest.vmid} not running")


def start_after_boot(state: ClusterState, guest: Guest) -> Task:
    """Start a guest as its node does after booting; a lock left by the crash is removed."""
    guest.set_lock(None)
    return Operations(state).start(guest, "root@pam")
