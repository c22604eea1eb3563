"""What tests of the live room leave behind is put away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.gates import OPEN


@pytest.fixture(autouse=True)
def gates_of_one_test() -> Iterator[None]:
    """The threads of its gates end with a test."""
    yield
    while OPEN:
        OPEN.pop().close()
