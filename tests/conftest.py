"""For all tests: time limits of single examples are left to `pytest-timeout`; secrets stay apart.

Two workers share the cores with demo labs, so that any example can be slow for once.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from labtui.config import redact

settings.register_profile("labtui", deadline=None)
settings.load_profile("labtui")


@pytest.fixture(autouse=True)
def secrets_of_one_test() -> Iterator[None]:
    """What one test gives as a secret is no secret in the next one of the same process."""
    before = set(redact._values)
    yield
    with redact._lock:
        redact._values.intersection_update(before)
    redact._known.cache_clear()
