"""Creating, cloning and deleting guests, templates, and their disks."""

from __future__ import annotations

import re

from labtui.demo.cluster.configuration import Config, digest, drives
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.lifecycle import CloneWish
from labtui.demo.cluster.storages import BY_NAME, is_shared
from labtui.demo.proxmox.errors import bad_parameters, died, forbidden
from labtui.demo.proxmox.restoring import restore
from labtui.demo.proxmox.site import Answer, Call, Handler, Routes

_STEERING = frozenset(
    (
        "node",
        "vmid",
        "archive",
        "force",
        "pool",
        "start",
        "storage",
        "unique",
        "bwlimit",
        "restore",
        "ostemplate",
        "password",
        "ssh-public-keys",
        "live-restore",
        "import-working-storage",
        "ha-managed",
        "ignore-unpack-errors",
    )
)


def need_storage(call: Call, storage: str) -> None:
    """Refuse a storage that is not there (500) or that the caller may not fill (403)."""
    call.need(f"/storage/{storage}", "Datastore.AllocateSpace")
    if storage not in BY_NAME:
        raise died(f"storage '{storage}' does not exist")
    if storage not in call.state.storages_on(call.node):
        raise died(f"storage '{storage}' is not available on node '{call.node}'")


def check_free(call: Call, vmid: int, noun: str, verb: str = "create") -> None:
    """500 when a VMID is taken."""
    taken = call.state.guests.get(vmid)
    if taken is not None:
        name = f"{taken.noun} {vmid}"
        raise died(f"unable to {verb} {noun} {vmid} - {name} already exists on node '{taken.node}'")


def create(kind: str) -> Handler:
    """POST /nodes/{node}/qemu and /lxc: a new guest, or one from an archive."""

    def make(call: Call) -> Answer:
        given, noun = call.params, "VM" if kind == "qemu" else "CT"
        vmid, pool = int(given["vmid"]), str(given.get("pool", ""))
        allowed = call.allowed(f"/vms/{vmid}", "VM.Allocate")
        if not allowed and not (pool and call.allowed(f"/pool/{pool}", "VM.Allocate")):
            raise forbidden("")
        if pool and pool not in call.state.pools:
            raise died(f"pool '{pool}' does not exist")
        if given.get("archive") or (kind == "lxc" and given.get("restore")):
            return restore(call, kind)
        check_free(call, vmid, noun)
        config: Config = {key: value for key, value in given.items() if key not in _STEERING}
        if kind == "lxc":
            place = str(given.get("storage", "local-lvm"))
            config.setdefault("rootfs", f"{place}:4")
            config |= {"arch": str(config.get("arch", "amd64"))}
            config.setdefault("ostype", "debian")
            config.setdefault("hostname", f"CT{vmid}")
            config.setdefault("memory", 512)
            config.setdefault("swap", 512)
        else:
            if "memory" in config:
                config["memory"] = str(config["memory"])
            config.setdefault("boot", "")
        for drive in drives(config):
            if not drive.cdrom:
                need_storage(call, drive.storage)
        task = call.site.world.works.lifecycle.create(
            call.node, kind, vmid, config, call.who.owner, pool, start=bool(given.get("start"))
        )
        return Answer(task.upid)

    return make


def clone(kind: str) -> Handler:
    """POST .../clone: full, or linked for templates."""

    def copy(call: Call) -> Answer:
        guest, given = call.guest(kind), call.params
        newid, target = int(given["newid"]), str(given.get("target", ""))
        full = bool(given.get("full", not guest.template))
        storage = str(given.get("storage", ""))
        if newid in call.state.guests:
            raise died(f"unable to create {guest.noun} {newid}: config file already exists")
        _check_clone(call, guest, target, storage, full=full)
        wish = CloneWish(
            newid,
            str(given.get("name", given.get("hostname", ""))),
            str(given.get("pool", "")),
            storage,
            target,
            str(given.get("description", "")),
            str(given.get("snapname", "")),
            full,
        )
        return Answer(call.site.world.works.lifecycle.clone(guest, call.who.owner, wish).upid)

    return copy


def _check_clone(call: Call, guest: Guest, target: str, storage: str, *, full: bool) -> None:
    given = call.params
    if given.get("pool") and given["pool"] not in call.state.pools:
        raise died(f"pool '{given['pool']}' does not exist")
    if storage and not full:
        raise bad_parameters({"storage": "parameter 'storage' not allowed for linked clones."})
    if guest.lock is not None and guest.lock != "disk":
        raise died(f"{guest.noun} is locked ({guest.lock})")
    if target and target not in call.state.nodes:
        raise died(f"no such cluster node '{target}'")
    if given.get("snapname") and given["snapname"] not in guest.snapshots:
        raise died(f"snapshot '{given['snapname']}' does not exist")
    for drive in drives(guest.config):
        if drive.cdrom:
            continue
        if not full and not guest.template:
            raise died(f"Linked clone feature is not supported for drive '{drive.key}'")
        need_storage(call, storage or drive.storage)
        place = storage or drive.storage
        if target not in ("", call.node) and not is_shared(place):
            raise died(f"can't clone {guest.noun} to node '{target}' (VM uses local storage)")


