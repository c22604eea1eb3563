"""Whose configuration is read next."""

from __future__ import annotations

from labtui.model.cluster import Member, Membership, Task, Tasks
from labtui.model.guests import Guest, GuestConfig
from labtui.sources.proxmox.configs import AFTERWARDS, AT_FIRST, NODE_PAUSE, Sweep

UP = Membership("lab", True, (Member("a", True), Member("b", True)))
B_OFF = Membership("lab", True, (Member("a", True), Member("b", False)))


def guest(vmid: int, node: str = "a", status: str = "running", **more: object) -> Guest:
    return Guest("lab", vmid, "qemu", f"g{vmid}", node, status, **more)  # type: ignore[arg-type]


def config(vmid: int, read_at: float) -> GuestConfig:
    return GuestConfig("lab", vmid, "d", read_at, "a")


def task(number: int, kind: str, subject: str, ended: bool = True) -> Task:
    upid = f"UPID:a:0000032E:0008E2C5:{number:08X}:{kind}:{subject}:root@pam:"
    return Task("lab", upid, "a", kind, subject, "root@pam", 1.0, 2.0 if ended else None, None)


def choose(
    sweep: Sweep,
    guests: list[Guest],
    now: float,
    membership: Membership | None = UP,
    tasks: Tasks | None = None,
    configs: dict[int, GuestConfig] | None = None,
) -> list[int]:
    return [g.vmid for g in sweep.choose(guests, configs or {}, membership, tasks, now)]


def all_read(guests: list[Guest]) -> Sweep:
    sweep = Sweep()
    for number, each in enumerate(guests):
        sweep.read(each, float(number))
    return sweep


def test_at_first_many_then_few() -> None:
    guests = [guest(vmid) for vmid in range(100, 10_100)]
    sweep = Sweep()
    now = 1.0
    first = choose(sweep, guests, now)
    assert len(first) == AT_FIRST
    by_vmid = {g.vmid: g for g in guests}
    for vmid in first:
        sweep.read(by_vmid[vmid], now)
    assert not set(choose(sweep, guests, 2.0)) & set(first)
    sweep = all_read(guests)
    assert choose(sweep, guests, 20_000.0) == [100, 101, 102, 103, 104][:AFTERWARDS]


def test_running_first_templates_last() -> None:
    guests = [guest(1, status="stopped", template=True), guest(2, status="stopped"), guest(3)]
    assert choose(Sweep(), guests, 1.0) == [3, 2, 1]


def test_every_guest_has_its_turn() -> None:
    guests = [guest(vmid) for vmid in range(1, 24)]
    sweep = all_read(guests)
    seen: set[int] = set()
    for now in range(100, 100 + -(-23 // AFTERWARDS)):
        chosen = choose(sweep, guests, float(now))
        assert len(chosen) == AFTERWARDS
        seen.update(chosen)
        for vmid in chosen:
            sweep.read(guests[vmid - 1], float(now))
    assert seen == set(range(1, 24))


def test_those_read_before_the_start_come_by_age() -> None:
    guests = [guest(1), guest(2), guest(3)]
    configs = {1: config(1, 50.0), 2: config(2, 10.0)}
    assert choose(Sweep(), guests, 100.0, configs=configs) == [3, 2, 1]


def test_a_changed_row_comes_first() -> None:
    guests = [guest(vmid) for vmid in range(1, 31)]
    for change in (
        {"node": "b"},
        {"lock": "backup"},
        {"cpus": 4.0},
        {"memory_max": 1},
        {"tags": ("x",)},
    ):
        sweep = all_read(guests)
        changed = [*guests[:-1], guest(30, **change)]
        assert choose(sweep, changed, 100.0)[0] == 30
        sweep.read(changed[-1], 100.0)
        assert choose(sweep, changed, 101.0)[0] == 1


def test_lost_statistics_are_no_change() -> None:
    guests = [guest(vmid, memory_max=5) for vmid in range(1, 31)]
    sweep = all_read(guests)
    dim = [*guests[:-1], guest(30, status="unknown")]
    assert choose(sweep, dim, 100.0)[0] == 1
    assert choose(sweep, guests, 101.0)[0] == 1


def test_figures_that_move_are_no_change() -> None:
    guests = [guest(vmid) for vmid in range(1, 31)]
    sweep = all_read(guests)
    moved = [guest(vmid, cpu=0.5, uptime=7, memory=3) for vmid in range(1, 31)]
    assert choose(sweep, moved, 100.0) == [1, 2, 3, 4, 5][:AFTERWARDS]


def test_a_task_that_ended_and_changes_configurations() -> None:
    guests = [guest(vmid) for vmid in range(1, 31)]
    sweep = all_read(guests)
    old = task(1, "qmconfig", "20")
    assert choose(sweep, guests, 100.0, tasks=Tasks((old,))) == [1, 2, 3, 4, 5][:AFTERWARDS]
    news = Tasks(
        (
            task(5, "qmconfig", "99"),
            task(4, "qmstart", "28"),
            task(3, "qmigrate", "27", ended=False),
            task(2, "qmconfig", "29"),
            old,
        )
    )
    assert choose(sweep, guests, 101.0, tasks=news)[:2] == [29, 1]
    sweep.read(guests[28], 101.0)
    assert choose(sweep, guests, 102.0, tasks=news)[0] == 1
    ended = Tasks((task(3, "qmigrate", "27"), *news.tasks[3:]))
    assert choose(sweep, guests, 103.0, tasks=ended)[0] == 27


def test_nodes_that_are_off_are_not_asked() -> None:
    guests = [guest(1, "b"), guest(2, "a")]
    assert choose(Sweep(), guests, 1.0, B_OFF) == [2]
    assert choose(Sweep(), guests, 1.0, None) == [1, 2]


def test_a_silent_node_is_left_alone_for_a_while() -> None:
    guests = [guest(1, "b"), guest(2, "a")]
    sweep = Sweep()
    sweep.silent("b", 10.0)
    assert choose(sweep, guests, 11.0) == [2]
    assert choose(sweep, guests, 10.0 + NODE_PAUSE + 1) == [1, 2]


def test_only_a_node_that_stays_silent_is_worth_a_word() -> None:
    sweep = Sweep()
    assert not sweep.long_silent("b")
    sweep.silent("b", 10.0)
    assert not sweep.long_silent("b")
    sweep.silent("b", 50.0)
    assert sweep.long_silent("b")
    sweep.read(guest(1, "b"), 90.0)
    sweep.silent("b", 130.0)
    assert not sweep.long_silent("b")


def test_a_failure_takes_its_turn() -> None:
    guests = [guest(vmid) for vmid in range(1, 31)]
    sweep = all_read(guests)
    sweep.failed(guests[0], 100.0)
    assert choose(sweep, guests, 101.0) == [2, 3, 4, 5, 6][:AFTERWARDS]


def test_guests_that_are_gone_are_forgotten() -> None:
    guests = [guest(vmid) for vmid in range(1, 31)]
    sweep = all_read(guests)
    assert choose(sweep, guests[1:], 100.0)[0] == 2
    assert choose(sweep, guests, 101.0)[0] == 1
