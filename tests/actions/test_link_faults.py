"""A link made and taken away with a fault at every step; all pairs: `make link-faults`."""

from __future__ import annotations

from pathlib import Path

import pytest

from labtui.actions.link import removal, removing
from tests.actions.link_faults import OLD, VERSIONS, faulty, refused, removed, whole
from tests.actions.link_stage import FAULTS, lab_of, link_stage

NEW_OLD = (VERSIONS[0], VERSIONS[3])
STEPS = 26
"""Calls of a link between these two: one of them has safe mode."""


async def test_a_link_is_made_and_taken_away_byte_for_byte(tmp_path: Path) -> None:
    lab, routers = lab_of(NEW_OLD)
    async with link_stage(tmp_path, lab, routers) as wire:
        before = wire.pictures()
        assert await whole(wire, routers) == STEPS
        assert wire.pictures() != before
        await wire.look()
        facts = await removal.survey(",".join(routers), wire)
        plan = removal.draft(facts, "", "")
        assert plan.confirm == "wg-836-2"
        outcome = await removing.run(plan, wire, lambda _news: None)
        assert outcome.state == "done"
        assert wire.pictures() == before


@pytest.mark.parametrize("step", range(1, STEPS + 1))
async def test_a_fault_at_every_step_leaves_all_or_nothing(tmp_path: Path, step: int) -> None:
    """Another kind of fault at each step; every kind at every step is in `make link-faults`."""
    lab, routers = lab_of(NEW_OLD)
    end, _wire = await faulty(tmp_path, lab, routers, step, FAULTS[step % len(FAULTS)])
    assert end in ("complete", "undone")


@pytest.mark.parametrize("fault", FAULTS)
async def test_two_routers_without_safe_mode_are_taken_back_by_the_journal(
    tmp_path: Path, fault: str
) -> None:
    lab, routers = lab_of((VERSIONS[2], VERSIONS[3]))
    kind = next(one for one in FAULTS if one == fault)
    end, wire = await faulty(tmp_path, lab, routers, 15, kind)
    assert end == ("complete" if fault in ("lost", "cut") else "undone")
    assert not any("/safe-mode/" in call.path for call in wire.sent)


@pytest.mark.parametrize("step", [1, 4, 6, 7, 9, 13, 20, 21, 26])
async def test_a_removal_with_a_fault_is_as_before_or_over(tmp_path: Path, step: int) -> None:
    end = await removed(tmp_path, NEW_OLD, step, FAULTS[step % len(FAULTS)])
    assert end in ("gone", "as before")


@pytest.mark.parametrize("version", [*VERSIONS, OLD])
async def test_with_routeros_six_nothing_is_sent(tmp_path: Path, version: str) -> None:
    assert await refused(tmp_path, version) == "refused"
