"""BGP over the tunnels: hold timers, notifications, recovery, and where prefixes go."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.demo.overlay.prefixes import advertised, best_paths
from tests.demo.still_clock import Stage

PAIRS = [("rt-836", "mou"), ("rt-mou", "836")]


def test_all_sessions_are_up_at_the_start() -> None:
    stage = Stage()
    sessions = [
        item.session for router in stage.world.routers.values() for item in router.connections
    ]
    assert len(sessions) == 11
    assert all(row is not None and row.established for row in sessions)


@pytest.mark.parametrize(("router", "far"), PAIRS)
def test_a_session_outlives_a_cut_until_its_hold_timer_ends(router: str, far: str) -> None:
    stage = Stage()
    stage.world.set_link(3, False)
    cut = stage.world.now
    stage.wait(119)
    assert stage.up(router, far)
    stage.wait(62)
    row = stage.session(router, far)
    assert row is not None
    assert not row.established
    assert row.stopped_at is not None
    # The last keepalive was heard at most one keepalive time before the cut.
    assert 120 <= row.stopped_at - cut <= 180
    assert row.output_notification.lower() == "f" * 32 + "0015030400"
    assert row.input_notification == ""


def test_the_two_sides_notice_at_different_moments() -> None:
    stage = Stage()
    stage.world.set_link(3, False)
    stage.wait(200)
    left, right = stage.session("rt-836", "mou"), stage.session("rt-mou", "836")
    assert left is not None
    assert right is not None
    assert left.stopped_at != right.stopped_at


def test_a_short_cut_is_not_noticed() -> None:
    stage = Stage()
    before = stage.session("rt-836", "mou")
    assert before is not None
    started = before.started
    stage.world.set_link(3, False)
    stage.wait(100)
    stage.world.set_link(3, True)
    stage.wait(300)
    row = stage.session("rt-836", "mou")
    assert row is before
    assert row.established
    assert row.started == started


def test_a_cut_that_only_one_side_noticed_restarts_both() -> None:
    stage = Stage()
    stage.world.set_link(3, False)
    states = [True, True]
    for _ in range(190):
        stage.wait(1)
        states = [stage.up(*pair) for pair in PAIRS]
        if states.count(True) == 1:
            break
    assert states.count(True) == 1
    stage.world.set_link(3, True)
    stage.wait(30)
    rows = [stage.session(*pair) for pair in PAIRS]
    assert all(row is not None and row.established for row in rows)
    assert len({row.started for row in rows if row is not None}) == 1
    assert all(row is not None and row.stopped_at is not None for row in rows)


def test_the_row_vanishes_and_the_session_returns() -> None:
    stage = Stage()
    stage.world.set_link(3, False)
    stage.wait(200)
    assert stage.session("rt-836", "mou") is not None
    stage.wait(400)
    assert stage.session("rt-836", "mou") is None
    stage.world.set_link(3, True)
    stage.wait(30)
    row = stage.session("rt-836", "mou")
    assert row is not None
    assert row.established
    assert row.started is not None
    assert stage.world.now - row.started < 30


def test_prefixes_move_when_a_link_falls() -> None:
    stage = Stage()
    assert stage.prefixes("rt-mou", "dn42") == 611
    # From mou come its own two, the neighbours' two each and dn42.
    assert stage.prefixes("rt-836", "mou") == 617
    assert stage.prefixes("rt-702", "836") == 617
    stage.world.set_link(3, False)
    stage.wait(100)
    assert stage.prefixes("rt-836", "mou") == 617
    stage.wait(100)
    # 836 now reaches mou and dn42 through 702 and no longer offers them there.
    assert stage.prefixes("rt-702", "836") == 4
    assert stage.prefixes("rt-836", "702") == 615
    assert stage.prefixes("rt-835", "836") == 617
    hop = stage.world.next_hop(stage.world.routers["rt-836"], "dn42")
    assert hop is not None
    assert hop.name == "to-702"


def test_a_dead_tunnel_brings_no_news() -> None:
    stage = Stage()
    stage.world.set_link(6, False)
    stage.wait(115)
    stage.world.set_link(3, False)
    stage.wait(70)
    assert not stage.up("rt-mou", "dn42")
    assert stage.prefixes("rt-835", "mou") == 6
    # 836 has not missed mou yet, and believes what it last heard.
    assert stage.prefixes("rt-836", "mou") == 617


def test_without_its_neighbour_dn42_is_gone_everywhere() -> None:
    stage = Stage()
    stage.world.set_link(6, False)
    stage.wait(200)
    assert stage.prefixes("rt-836", "mou") == 6
    assert stage.world.next_hop(stage.world.routers["rt-836"], "dn42") is None


def test_a_disabled_connection_tells_the_other_side() -> None:
    stage = Stage()
    connection = stage.world.routers["rt-836"].connections[0]
    with stage.world.changing():
        connection.disabled = True
    assert stage.session("rt-836", "835") is None
    row = stage.session("rt-835", "836")
    assert row is not None
    assert not row.established
    assert row.input_notification.endswith("0603")
    with stage.world.changing():
        connection.disabled = False
    stage.wait(12)
    assert stage.up("rt-836", "835")
    assert stage.up("rt-835", "836")


def test_a_stopped_session_stays_down_until_the_flag_is_cleared() -> None:
    stage = Stage()
    row = stage.session("rt-836", "835")
    assert row is not None
    stage.world.stop_session(row)
    far = stage.session("rt-835", "836")
    assert far is not None
    assert far.input_notification.endswith("0602")
    stage.wait(2000)
    assert stage.session("rt-836", "835") is row
    assert row.stopped
    assert not row.established
    with stage.world.changing():
        row.stopped = False
    stage.wait(12)
    assert stage.up("rt-836", "835")


def test_a_wrong_as_keeps_the_session_down() -> None:
    stage = Stage()
    with stage.world.changing():
        stage.world.routers["rt-836"].connections[0].remote_as = 65999
    stage.wait(60)
    assert not stage.up("rt-836", "835")
    assert not stage.up("rt-835", "836")


def test_a_router_without_power_is_missed_after_the_hold_time() -> None:
    stage = Stage()
    stage.world.set_router("rt-702", False)
    stage.wait(100)
    assert stage.up("rt-836", "702")
    assert stage.session("rt-702", "836") is None
    stage.wait(100)
    assert not stage.up("rt-836", "702")
    stage.world.set_router("rt-702", True)
    stage.wait(30)
    assert stage.up("rt-836", "702")


def test_watchers_hear_of_changes_and_not_of_counters() -> None:
    stage = Stage()
    heard: list[float] = []
    leave = stage.world.watch(lambda: heard.append(stage.world.now))
    stage.wait(60, step=1.0)
    assert heard == []
    stage.world.set_link(3, False)
    stage.wait(200)
    assert len(heard) >= 2
    leave()
    count = len(heard)
    stage.world.set_link(3, True)
    assert len(heard) == count


def test_pings_follow_the_routes() -> None:
    stage = Stage()
    world = stage.world
    router = world.routers["rt-836"]
    direct = world.probe(router, "10.121.180.1")
    assert direct is not None
    assert world.probe(router, "10.255.0.5") is not None
    assert world.probe(router, "198.18.0.1") is None
    assert world.probe(router, "not an address") is None
    assert world.probe(router, "10.121.249.11") is not None
    assert world.probe(router, "10.121.249.13") is None
    world.set_link(3, False)
    stage.wait(10)
    # The routes still lead into the dead tunnel.
    assert world.probe(router, "10.121.180.1") is None
    stage.wait(200)
    around = world.probe(router, "10.121.180.1")
    assert around is not None
    assert world.probe(router, "10.255.0.5") is None


_EDGES = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=12)


@given(_EDGES)
def test_best_paths_are_walkable_without_loops_and_shortest(edges: list[tuple[str, str]]) -> None:
    edges = [edge for edge in edges if edge[0] != edge[1]]
    both = {*edges, *((right, left) for left, right in edges)}
    paths = best_paths("abcdef", edges)
    for (holder, origin), path in paths.items():
        walk = (holder, *path)
        assert walk[-1] == origin
        assert len(set(walk)) == len(walk)
        assert all(step in both for step in pairwise(walk))
        for via in "abcdef":
            if (holder, via) in both:
                assert len(path) <= len(paths[via, origin]) + 1


def test_nothing_is_announced_back_to_where_it_came_from() -> None:
    paths = best_paths("abc", [("a", "b"), ("b", "c")])
    counts = {"a": 1, "b": 10, "c": 100}
    assert advertised("b", "a", paths, counts) == 110
    assert advertised("a", "b", paths, counts) == 1
