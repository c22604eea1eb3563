"""What every view must be, whatever it shows."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len

from labtui.locale import _, use_language
from labtui.model.snapshot import Snapshot
from labtui.views import VIEWS
from labtui.views.view import View
from tests.snapshots import NOW

EVERY = pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.id)


def test_ids_and_keys_are_unique() -> None:
    ids = [view.id for view in VIEWS]
    keys = [view.key for view in VIEWS if view.key]
    assert len(set(ids)) == len(ids)
    assert len(set(keys)) == len(keys)
    assert all(key in "123456789" for key in keys)


@EVERY
def test_nothing_is_known_yet(view: View[Any]) -> None:
    rows = view.rows(Snapshot(), NOW)
    assert not rows
    assert view.summary(rows, NOW).text
    assert view.empty


@EVERY
def test_columns_are_distinct_and_the_sort_column_exists(view: View[Any]) -> None:
    ids = [column.id for column in view.columns]
    assert len(set(ids)) == len(ids)
    assert view.column(view.sort).id == view.sort
    assert sum(column.grow for column in view.columns) >= 1 or view.id == "nodes"


@EVERY
@pytest.mark.parametrize("language", ["en", "zh_TW"])
def test_titles_fit_their_columns(view: View[Any], language: str) -> None:
    use_language(language)
    try:
        for column in view.columns:
            assert cell_len(_(column.title)) <= column.width, column.id
    finally:
        use_language("en")
