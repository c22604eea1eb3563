"""Power buttons and migrations: POST under .../status and .../migrate; answers are UPIDs."""

from __future__ import annotations

from typing import Any

from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.ha import Resource
from labtui.demo.cluster.migration import MigrationRequest
from labtui.demo.cluster.operations import DEFAULT_SHUTDOWN
from labtui.demo.cluster.preconditions import missing_storages
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.tasks import Task, TaskError
from labtui.demo.proxmox.errors import bad_parameters, died
from labtui.demo.proxmox.site import Answer, Call, Handler, Routes

ROOT_ONLY = ("skiplock", "force", "migration_type", "migration_network")

_VERBS = ("start", "shutdown", "stop", "reboot", "suspend", "resume")


def _root_only(call: Call) -> None:
    if call.who.owner == "root@pam":
        return
    errors = {name: "Only root may use this option." for name in ROOT_ONLY if call.params.get(name)}
    if errors:
        raise bad_parameters(errors)


def _failing(call: Call, kind: str, verb: str) -> Task:
    """A task for a guest that is not here: the refusal is in the task, not in the answer."""
    vmid = call.params["vmid"]
    prefix, folder = ("qm", "qemu-server") if kind == "qemu" else ("vz", "lxc")
    text = f"unable to find configuration file for VM {vmid} on node '{call.node}'"
    if verb == "start":
        text = f"Configuration file 'nodes/{call.node}/{folder}/{vmid}.conf' does not exist"
    task = call.state.tasks.create(call.node, f"{prefix}{verb}", str(vmid), call.who.owner)

    def fail() -> Process:
        yield 0.05
        raise TaskError(text)

    return call.state.tasks.start(task, fail())


def _press(call: Call, guest: Guest, verb: str) -> Task:
    buttons, owner, given = call.site.world.operations, call.who.owner, call.params
    timeout = float(given.get("timeout", DEFAULT_SHUTDOWN if guest.kind == "qemu" else 60))
    skiplock = bool(given.get("skiplock"))
    if verb == "start":
        return buttons.start(guest, owner, skiplock=skiplock)
    if verb == "shutdown":
        return buttons.shutdown(guest, owner, timeout, force=bool(given.get("forceStop")))
    if verb == "stop":
        return buttons.stop(guest, owner, skiplock=skiplock)
    if verb == "suspend" and given.get("todisk"):
        return buttons.hibernate(guest, owner, str(given.get("statestorage", "")))
    if verb == "reboot":
        return buttons.reboot(guest, owner, timeout)
    if verb == "reset":
        return buttons.reset(guest, owner)
    return buttons.suspend(guest, owner) if verb == "suspend" else buttons.resume(guest, owner)


def ask_ha(call: Call, resource: Resource, verb: str) -> Task:
    """Start and stop of a managed guest only set what the manager shall do."""
    guest = resource.guest
    resource.wanted = "started" if verb == "start" else "stopped"
    word = "start" if verb == "start" else "stop"
    text = f"Requesting HA {word} for {guest.noun} {guest.vmid}"
    return call.site.world.ha.request(resource, f"ha{word}", text, call.who.owner)


def power(kind: str, verb: str) -> Handler:
    """POST .../status/{verb}. Starting needs quorum; what ends or pauses works without."""

    def press(call: Call) -> Answer:
        _root_only(call)
        if verb == "start":
            call.need_quorum()
        guest = call.state.guests.get(int(call.params["vmid"]))
        if guest is None or guest.node != call.node or guest.kind != kind:
            return Answer(_failing(call, kind, verb).upid)
        resource = call.site.world.ha.managed(guest)
        if resource is not None and verb in ("start", "stop", "shutdown"):
            return Answer(ask_ha(call, resource, verb).upid)
        return Answer(_press(call, guest, verb).upid)

    return press


def _storage_map(call: Call, name: str) -> dict[str, str]:
    """`1`: same names; one name for all; or pairs `a:b,c:d`."""
    text = str(call.params.get(name, ""))
    if not text or text == "1":
        return {}
    vmid = call.params["vmid"]
    pairs = {}
    for part in text.split(","):
        source, colon, target = part.partition(":")
        pairs[source if colon else ""] = target if colon else source
    call.need(f"/vms/{vmid}", "VM.Config.Disk")
    for storage in set(pairs.values()):
        call.need(f"/storage/{storage}", "Datastore.AllocateSpace")
    return pairs


