"""What is old is never drawn as good news."""

from __future__ import annotations

from typing import Any

import pytest

from labtui.ui.ink import Ink, variables_of
from labtui.ui.panes import freshness
from labtui.views import VIEWS
from labtui.views.view import View
from tests.snapshots import NOW, snapshot
from tests.ui import labs
from tests.views.test_memory import remembered


@pytest.mark.parametrize("few", [False, True])
def test_faded_good_is_what_faded_stale_is(few: bool) -> None:
    ink = Ink(variables_of({}), ansi=few)
    for ground in ("", "cursor", "bar"):
        assert ink.style("good", ground, True) == ink.style("stale", ground, True)
        # Bad news stays bad news.
        assert ink.style("bad", ground, True) != ink.style("stale", ground, True)
    assert ink.style("good", "") != ink.style("good", "", True)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.id)
def test_a_remembered_pane_has_nothing_green(view: View[Any]) -> None:
    """Either it is drawn faded as a whole, or no cell and no summary of it is good."""
    lab, now = remembered(snapshot(*labs.parts())), NOW + 2
    if freshness.age(freshness.leading(view, lab), now).old:
        return
    rows = view.rows(lab, now)
    roles = {column.cell(row, now).role for row in rows for column in view.columns}
    assert "good" not in roles | {view.summary(rows, now).role}
