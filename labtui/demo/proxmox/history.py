"""rrddata of nodes and guests, from the same functions of time as the figures of now.

Rows have a time only where nothing ran. The steps are those of the release: 9.x keeps minutes for a
day and longer steps after it; 8.x gives seventy points whatever the span.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.nodes import ClusterNode
from labtui.demo.cluster.noise import smooth, wander
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.statistics import (
    disk_fraction,
    guest_cpu,
    guest_memory,
    guest_rates,
    host_memory,
    pressure,
    root_used,
)
from labtui.demo.lab import GIB
from labtui.demo.proxmox.errors import died
from labtui.demo.proxmox.site import Answer, Call, Routes

Row = dict[str, Any]

_STEPS = {
    True: {
        "hour": (60, 60),
        "day": (60, 1440),
        "week": (1_800, 336),
        "month": (1_800, 1440),
        "year": (21_600, 1440),
        "decade": (604_800, 570),
    },
    False: {
        "hour": (60, 70),
        "day": (1_800, 70),
        "week": (10_800, 70),
        "month": (43_200, 70),
        "year": (604_800, 70),
    },
}


def _node_pressure(cpu: float) -> Row:
    return {
        "pressurecpusome": max(0.0, cpu - 0.6) * 12,
        "pressureiosome": cpu * 0.4,
        "pressureiofull": cpu * 0.2,
        "pressurememorysome": 0,
        "pressurememoryfull": 0,
    }


def _node_point(state: ClusterState, node: ClusterNode) -> Callable[[float], Row]:
    base = node.figures
    level = base.cpu if base is not None else 0.1
    memory = base.mem if base is not None else 8 * GIB

    def point(at: float) -> Row:
        wave = wander(state.seed, node.number + 50, at)
        cpu = min(0.99, level * (0.6 + 0.8 * wave))
        used = int(memory * (0.93 + 0.1 * smooth(state.seed, node.number, at, 3_600.0)))
        row: Row = {
            "cpu": cpu,
            "iowait": cpu * 0.02,
            "loadavg": cpu * node.lab.cores,
            "maxcpu": node.lab.cores,
            "memtotal": node.lab.memory,
            "memused": used,
            "netin": 9e6 * wave,
            "netout": 7e6 * wave,
            "roottotal": node.rootfs,
            "rootused": root_used(node),
            "swaptotal": 8 * GIB,
            "swapused": 0,
        }
        if state.modern:
            row |= {"memavailable": node.lab.memory - used, "arcsize": 0}
            row |= _node_pressure(cpu)
        return row

    return point


def _guest_point(state: ClusterState, guest: Guest) -> Callable[[float], Row]:
    def point(at: float) -> Row:
        cpu = guest_cpu(state, guest, at)
        memory = guest_memory(state, guest, at)
        netin, netout, diskread, diskwrite = guest_rates(state, guest, at)
        row: Row = {
            "cpu": cpu,
            "maxcpu": guest.maxcpu,
            "mem": memory,
            "maxmem": guest.maxmem,
            "disk": int(guest.maxdisk * disk_fraction(state, guest, at))
            if guest.kind == "lxc"
            else 0,
            "maxdisk": guest.maxdisk,
            "netin": netin,
            "netout": netout,
            "diskread": diskread,
            "diskwrite": diskwrite,
        }
        if state.modern:
            row |= pressure(state, guest, at)
            if guest.kind == "qemu":
                row["memhost"] = host_memory(guest, memory)
        return row

    return point


def series(call: Call, alive: Callable[[float], bool], point: Callable[[float], Row]) -> Answer:
    """Rows of the span that is asked for; only a time where nothing ran."""
    step, count = _STEPS[call.state.modern][str(call.params["timeframe"])]
    last = int(call.state.now) // step * step
    rows: list[Row] = []
    for index in range(count):
        at = last - (count - 1 - index) * step
        rows.append({"time": at} | (point(float(at)) if alive(float(at)) else {}))
    return Answer(rows, ordered=True)


def node_rrd(call: Call) -> Answer:
    """GET /nodes/{node}/rrddata: any node answers for any node, a dead one too."""
    node = call.state.nodes.get(str(call.params["node"]))
    if node is None:
        raise died(f"no such cluster node '{call.params['node']}'")
    found = node

    def alive(at: float) -> bool:
        return found.was_up(at) and not found.was_silent(at)

    return series(call, alive, _node_point(call.state, node))


def guest_rrd(call: Call) -> Answer:
    """GET /nodes/{node}/qemu|lxc/{vmid}/rrddata, answered by any node."""
    guest = call.state.guests.get(int(call.params["vmid"]))
    if guest is None:
        raise died(f"unable to find rrd data for VM {call.params['vmid']}")
    node = call.state.nodes[guest.node]
    born = call.state.now - 90 * 86_400

    def alive(at: float) -> bool:
        lived = at > born and guest.was_running(at) and node.was_up(at)
        return lived and not node.was_silent(at)

    return series(call, alive, _guest_point(call.state, guest))


ROUTES: Routes = {
    ("GET", "/nodes/{node}/rrddata"): node_rrd,
    ("GET", "/nodes/{node}/qemu/{vmid}/rrddata"): guest_rrd,
    ("GET", "/nodes/{node}/lxc/{vmid}/rrddata"): guest_rrd,
}
