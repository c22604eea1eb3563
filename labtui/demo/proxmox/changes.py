"""Changing a guest's configuration: PUT (at once) and POST (as a task).

Each key needs the privilege of its kind; raw `hostpciN` is for root@pam alone. What a running
virtual machine cannot take over waits in `pending` for its next start.
"""

from __future__ import annotations

import re
from typing import Any

from labtui.demo.cluster.configuration import Config, digest, options
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.operations import LOCK_PATIENCE, lock_file
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.tasks import TaskError
from labtui.demo.proxmox.errors import bad_parameters, died
from labtui.demo.proxmox.site import Answer, Call, Handler, Routes

_STEERING = frozenset(
    (
        "node",
        "vmid",
        "digest",
        "delete",
        "revert",
        "background_delay",
        "force",
        "skiplock",
        "import-working-storage",
    )
)
_KINDS = (
    (re.compile(r"cores|sockets|cpu|cpulimit|cpuunits|vcpus|numa\d*|affinity"), "CPU"),
    (re.compile(r"memory|balloon|shares|swap|hugepages|keephugepages"), "Memory"),
    (re.compile(r"net\d+|nameserver|searchdomain|hostname"), "Network"),
    (re.compile(r"ci\w+|ipconfig\d+|sshkeys"), "Cloudinit"),
    (
        re.compile(r"(?:scsi|virtio|sata|ide|efidisk|tpmstate|unused|mp)\d+|rootfs|scsihw"),
        "Disk",
    ),
    (
        re.compile(
            r"hostpci\d+|usb\d+|serial\d+|parallel\d+|machine|vga|bios|audio\d+|rng\d+|args"
            r"|watchdog|tablet|keyboard|arch|acpi|kvm|ivshmem|virtiofs\d+"
        ),
        "HWType",
    ),
)
_AT_ONCE = re.compile(
    r"name|description|tags|onboot|startup|protection|boot|hostname|net\d+|usb\d+|(?:ide|sata)\d+|lock"
)


def _privilege(key: str, value: str) -> str:
    if re.match(r"(?:ide|sata|scsi)\d+$", key) and options(value).get("media") == "cdrom":
        return "VM.Config.CDROM"
    for pattern, kind in _KINDS:
        if pattern.fullmatch(key):
            return f"VM.Config.{kind}"
    return "VM.Config.Options"


def _check_key(call: Call, guest: Guest, key: str, value: str) -> None:
    root = call.who.owner == "root@pam"
    if key == "lock" and not root:
        raise died("only root can set 'lock' config")
    call.need(f"/vms/{guest.vmid}", _privilege(key, value))
    if key.startswith("usb") and not root and not value.startswith("spice"):
        mapping = options(value).get("mapping")
        if mapping is None:
            raise died(f"only root can set '{key}' config for real devices")
        call.need(f"/mapping/usb/{mapping}", "Mapping.Use")
    if key.startswith("hostpci") and not root:
        mapping = options(value).get("mapping")
        if mapping is None:
            raise died(f"only root can set '{key}' config for non-mapped devices")
        call.need(f"/mapping/pci/{mapping}", "Mapping.Use")


def _checked(call: Call, guest: Guest) -> tuple[Config, list[str], list[str]]:
    """New values, keys to delete, keys whose waiting value is dropped; all checks done."""
    values = {key: value for key, value in call.params.items() if key not in _STEERING}
    removed = _names(call.params.get("delete"))
    reverted = _names(call.params.get("revert"))
    if not values and not removed and not reverted:
        raise died("no options specified")
    for key, value in values.items():
        _check_key(call, guest, key, str(value))
    for key in removed:
        _check_key(call, guest, key, str(guest.config.get(key, "")))
    wanted = call.params.get("digest")
    if wanted and wanted != digest(guest.config):
        raise died("checksum mismatch (file change by other user?)")
    if call.params.get("skiplock") and call.who.owner != "root@pam":
        raise bad_parameters({"skiplock": "Only root may use this option."})
    if guest.lock is not None and not call.params.get("skiplock") and removed != ["lock"]:
        raise died(f"{guest.noun} is locked ({guest.lock})")
    return values, removed, reverted


def _names(text: Any) -> list[str]:
    return [name for name in re.split(r"[,; ]+", str(text or "")) if name]


def _apply(guest: Guest, values: Config, removed: list[str], reverted: list[str]) -> None:
    for key in reverted:
        guest.pending.pop(key, None)
    for key in removed:
        guest.pending.pop(key, None)
        if guest.running and guest.kind == "qemu" and not _AT_ONCE.fullmatch(key):
            if key in guest.config:
                guest.pending[key] = ""
        else:
            guest.config.pop(key, None)
    for key, value in values.items():
        if guest.running and guest.kind == "qemu" and not _AT_ONCE.fullmatch(key):
            guest.pending[key] = value
        else:
            guest.config[key] = value
            guest.pending.pop(key, None)
    guest.touch()


def _denied(guest: Guest, pid: int) -> str:
    return f"unable to open file '/etc/pve/{guest.config_path}.tmp.{pid}' - Permission denied"


def _update_line(guest: Guest, values: Config, removed: list[str]) -> str:
    parts = [f"-{key} {value}" for key, value in values.items()]
    if removed:
        parts.append(f"-delete {','.join(removed)}")
    return f"update {guest.noun} {guest.vmid}: {' '.join(parts)}"


async def _wait_for_lock(call: Call, guest: Guest) -> None:
    waited = 0.0
    while guest.busy and waited < LOCK_PATIENCE:
        await call.site.pause(0.25)
        waited += 0.25
        call.site.world.advance()
    if guest.busy:
        raise died(f"can't lock file '{lock_file(guest)}' - got timeout")


def put_config(kind: str) -> Handler:
    """PUT .../config: null when done."""

    async def put(call: Call) -> Answer:
        guest = call.guest(kind)
        values, removed, reverted = _checked(call, guest)
        if not call.quorate:
            raise died(_denied(guest, 1200))
        await _wait_for_lock(call, guest)
        _apply(guest, values, removed, reverted)
        call.state.allocated = None
        if kind == "qemu":
            call.state.tasks.note(call.node, call.who.owner, _update_line(guest, values, removed))
        return Answer(None)

    return put


def post_config(call: Call) -> Answer:
    """POST /nodes/{node}/qemu/{vmid}/config: the same as a task of type qmconfig."""
    guest = call.guest("qemu")
    values, removed, reverted = _checked(call, guest)
    task = call.state.tasks.create(call.node, "qmconfig", str(guest.vmid), call.who.owner)

    def work() -> Process:
        task.log.append(_update_line(guest, values, removed))
        yield 0.1
        if not call.quorate:
            raise TaskError(_denied(guest, task.pid))
        _apply(guest, values, removed, reverted)

    return Answer(call.state.tasks.start(task, work()).upid)


ROUTES: Routes = {
    ("PUT", "/nodes/{node}/qemu/{vmid}/config"): put_config("qemu"),
    ("PUT", "/nodes/{node}/lxc/{vmid}/config"): put_config("lxc"),
    ("POST", "/nodes/{node}/qemu/{vmid}/config"): post_config,
}
