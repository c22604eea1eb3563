"""HA maintenance as the first step of emptying a node, and its end as that of the way back."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from labtui.actions.action import SSH, Action, Plan
from labtui.actions.evacuation.action import EVACUATE, RETURN
from labtui.actions.evacuation.book import Record
from labtui.actions.evacuation.run import header_of
from labtui.actions.evacuation.survey import pending
from labtui.model.errors import Rejected
from tests.actions.shell_wire import ShellWire, shell_wire

KEY = "lsalab/pve1"


async def planned(wire: ShellWire, wanted: str = "") -> Plan:
    await wire.look(hardware=True)
    facts: Any = await EVACUATE.survey(KEY, wire)
    if wanted:
        assert EVACUATE.answer is not None
        facts = EVACUATE.answer(facts, "maintenance", wanted)
    return EVACUATE.draft(facts, "", "")


async def test_it_is_offered_and_not_done_unless_it_is_wanted() -> None:
    async with shell_wire() as wire:
        plan = await planned(wire)
        field = plan.inputs[0]
        assert (field.id, field.kind, field.value) == ("maintenance", "flag", "0")
        assert "ha-manager crm-command node-maintenance enable pve1" in field.hint
        assert all(call.method != SSH for call in plan.calls)
        plan = await planned(wire, "1")
        assert plan.calls[0].method == SSH
        wire.against = "switched off"
        assert "maintenance" not in {item.id for item in (await planned(wire)).inputs}


async def test_nobody_is_moved_when_the_command_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with shell_wire() as wire:
        plan = await planned(wire, "1")

        async def refused(_call: object) -> object:
            raise Rejected("running a command over SSH", why="no quorum!")

        monkeypatch.setattr(wire, "call", refused)
        outcome = await EVACUATE.run(plan, wire, lambda _news: None)
        assert outcome.state == "failed"
        assert outcome.note.endswith("no quorum!; nobody was moved")


async def test_what_ha_takes_away_counts_as_moved() -> None:
    async with shell_wire() as wire:
        plan = await planned(wire, "1")
        managed = {r.guest.vmid for r in wire.stage.world.ha.resources.values()}
        here = {g.vmid for g in wire.stage.state.guests_on("pve1") if g.running}
        assert managed & here
        first = {f"lsalab/{vmid}" for vmid in managed}
        steps = tuple(step for step in plan.steps if step.subject in first)
        only = Plan(**{f: getattr(plan, f) for f in Plan.__struct_fields__} | {"steps": steps})
        outcome = await EVACUATE.run(only, wire, lambda _news: None)
        assert outcome.state == "done", outcome
        assert wire.stage.state.nodes["pve1"].maintenance
        places = {wire.stage.state.guests[vmid].node for vmid in managed & here}
        assert "pve1" not in places
        assert RETURN.answer is not None


@pytest.mark.parametrize("action", [EVACUATE, RETURN])
async def test_it_is_offered_again_when_it_is_gone_on_with(action: Action) -> None:
    """The way out is wanted by itself: HA would send away again whoever comes back."""
    async with shell_wire() as wire:
        plan = await planned(wire)
        back = action is RETURN
        if back:
            wire.stage.world.ha.set_maintenance("pve1", on=True)
            wire.stage.wait(40)
            await wire.look(hardware=True)
        header = msgspec.structs.replace(header_of(plan, 0.0), action=action.id, back=back)
        facts = await pending(Record(header), wire)
        resumed = action.draft(facts, "", "")
        (field,) = resumed.inputs
        assert (field.id, field.value) == ("maintenance", "1" if back else "0")
        assert (resumed.calls[0].method == SSH) is back
        assert resumed.book
