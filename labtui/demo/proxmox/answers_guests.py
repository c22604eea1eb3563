"""Answers about guests, given by the node that holds them: lists, configuration, state."""

from __future__ import annotations

from typing import Any

from labtui.demo.cluster.configuration import digest
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.preconditions import lxc_preconditions, qemu_preconditions
from labtui.demo.cluster.statistics import (
    disk_fraction,
    guest_cpu,
    guest_memory,
    host_memory,
    pressure,
)
from labtui.demo.proxmox.errors import died
from labtui.demo.proxmox.site import Answer, Call, Handler, Routes


def _qemu_row(call: Call, guest: Guest, *, full: bool) -> dict[str, Any]:
    state = call.state
    row: dict[str, Any] = {
        "vmid": guest.vmid,
        "name": guest.name,
        "status": "running" if guest.running else "stopped",
        "cpu": 0,
        "cpus": guest.maxcpu,
        "mem": 0,
        "maxmem": guest.maxmem,
        "disk": 0,
        "maxdisk": guest.maxdisk,
        "uptime": 0,
        "netin": 0,
        "netout": 0,
        "diskread": 0,
        "diskwrite": 0,
    }
    if state.modern:
        row["memhost"] = 0
    _common(row, guest)
    if guest.running:
        memory = guest_memory(state, guest, state.now)
        row |= {
            "pid": guest.pid,
            "cpu": guest_cpu(state, guest, state.now) if guest.state == "running" else 0,
            "mem": memory,
            "uptime": int(state.now - guest.started_at),
        }
        row |= _counters(guest)
        if state.modern:
            row["memhost"] = host_memory(guest, memory)
            row |= pressure(state, guest, state.now)
        if full:
            net = {"netin": row["netin"], "netout": row["netout"]}
            row["nics"] = {f"tap{guest.vmid}i0": net}
    if full:
        row["qmpstatus"] = guest.state
    return row


def _lxc_row(call: Call, guest: Guest) -> dict[str, Any]:
    state = call.state
    row: dict[str, Any] = {
        "vmid": guest.vmid,
        "type": "lxc",
        "name": guest.name,
        "status": "running" if guest.running else "stopped",
        "cpu": 0,
        "cpus": guest.maxcpu,
        "mem": 0,
        "maxmem": guest.maxmem,
        "swap": 0,
        "maxswap": int(guest.config.get("swap", 0)) << 20,
        "disk": 0,
        "maxdisk": guest.maxdisk,
        "uptime": 0,
        "netin": 0,
        "netout": 0,
        "diskread": 0,
        "diskwrite": 0,
    }
    _common(row, guest)
    if guest.running:
        row |= {
            "pid": guest.pid,
            "cpu": guest_cpu(state, guest, state.now),
            "mem": guest_memory(state, guest, state.now),
            "disk": int(guest.maxdisk * disk_fraction(state, guest, state.now)),
            "uptime": int(state.now - guest.started_at),
        }
        row |= _counters(guest)
    return row


def _common(row: dict[str, Any], guest: Guest) -> None:
    for key in ("tags", "lock"):
        if key in guest.config:
            row[key] = guest.config[key]
    if guest.template:
        row["template"] = 1


def _counters(guest: Guest) -> dict[str, int]:
    names = ("netin", "netout", "diskread", "diskwrite")
    return {name: int(value) for name, value in zip(names, guest.counters, strict=True)}


def _visible(call: Call, kind: str) -> list[Guest]:
    return [
        guest
        for guest in call.state.guests_on(call.node)
        if guest.kind == kind and call.allowed(f"/vms/{guest.vmid}", "VM.Audit")
    ]


def qemu_list(call: Call) -> Answer:
    """GET /nodes/{node}/qemu."""
    full = bool(call.params.get("full"))
    return Answer([_qemu_row(call, guest, full=full) for guest in _visible(call, "qemu")])


def lxc_list(call: Call) -> Answer:
    """GET /nodes/{node}/lxc."""
    return Answer([_lxc_row(call, guest) for guest in _visible(call, "lxc")])


def _ha(call: Call, guest: Guest) -> dict[str, Any]:
    resource = call.site.world.ha.managed(guest)
    if resource is None:
        return {"managed": 0}
    return {"managed": 1, "state": resource.wanted}


