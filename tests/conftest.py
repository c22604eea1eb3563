"""For all tests: time limits of single examples are left to `pytest-timeout`; tests stay apart.

Workers share the cores with each other and with demo labs: any example can be slow for once.
"""

from __future__ import annotations

import gc
import os
import sys
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


_THRESHOLD = gc.get_threshold()


@pytest.fixture(autouse=True)
def memory_of_one_test() -> Iterator[None]:
    """Tests start hundreds of consoles: nothing of one stays when it has ended.

    A console keeps what its start made from being collected and has its own pace for the rest, and
    a cache of Textual's keeps what a thousand widgets have painted.
    """
    yield
    if gc.get_freeze_count():
        gc.unfreeze()
    gc.set_threshold(*_THRESHOLD)
    if (styles := sys.modules.get("textual._styles_cache")) is not None:
        styles.StylesCache.get_inner_outer.cache_clear()


_FIRST = (
    "tests/e2e/",
    "tests/chaos/",
    "tests/cli/",
    "tests/demo/test_mktxp",
    "tests/live/test_diag",
    "tests/ui/",
)


def pytest_xdist_auto_num_workers() -> int:
    """Two workers a core: what runs over servers waits for them a third of its time."""
    return 2 * len(os.sched_getaffinity(0))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no worker is left with it alone in the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(_FIRST))
