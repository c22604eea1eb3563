"""Waiting for tasks of the demo over HTTP."""

from __future__ import annotations

from urllib.parse import urlencode

from tests.demo.lab_thread import LabThread, Reply


def finish(lab: LabThread, reply: Reply) -> str:
    """Wait for the task that an answer names; how it ended."""
    assert reply.status == 200, (reply.status, reply.reason, reply.body)
    upid = str(reply.data)
    path = f"/nodes/{upid.split(':')[1]}/tasks/{upid}/status"
    lab.until(lambda: bool(lab.get(path)["status"] == "stopped"))
    return str(lab.get(path)["exitstatus"])


def log_of(lab: LabThread, upid: str) -> list[str]:
    """All lines of a task."""
    rows = lab.get(f"/nodes/{upid.split(':')[1]}/tasks/{upid}/log", limit=0)
    return [str(row["t"]) for row in rows]


def post_pairs(lab: LabThread, path: str, *pairs: tuple[str, str]) -> Reply:
    """POST a form in which a name may stand more than once."""
    headers = lab.admin | {"Content-Type": "application/x-www-form-urlencoded"}
    return lab.ask(path, "POST", headers=headers, body=urlencode(pairs).encode())
