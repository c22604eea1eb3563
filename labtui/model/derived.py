"""Tables computed from several parts, kept until one of those parts is replaced."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from labtui.model.lasting import lasting
from labtui.model.snapshot import Part, Snapshot

_T = TypeVar("_T")


class Derived(Generic[_T]):
    """A pure function of some parts of the snapshot, computed again only when one is another.

    Parts are compared by identity, which costs nothing however large they are. Any thread may
    call; whoever comes while another computes waits for that result instead of making it again.
    `figures` False: the function looks at no loads, rates and times (`labtui.model.lasting`), so
    that parts in which nothing else has moved count as the same; rows in its result may be older.
    """

    def __init__(
        self,
        needs: tuple[type[Part], ...],
        compute: Callable[[Snapshot], _T],
        *,
        figures: bool = True,
    ) -> None:
        self._needs = needs
        self._figures = figures
        self._compute = compute
        self._kept: tuple[tuple[object, ...], _T] | None = None
        self._lock = threading.RLock()

    def __call__(self, snapshot: Snapshot) -> _T:
        # Whoever judges a snapshot asks many times; what is made of it stays with it.
        if self not in snapshot.derived:
            snapshot.derived[self] = self._looked(snapshot)
        found: _T = snapshot.derived[self]
        return found

    def _looked(self, snapshot: Snapshot) -> _T:
        inputs = self._inputs(snapshot)
        kept = self._kept
        if kept is not None and _same(kept[0], inputs):
            return kept[1]
        with self._lock:
            kept = self._kept
            if kept is None or not _same(kept[0], inputs):
                kept = (inputs, self._compute(snapshot))
                self._kept = kept
            return kept[1]

    def _inputs(self, snapshot: Snapshot) -> tuple[object, ...]:
        pairs = (pair for kind in self._needs for pair in snapshot.of(kind))
        if self._figures:
            return tuple(thing for pair in pairs for thing in pair)
        return tuple(thing for name, part in pairs for thing in (name, lasting(name, part)))


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    # Names of sources are texts, which may be equal without being one object.
    return len(one) == len(other) and all(
        a is b or (type(a) is str and a == b) for a, b in zip(one, other, strict=True)
    )
