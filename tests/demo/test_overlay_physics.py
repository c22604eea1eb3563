"""Lines, loss, sizes, filters and clocks; how often one looks makes no difference."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labtui.demo.overlay.devices import Record
from labtui.demo.overlay.firewall import FILTER
from labtui.demo.overlay.memory import capture, restore, router_configuration
from labtui.demo.overlay.reach import TIMEOUT, TOO_BIG_HERE, Question
from labtui.demo.overlay.underlay import Path, Underlay
from tests.demo.branch_lab import large_lab
from tests.demo.still_clock import Stage

MOU = "10.255.0.5"


def test_loss_delays_handshakes_and_a_little_of_it_is_survived() -> None:
    stage = Stage()
    with stage.world.path(3) as path:
        path.loss = 0.5
    ages = []
    for _ in range(600):
        stage.wait(5)
        ages.append(stage.age("rt-836", "wg-mou") or 0.0)
    assert 126 < max(ages) < 400
    assert stage.up("rt-836", "mou")
    peer, far = stage.peer("rt-836", "wg-mou"), stage.peer("rt-mou", "wg-836")
    before = (peer.tx, far.rx)
    stage.wait(60)
    assert far.rx - before[1] < 0.7 * (peer.tx - before[0])


def test_tcp_starves_when_nearly_everything_is_lost() -> None:
    stage = Stage()
    with stage.world.path(3) as path:
        path.loss = 0.8
    stage.wait(400)
    assert not stage.up("rt-836", "mou")
    with stage.world.path(3) as path:
        path.loss = 0.0
    stage.wait(200)
    assert stage.up("rt-836", "mou")


@pytest.mark.parametrize("step", [1.0, 17.0, 3600.0])
def test_the_outcome_does_not_depend_on_how_often_one_looks(step: float) -> None:
    stage = Stage()
    with stage.world.path(3) as path:
        path.loss = 0.6
    with stage.world.path(2) as path:
        path.flap_every, path.flap_from = 250.0, stage.world.now
    stage.wait(3600, step=step)
    seen = [
        (tunnel.number, [round(end.peer.last_handshake or 0.0, 3) for end in tunnel.ends])
        for tunnel in stage.world.tunnels
    ]
    sessions = [item.established for item in stage.world.adjacencies]
    whole = Stage()
    with whole.world.path(3) as path:
        path.loss = 0.6
    with whole.world.path(2) as path:
        path.flap_every, path.flap_from = 250.0, whole.world.now
    whole.wait(3600)
    assert seen == [
        (tunnel.number, [round(end.peer.last_handshake or 0.0, 3) for end in tunnel.ends])
        for tunnel in whole.world.tunnels
    ]
    assert sessions == [item.established for item in whole.world.adjacencies]


def test_a_small_way_takes_handshakes_and_small_pings_only() -> None:
    stage = Stage()
    router = stage.world.routers["rt-836"]
    with stage.world.path(3) as path:
        path.mtu = 1300
    stage.wait(300)
    assert (stage.age("rt-836", "wg-mou") or 0.0) < 126

    def ask(size: int, *, fragment: bool = True) -> str | None:
        answer = stage.world.reach.ask(router, Question(MOU, size, fragment))
        return None if answer.seconds is not None else answer.status

    # 60 bytes go for the wrapping.
    assert ask(1240) is None
    assert ask(1241) == TIMEOUT
    assert ask(1420, fragment=False) == TIMEOUT
    assert ask(1421, fragment=False) == TOO_BIG_HERE
    with stage.world.path(3) as path:
        path.mtu = 1500
    assert ask(1500) is None
    assert ask(1421, fragment=False) == TOO_BIG_HERE


def test_a_full_table_does_not_fit_through_a_small_way() -> None:
    stage = Stage()
    with stage.world.path(3) as path:
        path.mtu = 1300
    falls = set()
    for _ in range(240):
        stage.wait(10)
        row = stage.session("rt-836", "mou")
        if row is not None and row.stopped_at is not None:
            falls.add(round(row.stopped_at))
            assert row.output_notification.endswith("0400")
    # It comes up again and again, and falls when the hold timer ends.
    assert len(falls) >= 3
    # A link that carries a handful of prefixes does not mind.
    with stage.world.path(1) as path:
        path.mtu = 1300
    with stage.world.path(3) as path:
        path.mtu = 1500
    stage.wait(400)
    assert stage.up("rt-836", "mou")
    assert stage.prefixes("rt-836", "mou") == 617


def test_who_sits_behind_a_nat_must_begin_and_shows_another_port() -> None:
    stage = Stage()
    peer = stage.peer("rt-836", "wg-702")
    assert peer.current_endpoint is not None
    assert peer.current_endpoint[0] == peer.endpoint_address
    assert peer.current_endpoint[1] != peer.endpoint_port
    far = stage.peer("rt-702", "wg-836")
    with stage.world.changing():
        far.responder = True
    stage.wait(400)
    assert (stage.age("rt-836", "wg-702") or 0.0) > 180


def test_a_filter_rule_in_the_way_kills_the_tunnel_of_the_one_who_can_begin() -> None:
    stage = Stage()
    with stage.world.changing():
        rule = {"chain": "input", "action": "drop", "protocol": "udp", "dst-port": "51822"}
        stage.world.routers["rt-836"].table(FILTER).insert(0, Record(99, rule))
    stage.wait(400)
    # 702 sits behind a NAT, so 836 cannot begin for it; link 3 has another port.
    assert (stage.age("rt-836", "wg-702") or 0.0) > 180
    assert (stage.age("rt-836", "wg-mou") or 0.0) < 126
    with stage.world.changing():
        stage.world.routers["rt-836"].table(FILTER)[0].values["disabled"] = "true"
    stage.wait(10)
    assert (stage.age("rt-836", "wg-702") or 0.0) < 10


def test_a_clock_that_runs_back_locks_out_the_one_who_must_begin() -> None:
    stage = Stage()
    stage.wait(300)
    with stage.world.changing():
        stage.world.routers["rt-702"].clock_offset = -900.0
    stage.wait(400)
    assert (stage.age("rt-836", "wg-702") or 0.0) > 180
    assert (stage.age("rt-836", "wg-mou") or 0.0) < 126
    # After as long as it ran back its stamps are new again.
    stage.wait(700)
    assert (stage.age("rt-836", "wg-702") or 0.0) < 126


def test_sixty_routers_are_whole() -> None:
    stage = Stage(lab=large_lab())
    assert len(stage.world.routers) == 60
    assert all(item.established for item in stage.world.adjacencies)
    assert len(stage.world.paths) >= 60 * 60
    stage.wait(600, step=60.0)
    assert all(tunnel.passing(stage.world.now) for tunnel in stage.world.tunnels)


def test_what_is_remembered_is_put_back_to_the_letter() -> None:
    stage = Stage()
    router = stage.world.routers["rt-836"]
    before, memory = router_configuration(router), capture(router)
    rx = stage.peer("rt-836", "wg-mou").rx
    with stage.world.changing():
        router.identity = "other"
        router.wireguard[0].peers.clear()
        router.connections.pop()
        router.addresses[0].comment = "x"
        router.table("/tool/new").append(Record(1, {"name": "x"}))
        router.single["/system/ntp/client"].values["enabled"] = "false"
        router.table(FILTER).reverse()
    assert router_configuration(router) != before
    with stage.world.changing():
        restore(router, memory)
    assert router_configuration(router) == before
    assert stage.peer("rt-836", "wg-mou").rx == rx
    stage.wait(30)
    assert all(item.established for item in stage.world.adjacencies)


@settings(max_examples=40)
@given(
    every=st.floats(5, 1000),
    moment=st.floats(0, 100000),
)
def test_a_flapping_path_turns_when_it_says(every: float, moment: float) -> None:
    path = Path(flap_every=every, flap_from=0.0)
    turn = path.next_turn(moment)
    assert turn is not None
    assert turn > moment - 1e-5
    assert path.whole(turn + every / 2) is not path.whole(turn - every / 2)


def test_chance_is_the_same_for_the_same_seed() -> None:
    one, other = Underlay(1), Underlay(2)
    assert one.chance("a", 1) == Underlay(1).chance("a", 1)
    assert one.chance("a", 1) != other.chance("a", 1)
    assert 0.4 < sum(one.chance(number) for number in range(500)) / 500 < 0.6
