"""Answers under /cluster/ha/status, and what a node's own copy says of master and agents.

Forms from the source of the real call: `node (state, local time)`, from 9.2 on with the watchdog;
a time stamp older than 30 s reads "old timestamp - dead?", one of the future "detected time
drift!".
"""

from __future__ import annotations

import time
from typing import Any

from labtui.demo.cluster.nodes import ClusterNode
from labtui.demo.proxmox.site import Answer, Call, Routes

DEAD_AFTER = 30.0
DRIFT_AFTER = 2.0
AGENT_ROUND = 5

Row = dict[str, Any]


def ha_status(call: Call) -> Answer:
    """GET /cluster/ha/status/current: quorum, master, agents, services."""
    ha = call.site.world.ha
    rows: list[Row] = [
        {
            "id": "quorum",
            "type": "quorum",
            "node": call.node,
            "status": "OK" if call.quorate else f"No quorum on node '{call.node}'!",
            "quorate": int(call.quorate),
        }
    ]
    master = ha.manager.holder
    if master is not None and ha.resources:
        seen = _seen(call, ha.manager.renewed, call.state.nodes[master])
        text = f"{master} ({_age(call, seen) or 'active'}, {_local(seen)})"
        row: Row = {"id": "master", "type": "master", "node": master, "status": text}
        rows.append(row | {"timestamp": int(seen)})
    rows += _agents(call)
    if call.state.modern:
        rows.append(_fencing(call))
    rows += _services(call)
    return Answer(rows)


def _fencing(call: Call) -> Row:
    master = call.site.world.ha.master if call.quorate else None
    disarmed = call.site.world.ha.manager.disarmed
    if disarmed is not None:
        return {
            "id": "fencing",
            "type": "fencing",
            "node": master or call.node,
            "armed-state": "disarmed",
            "resource_mode": disarmed,
            "status": f"disarmed (resource mode: {disarmed})",
        }
    active = master is not None and any(r.active for r in call.site.world.ha.resources.values())
    return {
        "id": "fencing",
        "type": "fencing",
        "node": master or call.node,
        "armed-state": "armed" if active else "standby",
        "status": "armed (CRM watchdog active)" if active else "standby (CRM watchdog standby)",
    }


def _seen(call: Call, at: float, writer: ClusterNode) -> float:
    """A time stamp in the copy of the asked node, by the clock of the node that wrote it."""
    asked = call.state.nodes[call.node]
    if asked.lost_quorum_at is not None:
        at = min(at, asked.lost_quorum_at)
    return at + writer.clock_offset


def _age(call: Call, seen: float) -> str | None:
    """What is wrong with a time stamp by the clock of the asked node; None for a fresh one."""
    age = call.clock - seen
    if age > DEAD_AFTER:
        return "old timestamp - dead?"
    return "detected time drift!" if age < -DRIFT_AFTER else None


def _written(call: Call, node: ClusterNode) -> float:
    """When the agent of a node wrote its state last: every five seconds while it can write."""
    now = call.state.now
    if not node.powered:
        return node.died_at or 0.0
    if node.lost_quorum_at is not None:
        return node.lost_quorum_at
    return now - (now + node.number) % AGENT_ROUND


def _agents(call: Call) -> list[Row]:
    rows = []
    if not call.site.world.ha.resources:
        return []
    for node in call.state.nodes.values():
        busy = call.site.world.ha.busy(node.name)
        seen = _seen(call, _written(call, node), node)
        mode = _age(call, seen) or ("active" if busy else "idle")
        if node.maintenance:
            mode = "maintenance mode"
        elif node.stopping and mode == "active":
            mode = "restart mode"
        dog = ""
        if call.state.modern:
            dog = f", watchdog {'active' if mode == 'active' else 'standby'}"
        row: Row = {"id": f"lrm:{node.name}", "type": "lrm", "node": node.name}
        row["status"] = f"{node.name} ({mode}{dog}, {_local(seen)})"
        rows.append(row | {"timestamp": int(seen)})
    return rows


def _services(call: Call) -> list[Row]:
    rows = []
    for sid, resource in call.site.world.ha.resources.items():
        node = call.state.place(resource.guest, call.node) or resource.guest.node
        row: Row = {
            "id": f"service:{sid}",
            "type": "service",
            "sid": sid,
            "node": node,
            "state": resource.state,
            "crm_state": resource.state,
            "request_state": resource.wanted,
            "status": f"{sid} ({node}, {resource.state})",
            "max_restart": resource.max_restart,
            "max_relocate": resource.max_relocate,
        }
        if resource.comment:
            row["comment"] = resource.comment
        if call.state.modern:
            row["failback"] = int(resource.failback)
        elif sid in call.state.ha_rules.members:
            row["group"] = call.state.ha_rules.members[sid]
        rows.append(row)
    return rows


def _local(at: float) -> str:
    moment = time.gmtime(at)
    day = f"{time.strftime('%a %b', moment)} {moment.tm_mday:2d}"
    return f"{day} {time.strftime('%H:%M:%S %Y', moment)}"


def manager_status(call: Call) -> Answer:
    """GET /cluster/ha/status/manager_status: the manager's file and the agents' files."""
    state, ha = call.state, call.site.world.ha
    manager: Row = {"node_status": {}}
    agents: Row = {}
    if ha.resources:
        manager = {
            "master_node": ha.manager.holder,
            "timestamp": int(ha.manager.renewed),
            "node_status": {node.name: _node_word(node) for node in state.nodes.values()},
            "service_status": {
                sid: {"node": item.guest.node, "state": item.state, "running": 1}
                for sid, item in ha.resources.items()
            },
        }
        agents = {node.name: _agent_file(call, node) for node in state.nodes.values()}
    data: Row = {
        "manager_status": manager,
        "quorum": {"node": call.node, "quorate": "1" if call.quorate else ""},
    }
    return Answer(data | ({"lrm_status": agents} if agents else {}))


def _node_word(node: ClusterNode) -> str:
    if node.maintenance:
        return "maintenance"
    return "online" if node.online else "unknown"


def _agent_file(call: Call, node: ClusterNode) -> Row:
    busy = call.site.world.ha.busy(node.name)
    return {
        "mode": "maintenance" if node.maintenance else "active",
        "state": "active" if busy else "wait_for_agent_lock",
        "timestamp": int(_seen(call, _written(call, node), node)),
        "results": {},
    }


def disarm(call: Call) -> Answer:
    """POST /cluster/ha/status/disarm-ha: null; nothing is fenced until it is armed again."""
    call.site.world.ha.manager.disarmed = str(call.params["resource-mode"])
    return Answer(None)


def arm(call: Call) -> Answer:
    """POST /cluster/ha/status/arm-ha: null."""
    call.site.world.ha.manager.disarmed = None
    return Answer(None)


ROUTES: Routes = {
    ("POST", "/cluster/ha/status/disarm-ha"): disarm,
    ("POST", "/cluster/ha/status/arm-ha"): arm,
    ("GET", "/cluster/ha/status/current"): ha_status,
    ("GET", "/cluster/ha/status/manager_status"): manager_status,
}
