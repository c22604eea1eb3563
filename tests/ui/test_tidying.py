"""Garbage in cycles goes, at a moment when nobody types."""

from __future__ import annotations

import gc
import weakref

from labtui.ui.tidying import Tidying


class Knot:
    """Holds itself."""

    def __init__(self) -> None:
        self.me = self


def test_cycles_go_once_nobody_types() -> None:
    clock = [100.0]
    tidying = Tidying(lambda: clock[0])
    gone = weakref.ref(Knot())
    tidying.pressed()
    clock[0] += 0.2
    assert not tidying.tidy()
    clock[0] += 0.2
    assert tidying.tidy()
    assert gone() is None


def test_what_survived_is_looked_through_seldom_and_in_a_longer_pause() -> None:
    clock = [100.0]
    tidying = Tidying(lambda: clock[0])
    knot = Knot()
    gone = weakref.ref(knot)
    tidying.tidy()
    del knot
    clock[0] += 10
    assert tidying.tidy()
    assert gone() is not None
    clock[0] += 600
    tidying.pressed()
    clock[0] += 1
    assert tidying.tidy()
    assert gone() is not None
    clock[0] += 5
    assert tidying.tidy()
    assert gone() is None


def test_after_the_first_frame_collecting_is_on_again() -> None:
    gc.disable()
    try:
        Tidying().begin()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.enable()
        gc.unfreeze()