def template(kind: str) -> Handler:
    """POST .../template: a task for machines; containers are done at once (null)."""

    def convert(call: Call) -> Answer:
        guest = call.guest(kind)
        if guest.snapshots:
            raise died(f"unable to create template, because {guest.noun} contains snapshots")
        if guest.template:
            raise died(f"you can't convert a {guest.noun} to template if it's a template")
        if guest.running:
            text = "VM" if kind == "qemu" else "CT"
            raise died(f"you can't convert a {text} to template if {text} is running")
        if guest.lock is not None:
            raise died(f"{guest.noun} is locked ({guest.lock})")
        task = call.site.world.works.lifecycle.make_template(guest, call.who.owner)
        return Answer(task.upid if kind == "qemu" else None)

    return convert


def delete(kind: str) -> Handler:
    """DELETE /nodes/{node}/qemu|lxc/{vmid}."""

    def destroy(call: Call) -> Answer:
        guest, given = call.guest(kind), call.params
        if given.get("skiplock") and call.who.owner != "root@pam":
            raise bad_parameters({"skiplock": "Only root may use this option."})
        name = f"{guest.noun} {guest.vmid}"
        if guest.config.get("protection"):
            raise died(f"can't remove {name} - protection mode enabled")
        ha, purge = call.site.world.ha, bool(given.get("purge"))
        resource = ha.managed(guest)
        if resource is not None and not purge:
            raise died(
                f"unable to remove {name} - used in HA resources and purge parameter not set."
            )
        if guest.running and not (kind == "lxc" and given.get("force")):
            if kind == "lxc":
                raise died(f"unable to destroy CT {guest.vmid} - container is running")
            raise died(f"{name} is running - destroy failed")
        _check_base(call, guest)
        if guest.running:
            guest.set_running(running=False, now=call.state.now)
        task = call.site.world.works.lifecycle.destroy(guest, call.who.owner, purge=purge)
        if resource is not None:
            ha.remove(resource)
        _forget_rules(call, guest.vmid)
        return Answer(task.upid)

    return destroy


def _check_base(call: Call, guest: Guest) -> None:
    if not guest.template:
        return
    for drive in drives(guest.config):
        base = drive.volid.partition(":")[2]
        for other in call.state.guests.values():
            if any(f":{base}/" in d.volid for d in drives(other.config)):
                text = f"base volume '{drive.volid}' is still in use by linked cloned"
                raise died(text)


def _forget_rules(call: Call, vmid: int) -> None:
    """Deleting a guest removes its access rules."""
    accounts = call.site.accounts
    for rule in accounts.all_rules():
        if rule.path == f"/vms/{vmid}":
            accounts.changes.rules.pop((rule.path, rule.who, rule.role), None)
            accounts.changes.removed_rules.add((rule.path, rule.who, rule.role))
            accounts.changes.revision += 1


def _unchanged(call: Call, guest: Guest) -> None:
    wanted = call.params.get("digest")
    if wanted and wanted != digest(guest.config):
        raise died("checksum mismatch (file change by other user?)")
    if guest.lock is not None:
        raise died(f"{guest.noun} is locked ({guest.lock})")


def resize(kind: str) -> Handler:
    """PUT .../resize."""

    def grow(call: Call) -> Answer:
        guest = call.guest(kind)
        _unchanged(call, guest)
        key = str(call.params["disk"])
        works = call.site.world.works
        try:
            size = works.disks.new_size(guest, key, str(call.params["size"]))
        except ValueError as error:
            raise died(str(error)) from None
        return Answer(works.disks.resize(guest, call.who.owner, key, size).upid)

    return grow


def move(kind: str) -> Handler:
    """POST .../move_disk and .../move_volume."""

    def shift(call: Call) -> Answer:
        guest, given = call.guest(kind), call.params
        key = str(given.get("disk", given.get("volume")))
        storage = given.get("storage")
        if storage is None:
            raise bad_parameters({"storage": "either set storage, target-vmid or target-disk"})
        _unchanged(call, guest)
        need_storage(call, str(storage))
        drive = next((d for d in drives(guest.config) if d.key == key), None)
        if drive is None:
            raise died(f"disk '{key}' does not exist")
        if drive.storage == storage:
            raise died("you can't move to the same storage with same format")
        delete_old = bool(given.get("delete"))
        works = call.site.world.works
        task = works.disks.move(guest, call.who.owner, key, str(storage), delete=delete_old)
        return Answer(task.upid)

    return shift


def unlink(call: Call) -> Answer:
    """PUT /nodes/{node}/qemu/{vmid}/unlink: null."""
    guest = call.guest("qemu")
    _unchanged(call, guest)
    keys = [name for name in re.split(r"[,; ]+", str(call.params["idlist"])) if name]
    force = bool(call.params.get("force"))
    call.site.world.works.disks.unlink(guest, keys, force=force)
    return Answer(None)


def _routes() -> Routes:
    routes: Routes = {
        ("POST", "/nodes/{node}/qemu/{vmid}/move_disk"): move("qemu"),
        ("POST", "/nodes/{node}/lxc/{vmid}/move_volume"): move("lxc"),
        ("PUT", "/nodes/{node}/qemu/{vmid}/unlink"): unlink,
    }
    for kind in ("qemu", "lxc"):
        base = f"/nodes/{{node}}/{kind}/{{vmid}}"
        routes |= {
            ("POST", f"/nodes/{{node}}/{kind}"): create(kind),
            ("DELETE", base): delete(kind),
            ("POST", f"{base}/clone"): clone(kind),
            ("POST", f"{base}/template"): template(kind),
            ("PUT", f"{base}/resize"): resize(kind),
        }
    return routes


ROUTES: Routes = _routes()
