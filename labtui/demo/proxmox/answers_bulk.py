"""Many guests at once: all of a node, or a list of them in the whole cluster (9.x)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from labtui.demo.cluster.bulk import Beginning, Refusal
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.migration import MigrationRequest
from labtui.demo.cluster.operations import DEFAULT_SHUTDOWN
from labtui.demo.cluster.preconditions import (
    local_drives,
    local_resources,
    missing_mappings,
    missing_storages,
)
from labtui.demo.proxmox.actions import ask_ha
from labtui.demo.proxmox.errors import bad_parameters, died
from labtui.demo.proxmox.site import Answer, Call, Handler, Routes


def _wanted(call: Call) -> list[int]:
    given: Any = call.params.get("vms")
    parts = given if isinstance(given, list) else re.split(r"[,; ]+", str(given or ""))
    return [int(part) for part in parts if str(part).isdigit()]


def _workers(call: Call) -> int:
    return int(call.params.get("max-workers", call.params.get("maxworkers", 4)))


def _chosen(call: Call, privilege: str, node: str | None) -> list[Guest]:
    """The guests of the call by VMID; all of the node, or of the cluster, when none is named."""
    wanted = _wanted(call)
    if not call.allowed("/", privilege):
        if not wanted:
            call.need("/", privilege)
        for vmid in wanted:
            call.need(f"/vms/{vmid}", privilege)
    guests = sorted(call.state.guests.values(), key=lambda guest: guest.vmid)
    return [
        guest
        for guest in guests
        if (node is None or guest.node == node)
        and (not wanted or guest.vmid in wanted)
        and not guest.template
    ]


def _begin_start(call: Call) -> Beginning:
    def begin(guest: Guest) -> Any:
        resource = call.site.world.ha.managed(guest)
        if resource is not None:
            return ask_ha(call, resource, "start")
        return call.site.world.operations.start(guest, call.who.owner)

    return begin


def _begin_stop(call: Call) -> Beginning:
    def begin(guest: Guest) -> Any:
        resource = call.site.world.ha.managed(guest)
        if resource is not None:
            return ask_ha(call, resource, "stop")
        seconds = float(call.params.get("timeout", DEFAULT_SHUTDOWN))
        force = bool(call.params.get("force-stop", 1))
        return call.site.world.operations.shutdown(guest, call.who.owner, seconds, force=force)

    return begin


def _begin_suspend(call: Call) -> Beginning:
    return lambda guest: call.site.world.operations.hibernate(guest, call.who.owner)


def _begin_move(call: Call, target: str) -> Beginning:
    def begin(guest: Guest) -> Any:
        world = call.site.world
        resource = world.ha.managed(guest)
        if resource is not None:
            resource.move_to = target
            text = f"Requesting HA migration for {guest.noun} {guest.vmid} to node {target}"
            return world.ha.request(resource, "hamigrate", text, call.who.owner)
        request = MigrationRequest(
            target,
            online=guest.running and guest.kind == "qemu",
            with_local_disks=bool(call.params.get("with-local-disks")),
            restart=guest.running and guest.kind == "lxc",
        )
        return world.migrate(guest, request, call.who.owner)

    return begin


def _refuse_move(call: Call, target: str) -> Refusal:
    def refuse(guest: Guest) -> str | None:
        state = call.state
        if guest.node == target:
            return ""
        start = f"skip {guest.noun} {guest.vmid} - precondition check failed: "
        if guest.lock is not None:
            return f"{start}{guest.noun} is locked ({guest.lock})"
        bound = local_resources(guest, modern=call.state.modern)
        if bound:
            return f"{start}can't migrate VM which uses local devices: {', '.join(bound)}"
        if missing_storages(state, guest, target):
            name = missing_storages(state, guest, target)[0]
            return f"{start}storage '{name}' is not available on node '{target}'"
        if missing_mappings(state, guest, target):
            keys = ", ".join(missing_mappings(state, guest, target))
            return f"{start}can't migrate to '{target}': missing mapped devices {keys}"
        if (
            guest.running
            and guest.kind == "qemu"
            and local_drives(guest)
            and not call.params.get("with-local-disks")
        ):
            return f"{start}can't live migrate attached local disks without with-local-disks option"
        return None

    return refuse


def _skip(wrong: Callable[[Guest], bool]) -> Refusal:
    """Guests that are already as wanted are left out without a line."""
    return lambda guest: "" if wrong(guest) else None


def start_all(kind: str, *, node_only: bool) -> Handler:
    """POST /nodes/{node}/startall (guests with onboot, or all with `force` or named)."""

    def start(call: Call) -> Answer:
        call.need_quorum()
        guests = _chosen(call, "VM.PowerMgmt", call.node if node_only else None)
        if node_only and not call.params.get("force") and not _wanted(call):
            guests = [guest for guest in guests if guest.config.get("onboot")]
        works = call.site.world.works
        task = works.bulk.run(
            call.node,
            kind,
            call.who.owner,
            guests,
            "Starting",
            _begin_start(call),
            _skip(lambda guest: guest.running),
            _workers(call),
        )
        return Answer(task.upid)

    return start


def _down(kind: str, verb: str, begin: Callable[[Call], Beginning], *, node_only: bool) -> Handler:
    def stop(call: Call) -> Answer:
        guests = _chosen(call, "VM.PowerMgmt", call.node if node_only else None)
        works = call.site.world.works
        task = works.bulk.run(
            call.node,
            kind,
            call.who.owner,
            guests,
            verb,
            begin(call),
            _skip(
                lambda guest: not guest.running or (verb == "Suspending" and guest.kind != "qemu")
            ),
            _workers(call),
        )
        return Answer(task.upid)

    return stop


def move_all(kind: str, *, node_only: bool) -> Handler:
    """POST /nodes/{node}/migrateall and /cluster/bulk-action/guest/migrate: one target."""

    def move(call: Call) -> Answer:
        guests = _chosen(call, "VM.Migrate", call.node if node_only else None)
        target = str(call.params["target"])
        if node_only and target == call.node:
            raise bad_parameters({"target": "target is local node."})
        call.need_quorum()
        if target not in call.state.nodes:
            raise died(f"no such cluster node '{target}'")
        works = call.site.world.works
        workers = int(call.params.get("max-workers", call.params.get("maxworkers", 1)))
        task = works.bulk.run(
            call.node,
            kind,
            call.who.owner,
            guests,
            "Migrating",
            _begin_move(call, target),
            _refuse_move(call, target),
            workers,
        )
        return Answer(task.upid)

    return move


def index(_: Call) -> Answer:
    """GET /cluster/bulk-action."""
    return Answer([{"name": "guest"}])


def guest_index(_: Call) -> Answer:
    """GET /cluster/bulk-action/guest."""
    return Answer([{"name": name} for name in ("start", "shutdown", "suspend", "migrate")])


_GUEST = "/cluster/bulk-action/guest"
ROUTES: Routes = {
    ("POST", "/nodes/{node}/startall"): start_all("startall", node_only=True),
    ("POST", "/nodes/{node}/stopall"): _down("stopall", "Stopping", _begin_stop, node_only=True),
    ("POST", "/nodes/{node}/suspendall"): _down(
        "suspendall", "Suspending", _begin_suspend, node_only=True
    ),
    ("POST", "/nodes/{node}/migrateall"): move_all("migrateall", node_only=True),
    ("GET", "/cluster/bulk-action"): index,
    ("GET", _GUEST): guest_index,
    ("POST", f"{_GUEST}/start"): start_all("bulkstart", node_only=False),
    ("POST", f"{_GUEST}/shutdown"): _down("bulkshutdown", "Stopping", _begin_stop, node_only=False),
    ("POST", f"{_GUEST}/suspend"): _down(
        "bulksuspend", "Suspending", _begin_suspend, node_only=False
    ),
    ("POST", f"{_GUEST}/migrate"): move_all("bulkmigrate", node_only=False),
}
