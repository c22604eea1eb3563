"""The QDevice of the demo's cluster: none by itself, and what the plan for a node makes of one."""

from __future__ import annotations

import pytest

from labtui.actions.nodes.action import SHUTDOWN
from tests.actions.shell_wire import shell_wire


@pytest.mark.parametrize("version", ["9.2", "8.4"])
async def test_it_is_told_and_counts(version: str) -> None:
    async with shell_wire(version) as wire:
        reply = await wire.stage.ask("/cluster/config/qdevice")
        assert (reply.status, reply.data) == (200, {})

        async def quorum() -> str:
            await wire.look()
            plan = SHUTDOWN.draft(await SHUTDOWN.survey("lsalab/pve4", wire), "", "")
            return " ".join(fact.text for fact in plan.facts)

        assert "4 of 4 votes now" in await quorum()
        wire.stage.state.qdevice = {"State": "Connected", "Algorithm": "Fifty-Fifty split"}
        assert "5 of 5 votes now" in await quorum()
        assert "the QDevice counts" in await quorum()
