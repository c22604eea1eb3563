"""A wire over a real source and the demo's NetBox, beside the cluster of its lab."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from labtui.actions.action import NETBOX, Call, LogLine, Outcome, Plan, TaskState
from labtui.actions.records.action import MEND
from labtui.demo.lab import Lab
from labtui.demo.netbox.drift import Drift as Strike
from labtui.demo.netbox.tokens import Token
from labtui.demo.standard_lab import default_lab
from labtui.model.drift.difference import Difference
from labtui.model.drift.whole import drift
from labtui.model.snapshot import Snapshot
from labtui.sources.netbox.source import NetboxSource
from tests.demo.netbox_server import OLD_WRITER, WRITER, Server, serving
from tests.snapshots import NOW
from tests.sources.netbox.reading import inventory, read, source_of
from tests.sources.netbox.test_drift_demo import truth


class SourceWire:
    """Implements `Wire` for NetBox alone; `before` is called with each write."""

    def __init__(self, source: NetboxSource, snapshot: Snapshot) -> None:
        self.source = source
        self.snapshot = snapshot
        self.calls: list[Call] = []
        self.before: Callable[[Call], Any] = lambda _call: None
        self.after: Callable[[Call], Any] = lambda _call: None
        self.who = "operator"
        self.max_age = 30.0

    def now(self) -> float:
        return NOW

    async def sleep(self, seconds: float) -> None:
        del seconds

    async def read(self, source: str, path: str, **params: str | int) -> Any:
        if source != NETBOX:
            return []
        return await self.source.get(path, 10.0, **params)

    async def call(self, call: Call) -> Any:
        self.calls.append(call)
        self.before(call)
        answer = await self.source.call(call.method, call.path, dict(call.params))
        self.after(call)
        return answer

    async def task_state(self, source: str, upid: str) -> TaskState:
        raise AssertionError(source, upid)

    async def task_log(self, source: str, upid: str, after: int) -> tuple[LogLine, ...]:
        raise AssertionError(source, upid, after)


class Stage:
    """The server, the wire, and what differs now."""

    def __init__(self, server: Server, wire: SourceWire, lab: Lab) -> None:
        self.server = server
        self.wire = wire
        self._lab = lab

    def strike(self, strike: Callable[..., None], *words: str) -> None:
        """Make a record untrue."""
        strike(Strike(self.server.handle, f"{strike.__name__} {words}"), *words)

    async def look(
        self, change: Callable[[Snapshot], Snapshot] = lambda s: s
    ) -> tuple[Difference, ...]:
        """Read again; the differences."""
        found = inventory(await read(self.wire.source))
        self.wire.snapshot = change(truth(self._lab, found))
        return drift(self.wire.snapshot).differences

    async def plan(
        self, *about: Difference, mode: str = "record", choice: str = "", why: str = ""
    ) -> Plan:
        """The plan for these."""
        facts = await MEND.survey(",".join(each.key for each in about), self.wire)
        assert MEND.answer is not None
        if why:
            facts = MEND.answer(facts, "why", why)
        return MEND.draft(facts, choice, mode)

    async def run(self, plan: Plan) -> Outcome:
        """Carry it out."""
        assert plan.ready, (plan.blockers, plan.facts)
        return await MEND.run(plan, self.wire, lambda _news: None)


@asynccontextmanager
async def staged(
    release: str = "4.6",
    *,
    token: str = "",
    tokens: dict[str, bool | Token] | None = None,
    guests: int = 0,
) -> AsyncIterator[Stage]:
    """A lab without differences."""
    lab = default_lab(guests) if guests else default_lab()
    mine = token or (OLD_WRITER if release == "4.1" else WRITER)
    known: dict[str, bool | Token] = {OLD_WRITER: True, **(tokens or {})}
    async with (
        serving(lab, release=release, tokens=known) as server,
        source_of(server.base, token=mine) as source,
    ):
        stage = Stage(server, SourceWire(source, Snapshot()), lab)
        assert await stage.look() == ()
        yield stage
