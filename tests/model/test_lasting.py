"""What lasts of a part while its figures move."""

from __future__ import annotations

import msgspec

from labtui.model.cluster import Resources
from labtui.model.derived import Derived
from labtui.model.lasting import lasting
from labtui.model.overlay import WireGuard, WireGuardInterface, WireGuardPeer
from labtui.model.snapshot import Snapshot
from tests.snapshots import guest, node, snapshot


def _rows(**change: object) -> Resources:
    row = msgspec.structs.replace(guest(100), **change)
    return Resources((node("pve1"),), (row, guest(101)))


def test_figures_make_no_other_part() -> None:
    first = _rows(cpu=0.1, memory=5, uptime=7)
    assert lasting("lasting-a", first) is first
    assert lasting("lasting-a", _rows(cpu=0.9, memory=6, uptime=12)) is first


def test_anything_else_does() -> None:
    first = _rows()
    assert lasting("lasting-b", first) is first
    for change in ({"status": "stopped"}, {"node": "pve2"}, {"lock": "backup"}, {"memory_max": 9}):
        other = _rows(**change)
        assert lasting("lasting-b", other) is other
    assert lasting("lasting-b", Resources()) == Resources()


def test_two_sources_are_apart() -> None:
    first, other = _rows(), _rows()
    assert lasting("lasting-c", first) is first
    assert lasting("lasting-d", other) is other


def test_a_tunnel_lasts_while_bytes_are_counted() -> None:
    def part(rx: int, key: str = "k") -> WireGuard:
        return WireGuard(
            (WireGuardInterface("rt", "wg", "own"),), (WireGuardPeer("rt", "wg", key, rx=rx),)
        )

    first = part(1)
    assert lasting("lasting-e", first) is first
    assert lasting("lasting-e", part(2)) is first
    changed = part(2, "other")
    assert lasting("lasting-e", changed) is changed


def test_a_table_without_figures_is_made_once_and_anew_when_rows_change() -> None:
    made: list[int] = []

    def names(snapshot: Snapshot) -> tuple[str, ...]:
        made.append(1)
        return tuple(g.name for _source, part in snapshot.of(Resources) for g in part.guests)

    table = Derived((Resources,), names, figures=False)
    assert table(snapshot(("lasting-f", _rows(cpu=0.1)))) == table(
        snapshot(("lasting-f", _rows(cpu=0.2)))
    )
    assert len(made) == 1
    assert "new" in table(snapshot(("lasting-f", _rows(name="new"))))
    assert len(made) == 2
