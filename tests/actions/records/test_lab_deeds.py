"""The other direction: which action makes the lab be as NetBox says."""

from __future__ import annotations

import pytest

from labtui.actions import ACTIONS
from labtui.actions.records.facts import Item
from labtui.actions.records.lab import deeds_for, title_of
from labtui.model.drift.difference import Difference, Mend
from tests.actions.records.stage import staged


@pytest.mark.parametrize("off", [True, False])
@pytest.mark.parametrize("what", ["tunnel", "session"])
async def test_tunnels_and_sessions_are_switched_by_the_actions_of_the_overlay(
    what: str, off: bool
) -> None:
    mend = Mend("lab", "set", key="rt-a/x", values=(("disabled", off),))
    about = Difference("different", what, "x", field="status", lab="rt-a/x", mends=(mend,))  # type: ignore[arg-type]  # from the table
    async with staged() as stage:
        (item,) = await deeds_for([Item(about)], stage.wire)
        (deed,) = item.deeds
    assert deed.action == f"{what}.{'off' if off else 'on'}"
    assert deed.action in {action.id for action in ACTIONS}
    assert title_of(deed.action) == ("switch off" if off else "switch on")
    # There is no such router: that is said in its own words, and nothing is sent.
    assert deed.blockers
    assert not deed.calls
