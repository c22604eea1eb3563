"""Whether cards work or rest, as the history keeps it."""

from __future__ import annotations

import pytest

from labtui.live.history.observe_use import card_uses
from labtui.live.history.words import said
from labtui.model.use import SETTLED
from tests.snapshots import NOW
from tests.views.test_gpus import lab, uses


@pytest.mark.parametrize(
    ("since", "word"),
    [(None, ["busy"]), (NOW - 60, []), (NOW - 9 - SETTLED, ["idle"])],
)
def test_a_pause_between_two_works_is_no_event(since: float | None, word: list[str]) -> None:
    states = list(card_uses(lab(uses(since=since))))
    assert [state.value for state in states] == word
    for state in states:
        assert (state.when, state.silent) == (since, True)
        told = said(state, "x", state.value)
        assert told is not None
        assert told[0].text


def test_what_was_not_seen_just_now_says_nothing() -> None:
    assert not list(card_uses(lab(None)))
