"""Tasks of one object, as `GET /nodes/{node}/tasks` lists them."""

from __future__ import annotations

from typing import Any

from labtui.model.cluster import Task
from labtui.model.text import clean

_MOST = 200


def tasks_of(rows: Any, cluster: str) -> tuple[Task, ...]:
    """The tasks of the rows, newest first; rows that are none are left out."""
    found: dict[str, Task] = {}
    for row in rows[:_MOST] if isinstance(rows, list) else []:
        task = _task(row, cluster) if isinstance(row, dict) else None
        if task is not None:
            found[task.upid] = task
    return tuple(sorted(found.values(), key=lambda task: (-task.started, task.upid)))


def _task(row: dict[str, Any], cluster: str) -> Task | None:
    upid, started = row.get("upid"), _moment(row.get("starttime"))
    if not isinstance(upid, str) or not upid.isprintable() or started is None:
        return None
    status = row.get("status")
    # While it runs the list of a node says so in words, that of the cluster says nothing.
    running = status in (None, "running", "RUNNING") and row.get("endtime") is None
    node, kind, subject, user = (
        clean(str(row.get(name) or ""), 120) for name in ("node", "type", "id", "user")
    )
    ended = None if running else _moment(row.get("endtime"))
    told = None if running or status is None else clean(str(status), 400)
    return Task(cluster, upid, node, kind, subject, user, started, ended, told)


def _moment(value: Any) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e12
    return float(value) if good else None
