"""Filters of routes, ways that differ, L2TP and OSPF in the demo overlay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.demo.overlay.backup import SERVER
from labtui.demo.overlay.configuration import add
from labtui.demo.overlay.policy import RULES, decide, understood
from labtui.demo.overlay.reach import Question
from labtui.demo.overlay.routing import external_prefixes
from tests.demo.branch_lab import branch_lab
from tests.demo.still_clock import Stage


def test_routing_filters_hide_prefixes_on_one_way() -> None:
    stage = Stage()
    router = stage.world.routers["rt-836"]
    with stage.world.changing():
        text = "if (dst in 172.16.0.0/12) { reject } else { accept }"
        add(router, RULES, chain="from-mou", rule=text, disabled="false")
        connection = next(item for item in router.connections if item.name == "to-mou")
        connection.input_filter = "from-mou"
    assert stage.prefixes("rt-836", "mou") == 6
    hop = stage.world.next_hop(router, "dn42")
    assert hop is not None
    assert hop.name in ("to-835", "to-702")


@pytest.mark.parametrize(
    ("rules", "prefix", "taken"),
    [
        ([], "10.0.0.0/8", False),
        (["accept"], "10.0.0.0/8", True),
        (["if (dst in 10.0.0.0/8) { reject }", "accept"], "10.1.0.0/16", False),
        (["if (dst in 10.0.0.0/8) { reject }", "accept"], "11.0.0.0/8", True),
        (["if (dst == 10.0.0.0/8) {accept;}"], "10.0.0.0/8", True),
        (["if (dst == 10.0.0.0/8) {accept;}"], "10.0.0.0/9", False),
        (["if (dst in 10.0.0.0/8 && dst-len > 24) { reject; }", "accept;"], "10.0.0.0/25", False),
        (["set bgp-med 5", "accept"], "10.0.0.0/8", True),
        (["if (not dst in 10.0.0.0/8) { accept }"], "11.0.0.0/8", True),
    ],
)
def test_rules_decide(rules: list[str], prefix: str, taken: bool) -> None:
    assert decide(rules, prefix) is taken


@given(st.text(max_size=60))
def test_any_rule_is_read_without_an_exception(text: str) -> None:
    assert decide([text], "10.0.0.0/8") in (True, False)
    assert understood(text) in (True, False)


def test_a_network_that_is_missing_elsewhere_is_not_reached() -> None:
    stage = Stage()
    router = stage.world.routers["rt-836"]
    assert stage.world.probe(router, external_prefixes("dn42")[3].partition("/")[0]) is not None
    assert stage.world.probe(router, "172.23.255.254") is None
    assert stage.world.probe(router, "10.121.170.20") is not None
    with stage.world.changing():
        for row in stage.world.routers["rt-702"].table("/ip/firewall/address-list"):
            row.values["disabled"] = "true"
    assert stage.world.probe(router, "10.121.170.20") is None
    assert stage.world.probe(router, "198.51.100.7") is not None


def test_a_call_goes_through_keys_and_password_and_ends_after_lost_echoes() -> None:
    stage = Stage()
    line, hood = stage.world.lines[0], stage.world.neighbourhoods[0]

    def status() -> str:
        return line.status

    server = line.server.single[SERVER]
    assert status() == "connected"
    with stage.world.changing():
        server.values["enabled"] = "false"
    assert (line.status, line.keyed_since is not None) == ("verifying password...", True)
    assert hood.state(line.client, stage.world.now) is None
    with stage.world.changing():
        server.values["enabled"] = "true"
    stage.wait(2)
    assert status() == "connected"
    states = []
    for _ in range(20):
        state = hood.state(line.client, stage.world.now)
        if state and state not in states:
            states.append(state)
        stage.wait(0.5)
    assert states == ["Init", "ExStart", "Exchange", "Loading", "Full"]
    with stage.world.uplink("835") as uplink:
        uplink.up = False
    stage.wait(25)
    assert status() == "connected"
    assert hood.state(line.server, stage.world.now) == "Full"
    stage.wait(10)
    assert status() == "dialing"
    stage.wait(100)
    keyed = line.keyed_since
    assert keyed is None
    assert any("disconnected" in entry.message for entry in line.client.log)


def test_ospf_carries_on_when_bgp_is_gone() -> None:
    stage = Stage()
    router = stage.world.routers["rt-836"]
    with stage.world.changing():
        for name in ("rt-836", "rt-835"):
            for connection in stage.world.routers[name].connections:
                connection.disabled = True
    assert stage.world.next_hop(router, "835") is None
    answer = stage.world.reach.ask(router, Question("10.121.251.13"))
    assert answer.seconds is not None
    assert "10.255.64.2" in answer.hops


def test_a_branch_with_routeros_six_speaks_bgp_and_ospf_over_its_call() -> None:
    stage = Stage(lab=branch_lab())
    branch = stage.world.routers["rt-b1"]
    assert branch.wireguard == []
    session = branch.connections[0].session
    assert session is not None
    assert session.established
    assert session.prefix_count == 8 + 611
    assert stage.world.neighbourhoods[-1].full(stage.world.now)
    assert stage.world.probe(branch, "10.121.180.1") is not None
    assert stage.world.probe(stage.world.routers["rt-mou"], "10.121.190.1") is not None
