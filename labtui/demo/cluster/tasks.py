"""Tasks of the cluster: UPIDs, logs that grow, and how a task ends or is ended.

Form of a UPID: `UPID:node:PID:PSTART:STARTTIME:type:id:user@realm!token:` with numbers in hex.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field

from labtui.demo.cluster.scheduler import Process, Scheduler

KEPT_PER_NODE = 400
"""Finished tasks a node remembers."""


class TaskError(Exception):
    """The task ends with this text as its exit status."""


class Interrupted(Exception):
    """Thrown into a process when somebody stops its task (SIGTERM)."""

    def __str__(self) -> str:
        return "interrupted by signal"


class Killed(Exception):
    """The worker died without a last word: exit status `unexpected status`, no TASK line."""


@dataclass(eq=False)
class Task:
    """One worker task; `exitstatus` and `endtime` (epoch seconds) are set when it has ended."""

    node: str
    kind: str
    target: str
    user: str
    token: str
    pid: int
    pstart: int
    starttime: int
    upid: str
    log: list[str] = field(default_factory=list)
    exitstatus: str | None = None
    endtime: int | None = None
    process: Process | None = None
    stopping: bool = False

    @property
    def running(self) -> bool:
        """Whether the worker is still alive."""
        return self.exitstatus is None

    @property
    def owner(self) -> str:
        """User and token as they stand in the UPID."""
        return f"{self.user}!{self.token}" if self.token else self.user


class TaskBook:
    """All tasks of all nodes; starts, steps and stops their processes."""

    def __init__(self, scheduler: Scheduler, nodes: list[str], seed: int) -> None:
        self._scheduler = scheduler
        self._dice = random.Random(seed ^ 0x7A5C)
        self._by_upid: dict[str, Task] = {}
        self.by_node: dict[str, deque[Task]] = {name: deque() for name in nodes}
        self.log_lines: deque[tuple[int, str, int, str, str]] = deque(maxlen=500)
        self.booted: dict[str, float] = dict.fromkeys(nodes, scheduler.now)
        """When each node started, epoch seconds; a UPID counts hundredths since then."""

    def find(self, upid: str) -> Task | None:
        """The task of that UPID."""
        return self._by_upid.get(upid)

    def create(self, node: str, kind: str, target: str, owner: str) -> Task:
        """A new task without a process, running from now on."""
        task = self._register(node, kind, target, owner, self._scheduler.now)
        self._forget(node)
        self.note(node, owner, f"starting task {task.upid}")
        return task

    def remember(
        self, node: str, kind: str, target: str, owner: str, began: float, status: str
    ) -> Task:
        """A task of the past that began at that epoch second and ended three seconds later."""
        task = self._register(node, kind, target, owner, began)
        task.exitstatus, task.endtime = status, int(began) + 3
        task.log.append("TASK OK" if status == "OK" else f"TASK ERROR: {status}")
        self.log_lines.append((int(began), node, 1200, owner, f"starting task {task.upid}"))
        self.log_lines.append((int(began) + 3, node, 1200, owner, f"end task {task.upid} {status}"))
        return task

    def _register(self, node: str, kind: str, target: str, owner: str, began: float) -> Task:
        user, _, token = owner.partition("!")
        pid = self._dice.randrange(1_000, 4_000_000)
        pstart = max(0, int((began - self.booted[node]) * 100)) & 0xFFFFFFFF
        upid = f"UPID:{node}:{pid:08X}:{pstart:08X}:{int(began):08X}:{kind}:{target}:{owner}:"
        task = Task(node, kind, target, user, token, pid, pstart, int(began), upid)
        self._by_upid[upid] = task
        self.by_node[node].append(task)
        return task

    def start(self, task: Task, process: Process) -> Task:
        """Let `process` run as the worker of `task`; its first step is done at once."""
        task.process = process
        self._step(task)
        return task

    def note(self, node: str, owner: str, text: str) -> None:
        """A line of the cluster log (epoch seconds, node, pid, user, text)."""
        self.log_lines.append((int(self._scheduler.now), node, 1200, owner, text))

    def stop(self, task: Task) -> None:
        """SIGTERM: the process sees `Interrupted` where it waits and writes its last lines."""
        process, task.process = task.process, None
        if process is None or not task.running:
            return
        task.stopping = True
        try:
            delay = process.throw(Interrupted())
        except StopIteration:
            self._finish(task, "OK")
        except (TaskError, Interrupted) as error:
            self._finish(task, str(error))
        except Killed:
            self._finish(task, None)
        else:
            task.process = process
            self._later(task, process, delay)

    def kill(self, task: Task) -> None:
        """The node lost its power: no clean-up, no last line."""
        process, task.process = task.process, None
        if process is not None:
            process.close()
        if task.running:
            task.exitstatus, task.endtime = "unexpected status", int(self._scheduler.now)

    def _later(self, task: Task, process: Process, delay: float) -> None:
        def step() -> None:
            if task.process is process:
                self._step(task)

        self._scheduler.after(delay, step)

    def _step(self, task: Task) -> None:
        process = task.process
        if process is None:
            return
        try:
            delay = next(process)
        except StopIteration:
            self._finish(task, "OK")
        except TaskError as error:
            self._finish(task, str(error))
        except Killed:
            self._finish(task, None)
        else:
            self._later(task, process, delay)

    def _finish(self, task: Task, status: str | None) -> None:
        task.process = None
        if status == "OK":
            task.log.append("TASK OK")
        elif status is not None:
            task.log.append(f"TASK ERROR: {status}")
        task.exitstatus = status or "unexpected status"
        task.endtime = int(self._scheduler.now)
        self.note(task.node, task.owner, f"end task {task.upid} {task.exitstatus}")

    def _forget(self, node: str) -> None:
        tasks = self.by_node[node]
        while len(tasks) > KEPT_PER_NODE and not tasks[0].running:
            self._by_upid.pop(tasks.popleft().upid, None)
