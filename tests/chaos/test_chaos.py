"""A sample of `make chaos`: a dozen faults and three mixes, under a console driven by keys.

How long the loop stood still is measured by `make chaos`: a machine that runs tests is too busy to
assert it.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.chaos.cases import LONGEST_MIX, Blow, Case, mix
from tests.chaos.session import Outcome, session

DOZEN = (
    ("server-hang", "pve2"),
    ("server-rubbish", "rt-mou"),
    ("server-truncate", "pve4"),
    ("server-reset", "pve3"),
    ("server-certificate", "rt-835"),
    ("password-wrong", "rt-702"),
    ("router-sessions-full", "rt-836"),
    ("link-cut", "2"),
    ("bgp-disabled", "4"),
    ("node-power-off", "pve5"),
    ("guest-stopped", "gpu-amy"),
    ("netbox-down", "netbox"),
)
SEEDS = (3, 5, 8)
_HELD = 5.0
_APART = 0.5


def _one_after_the_other(blows: Iterable[tuple[str, str]]) -> Case:
    """Each begins a little after the one before, so that many are on at once."""
    made = tuple(
        Blow(fault, target, (), number * _APART, number * _APART + _HELD)
        for number, (fault, target) in enumerate(blows)
    )
    return Case("a dozen", 12, made)


def _held(outcome: Outcome) -> None:
    told = [f"{blow}" for blow in outcome.case.blows]
    assert not outcome.wrong, (outcome.case.name, told, outcome.wrong)
    assert outcome.recovery is not None
    assert outcome.checks >= len(told) and outcome.pressed
    assert not outcome.notes


# Sixteen faults and their recoveries, each with a console that is asked after it.
@pytest.mark.timeout(300)
async def test_a_dozen_faults_and_three_mixes() -> None:
    async with session(speed=20.0, seed=1) as made:
        register = made.world.faults()
        outcome = await made.play(_one_after_the_other(DOZEN))
        _held(outcome)
        blows = {
            (blow.fault, blow.target): blow for seed in SEEDS for blow in mix(register, seed).blows
        }
        assert max(blow.end for blow in blows.values()) <= LONGEST_MIX
        _held(await made.play(Case(f"mixes {SEEDS}", SEEDS[0], tuple(blows.values()))))
