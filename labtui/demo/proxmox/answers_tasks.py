"""Answers about tasks: lists, one task's state and log, and stopping it."""

from __future__ import annotations

import re
from typing import Any

from labtui.demo.cluster.tasks import Task
from labtui.demo.proxmox.errors import bad_parameters
from labtui.demo.proxmox.site import Answer, Call, Routes

PER_NODE = 25
"""Rows of one node in /cluster/tasks."""

STOP_SECONDS = 3.4
"""How long a DELETE takes: the signal, then waiting for the worker to end."""

_UPID = re.compile(
    r"^UPID:([a-zA-Z0-9-]+):[0-9A-Fa-f]{8}:[0-9A-Fa-f]{8,9}:[0-9A-Fa-f]{8}:[^:\s]+:[^:\s]*:[^:\s]+:$"
)


def _row(task: Task) -> dict[str, Any]:
    row: dict[str, Any] = {
        "upid": task.upid,
        "node": task.node,
        "type": task.kind,
        "id": task.target,
        "user": task.user,
        "starttime": task.starttime,
    }
    if task.token:
        row["tokenid"] = task.token
    if task.endtime is not None:
        row["endtime"] = task.endtime
        row["status"] = task.exitstatus
    return row


def _own(call: Call, task: Task) -> bool:
    return task.owner == call.who.owner


def cluster_tasks(call: Call) -> Answer:
    """GET /cluster/tasks: all running ones, filled up with finished ones to 25 per node."""
    everything = call.allowed("/", "Sys.Audit")
    rows = []
    for tasks in call.state.tasks.by_node.values():
        newest = sorted(tasks, key=lambda task: (task.running, task.starttime), reverse=True)
        running = sum(task.running for task in newest)
        for task in newest[: max(PER_NODE, running)]:
            if everything or _own(call, task):
                extra: dict[str, Any] = {"saved": "0", "pid": task.pid}
                rows.append(_row(task) | (extra if task.running else {"saved": "1"}))
    rows.sort(key=lambda row: -int(row["starttime"]))
    return Answer(rows, ordered=True)


def node_tasks(call: Call) -> Answer:
    """GET /nodes/{node}/tasks, newest first, with the filters of the real call."""
    given = call.params
    source = given.get("source", "archive")
    everything = call.allowed(f"/nodes/{call.node}", "Sys.Audit")
    found = []
    for task in reversed(call.state.tasks.by_node[call.node]):
        if (source == "archive" and task.running) or (source == "active" and not task.running):
            continue
        if (everything or _own(call, task)) and _matches(task, given):
            found.append(task)
    found.sort(key=lambda task: -task.starttime)
    start = given.get("start", 0)
    rows = [
        _row(task) | {"pid": task.pid, "pstart": task.pstart}
        for task in found[start : start + given.get("limit", 50)]
    ]
    return Answer(rows, total=len(found), ordered=True)


def _matches(task: Task, given: dict[str, Any]) -> bool:
    failed = task.exitstatus not in (None, "OK") and not str(task.exitstatus).startswith("WARN")
    return (
        ("vmid" not in given or task.target == str(given["vmid"]))
        and ("typefilter" not in given or given["typefilter"] in task.kind)
        and ("userfilter" not in given or given["userfilter"] in task.owner)
        and ("since" not in given or task.starttime >= given["since"])
        and ("until" not in given or task.starttime <= given["until"])
        and (not given.get("errors") or failed)
    )


def _task(call: Call) -> Task:
    """The task of the path; 400 for a text that is no UPID or names none of this node."""
    upid = str(call.params["upid"])
    if _UPID.match(upid) is None:
        raise bad_parameters({"upid": "unable to parse worker upid"})
    task = call.state.tasks.find(upid)
    if task is None or task.node != call.node:
        raise bad_parameters({"upid": "no such task"})
    return task


def task_status(call: Call) -> Answer:
    """GET /nodes/{node}/tasks/{upid}/status."""
    task = _task(call)
    if not _own(call, task):
        call.need(f"/nodes/{call.node}", "Sys.Audit")
    row = _row(task) | {"pid": task.pid, "pstart": task.pstart, "status": "running"}
    row.pop("endtime", None)
    if not task.running:
        row["status"] = "stopped"
        row["exitstatus"] = task.exitstatus
    return Answer(row)


def task_log(call: Call) -> Answer:
    """GET /nodes/{node}/tasks/{upid}/log; an unknown task is 200 with one line that says so."""
    upid = str(call.params["upid"])
    if _UPID.match(upid) is None:
        raise bad_parameters({"upid": "unable to parse worker upid"})
    task = call.state.tasks.find(upid)
    if task is None or task.node != call.node:
        line = {"n": 1, "t": "unable to open file - No such file or directory"}
        return Answer([line] if call.state.modern else line, total=1)
    if not _own(call, task):
        call.need(f"/nodes/{call.node}", "Sys.Audit")
    if not task.log:
        return Answer([{"n": 1, "t": "no content"}], total=1)
    start, limit = call.params.get("start", 0), call.params.get("limit", 50)
    end = None if limit == 0 else start + limit
    rows = [{"n": n, "t": t} for n, t in enumerate(task.log[start:end], start + 1)]
    return Answer(rows, total=len(task.log), ordered=True)


async def stop_task(call: Call) -> Answer:
    """DELETE /nodes/{node}/tasks/{upid}: answers when the worker has had its time."""
    task = _task(call)
    if not _own(call, task):
        call.need(f"/nodes/{call.node}", "Sys.Modify")
    if task.running:
        call.state.tasks.stop(task)
        await call.site.pause(STOP_SECONDS)
        call.site.world.advance()
    return Answer(None)


ROUTES: Routes = {
    ("GET", "/cluster/tasks"): cluster_tasks,
    ("GET", "/nodes/{node}/tasks"): node_tasks,
    ("GET", "/nodes/{node}/tasks/{upid}/status"): task_status,
    ("GET", "/nodes/{node}/tasks/{upid}/log"): task_log,
    ("DELETE", "/nodes/{node}/tasks/{upid}"): stop_task,
}
