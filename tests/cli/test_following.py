"""A command that is interrupted while it follows its job."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, cast

import pytest

from labtui.actions.action import Plan
from labtui.actions.migration.action import MIGRATE
from labtui.cli.exits import Exit
from labtui.cli.following import carried_out
from labtui.live.lab import LiveLab
from labtui.live.store import Store

PLAN = Plan("guest.migrate", "lab/104", "Migrate 104", 0.0)


class LeftLab:
    """Its job goes on when control-C ends the command."""

    def __init__(self) -> None:
        self.store = Store("lab")
        self.jobs = self

    def start_job(self, _action: Any, _plan: Plan) -> str:
        return "job-1"

    async def wait(self, _job: str) -> Any:
        raise asyncio.CancelledError


@pytest.mark.parametrize(("terminal", "first"), [(True, "\n"), (False, "")])
async def test_what_is_said_of_a_job_that_is_left_has_its_own_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    terminal: bool,
    first: str,
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    lab = cast("LiveLab", LeftLab())
    assert await carried_out(lab, MIGRATE, PLAN, "left; it goes on") == Exit.INTERRUPTED
    told = capsys.readouterr()
    assert (told.out, told.err) == (first, "labtui: left; it goes on\n")
