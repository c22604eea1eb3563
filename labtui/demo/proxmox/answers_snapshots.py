"""Answers about snapshots; what cannot be is refused in the task, as the real server does."""

from __future__ import annotations

from typing import Any

from labtui.demo.cluster.configuration import digest
from labtui.demo.cluster.snapshots import can_snapshot
from labtui.demo.proxmox.errors import bad_parameters, died
from labtui.demo.proxmox.site import Answer, Call, Handler, Routes


def listing(kind: str) -> Handler:
    """GET .../snapshot: the snapshots, and `current` with the one it came from as parent."""

    def snapshots(call: Call) -> Answer:
        guest = call.guest(kind)
        rows: list[dict[str, Any]] = []
        for snapshot in guest.snapshots.values():
            row: dict[str, Any] = {
                "name": snapshot.name,
                "description": snapshot.description,
                "snaptime": snapshot.taken,
            }
            if kind == "qemu":
                row["vmstate"] = int(snapshot.vmstate)
            if snapshot.parent is not None:
                row["parent"] = snapshot.parent
            rows.append(row)
        now: dict[str, Any] = {"name": "current", "description": "You are here!"}
        now |= {"digest": digest(guest.config), "running": int(guest.running)}
        if guest.parent is not None:
            now["parent"] = guest.parent
        return Answer([*rows, now], ordered=True)

    return snapshots


def take(kind: str) -> Handler:
    """POST .../snapshot."""

    def snapshot(call: Call) -> Answer:
        guest = call.guest(kind)
        name = str(call.params["snapname"])
        if name == "current":
            raise died("unable to use snapshot name 'current' (reserved name)")
        if name == "pending":
            raise bad_parameters({"snapname": "unable to use snapshot name 'pending'"})
        task = call.site.world.works.snapshots.take(
            guest,
            call.who.owner,
            name,
            str(call.params.get("description", "")),
            vmstate=bool(call.params.get("vmstate")),
        )
        note = f"snapshot {guest.noun} {guest.vmid}: {name}"
        call.state.tasks.note(call.node, call.who.owner, note)
        return Answer(task.upid)

    return snapshot


def delete(kind: str) -> Handler:
    """DELETE .../snapshot/{snapname}."""

    def remove(call: Call) -> Answer:
        guest, name = call.guest(kind), str(call.params["snapname"])
        force = bool(call.params.get("force"))
        works = call.site.world.works
        task = works.snapshots.delete(guest, call.who.owner, name, force=force)
        note = f"delete snapshot {guest.noun} {guest.vmid}: {name}"
        call.state.tasks.note(call.node, call.who.owner, note)
        return Answer(task.upid)

    return remove


def rollback(kind: str) -> Handler:
    """POST .../snapshot/{snapname}/rollback."""

    def back(call: Call) -> Answer:
        guest, name = call.guest(kind), str(call.params["snapname"])
        start = bool(call.params.get("start"))
        works = call.site.world.works
        task = works.snapshots.rollback(guest, call.who.owner, name, start=start)
        note = f"rollback snapshot {guest.noun} {guest.vmid}: {name}"
        call.state.tasks.note(call.node, call.who.owner, note)
        return Answer(task.upid)

    return back


def index(_: Call) -> Answer:
    """GET .../snapshot/{snapname}: what is below."""
    return Answer([{"cmd": "rollback"}, {"cmd": "config"}])


def config(kind: str) -> Handler:
    """GET .../snapshot/{snapname}/config: the configuration that was kept."""

    def kept(call: Call) -> Answer:
        guest, name = call.guest(kind), str(call.params["snapname"])
        found = guest.snapshots.get(name)
        if found is None:
            raise died(f"snapshot '{name}' does not exist")
        values: dict[str, Any] = dict(found.config) | {"snaptime": found.taken}
        if found.description:
            values["description"] = found.description
        if found.parent is not None:
            values["parent"] = found.parent
        return Answer(values)

    return kept


def describe(kind: str) -> Handler:
    """PUT .../snapshot/{snapname}/config: another description."""

    def put(call: Call) -> Answer:
        guest, name = call.guest(kind), str(call.params["snapname"])
        found = guest.snapshots.get(name)
        if found is None:
            raise died(f"snapshot '{name}' does not exist")
        if guest.lock is not None:
            raise died(f"{guest.noun} is locked ({guest.lock})")
        found.description = str(call.params.get("description", ""))
        guest.touch()
        return Answer(None)

    return put


def feature(kind: str) -> Handler:
    """GET .../feature: whether its disks can be cloned, copied or snapshot."""

    def able(call: Call) -> Answer:
        guest = call.guest(kind)
        wanted = str(call.params["feature"])
        yes = {
            "snapshot": can_snapshot(guest) and not guest.template,
            "clone": guest.template,
            "copy": True,
        }[wanted]
        answer: dict[str, Any] = {"hasFeature": int(yes)}
        if kind == "qemu":
            answer["nodes"] = [call.node]
        return Answer(answer)

    return able


def _routes() -> Routes:
    routes: Routes = {}
    for kind in ("qemu", "lxc"):
        base = f"/nodes/{{node}}/{kind}/{{vmid}}"
        one = f"{base}/snapshot/{{snapname}}"
        routes |= {
            ("GET", f"{base}/snapshot"): listing(kind),
            ("POST", f"{base}/snapshot"): take(kind),
            ("GET", one): index,
            ("DELETE", one): delete(kind),
            ("POST", f"{one}/rollback"): rollback(kind),
            ("GET", f"{one}/config"): config(kind),
            ("PUT", f"{one}/config"): describe(kind),
            ("GET", f"{base}/feature"): feature(kind),
        }
    return routes


ROUTES: Routes = _routes()
