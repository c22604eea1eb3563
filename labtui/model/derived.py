"""Tables computed from several parts, kept until one of those parts is replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from labtui.model.snapshot import Part, Snapshot

_T = TypeVar("_T")


class Derived(Generic[_T]):
    """A pure function of some parts of the snapshot, computed again only when one is another.

    Parts are compared by identity, which costs nothing however large they are.
    """

    def __init__(self, needs: tuple[type[Part], ...], compute: Callable[[Snapshot], _T]) -> None:
        self._needs = needs
        self._compute = compute
        self._inputs: tuple[object, ...] | None = None
        self._result: _T | None = None

    def __call__(self, snapshot: Snapshot) -> _T:
        inputs = tuple(
            thing for kind in self._needs for pair in snapshot.of(kind) for thing in pair
        )
        same = (
            self._inputs is not None
            and len(inputs) == len(self._inputs)
            and all(a is b for a, b in zip(inputs, self._inputs, strict=True))
        )
        if not same or self._result is None:
            self._inputs = inputs
            self._result = self._compute(snapshot)
        return self._result
