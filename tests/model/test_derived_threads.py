"""A derived table may be asked for by several threads at once."""

from __future__ import annotations

import threading

from labtui.model.cluster import Resources
from labtui.model.derived import Derived
from labtui.model.snapshot import Snapshot
from tests.snapshots import guest, snapshot

BARRIER = 4


def test_it_is_computed_once_and_nobody_gets_an_older_result() -> None:
    made: list[Snapshot] = []
    gate = threading.Event()

    def compute(snapshot: Snapshot) -> int:
        gate.wait(5)
        made.append(snapshot)
        return sum(len(part.guests) for _name, part in snapshot.of(Resources))

    table = Derived((Resources,), compute)
    one = snapshot(("a", Resources((), (guest(100),))))
    two = snapshot(("a", Resources((), (guest(100), guest(101)))))
    gate.set()
    assert table(one) == 1
    gate.clear()
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(table(two))) for _ in range(BARRIER)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join(5)
    assert found == [2] * BARRIER
    assert len(made) == 2
