"""The physics of the tunnels: handshakes, counters, faults and what configuration does to them."""

from __future__ import annotations

import base64
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labtui.demo.overlay.flow import Flow
from labtui.demo.overlay.world import peers_of
from tests.demo.still_clock import Stage


def test_a_healthy_tunnel_shakes_hands_every_two_minutes() -> None:
    stage = Stage()
    ages = []
    for _ in range(300):
        stage.wait(2.0)
        age = stage.age("rt-836", "wg-835")
        assert age is not None
        ages.append(age)
    assert max(ages) <= 126
    assert sum(1 for before, after in pairwise(ages) if after < before) in (4, 5)
    assert stage.age("rt-835", "wg-836") == stage.age("rt-836", "wg-835")


def test_both_ends_know_each_others_key_and_endpoint() -> None:
    stage = Stage()
    ours, theirs = stage.peer("rt-836", "wg-mou"), stage.peer("rt-mou", "wg-836")
    assert ours.public_key == theirs.interface.public_key
    assert theirs.public_key == ours.interface.public_key
    assert ours.public_key != theirs.public_key
    keys = [peer.public_key for router in stage.world.routers.values() for peer in peers_of(router)]
    assert all(len(base64.b64decode(key, validate=True)) == 32 for key in keys)
    assert len(set(keys)) == len(keys)
    assert ours.current_endpoint == ("203.0.113.9", theirs.interface.listen_port)


def test_what_one_end_sends_the_other_receives() -> None:
    stage = Stage()
    left, right = stage.peer("rt-836", "wg-702"), stage.peer("rt-702", "wg-836")
    before = (left.rx, left.tx, right.rx, right.tx)
    stage.wait(600, step=7.0)
    assert left.tx - before[1] == pytest.approx(right.rx - before[2])
    assert right.tx - before[3] == pytest.approx(left.rx - before[0])
    assert left.tx - before[1] > 1_000_000


def test_a_cut_lets_handshakes_age_and_the_knocking_shows_in_tx_only() -> None:
    stage = Stage()
    stage.world.set_link(3, False)
    stage.wait(1000)
    peer = stage.peer("rt-836", "wg-mou")
    age = stage.age("rt-836", "wg-mou")
    assert age is not None
    assert age >= 1000
    rx, tx = peer.rx, peer.tx
    stage.wait(53)
    assert peer.rx == rx
    # One initiation of 148 bytes every five seconds and a little.
    assert peer.tx - tx == pytest.approx(10 * 148, rel=0.05)


def test_a_mended_link_comes_back_within_its_retry() -> None:
    stage = Stage()
    stage.world.set_link(3, False)
    stage.wait(1000)
    stage.world.set_link(3, True)
    stage.wait(6)
    age = stage.age("rt-mou", "wg-836")
    assert age is not None
    assert age < 6


def test_other_links_do_not_notice() -> None:
    stage = Stage()
    stage.world.set_link(3, False)
    stage.wait(700)
    age = stage.age("rt-836", "wg-702")
    assert age is not None
    assert age <= 126


def test_roaming_peers_one_on_the_line_one_gone_one_never_seen() -> None:
    stage = Stage()
    stage.wait(400)
    recent, old, never = (stage.age("rt-836", "wg-roaming", index) for index in range(3))
    assert recent is not None
    assert recent <= 126
    assert old is not None
    assert old > 3 * 86400
    assert never is None
    assert [stage.peer("rt-836", "wg-roaming", index).name for index in range(3)] == [
        "amy",
        "ben",
        "chia-hao",
    ]
    stage.world.set_link(7, False)
    stage.wait(400)
    recent = stage.age("rt-836", "wg-roaming", 0)
    assert recent is not None
    assert recent > 400


@pytest.mark.parametrize("router", ["rt-836", "rt-mou"])
def test_a_disabled_peer_kills_the_tunnel_for_both(router: str) -> None:
    stage = Stage()
    far = {"rt-836": "rt-mou", "rt-mou": "rt-836"}[router]
    near_name, far_name = {"rt-836": ("wg-mou", "wg-836")}.get(router, ("wg-836", "wg-mou"))
    with stage.world.changing():
        stage.peer(router, near_name).disabled = True
    stage.wait(400)
    assert stage.age(router, near_name) is None
    age = stage.age(far, far_name)
    assert age is not None
    assert age >= 400
    with stage.world.changing():
        stage.peer(router, near_name).disabled = False
    stage.wait(10)
    assert stage.age(router, near_name) == stage.age(far, far_name)


def test_a_wrong_key_kills_the_tunnel() -> None:
    stage = Stage()
    with stage.world.changing():
        stage.peer("rt-836", "wg-mou").public_key = stage.peer("rt-836", "wg-702").public_key
    stage.wait(300)
    age = stage.age("rt-mou", "wg-836")
    assert age is not None
    assert age > 180


