"""What was made for the last drawing, for as long as what it is made of stays the same.

A pane is drawn each second because ages run on; most of its lines are the same ones all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Things by key, each with what it is made of; what one drawing did not use is dropped."""

    def __init__(self) -> None:
        self._before: dict[Hashable, tuple[object, T]] = {}
        self._used: dict[Hashable, tuple[object, T]] = {}

    def begin(self) -> None:
        """A drawing begins."""
        self._before, self._used = self._used, {}

    def get(self, key: Hashable, made_of: object, make: Callable[[], T]) -> T:
        """The very thing of the last drawing if it was made of the same, compared by value."""
        found = self._used.get(key) or self._before.get(key)
        if found is None or found[0] != made_of:
            found = made_of, make()
        self._used[key] = found
        return found[1]
