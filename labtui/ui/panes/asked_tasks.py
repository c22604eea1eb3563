"""The tasks of an object and their logs, followed line by line while somebody looks."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator

from labtui.actions.action import LogLine, Wire
from labtui.locale import _
from labtui.model.cluster import Task, Tasks
from labtui.model.errors import LabError, NotFound
from labtui.model.guests import Guest
from labtui.model.task_rows import tasks_of
from labtui.ui.panes.query import Look, Query, Told
from labtui.views import emptiness
from labtui.views.figures import span
from labtui.views.tasks import succeeded
from labtui.views.view import Cell, Role, Section

_MOST_TASKS, _SHORT_LOG, _LONG_LOG = 8, 14, 500
_FOLLOW, _AFTER_FAILURE = 1.0, 4.0


def of_guest(guest: Guest) -> Query:
    """The last tasks of a guest, and the log of one of them."""

    async def read(wire: Wire, look: Look) -> AsyncIterator[Told]:
        path = f"/nodes/{guest.node}/tasks"
        # Those that ended; what runs stands in the cluster's list.
        rows = await wire.read(guest.cluster, path, vmid=guest.vmid, limit=_MOST_TASKS)
        tasks = _joined(tasks_of(rows, guest.cluster), guest, wire)
        chosen = tasks[look.task % len(tasks)] if tasks else None
        listed = _listed(tasks, chosen, wire.now())
        if chosen is None:
            yield Told((listed,))
            return
        async for told in _followed(chosen.cluster, chosen.upid, wire, _SHORT_LOG):
            yield Told((listed, *told.sections), told.again)

    return Query("tasks", _("Tasks"), read, "task")


def of_task(task: Task) -> Query:
    """A task's log."""

    async def read(wire: Wire, look: Look) -> AsyncIterator[Told]:
        async for told in _followed(task.cluster, task.upid, wire, _LONG_LOG):
            yield told

    return Query("log", _("Log"), read)


def _joined(tasks: tuple[Task, ...], guest: Guest, wire: Wire) -> list[Task]:
    """With those that the cluster's list has of it: it may have been elsewhere."""
    known = {task.upid: task for task in tasks}
    part = wire.snapshot.one(Tasks, guest.cluster) or Tasks()
    for task in part.tasks:
        if task.subject == str(guest.vmid):
            known.setdefault(task.upid, task)
    return sorted(known.values(), key=lambda task: -task.started)[:_MOST_TASKS]


def _listed(tasks: list[Task], chosen: Task | None, now: float) -> Section:
    lines = []
    for task in tasks:
        role: Role = "good" if succeeded(task.status) else "bad"
        state = task.status or _("ended")
        if task.running:
            role, state = "info", _("running")
        took = span((task.ended if task.ended is not None else now) - task.started)
        sign = "▸ " if task is chosen else "  "
        when = _("{span} ago").format(span=span(now - task.started))
        lines.append((sign + when, Cell(f"{task.kind}  {state}  {took}  {task.user}", role)))
    return emptiness.section(_("Tasks"), tuple(lines), none=_("none that we may see"))


async def _followed(cluster: str, upid: str, wire: Wire, most: int) -> AsyncIterator[Told]:
    """The last lines of a log, anew for as long as the task runs."""
    lines: deque[LogLine] = deque(maxlen=most)
    while True:
        problem: LabError | None = None
        running = True
        try:
            # First whether it runs: what it wrote until then is read after.
            running = (await wire.task_state(cluster, upid)).running
            lines.extend(await wire.task_log(cluster, upid, lines[-1].number if lines else 0))
        except NotFound as error:
            problem, running = error, False
        except LabError as error:
            problem = error
        shown = tuple(("", Cell(line.text, _role(line.text))) for line in lines)
        if problem is not None:
            shown += emptiness.failed(problem.bare().problem)
        title = _("Log, goes on") if running else _("Log")
        pause = _AFTER_FAILURE if problem is not None else _FOLLOW
        yield Told((emptiness.section(title, shown),), pause if running else None)
        if not running:
            return


def _role(text: str) -> Role:
    if "ERROR" in text or "failed" in text:
        return "bad"
    return "good" if text.startswith("TASK OK") else "warn" if "WARN" in text else ""
