"""What stands under high availability: resources, how they are changed, and their moves.

Source: the API description, and recorded answers of both releases.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from labtui.demo.cluster.ha_resource import Resource
from labtui.demo.proxmox.errors import died
from labtui.demo.proxmox.site import Answer, Call, Routes

Row = dict[str, Any]


def _digest(call: Call) -> str:
    lines = [
        f"{sid}:{item.wanted}:{item.comment}" for sid, item in call.site.world.ha.resources.items()
    ]
    return hashlib.sha1("\n".join(lines).encode(), usedforsecurity=False).hexdigest()


def _sid(call: Call) -> str:
    """The service of the path: `vm:100`, or a bare number of a guest."""
    text = str(call.params["sid"])
    if not text.isdigit():
        return text
    guest = call.state.guests.get(int(text))
    return guest.sid if guest is not None else f"vm:{text}"


def _row(call: Call, sid: str, item: Resource) -> Row:
    row: Row = {
        "sid": sid,
        "type": sid.partition(":")[0],
        "state": item.wanted,
        "digest": _digest(call),
    }
    defaults = {"max_restart": 1, "max_relocate": 1}
    row |= {k: getattr(item, k) for k, v in defaults.items() if getattr(item, k) != v}
    if not item.failback:
        row["failback"] = 0
    if item.comment:
        row["comment"] = item.comment
    if sid in call.state.ha_rules.members:
        row["group"] = call.state.ha_rules.members[sid]
    return row


def _resource(call: Call) -> tuple[str, Resource]:
    sid = _sid(call)
    found = call.site.world.ha.resources.get(sid)
    if found is None:
        raise died(f"no such resource '{sid}'")
    return sid, found


def resources(call: Call) -> Answer:
    """GET /cluster/ha/resources."""
    kind = call.params.get("type")
    rows = [_row(call, sid, item) for sid, item in call.site.world.ha.resources.items()]
    return Answer([row for row in rows if kind in (None, row["type"])])


def resource(call: Call) -> Answer:
    """GET /cluster/ha/resources/{sid}."""
    return Answer(_row(call, *_resource(call)))


def _adopt(call: Call, sid: str, item: Resource) -> None:
    given = call.params
    if "state" in given:
        item.wanted = "started" if given["state"] == "enabled" else str(given["state"])
    for key in ("max_restart", "max_relocate"):
        if key in given:
            setattr(item, key, int(given[key]))
    if "failback" in given:
        item.failback = bool(given["failback"])
    if "comment" in given:
        item.comment = str(given["comment"])
    if "group" in given:
        if call.state.modern:
            raise died("invalid parameter 'group': ha groups have been migrated to rules")
        if given["group"] not in call.state.ha_rules.groups:
            raise died(f"HA group '{given['group']}' does not exist")
        call.state.ha_rules.members[sid] = str(given["group"])
    for name in str(given.get("delete", "")).split(","):
        if name == "comment":
            item.comment = ""
        elif name == "group":
            call.state.ha_rules.members.pop(sid, None)


def add_resource(call: Call) -> Answer:
    """POST /cluster/ha/resources: null when done."""
    sid, ha = _sid(call), call.site.world.ha
    vmid = sid.partition(":")[2]
    guest = call.state.guests.get(int(vmid)) if vmid.isdigit() else None
    if guest is None or guest.sid != sid:
        raise died(f"unable to add service '{sid}': no such guest")
    if sid in ha.resources:
        raise died(f"resource ID '{sid}' already defined")
    _adopt(call, sid, ha.add(guest))
    return Answer(None)


def change_resource(call: Call) -> Answer:
    """PUT /cluster/ha/resources/{sid}: null when done."""
    sid, item = _resource(call)
    if call.params.get("digest") not in (None, _digest(call)):
        raise died("detected modified configuration - file changed by other user? Try again.")
    _adopt(call, sid, item)
    return Answer(None)


def remove_resource(call: Call) -> Answer:
    """DELETE /cluster/ha/resources/{sid}: null when done."""
    sid, item = _resource(call)
    call.site.world.ha.remove(item)
    if call.params.get("purge"):
        rules = call.state.ha_rules.rules
        for name, rule in list(rules.items()):
            left = tuple(other for other in rule.resources if other != sid)
            rules[name] = replace(rule, resources=left)
            if not left:
                del rules[name]
    return Answer(None)


def move_resource(call: Call) -> Answer:
    """POST .../migrate and .../relocate: what was asked for, and what goes along or forbids it."""
    sid, item = _resource(call)
    node, ha = str(call.params["node"]), call.site.world.ha
    if node not in call.state.nodes:
        raise died(f"no such cluster node '{node}'")
    answer: Row = {"sid": sid, "requested-node": node}
    blocking = ha.rules.blocking(sid, node, ha.where())
    if blocking:
        answer["blocking-resources"] = [{"sid": s, "cause": cause} for s, cause in blocking]
        return Answer(answer)
    together = sorted(ha.rules.companions(sid, positive=True) & ha.resources.keys())
    if together:
        answer["comigrated-resources"] = together
    for name in (sid, *together):
        ha.resources[name].move_to = node
    item.stop_first = call.path.endswith("/relocate")
    return Answer(answer)


ROUTES: Routes = {
    ("GET", "/cluster/ha/resources"): resources,
    ("POST", "/cluster/ha/resources"): add_resource,
    ("GET", "/cluster/ha/resources/{sid}"): resource,
    ("PUT", "/cluster/ha/resources/{sid}"): change_resource,
    ("DELETE", "/cluster/ha/resources/{sid}"): remove_resource,
    ("POST", "/cluster/ha/resources/{sid}/migrate"): move_resource,
    ("POST", "/cluster/ha/resources/{sid}/relocate"): move_resource,
}
