"""Carrying it out: one command, and then HA's own word on the node."""

from __future__ import annotations

from typing import Any

from labtui.actions.action import Call, Outcome, Plan, Progress, Report, Wire
from labtui.actions.task_run import reason
from labtui.locale import _
from labtui.model.errors import LabError, OutcomeUnknown

POLL = 2.0
PATIENCE = 90.0
"""The manager works in rounds of ten seconds, and so does the agent."""


async def run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """The plan's command, and what HA says afterwards."""
    cluster, _slash, node = plan.subject.partition("/")
    on = plan.action == "node.maintenance"
    return await turned(plan.calls[0], cluster, node, wire, report, on=on)


async def turned(
    call: Call, cluster: str, node: str, wire: Wire, report: Report, *, on: bool
) -> Outcome:
    """Send it once and wait until HA says so; nothing is sent when it says so already."""
    if await says(cluster, node, wire) is on:
        return Outcome("done", _state(node, on=on))
    report(Progress(note=_("running it on the node")))
    lost = ""
    try:
        await wire.call(call)
    except OutcomeUnknown as error:
        lost = reason(error)
    except LabError as error:
        return Outcome("failed", reason(error))
    report(Progress(note=_("waiting for the HA manager's round")))
    ends = wire.now() + PATIENCE
    while wire.now() < ends:
        if await says(cluster, node, wire) is on:
            return Outcome("done", _state(node, on=on))
        await wire.sleep(POLL)
    text = _("HA did not say so in {seconds:.0f} s")
    note = text.format(seconds=PATIENCE)
    return Outcome("unknown", f"{note}; {lost}" if lost else note)


async def says(cluster: str, node: str, wire: Wire) -> bool | None:
    """Whether HA has the node in maintenance; None when it can't be asked.

    The agent's row of `/cluster/ha/status/current` says `maintenance mode`
    (`PVE/API2/HA/Status.pm`), and so does the node's `hastate` in `/cluster/resources`.
    """
    try:
        rows: Any = await wire.read(cluster, "/cluster/ha/status/current")
        nodes: Any = await wire.read(cluster, "/cluster/resources", type="node")
    except LabError:
        return None
    agents = [
        str(row.get("status", ""))
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and row.get("type") == "lrm" and row.get("node") == node
    ]
    states = [
        row.get("hastate")
        for row in (nodes if isinstance(nodes, list) else [])
        if isinstance(row, dict) and row.get("node") == node
    ]
    return "maintenance" in states or any("maintenance mode" in text for text in agents)


def _state(node: str, *, on: bool) -> str:
    if on:
        return _("{node} is in maintenance mode").format(node=node)
    return _("{node} is no longer in maintenance mode").format(node=node)
