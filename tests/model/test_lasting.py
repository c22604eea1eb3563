"""What lasts of a part while its figures move."""

from __future__ import annotations

import msgspec

from labtui.model.cluster import Resources
from labtui.model.derived import Derived
from labtui.model.guests import GuestConfig, GuestConfigs
from labtui.model.interfaces import ActivePeer, Association, Call, Interface, Interfaces
from labtui.model.lasting import lasting
from labtui.model.overlay import WireGuard, WireGuardInterface, WireGuardPeer
from labtui.model.safeguards import Agents, AgentWord
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


def test_a_line_lasts_while_its_counters_run() -> None:
    def part(octets: int, running: bool = True) -> Interfaces:
        return Interfaces(
            (Interface("rt", "ether1", running=running, rx=octets, rx_rate=octets / 5, span=5.0),),
            calls=(Call("rt", "l2tp", "client", since=octets / 10),),
            active=(ActivePeer("rt", "a", "b", since=octets / 10),),
            associations=(Association("rt", "a", "b", octets=octets),),
        )

    first = part(10)
    assert lasting("lasting-g", first) is first
    assert lasting("lasting-g", part(20)) is first
    down = part(20, running=False)
    assert lasting("lasting-g", down) is down


def test_a_configuration_that_is_read_again_is_the_same_one() -> None:
    def part(read_at: float, digest: str = "d") -> GuestConfigs:
        return GuestConfigs({100: GuestConfig("lab", 100, digest, read_at, "pve1")})

    first = part(1.0)
    assert lasting("lasting-h", first) is first
    assert lasting("lasting-h", part(2.0)) is first
    edited = part(2.0, "e")
    assert lasting("lasting-h", edited) is edited


def test_an_agent_that_answers_again_says_nothing_new() -> None:
    def part(read_at: float, answers: bool = True) -> Agents:
        return Agents({100: AgentWord(read_at, answers, heard_at=read_at)})

    first = part(1.0)
    assert lasting("lasting-i", first) is first
    assert lasting("lasting-i", part(2.0)) is first
    silent = part(3.0, answers=False)
    assert lasting("lasting-i", silent) is silent


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