def qemu_current(call: Call) -> Answer:
    """GET /nodes/{node}/qemu/{vmid}/status/current."""
    guest = call.guest("qemu")
    row = _qemu_row(call, guest, full=True) | {"ha": _ha(call, guest)}
    if guest.config.get("agent") and guest.running:
        row["agent"] = 1
    return Answer(row)


def lxc_current(call: Call) -> Answer:
    """GET /nodes/{node}/lxc/{vmid}/status/current."""
    guest = call.guest("lxc")
    return Answer(_lxc_row(call, guest) | {"ha": _ha(call, guest)})


def config_of(kind: str) -> Handler:
    """GET .../config: with `current` the values in force, else with what waits for a restart."""

    def config(call: Call) -> Answer:
        guest = call.guest(kind)
        wanted = call.params.get("snapshot")
        if wanted is not None:
            return Answer(_of_snapshot(guest, str(wanted)))
        values = dict(guest.config)
        if not call.params.get("current"):
            values |= guest.pending
            values = {key: value for key, value in values.items() if value != ""}
        if guest.parent is not None:
            values["parent"] = guest.parent
        return Answer(values | {"digest": digest(guest.config)})

    return config


def _of_snapshot(guest: Guest, name: str) -> dict[str, Any]:
    found = guest.snapshots.get(name)
    if found is None:
        raise died(f"snapshot '{name}' does not exist")
    values: dict[str, Any] = dict(found.config)
    values |= {"snaptime": found.taken, "digest": digest(guest.config)}
    if found.description:
        values["description"] = found.description
    if found.parent is not None:
        values["parent"] = found.parent
    return values


def pending_of(kind: str) -> Handler:
    """GET .../pending: each key with its value and what waits."""

    def pending(call: Call) -> Answer:
        guest = call.guest(kind)
        rows: list[dict[str, Any]] = []
        for key in [*guest.config, *(k for k in guest.pending if k not in guest.config)]:
            row: dict[str, Any] = {"key": key}
            if key in guest.config:
                row["value"] = guest.config[key]
            if key in guest.pending and guest.pending[key] == "":
                row["delete"] = 1
            elif key in guest.pending:
                row["pending"] = guest.pending[key]
            rows.append(row)
        rows.append({"key": "digest", "value": digest(guest.config)})
        return Answer(rows)

    return pending


def qemu_migrate_check(call: Call) -> Answer:
    """GET /nodes/{node}/qemu/{vmid}/migrate."""
    guest = _migratable(call, "qemu")
    try:
        answer = qemu_preconditions(call.state, guest)
    except KeyError:
        raise died(
            "Can't use an undefined value as an ARRAY reference at"
            " /usr/share/perl5/PVE/QemuMigrate/Helpers.pm line 63."
        ) from None
    if call.state.modern and call.site.world.ha.managed(guest):
        answer["dependent-ha-resources"] = []
    return Answer(answer)


def lxc_migrate_check(call: Call) -> Answer:
    """GET /nodes/{node}/lxc/{vmid}/migrate."""
    guest = _migratable(call, "lxc")
    answer = lxc_preconditions(call.state, guest)
    if call.site.world.ha.managed(guest):
        answer["dependent-ha-resources"] = []
    return Answer(answer)


def _migratable(call: Call, kind: str) -> Guest:
    call.need_quorum()
    guest = call.guest(kind)
    if guest.lock is not None:
        raise died(f"{guest.noun} is locked ({guest.lock})")
    return guest


def _routes() -> Routes:
    routes: Routes = {
        ("GET", "/nodes/{node}/qemu"): qemu_list,
        ("GET", "/nodes/{node}/lxc"): lxc_list,
        ("GET", "/nodes/{node}/qemu/{vmid}/status/current"): qemu_current,
        ("GET", "/nodes/{node}/lxc/{vmid}/status/current"): lxc_current,
        ("GET", "/nodes/{node}/qemu/{vmid}/migrate"): qemu_migrate_check,
        ("GET", "/nodes/{node}/lxc/{vmid}/migrate"): lxc_migrate_check,
    }
    for kind in ("qemu", "lxc"):
        routes["GET", f"/nodes/{{node}}/{kind}/{{vmid}}/config"] = config_of(kind)
        routes["GET", f"/nodes/{{node}}/{kind}/{{vmid}}/pending"] = pending_of(kind)
    return routes


ROUTES: Routes = _routes()
