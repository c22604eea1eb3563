"""The console ends when it is told to, whatever is broken and whatever was typed before."""

from __future__ import annotations

import pytest

from tests.chaos.leaving import leave
from tests.chaos.outside import world

pytestmark = pytest.mark.pty


def test_leaving_ends_at_once_in_any_state() -> None:
    # How long it took is measured by `make chaos`.
    with world() as lab:
        for seed in (1, 5):
            assert leave(lab, seed, longest=3.0).status == 0
