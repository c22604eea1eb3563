"""Many guests at once: one task that begins a task per guest, a few at a time."""

from __future__ import annotations

from collections.abc import Callable

from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.tasks import Task

LOOK_AGAIN = 0.5
"""World seconds between two looks at the tasks that were begun."""

Beginning = Callable[[Guest], Task]
Refusal = Callable[[Guest], str | None]


class Bulk:
    """Makes the tasks."""

    def __init__(self, state: ClusterState) -> None:
        self._state = state

    def run(
        self,
        node: str,
        kind: str,
        owner: str,
        guests: list[Guest],
        verb: str,
        begin: Beginning,
        refuse: Refusal,
        workers: int = 1,
    ) -> Task:
        """A task of that type; `refuse` gives the line for a guest that is left out."""
        task = self._state.tasks.create(node, kind, "", owner)
        return self._state.tasks.start(
            task, self._work(task, guests, verb, begin, refuse, max(1, workers))
        )

    def _work(
        self,
        task: Task,
        guests: list[Guest],
        verb: str,
        begin: Beginning,
        refuse: Refusal,
        workers: int,
    ) -> Process:
        working: list[Task] = []
        for guest in guests:
            line = refuse(guest)
            if line is not None:
                if line:
                    task.log.append(line)
                continue
            while len(working) >= workers:
                yield LOOK_AGAIN
                working = self._ended(task, working)
            task.log.append(f"{verb} {guest.noun} {guest.vmid}")
            working.append(begin(guest))
        while working:
            yield LOOK_AGAIN
            working = self._ended(task, working)
        yield 0.1

    def _ended(self, task: Task, working: list[Task]) -> list[Task]:
        for child in working:
            if not child.running and child.exitstatus != "OK":
                task.log.append(f"{child.kind} {child.target} failed - {child.exitstatus}")
        return [child for child in working if child.running]
