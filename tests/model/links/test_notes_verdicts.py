"""Every verdict of the field notes' tables, one case each, in the order of the notes.

The kinds' own tests beside this one go further; here nothing of the tables may be missing.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from labtui.model.links import Link, links
from labtui.model.ospf import Ospf, OspfInterface
from labtui.model.overlay import (
    Bgp,
    BgpConnection,
    BgpSession,
    RouterFacts,
    WireGuard,
    WireGuardInterface,
    WireGuardPeer,
)
from labtui.model.peerings import peerings
from labtui.model.snapshot import Part
from labtui.model.tunnels import tunnels
from labtui.sources.routeros.notification import in_words
from labtui.views.bgp import BGP
from labtui.views.wireguard import WIREGUARD
from tests.findings.labs import lab, overlay
from tests.findings.labs_links import call, inside, ospf
from tests.snapshots import NOW, snapshot

OLD = NOW - 900


def end(router: str, own: str, other: str, **peer: Any) -> tuple[str, Part]:
    values: dict[str, Any] = {"endpoint": "192.0.2.1:13231", "handshake_at": NOW - 30, **peer}
    interface = WireGuardInterface(router, "wg1", own, 13231, 1420)
    return router, WireGuard((interface,), (WireGuardPeer(router, "wg1", other, **values),))


def judged(*parts: tuple[str, Part]) -> tuple[str, str]:
    (tunnel,) = tunnels(snapshot(*parts), NOW)
    verdict = tunnel.judge(NOW)
    return verdict.verdict, verdict.reason


def one_end(**peer: Any) -> tuple[str, str]:
    return judged(end("rt-a", "A", "B", **peer))


WIREGUARD_TABLE = [
    ("disabled on the peer", {"disabled": True}, "off"),
    ("no last-handshake", {"handshake_at": None}, "never"),
    ("age up to 180 s and one poll", {"handshake_at": NOW - 194}, "up"),
    ("older, keepalive set", {"handshake_at": OLD, "keepalive": 25.0}, "dead"),
    ("older, sends alone", {"handshake_at": OLD, "tx_rate": 9.0, "rx_rate": 0.0}, "dead"),
    ("older, nothing moves", {"handshake_at": OLD, "tx_rate": 0.0, "rx_rate": 0.0}, "idle"),
    ("young, receives only", {"tx_rate": 0.0, "rx_rate": 5000.0}, "one-way"),
    ("young, sends only", {"tx_rate": 5000.0, "rx_rate": 0.0}, "one-way"),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "peer", "verdict"), WIREGUARD_TABLE)
def test_wireguard(seen: str, peer: dict[str, Any], verdict: str) -> None:
    assert one_end(**peer)[0] == verdict, seen


def test_wireguard_disabled_on_the_interface() -> None:
    source, part = end("rt-a", "A", "B")
    assert isinstance(part, WireGuard)
    off = msgspec.structs.replace(part.interfaces[0], disabled=True)
    assert judged((source, msgspec.structs.replace(part, interfaces=(off,))))[0] == "off"


def test_wireguard_a_keepalive_on_either_side_counts() -> None:
    near = end("rt-a", "A", "B", handshake_at=OLD)
    assert judged(near, end("rt-b", "B", "A", handshake_at=OLD, keepalive=25.0))[0] == "dead"
    assert judged(near, end("rt-b", "B", "A", handshake_at=OLD))[0] == "idle"


def test_wireguard_that_carries_bgp_or_ospf_is_never_idle() -> None:
    from tests.snapshots import RouterAddress

    old = end("rt-a", "A", "B", handshake_at=OLD)
    address = RouterFacts(
        "rt-a", "a", "a", "7.20", addresses=(RouterAddress("wg1", "10.0.0.0/31"),)
    )
    speaks = Bgp((BgpConnection("rt-a", "to-b", "10.0.0.1", 65002),), ())
    assert judged(old, ("rt-a", address), ("rt-a", speaks)) == ("dead", "routing")
    hello = Ospf(interfaces=(OspfInterface("wg1", "10.0.0.0", "backbone", "ptp", "ptp"),))
    assert judged(old, ("rt-a", hello)) == ("dead", "routing")
    silent = Ospf(interfaces=(OspfInterface("wg1", state="passive"),))
    assert judged(old, ("rt-a", silent)) == ("idle", "idle")


@pytest.mark.parametrize(
    ("near", "far", "verdict"),
    [
        ({"responder": True}, {"responder": True}, ("never", "nobody")),
        ({"endpoint": ""}, {"endpoint": ""}, ("never", "nobody")),
        ({"responder": True}, {"endpoint": ""}, ("never", "nobody")),
        ({"responder": True}, {}, ("never", "never")),
    ],
)
def test_wireguard_two_ends_that_both_wait_never_connect(
    near: dict[str, Any], far: dict[str, Any], verdict: tuple[str, str]
) -> None:
    given = {"handshake_at": None, "keepalive": None}
    assert judged(
        end("rt-a", "A", "B", **given, **near), end("rt-b", "B", "A", **given, **far)
    ) == (verdict)


def test_wireguard_an_endpoint_that_moved_is_told_once_the_handshake_is_old() -> None:
    def told(at: float) -> str:
        seen = snapshot(
            end("rt-a", "A", "B", handshake_at=at, current_endpoint="198.51.100.9:4500")
        )
        (tunnel,) = tunnels(seen, NOW)
        lines = [line for part in WIREGUARD.details(tunnel, seen, NOW) for line in part.lines]
        return " ".join(cell.text for _label, cell in lines)

    assert "moved" in told(OLD)
    assert "moved" not in told(NOW - 30)


CONNECTION = BgpConnection("rt-a", "to-b", "10.0.0.1", 65002)
UP: dict[str, Any] = {"established": True, "prefixes": 4}
BGP_TABLE = [
    ("configured, no session row", {}, None, "no-session", "bad"),
    ("established", {}, UP, "established", "good"),
    ("established without prefixes", {}, {**UP, "prefixes": 0}, "empty", "warn"),
    ("a stale row of a lost session", {}, {"established": False}, "down", "bad"),
    ("stopped by somebody", {}, {"established": False, "stopped": True}, "stopped", "warn"),
    ("over its limit", {}, {"established": False, "limit_exceeded": True}, "limit", "bad"),
    ("connection disabled", {"disabled": True}, None, "disabled", "dim"),
    ("inactive, and why", {"inactive": True, "about": "BFD down"}, None, "no-session",
     "bad"),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "more", "session", "state", "role"), BGP_TABLE)
def test_bgp(
    seen: str, more: dict[str, Any], session: dict[str, Any] | None, state: str, role: str
) -> None:
    connection = msgspec.structs.replace(CONNECTION, **more)
    sessions = () if session is None else (BgpSession("rt-a", "to-b-1", "10.0.0.1", **session),)
    given = snapshot(("rt-a", Bgp((connection,), sessions)))
    (peering,) = peerings(given, NOW)
    assert peering.state == state, seen
    assert BGP.column("state").cell(peering, NOW).role == role
    if connection.about:
        lines = [line for part in BGP.details(peering, given, NOW) for line in part.lines]
        assert any(cell.text == connection.about for _label, cell in lines)


NOTIFICATIONS = {
    "0400": "hold timer expired",
    "0601": "too many prefixes",
    "0602": "shut down by the administrator",
    "0603": "the peer was removed from the configuration",
    "0604": "reset by the administrator",
    "0605": "connection rejected",
    "0607": "collision of two connections",
    "0202": "wrong AS number",
    "0203": "bad router ID",
}


@pytest.mark.parametrize("code", NOTIFICATIONS)
def test_bgp_why_it_fell(code: str) -> None:
    message = "FF" * 16 + "001503" + code
    assert in_words(message) == in_words(message.lower()) == NOTIFICATIONS[code]


def said(kind: str, *parts: Any, up: bool = True) -> tuple[str, str]:
    given = lab(NOW, inside(overlay(NOW), up=up), *parts)
    found: list[Link] = [link for link in links(given, NOW) if link.kind == kind]
    assert len(found) == 1
    return found[0].state, found[0].said.reason


OSPF_TABLE = [
    ("Down", "ptp", ("down", "fell")),
    ("Attempt", "ptp", ("one-way", "init")),
    ("Init", "ptp", ("one-way", "init")),
    ("2-Way", "ptp", ("degraded", "two-way")),
    ("2-Way", "broadcast", ("up", "others")),
    ("ExStart", "ptp", ("degraded", "exchange")),
    ("Exchange", "ptp", ("degraded", "exchange")),
    ("Loading", "ptp", ("degraded", "loading")),
    ("Full", "ptp", ("up", "full")),
    (None, "ptp", ("down", "no-neighbour")),
]


@pytest.mark.parametrize(("state", "kind", "verdict"), OSPF_TABLE)
def test_ospf(state: str | None, kind: str, verdict: tuple[str, str]) -> None:
    assert said("ospf", call(), ospf(state, state, kind=kind)) == verdict


PHASE_1 = [
    ("established", ("up", "keyed")),
    ("message-1-sent", ("down", "phase1-silent")),
    ("message-3-sent", ("down", "phase1-refused")),
    ("eap", ("down", "phase1-refused")),
    ("no-phase1", ("down", "phase1-none")),
    ("expired", ("down", "phase1-silent")),
]


@pytest.mark.parametrize(("state", "verdict"), PHASE_1)
def test_ipsec_phase_1(state: str, verdict: tuple[str, str]) -> None:
    assert said("ipsec", call(keys={"state": state})) == verdict


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("established", ("up", "keyed")),
        ("no-phase2", ("down", "phase2")),
        ("expired", ("down", "phase2")),
    ],
)
def test_ipsec_phase_2(state: str, verdict: tuple[str, str]) -> None:
    assert said("ipsec", call(phase2=state)) == verdict


@pytest.mark.parametrize(
    ("how", "verdict"),
    [
        ({}, ("up", "connected")),
        ({"up": False}, ("down", "calling")),
        ({"up": False, "keys": {"state": "message-1-sent"}}, ("down", "no-keys")),
        ({"up": False, "client": {"status": "verifying password..."}}, ("down", "refused")),
        ({"client": {"disabled": True}}, ("off", "disabled")),
    ],
)
def test_l2tp_says_which_of_its_two_layers_failed(
    how: dict[str, Any], verdict: tuple[str, str]
) -> None:
    assert said("l2tp", call(**how), up=how.get("up", True)) == verdict
