"""The plan and the panes write the same amount in the same form."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labtui.actions import amounts
from labtui.views import figures


@given(st.integers(0, 1 << 62))
def test_an_amount_looks_the_same_everywhere(count: int) -> None:
    assert amounts.size(count) == figures.size(count)
