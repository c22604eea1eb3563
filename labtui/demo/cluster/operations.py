"""Starting, stopping and pausing guests, as tasks with the messages of the real thing.

A task that works on a guest holds its configuration lock; a second one waits ten seconds for it.
"""

from __future__ import annotations

from collections.abc import Callable

from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.passthrough import claim_devices
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.tasks import Task, TaskError

LOCK_PATIENCE = 10.0
"""World seconds a task waits for the lock of a guest."""

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


def _holding(state: ClusterState, task: Task, guest: Guest, work: Callable[[], Process]) -> Process:
    node = guest.node
    yield from acquire(state, task, guest)
    try:
        if guest.node != node:
            raise TaskError(f"Configuration file '{_path_on(guest, node)}' does not exist")
        if guest.lock is not None:
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
    guest.devices = devices
    try:
        yield 1.2 + (2.5 if devices else 0.0)
    except BaseException:
        guest.devices = ()
        raise
    guest.config.update(guest.pending)
    guest.pending.clear()
    guest.set_running(running=True, now=state.now)
    yield 0.3


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


class Operations:
    """The power buttons of guests; each makes a task and returns it running."""

    def __init__(self, state: ClusterState) -> None:
        self._state = state

    def _run(self, guest: Guest, kind: str, owner: str, work: Callable[[Task], Process]) -> Task:
        prefix = "qm" if guest.kind == "qemu" else "vz"
        task = self._state.tasks.create(guest.node, f"{prefix}{kind}", str(guest.vmid), owner)
        process = _holding(self._state, task, guest, lambda: work(task))
        return self._state.tasks.start(task, process)

    def start(self, guest: Guest, owner: str) -> Task:
        """Start it."""
        return self._run(guest, "start", owner, lambda task: boot(self._state, task, guest))

    def stop(self, guest: Guest, owner: str) -> Task:
        """Pull its plug."""
        return self._run(guest, "stop", owner, lambda _: halt(self._state, guest))

    def shutdown(self, guest: Guest, owner: str, timeout: float, *, force: bool) -> Task:
        """Ask its system to end within `timeout` world seconds, then perhaps force it."""
        return self._run(
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

        return self._run(guest, "reboot", owner, work)

    def reset(self, guest: Guest, owner: str) -> Task:
        """The reset button: it goes on running and its system begins anew."""

        def work(_: Task) -> Process:
            self._need_running(guest)
            yield 0.2

        return self._run(guest, "reset", owner, work)

    def suspend(self, guest: Guest, owner: str) -> Task:
        """Pause it in memory."""

        def work(_: Task) -> Process:
            self._need_running(guest)
            yield 0.2
            guest.state = "paused"

        kind = "pause" if guest.kind == "qemu" else "suspend"
        return self._run(guest, kind, owner, work)

    def resume(self, guest: Guest, owner: str) -> Task:
        """Let a paused guest go on."""

        def work(_: Task) -> Process:
            self._need_running(guest)
            yield 0.2
            guest.state = "running"

        return self._run(guest, "resume", owner, work)

    @staticmethod
    def _need_running(guest: Guest) -> None:
        if not guest.running:
            raise TaskError(f"{guest.noun} {guest.vmid} not running")


def start_after_boot(state: ClusterState, guest: Guest) -> Task:
    """Start a guest as its node does after booting; a lock left by the crash is removed."""
    guest.set_lock(None)
    return Operations(state).start(guest, "root@pam")