def _check_target(call: Call) -> str:
    target = str(call.params["target"])
    if target == call.node:
        raise bad_parameters({"target": "target is local node."})
    return target


def _migrate(call: Call, guest: Guest, request: MigrationRequest) -> Answer:
    ha = call.site.world.ha
    resource = ha.managed(guest)
    if resource is not None:
        text = f"Requesting HA migration for {guest.noun} {guest.vmid} to node {request.target}"
        resource.move_to = request.target
        return Answer(ha.request(resource, "hamigrate", text, call.who.owner).upid)
    return Answer(call.site.world.migrate(guest, request, call.who.owner).upid)


def _check_storages(call: Call, guest: Guest, request: MigrationRequest) -> None:
    there = call.state.storages_on(request.target)
    for storage in missing_storages(call.state, guest, request.target):
        if request.storage_for(storage) not in there:
            raise died(f"storage '{storage}' is not available on node '{request.target}'")


def _check_replication(call: Call, guest: Guest, target: str) -> None:
    """A replicated machine that runs moves to where its copies are and nowhere else."""
    jobs = [j for j in call.site.world.replication.jobs.values() if j.vmid == guest.vmid]
    if guest.running and jobs and all(job.target != target for job in jobs):
        text = (
            f"Cannot live-migrate replicated VM to node '{target}' - not a replication target."
            " Use 'force' to override."
        )
        raise bad_parameters({"target": text})


def migrate_qemu(call: Call) -> Answer:
    """POST /nodes/{node}/qemu/{vmid}/migrate."""
    _root_only(call)
    call.need_quorum()
    target = _check_target(call)
    given: dict[str, Any] = call.params
    storages = _storage_map(call, "targetstorage")
    if target not in call.state.nodes:
        raise died(f"no such cluster node '{target}'")
    guest = call.guest("qemu")
    if guest.lock is not None:
        raise died(f"VM is locked ({guest.lock})")
    if guest.running and not given.get("online"):
        raise died("can't migrate running VM without --online")
    _check_replication(call, guest, target)
    request = MigrationRequest(
        target,
        online=bool(given.get("online")),
        with_local_disks=bool(given.get("with-local-disks")),
        storages=storages,
        bwlimit=int(given.get("bwlimit", 0)),
        conntrack=bool(given.get("with-conntrack-state")),
    )
    _check_storages(call, guest, request)
    return _migrate(call, guest, request)


def migrate_lxc(call: Call) -> Answer:
    """POST /nodes/{node}/lxc/{vmid}/migrate; its storage parameter has a hyphen."""
    call.need_quorum()
    target = _check_target(call)
    given: dict[str, Any] = call.params
    storages = _storage_map(call, "target-storage")
    if target not in call.state.nodes:
        raise died(f"no such cluster node '{target}'")
    guest = call.guest("lxc")
    if guest.lock is not None:
        raise died(f"CT is locked ({guest.lock})")
    online, restart = bool(given.get("online")), bool(given.get("restart"))
    if guest.running and not (online or restart):
        raise died("can't migrate running container without --online or --restart")
    request = MigrationRequest(
        target,
        online=online,
        restart=restart,
        storages=storages,
        bwlimit=int(given.get("bwlimit", 0)),
    )
    _check_storages(call, guest, request)
    return _migrate(call, guest, request)


def _routes() -> Routes:
    routes: Routes = {
        ("POST", "/nodes/{node}/qemu/{vmid}/migrate"): migrate_qemu,
        ("POST", "/nodes/{node}/lxc/{vmid}/migrate"): migrate_lxc,
        ("POST", "/nodes/{node}/qemu/{vmid}/status/reset"): power("qemu", "reset"),
    }
    for kind in ("qemu", "lxc"):
        for verb in _VERBS:
            template = f"/nodes/{{node}}/{kind}/{{vmid}}/status/{verb}"
            routes["POST", template] = power(kind, verb)
    return routes


ROUTES: Routes = _routes()