def test_one_wrong_endpoint_is_survived_and_two_are_not() -> None:
    stage = Stage()
    with stage.world.changing():
        stage.peer("rt-836", "wg-mou").endpoint_port = 1
    stage.wait(300)
    age = stage.age("rt-836", "wg-mou")
    assert age is not None
    assert age <= 126
    with stage.world.changing():
        stage.peer("rt-mou", "wg-836").endpoint_address = "192.0.2.250"
    stage.wait(300)
    age = stage.age("rt-836", "wg-mou")
    assert age is not None
    assert age > 180


def test_an_idle_tunnel_ages_without_moving_and_a_ping_wakes_it() -> None:
    stage = Stage()
    ends = (stage.peer("rt-836", "wg-835"), stage.peer("rt-835", "wg-836"))
    with stage.world.changing():
        for peer in ends:
            peer.keepalive = 0
        for router, name in (("rt-836", "to-835"), ("rt-835", "to-836")):
            for connection in stage.world.routers[router].connections:
                connection.disabled = connection.disabled or connection.name == name
    stage.wait(200)
    counters = [(peer.rx, peer.tx) for peer in ends]
    stage.wait(400)
    assert counters == [(peer.rx, peer.tx) for peer in ends]
    age = stage.age("rt-836", "wg-835")
    assert age is not None
    assert age >= 400
    assert stage.world.probe(stage.world.routers["rt-836"], "10.255.0.1") is not None
    assert stage.age("rt-836", "wg-835") == 0
    stage.world.set_link(1, False)
    stage.wait(400)
    assert counters == [(peer.rx, peer.tx) for peer in ends]


def test_a_router_without_power_forgets_and_its_neighbours_knock() -> None:
    stage = Stage()
    router = stage.world.routers["rt-702"]
    old_id = router.ident(1)
    stage.world.set_router("rt-702", False)
    stage.wait(600)
    age = stage.age("rt-836", "wg-702")
    assert age is not None
    assert age >= 600
    stage.world.set_router("rt-702", True)
    assert stage.peer("rt-702", "wg-836").rx == 0
    assert router.booted == stage.world.now
    assert router.ident(1) != old_id
    stage.wait(10)
    age = stage.age("rt-702", "wg-836")
    assert age is not None
    assert age < 10


def test_the_port_to_the_internet_takes_all_tunnels_along() -> None:
    stage = Stage()
    with stage.world.changing():
        stage.world.routers["rt-702"].ports[0].disabled = True
    stage.wait(300)
    for far in ("836", "mou"):
        age = stage.age("rt-702", f"wg-{far}")
        assert age is not None
        assert age > 180


def test_an_unknown_link_or_router_is_refused() -> None:
    stage = Stage()
    with pytest.raises(KeyError):
        stage.world.set_link(99, False)
    with pytest.raises(KeyError):
        stage.world.set_router("rt-nowhere", False)


def _state(stage: Stage) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for router in stage.world.routers.values():
        for peer in peers_of(router):
            shaken = peer.last_handshake
            rows.append(
                (None if shaken is None else round(shaken, 3), round(peer.rx), round(peer.tx))
            )
        for connection in router.connections:
            row = connection.session
            rows.append(
                ()
                if row is None
                else (
                    row.established,
                    row.prefix_count,
                    round(row.started or 0, 3),
                    row.output_notification,
                )
            )
    return rows


@settings(max_examples=15, deadline=None)
@given(
    link=st.integers(1, 7),
    cut_at=st.floats(1, 400),
    cut_for=st.floats(1, 900),
    step=st.floats(0.5, 40),
)
def test_it_does_not_matter_how_often_the_world_advances(
    link: int, cut_at: float, cut_for: float, step: float
) -> None:
    often, rarely = Stage(), Stage()
    for stage, pace in ((often, step), (rarely, None)):
        stage.wait(cut_at, pace)
        stage.world.set_link(link, False)
        stage.wait(cut_for, pace)
        stage.world.set_link(link, True)
        stage.wait(500, pace)
    for one, other in zip(_state(often), _state(rarely), strict=True):
        assert one == pytest.approx(other, abs=64)


@given(
    mean=st.floats(0, 1e7),
    phase=st.floats(0, 7),
    start=st.floats(0, 2e9),
    first=st.floats(0, 5000),
    second=st.floats(0, 5000),
)
def test_a_flow_never_runs_backwards_and_adds_up(
    mean: float, phase: float, start: float, first: float, second: float
) -> None:
    flow = Flow(mean, phase)
    middle, end = start + first, start + first + second
    whole = flow.amount(start, end)
    assert whole >= 0
    assert flow.rate(start) >= 0
    parts = flow.amount(start, middle) + flow.amount(middle, end)
    assert parts == pytest.approx(whole, rel=1e-3, abs=max(1.0, mean * 1e-3))
    assert flow.amount(end, start - 1) == 0
