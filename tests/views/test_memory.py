"""What is only remembered looks like it: the top line says so, no row of the overlay is good."""

from __future__ import annotations

import time

import msgspec
import pytest

from labtui.model.errors import Problem
from labtui.model.snapshot import Snapshot
from labtui.views import VIEWS
from labtui.views.sources import Chip, chips
from tests.snapshots import NOW, snapshot
from tests.ui import labs

_GLANCE = NOW + 2


def remembered(lab: Snapshot) -> Snapshot:
    fresh = {
        feed: msgspec.structs.replace(each, remembered=True) for feed, each in lab.freshness.items()
    }
    return Snapshot(lab=lab.lab, parts=lab.parts, freshness=fresh)


def clock(at: float, form: str) -> str:
    return time.strftime(form, time.localtime(at))


def whole_lab() -> Snapshot:
    return snapshot(*labs.parts())


def test_the_top_line_says_from_when_it_is() -> None:
    lab = remembered(whole_lab())
    assert chips(lab, _GLANCE)[0] == Chip("from memory", clock(NOW, "%H:%M"), "warn")
    later = chips(lab, NOW + 3 * 86400)[0]
    assert later.text == clock(NOW, "%Y-%m-%d %H:%M")


def test_it_says_so_no_more_once_anything_was_read() -> None:
    lab = remembered(whole_lab())
    feed = next(iter(lab.freshness))
    read = {**lab.freshness, feed: msgspec.structs.replace(lab.freshness[feed], remembered=False)}
    now = Snapshot(parts=lab.parts, freshness=read)
    assert "from memory" not in {chip.source for chip in chips(now, _GLANCE)}
    assert "from memory" not in {chip.source for chip in chips(whole_lab(), _GLANCE)}
    assert chips(Snapshot(), _GLANCE) == ()


def test_it_does_not_go_first_where_there_is_little_room() -> None:
    """The worst sources are the last to leave a narrow top line."""
    lab = remembered(whole_lab())
    problem = Problem("unreachable", "x", "y", "z")
    failing = {
        feed: msgspec.structs.replace(each, problem=problem) for feed, each in lab.freshness.items()
    }
    assert chips(Snapshot(parts=lab.parts, freshness=failing), _GLANCE)[0].role == "bad"


@pytest.mark.parametrize("name", ["wireguard", "bgp", "sources"])
def test_no_verdict_rests_on_memory(name: str) -> None:
    view = next(view for view in VIEWS if view.id == name)
    lab = remembered(whole_lab())
    rows = view.rows(lab, _GLANCE)
    assert rows
    for row in rows:
        for column in view.columns:
            assert column.cell(row, _GLANCE).role != "good", column.id
    assert view.summary(rows, _GLANCE).role != "good"


def test_it_would_be_good_if_it_were_fresh() -> None:
    """The test above can fail."""
    lab = whole_lab()
    for name in ("wireguard", "bgp", "sources"):
        view = next(view for view in VIEWS if view.id == name)
        rows = view.rows(lab, _GLANCE)
        assert any(c.cell(row, _GLANCE).role == "good" for row in rows for c in view.columns)
