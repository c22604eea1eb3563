"""Where managed guests may run: the groups of 8.x and the rules of 9.x.

9.x has migrated its groups to rules and says so. Source: the API description, and recorded answers
of both releases.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from labtui.demo.cluster.ha_rules import Group, Rule, nodes_text, parse_nodes
from labtui.demo.proxmox.errors import bad_parameters, died
from labtui.demo.proxmox.site import Answer, Call, Routes

NO_GROUPS = "cannot index groups: ha groups have been migrated to rules"

Row = dict[str, Any]


def _group_row(call: Call, group: Group) -> Row:
    row: Row = {"group": group.name, "type": "group", "nodes": nodes_text(group.nodes)}
    row["digest"] = call.state.ha_rules.digest
    row |= {"restricted": int(group.restricted), "nofailback": int(group.nofailback)}
    return row | ({"comment": group.comment} if group.comment else {})


def _no_groups(call: Call) -> None:
    if call.state.modern:
        raise died(NO_GROUPS)


def groups(call: Call) -> Answer:
    """GET /cluster/ha/groups."""
    _no_groups(call)
    return Answer([_group_row(call, group) for group in call.state.ha_rules.groups.values()])


def group(call: Call) -> Answer:
    """GET /cluster/ha/groups/{group}."""
    _no_groups(call)
    return Answer(_group_row(call, _group(call)))


def _group(call: Call) -> Group:
    name = str(call.params["group"])
    found = call.state.ha_rules.groups.get(name)
    if found is None:
        raise died(f"no such ha group '{name}'")
    return found


def put_group(call: Call) -> Answer:
    """POST /cluster/ha/groups and PUT /cluster/ha/groups/{group}: null when done."""
    _no_groups(call)
    given, known = call.params, call.state.ha_rules.groups
    name = str(given["group"])
    if call.verb == "POST" and name in known:
        raise died(f"ha group ID '{name}' already defined")
    old = Group(name, ()) if call.verb == "POST" else _group(call)
    known[name] = Group(
        name,
        _nodes(call, str(given["nodes"])) if "nodes" in given else old.nodes,
        bool(given.get("restricted", old.restricted)),
        bool(given.get("nofailback", old.nofailback)),
        str(given.get("comment", old.comment)),
    )
    return Answer(None)


def remove_group(call: Call) -> Answer:
    """DELETE /cluster/ha/groups/{group}: null; a group in use stays."""
    _no_groups(call)
    name = _group(call).name
    if name in call.state.ha_rules.members.values():
        raise died("ha group is in use")
    del call.state.ha_rules.groups[name]
    return Answer(None)


def _nodes(call: Call, text: str) -> tuple[tuple[str, int], ...]:
    try:
        found = parse_nodes(text)
    except ValueError:
        raise bad_parameters({"nodes": "invalid format - invalid HA node list\n"}) from None
    for name, _ in found:
        if name not in call.state.nodes:
            raise bad_parameters({"nodes": f"unknown node '{name}'"})
    return found


def _rule_row(call: Call, rule: Rule, order: int) -> Row:
    row: Row = {
        "rule": rule.name,
        "type": rule.kind,
        "resources": ",".join(rule.resources),
        "order": order,
        "digest": call.state.ha_rules.digest,
    }
    if rule.kind == "node-affinity":
        row["nodes"] = nodes_text(rule.nodes)
        row |= {"strict": 1} if rule.strict else {}
    else:
        row["affinity"] = "positive" if rule.positive else "negative"
    row |= {"disable": 1} if rule.disabled else {}
    return row | ({"comment": rule.comment} if rule.comment else {})


def rules(call: Call) -> Answer:
    """GET /cluster/ha/rules, filtered by type or resource."""
    kind, wanted = call.params.get("type"), call.params.get("resource")
    rows = []
    for order, rule in enumerate(call.state.ha_rules.rules.values(), 1):
        if kind in (None, rule.kind) and (wanted is None or wanted in rule.resources):
            rows.append(_rule_row(call, rule, order))
    return Answer(rows)


def _rule(call: Call) -> Rule:
    name = str(call.params["rule"])
    found = call.state.ha_rules.rules.get(name)
    if found is None:
        raise died(f"no such ha rule '{name}'")
    return found


def rule(call: Call) -> Answer:
    """GET /cluster/ha/rules/{rule}."""
    found = _rule(call)
    order = list(call.state.ha_rules.rules).index(found.name) + 1
    return Answer(_rule_row(call, found, order))


def put_rule(call: Call) -> Answer:
    """POST /cluster/ha/rules and PUT /cluster/ha/rules/{rule}: null when done."""
    given, known = call.params, call.state.ha_rules.rules
    name, kind = str(given["rule"]), str(given["type"])
    if call.verb == "POST" and name in known:
        raise died(f"HA rule '{name}' already defined")
    old = Rule(name, kind, ()) if call.verb == "POST" else _rule(call)
    made = Rule(
        name,
        kind,
        _sids(str(given["resources"])) if "resources" in given else old.resources,
        _nodes(call, str(given["nodes"])) if "nodes" in given else old.nodes,
        bool(given.get("strict", old.strict)),
        given.get("affinity", "positive" if old.positive else "negative") == "positive",
        bool(given.get("disable", old.disabled)),
        str(given.get("comment", old.comment)),
    )
    if "disable" in str(given.get("delete", "")).split(","):
        made = replace(made, disabled=False)
    _check_rule(made)
    known[name] = made
    return Answer(None)


def _sids(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.replace(";", ",").replace(" ", ",").split(",") if part)


def _check_rule(made: Rule) -> None:
    if made.kind == "node-affinity" and not made.nodes:
        raise bad_parameters({"nodes": "property is missing and it is not optional"})
    if made.kind == "resource-affinity" and len(made.resources) < 2:
        text = "rule is ineffective as there are less than two resources"
        raise bad_parameters({"resources": text})


def remove_rule(call: Call) -> Answer:
    """DELETE /cluster/ha/rules/{rule}: null when done."""
    del call.state.ha_rules.rules[_rule(call).name]
    return Answer(None)


ROUTES: Routes = {
    ("GET", "/cluster/ha/groups"): groups,
    ("POST", "/cluster/ha/groups"): put_group,
    ("GET", "/cluster/ha/groups/{group}"): group,
    ("PUT", "/cluster/ha/groups/{group}"): put_group,
    ("DELETE", "/cluster/ha/groups/{group}"): remove_group,
    ("GET", "/cluster/ha/rules"): rules,
    ("POST", "/cluster/ha/rules"): put_rule,
    ("GET", "/cluster/ha/rules/{rule}"): rule,
    ("PUT", "/cluster/ha/rules/{rule}"): put_rule,
    ("DELETE", "/cluster/ha/rules/{rule}"): remove_rule,
}
