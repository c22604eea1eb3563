"""Names with numbers in them are put in the order that a person expects."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labtui.views.view import natural


def test_numbers_in_names_count_as_numbers() -> None:
    names = ["pve10", "pve2", "pve1", "836 > 1005", "836 > 905", "b", ""]
    assert sorted(names, key=natural) == [
        "",
        "836 > 905",
        "836 > 1005",
        "b",
        "pve1",
        "pve2",
        "pve10",
    ]


@given(st.lists(st.text()))
def test_any_texts_can_be_put_in_order(texts: list[str]) -> None:
    forwards = sorted(map(natural, texts))
    assert forwards == sorted(map(natural, reversed(texts)))
