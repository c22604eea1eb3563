"""A wire made of dictionaries: canned answers, written calls, a clock that waiting moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labtui.actions.action import Call, LogLine, TaskState
from labtui.model.snapshot import Snapshot
from tests.snapshots import NOW


class DictWire:
    """Answers reads by path; an answer may be a value, an exception or a function."""

    def __init__(self, snapshot: Snapshot, answers: dict[str, Any] | None = None) -> None:
        self.snapshot = snapshot
        self.answers = answers or {}
        self.calls: list[Call] = []
        self.reads: list[str] = []
        self.log: list[list[str]] = []
        self.states: list[TaskState | Exception] = [TaskState(False, "OK")]
        self.answer_to_call: Any = "UPID:pve1:0000000A:0000000B:6B00F199:qmigrate:104:me@pve!t:"
        self.time = NOW

    @property
    def max_age(self) -> float:
        return 30.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds

    async def read(self, source: str, path: str, **params: str | int) -> Any:
        self.reads.append(path)
        answer = self.answers.get(path, [])
        if isinstance(answer, Exception):
            raise answer
        return answer() if isinstance(answer, Callable) else answer  # type: ignore[arg-type]

    async def call(self, call: Call) -> Any:
        self.calls.append(call)
        if isinstance(self.answer_to_call, Exception):
            raise self.answer_to_call
        return self.answer_to_call

    async def task_state(self, source: str, upid: str) -> TaskState:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, Exception):
            raise state
        return state

    async def task_log(self, source: str, upid: str, after: int) -> tuple[LogLine, ...]:
        lines = self.log.pop(0) if self.log else []
        return tuple(LogLine(after + n, text) for n, text in enumerate(lines, 1))
