"""/cluster/resources: rows of all guests, nodes, storages, networks and pools.

The server keeps a dump for two seconds, or until something changes. Guest rows are encoded once per
change, so that a cluster of ten thousand guests still answers at once. A node beyond a cut of the
network answers from what it knew at the cut.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.nodes import ClusterNode
from labtui.demo.cluster.state import STALE_AFTER
from labtui.demo.cluster.storages import STORAGES
from labtui.demo.proxmox.capacity import used_on
from labtui.demo.proxmox.site import Answer, Call, Dump, Routes, Site

Row = dict[str, Any]

DUMP_SECONDS = 2.0


def guest_row(site: Site, guest: Guest, viewer: str | None = None) -> Row:
    """The row of a guest; only what is configured when nobody published figures lately."""
    state = site.state
    row: Row = {
        "id": f"{guest.kind}/{guest.vmid}",
        "type": guest.kind,
        "vmid": guest.vmid,
        "node": state.place(guest, viewer),
        "status": "unknown",
    }
    figures = state.figures(guest, viewer)
    if figures is not None:
        row |= {
            "status": figures.status,
            "name": guest.name,
            "template": int(guest.template),
            "cpu": figures.cpu,
            "maxcpu": guest.maxcpu,
            "mem": figures.mem,
            "maxmem": guest.maxmem,
            "disk": figures.disk,
            "maxdisk": guest.maxdisk,
            "uptime": figures.uptime,
            "netin": figures.netin,
            "netout": figures.netout,
            "diskread": figures.diskread,
            "diskwrite": figures.diskwrite,
        }
        if state.modern:
            row["memhost"] = figures.memhost
    for key in ("lock", "tags"):
        if key in guest.config:
            row[key] = guest.config[key]
    if guest.pool:
        row["pool"] = guest.pool
    hastate = site.world.ha.hastate(guest)
    if hastate is not None:
        row["hastate"] = hastate
    return row


def node_status(site: Site, node: ClusterNode, viewer: str | None = None) -> str:
    """`online`, `offline` by the membership that the asked node sees, `unknown` without figures."""
    member = node.online if viewer is None else site.state.membership.online(viewer, node.name)
    if not member:
        return "offline"
    return "online" if site.state.node_figures(node, viewer) is not None else "unknown"


def node_row(site: Site, node: ClusterNode, *, full: bool, viewer: str | None = None) -> Row:
    """The row of a node; without `full` (no right to see figures) only its being there."""
    status = node_status(site, node, viewer)
    row: Row = {"id": f"node/{node.name}", "node": node.name, "type": "node", "status": status}
    figures = site.state.node_figures(node, viewer)
    if figures is not None or not full:
        row["level"] = ""
    if node.maintenance:
        row["hastate"] = "maintenance"
    if figures is None or not full:
        return row
    row |= {
        "maxcpu": node.lab.cores,
        "maxmem": node.lab.memory,
        "maxdisk": node.rootfs,
    }
    if status == "online":
        row |= {
            "cpu": figures.cpu,
            "mem": figures.mem,
            "disk": figures.disk,
            "uptime": figures.uptime,
        }
    return row


def nodes(call: Call) -> Answer:
    """GET /nodes, as the asked node sees them."""
    rows = []
    for node in call.state.nodes.values():
        full = call.allowed(f"/nodes/{node.name}", "Sys.Audit")
        row = node_row(call.site, node, full=full, viewer=call.node)
        if node.name in call.site.fingerprints:
            row["ssl_fingerprint"] = call.site.fingerprints[node.name]
        rows.append(row)
    return Answer(rows)


def _storage_rows(call: Call) -> Iterable[Row]:
    site = call.site
    for node in site.state.nodes.values():
        published = site.state.node_figures(node, call.node) is not None
        for storage in STORAGES:
            if storage.name not in site.state.storages_on(node.name):
                continue
            since = site.state.storage_health.away_since(storage.name, node.name)
            known = published and (since is None or site.state.now - since <= STALE_AFTER)
            if not call.allowed(f"/storage/{storage.name}", "Datastore.Audit"):
                continue
            row: Row = {
                "id": f"storage/{node.name}/{storage.name}",
                "type": "storage",
                "node": node.name,
                "storage": storage.name,
                "content": ",".join(storage.content),
                "plugintype": storage.kind,
                "shared": int(storage.shared),
                "status": "available" if known else "unknown",
            }
            if known:
                row["maxdisk"] = storage.size
                row["disk"] = used_on(site.state, storage, node.name)
            yield row


def _network_rows(call: Call) -> Iterable[Row]:
    for name in call.state.nodes:
        row: Row = {"node": name, "status": "ok"}
        if call.state.modern:
            row |= {
                "id": f"network/{name}/zone/localnetwork",
                "type": "network",
                "network": "localnetwork",
                "network-type": "zone",
            }
        else:
            row |= {"id": f"sdn/{name}/localnetwork", "type": "sdn", "sdn": "localnetwork"}
        if call.allowed("/sdn/zones/localnetwork", "SDN.Audit"):
            yield row


def _pool_rows(call: Call) -> Iterable[Row]:
    state = call.state
    sums: dict[str, list[float]] = {}
    for guest in state.guests.values():
        figures = state.figures(guest, call.node)
        if figures is not None and figures.status != "stopped":
            pool = sums.setdefault(guest.pool, [0.0, 0, 0, 0, 0])
            pool[0] += figures.cpu * guest.maxcpu
            pool[1] += guest.maxcpu
            pool[2] += figures.mem
            pool[3] += guest.maxmem
            pool[4] = max(pool[4], figures.uptime)
    for name in state.pools:
        if not call.allowed(f"/pool/{name}", "Pool.Audit"):
            continue
        row: Row = {"id": f"/pool/{name}", "pool": name, "type": "pool"}
        if name in sums:
            cpu, *whole = sums[name]
            row["cpu"] = cpu / whole[0]
            names = ("maxcpu", "mem", "maxmem", "uptime")
            row |= {key: int(value) for key, value in zip(names, whole, strict=True)}
        yield row


def visible_guests(call: Call) -> list[Guest]:
    """The guests whose row the caller may see."""
    guests = list(call.state.guests.values())
    if call.state.membership.parted:
        guests = [guest for guest in guests if call.state.place(guest, call.node) is not None]
    if call.site.rights.sees_all_guests(call.who):
        return guests
    return [guest for guest in guests if call.allowed(f"/vms/{guest.vmid}", "VM.Audit")]


def _encoded_guest(site: Site, guest: Guest) -> bytes:
    mark = (guest.revision, site.state.figures(guest) is None, site.world.ha.hastate(guest))
    if guest.row_mark != mark:
        guest.row_mark = mark
        guest.row = json.dumps(guest_row(site, guest), separators=(",", ":")).encode()
    return guest.row


def _encoded(call: Call, guest: Guest) -> bytes:
    if not call.state.membership.parted:
        return _encoded_guest(call.site, guest)
    row = guest_row(call.site, guest, call.node)
    return json.dumps(row, separators=(",", ":")).encode()


def _dump(call: Call, kind: str | None) -> bytes:
    rows: list[Row] = []
    parts: list[bytes] = []
    if kind in (None, "vm"):
        parts = [_encoded(call, guest) for guest in visible_guests(call)]
    if kind in (None, "node"):
        for node in call.state.nodes.values():
            full = call.allowed(f"/nodes/{node.name}", "Sys.Audit")
            row = node_row(call.site, node, full=full, viewer=call.node)
            rows.append(row | {"cgroup-mode": 2})
    if kind in (None, "storage"):
        rows += _storage_rows(call)
    # The 9.x filter `sdn` matches a type that no row has any more.
    if kind is None or (kind == "sdn" and not call.state.modern):
        rows += _network_rows(call)
    if kind is None:
        rows += _pool_rows(call)
    parts += [json.dumps(row, separators=(",", ":")).encode() for row in rows]
    call.site.dice.shuffle(parts)
    return b'{"data":[' + b",".join(parts) + b"]}"


def cluster_resources(call: Call) -> Answer:
    """GET /cluster/resources."""
    kind = call.params.get("type")
    key = f"resources {kind} {call.who.owner} {_view(call)}"
    kept: tuple[float, object, Dump] | None = call.site.caches.get(key)
    now, mark = call.state.now, _mark(call.site)
    if kept is None or kept[1] != mark or now - kept[0] > DUMP_SECONDS:
        kept = (now, mark, Dump(_dump(call, kind)))
        call.site.caches[key] = kept
    return Answer(dump=kept[2])


def _view(call: Call) -> object:
    """Differs between nodes that see different memberships."""
    membership = call.state.membership
    if membership.view(call.node) == membership.main and not membership.parted:
        return ""
    return call.node


def _mark(site: Site) -> object:
    """Differs as soon as a configuration, a lock, a node or a published figure has changed."""
    state = site.state
    return (
        sum(guest.revision for guest in state.guests.values()),
        len(state.guests),
        [resource.state for resource in site.world.ha.resources.values()],
        [(node.online, node.maintenance, node.figures) for node in state.nodes.values()],
        state.storage_health.mark,
        state.membership.mark,
    )


def guest_rows(site: Site, guests: Iterable[Guest]) -> list[Row]:
    """Rows of some guests without pool and lock, as the members of a pool are shown."""
    hidden = ("pool", "lock", "tags", "hastate")
    return [
        {key: value for key, value in guest_row(site, guest).items() if key not in hidden}
        for guest in guests
    ]


ROUTES: Routes = {
    ("GET", "/cluster/resources"): cluster_resources,
    ("GET", "/nodes"): nodes,
}
