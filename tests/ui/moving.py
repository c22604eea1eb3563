"""A fake migration: its plan is made up, its survey does what a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec

from labtui.actions.action import Action, Call, Choice, Fact, Outcome, Plan, Report, Scope, Wire
from labtui.model.errors import LabError
from tests.snapshots import NOW

CHOICES = (
    Choice("pve3", ("51% memory after", "14% cpu"), score=0.5),
    Choice("pve2", ("72% memory after", "9% cpu"), warnings=("memory gets tight",), score=0.2),
    Choice("pve4", (), ("not online",)),
)


class Moving:
    """A fake migration whose survey can be held up, fail, or find blockers."""

    def __init__(self, **changes: Any) -> None:
        self.changes = changes
        self.error: LabError | None = None
        self.go = asyncio.Event()
        self.go.set()
        self.reason = ""

    def action(self, **more: Any) -> Action:
        values: Mapping[str, Any] = {
            "id": "guest.migrate",
            "noun": "guest",
            "key": "m",
            "direct_key": "M",
            "title": "migrate",
            "hint": "Move it to another node.",
            "applies": lambda subject, snapshot: self.reason,
            "scope": lambda subject, snapshot: Scope("lsalab", subject),
            "survey": self._survey,
            "draft": self._draft,
            "run": self._run,
            **more,
        }
        return Action(**values)

    async def _survey(self, subject: str, wire: Wire) -> str:
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return subject

    def _draft(self, facts: str, choice: str, mode: str) -> Plan:
        target = choice or "pve3"
        plan = Plan(
            action="guest.migrate",
            subject=facts,
            title=f"Migrate {facts.split('/')[-1]} gpu-web  pve1 > {target}",
            made_at=NOW,
            mode=mode or "live",
            modes=("live", "offline"),
            chosen=target,
            choices=CHOICES,
            facts=(
                Fact("now", "running, 4 cores, 16G, disks on ceph (shared)"),
                Fact("target", f"{target}  51% memory after  14% cpu"),
                Fact("takes", "about 20 s (16G at 1.1G/s, from the last 5 moves)"),
                Fact("note", "104 is managed by HA: the manager will carry it out"),
            ),
            calls=(
                Call(
                    "lsalab",
                    "POST",
                    "/nodes/pve1/qemu/104/migrate",
                    (("target", target), ("online", 1)),
                ),
            ),
            estimate=20.0,
        )
        return msgspec.structs.replace(plan, **self.changes)

    async def _run(self, plan: Plan, wire: Wire, report: Report) -> Outcome:
        raise AssertionError(plan)
