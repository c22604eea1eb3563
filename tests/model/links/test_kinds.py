"""Both ends of each kind joined to one row, and every verdict of it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from labtui.model.interfaces import ActivePeer, Interface, Interfaces, IpsecPeer, Vxlan
from labtui.model.links import Link, links
from labtui.model.ospf import Ospf, OspfArea, OspfInstance, OspfInterface, OspfTemplate
from labtui.model.overlay import RouterAddress, RouterFacts
from labtui.model.snapshot import Snapshot
from tests.findings.labs import down, ended, lab, overlay
from tests.findings.labs_links import CALLED, CALLER, Parts, call, inside, ospf
from tests.snapshots import NOW, snapshot


def shot(*parts: Parts, up: bool = True, **changes: Any) -> Snapshot:
    return lab(NOW, inside(overlay(NOW, **changes), up=up), *parts)


def one(kind: str, given: Snapshot, name: str = "") -> Link:
    """The only link of that kind (of that name)."""
    found = [x for x in links(given, NOW) if x.kind == kind and name in ("", x.name)]
    assert len(found) == 1, [link.name for link in found]
    return found[0]


def said(link: Link) -> tuple[str, str]:
    return link.state, link.said.reason


def test_a_call_and_all_that_is_over_and_under_it_are_one_row_each() -> None:
    given = shot(call(), ospf())
    line, keys, rider = (one(kind, given) for kind in ("l2tp", "ipsec", "ospf"))
    assert [link.name for link in (line, keys, rider)] == ["a = b"] * 3
    assert [said(link) for link in (line, keys, rider)] == [
        ("up", "connected"), ("up", "keyed"), ("up", "full"),
    ]  # fmt: skip
    assert rider.under == (line.key,)
    assert line.over == (rider.key,)
    assert line.under == (keys.key,)
    assert (line.underlay, line.tunnel, line.routing) == ("good", "good", "good")
    assert line.routers == ("rt-a", "rt-b")
    assert not line.half


CALLS = [
    ({}, ("up", "connected")),
    ({"client": {"disabled": True}}, ("off", "disabled")),
    ({"up": False}, ("down", "calling")),
    ({"up": False, "client": {"status": "verifying password..."}}, ("down", "refused")),
    ({"up": False, "keys": {"state": "message-1-sent"}}, ("down", "no-keys")),
    ({"sizes": (1450, 1400)}, ("degraded", "mtu")),
]


@pytest.mark.parametrize(("how", "wanted"), CALLS)
def test_a_call_says_which_of_its_layers_failed(
    how: dict[str, Any], wanted: tuple[str, str]
) -> None:
    link = one("l2tp", shot(call(**how), up=how.get("up", True)))
    assert said(link) == wanted
    assert link.far_router == "rt-b"


def test_a_caller_that_the_called_does_not_know_of_is_told() -> None:
    near, far = call()
    assert isinstance(far[1], Interfaces)
    link = one("l2tp", shot([near, (far[0], msgspec.structs.replace(far[1], calls=()))]))
    assert said(link) == ("degraded", "no-caller")
    assert link.half


def test_a_caller_that_is_none_of_ours_has_a_row_by_his_name() -> None:
    near, far = call()
    link = one("l2tp", shot([(near[0], Interfaces()), far]))
    assert (link.name, link.half) == ("b > site-a", True)
    assert said(link) == ("up", "connected")


KEYS = [
    ({}, ("up", "keyed")),
    ({"keys": {"state": "message-1-sent"}}, ("down", "phase1-silent")),
    ({"keys": {"state": "message-3-sent"}}, ("down", "phase1-refused")),
    ({"phase2": "no-phase2"}, ("down", "phase2")),
    ({"rates": (0.0, 4000.0)}, ("one-way", "no-receive")),
    ({"rates": (4000.0, 0.0)}, ("one-way", "no-send")),
    ({"rates": (0.0, 50.0)}, ("up", "keyed")),
]


@pytest.mark.parametrize(("how", "wanted"), KEYS)
def test_phase_1_and_phase_2_are_told_apart(how: dict[str, Any], wanted: tuple[str, str]) -> None:
    assert said(one("ipsec", shot(call(**how)))) == wanted


def test_a_peer_that_nothing_needs_is_told_as_not_begun_and_a_disabled_one_as_off() -> None:
    peer = IpsecPeer("rt-a", "b", CALLED)
    assert said(one("ipsec", shot([("rt-a", Interfaces(peers=(peer,)))]))) == (
        "down", "phase1-none")  # fmt: skip
    off = msgspec.structs.replace(peer, disabled=True)
    assert said(one("ipsec", shot([("rt-a", Interfaces(peers=(off,)))]))) == ("off", "disabled")


def test_behind_nat_the_only_stranger_at_the_called_is_the_caller() -> None:
    near = ActivePeer("rt-a", "10.1.0.1", CALLED, "established", "initiator", NOW - 9, 1)
    far = ActivePeer("rt-b", CALLED, "203.0.113.77", "established", "responder", NOW - 9, 1)
    given = shot([("rt-a", Interfaces(active=(near,))), ("rt-b", Interfaces(active=(far,)))])
    assert one("ipsec", given).name == "a = b"


OSPF = [
    (("Full", "Full"), {}, ("up", "full")),
    ((None, None), {}, ("down", "no-neighbour")),
    ((None, None), {"areas": ("0.0.0.0", "0.0.0.51")}, ("down", "areas")),
    (("Init", None), {}, ("down", "no-neighbour")),
    (("Init", "Init"), {}, ("one-way", "init")),
    (("ExStart", "Exchange"), {}, ("degraded", "exchange")),
    (("Loading", "Full"), {}, ("degraded", "loading")),
    (("2-Way", "2-Way"), {}, ("degraded", "two-way")),
    (("2-Way", "2-Way"), {"kind": "broadcast"}, ("up", "others")),
    (("Down", "Full"), {}, ("down", "fell")),
]


@pytest.mark.parametrize(("states", "how", "wanted"), OSPF)
def test_every_state_of_a_neighbour(
    states: tuple[str | None, str | None], how: dict[str, Any], wanted: tuple[str, str]
) -> None:
    link = one("ospf", shot(call(), ospf(*states, **how)))
    assert said(link) == wanted
    assert link.name == "a = b"


def test_an_interface_that_a_template_names_and_is_not_there_is_one_row_for_both_ends() -> None:
    parts: Parts = []
    for router, face in (("rt-a", "l2tp-b"), ("rt-b", "<l2tp-site-a>")):
        named = (OspfTemplate("backbone", (face,)),)
        lan = (OspfInterface("lan", state="passive"),)
        instances, areas = (OspfInstance("lab"),), (OspfArea("backbone", "0.0.0.0"),)
        parts.append((router, Ospf(instances, areas, named, lan)))
    link = one("ospf", shot(call(up=False), parts, up=False))
    assert (link.name, *said(link)) == ("a = b", "down", "no-interface")


def _vxlan(router: str, *remotes: str, **more: Any) -> tuple[str, Interfaces]:
    rates = more.pop("rates", (None, None))
    face = Interface(router, "vx", "vxlan", rx_rate=rates[0], tx_rate=rates[1])
    values = {"running": True, "vni": 5, **more}
    return router, Interfaces((face,), vxlans=(Vxlan(router, "vx", remotes=remotes, **values),))


VXLANS = [
    (_vxlan("rt-b", CALLER), ("idle", "stateless")),
    (_vxlan("rt-b", CALLER, rates=(9.0, 9.0)), ("up", "traffic")),
    (_vxlan("rt-b", "192.0.2.99"), ("one-way", "not-listed")),
    (_vxlan("rt-b", CALLER, running=False), ("down", "not-running")),
    (_vxlan("rt-b", CALLER, disabled=True), ("off", "disabled")),
]


@pytest.mark.parametrize(("far", "wanted"), VXLANS)
def test_a_vxlan_is_joined_by_its_far_ends(
    far: tuple[str, Interfaces], wanted: tuple[str, str]
) -> None:
    given = shot([_vxlan("rt-a", CALLED), far])
    link = next(link for link in links(given, NOW) if link.kind == "vxlan")
    assert said(link) == wanted
    assert link.name == "a = b"


def test_another_vni_is_another_network() -> None:
    given = shot([_vxlan("rt-a", CALLED), _vxlan("rt-b", CALLER, vni=6)])
    assert len([link for link in links(given, NOW) if link.kind == "vxlan"]) == 2


def test_wireguard_and_bgp_come_once_each_with_both_ends() -> None:
    given = shot()
    assert sorted(link.name for link in links(given, NOW) if link.kind == "wireguard") == [
        "a = b", "a = c", "b = c"]  # fmt: skip
    session = one("bgp", given, "a = b")
    tunnel = one("wireguard", given, "a = b")
    assert said(session) == ("up", "established")
    assert session.under == (tunnel.key,)
    assert tunnel.over == (session.key,)


def test_the_layers_of_a_dead_tunnel_and_of_its_session() -> None:
    given = shot(call(), peers=ended(NOW, "ab"), sessions=down("ab"))
    tunnel, session = one("wireguard", given, "a = b"), one("bgp", given, "a = b")
    # The call still passes between the same two routers, so their lines are well.
    assert (tunnel.underlay, tunnel.tunnel, tunnel.routing) == ("good", "bad", "bad")
    assert said(session) == ("down", "no-session")
    alone = one("wireguard", shot(peers=ended(NOW, "ab")), "a = b")
    assert alone.underlay == "unknown"


def test_two_sizes_of_one_tunnel_are_a_degraded_link() -> None:
    sizes = {("a", "ab"): {"mtu": 1420}, ("b", "ab"): {"mtu": 1280}}
    link = one("wireguard", shot(interfaces=sizes), "a = b")
    assert (*said(link), link.said.detail) == ("degraded", "mtu", "1280 / 1420")


def test_what_was_not_read_lately_is_unknown() -> None:
    given = shot(call(), ospf())
    late = msgspec.structs.replace(given)
    for link in links(late, NOW + 600):
        assert link.state == "unknown", link.key


def test_an_address_that_two_routers_have_joins_nothing() -> None:
    rows = (RouterAddress("wan", "192.0.2.9/24"),)
    facts = [(name, RouterFacts(name, name, name, "7.20", addresses=rows)) for name in ("x", "y")]
    peer = ("z", Interfaces(peers=(IpsecPeer("z", "p", "192.0.2.9"),)))
    (link,) = links(snapshot(*facts, peer), NOW)
    assert link.far_router == ""
