"""Verdicts on tunnels, case by case as the protocol's constants have it."""

from __future__ import annotations

import msgspec
import pytest

from labtui.model.snapshot import Snapshot
from labtui.model.tunnels import Tunnel, tunnels
from tests.snapshots import (
    NOW,
    Bgp,
    BgpConnection,
    RouterAddress,
    RouterFacts,
    WireGuard,
    WireGuardInterface,
    WireGuardPeer,
    snapshot,
)


def side(router: str, own: str, other: str, **peer: object) -> WireGuard:
    interface = WireGuardInterface(router, "wg1", own, 13231, 1420)
    values: dict[str, object] = {"handshake_at": NOW - 30, "keepalive": 25.0, **peer}
    return WireGuard(
        (interface,),
        (WireGuardPeer(router, "wg1", other, **values),),  # type: ignore[arg-type]
    )


def pair(left: dict[str, object], right: dict[str, object]) -> Snapshot:
    return snapshot(
        ("rt-836", side("rt-836", "keyA", "keyB", **left)),
        ("rt-835", side("rt-835", "keyB", "keyA", **right)),
        ("rt-836", RouterFacts("rt-836", "836", "rt-836", "7.20")),
        ("rt-835", RouterFacts("rt-835", "835", "rt-835", "7.20")),
    )


def only(lab: Snapshot, now: float = NOW) -> Tunnel:
    (tunnel,) = tunnels(lab, now)
    return tunnel


def test_both_ends_become_one_tunnel() -> None:
    tunnel = only(pair({}, {}))
    assert [end.router for end in tunnel.ends] == ["rt-835", "rt-836"]
    assert tunnel.far_name == "836"
    assert tunnel.judge(NOW).verdict == "up"


def test_an_end_we_do_not_hold_is_named_by_its_peer() -> None:
    tunnel = only(snapshot(("rt-836", side("rt-836", "keyA", "keyX", name="roaming"))))
    assert tunnel.far is None
    assert tunnel.far_name == "roaming"


@pytest.mark.parametrize(
    ("peer", "verdict", "reason"),
    [
        ({}, "up", "handshake"),
        ({"handshake_at": NOW - 190}, "up", "handshake"),
        ({"handshake_at": NOW - 200}, "dead", "keepalive"),
        ({"handshake_at": None}, "never", "never"),
        ({"handshake_at": None, "keepalive": None}, "idle", "waits"),
        ({"handshake_at": None, "keepalive": None, "endpoint": "192.0.2.1:1"}, "never", "never"),
        ({"disabled": True, "handshake_at": None}, "off", "disabled"),
        ({"handshake_at": NOW - 900, "keepalive": None}, "idle", "idle"),
        (
            {"handshake_at": NOW - 900, "keepalive": None, "tx_rate": 29.0, "rx_rate": 0.0},
            "dead",
            "knocking",
        ),
        ({"tx_rate": 9000.0, "rx_rate": 0.0}, "one-way", "no-receive"),
        ({"tx_rate": 0.0, "rx_rate": 9000.0}, "one-way", "no-send"),
        ({"tx_rate": 30.0, "rx_rate": 0.0}, "up", "handshake"),
    ],
)
def test_one_end(peer: dict[str, object], verdict: str, reason: str) -> None:
    judged = only(snapshot(("rt-836", side("rt-836", "keyA", "keyB", **peer)))).judge(NOW)
    assert (judged.verdict, judged.reason) == (verdict, reason)


def test_a_tunnel_with_bgp_is_never_idle() -> None:
    lab = snapshot(
        ("rt-836", side("rt-836", "keyA", "keyB", handshake_at=NOW - 900, keepalive=None)),
        (
            "rt-836",
            RouterFacts(
                "rt-836", "836", "x", "7.20", addresses=(RouterAddress("wg1", "10.255.0.0/31"),)
            ),
        ),
        ("rt-836", Bgp((BgpConnection("rt-836", "to-835", "10.255.0.1", 65035),), ())),
    )
    judged = only(lab).judge(NOW)
    assert (judged.verdict, judged.reason) == ("dead", "routing")


def test_the_worse_end_speaks() -> None:
    assert only(pair({}, {"handshake_at": None})).judge(NOW).verdict == "never"
    assert only(pair({}, {"disabled": True})).judge(NOW).verdict == "off"


def test_age_counts_on_without_a_new_reading_and_silence_is_unknown() -> None:
    lab = pair({}, {})
    judged = only(lab, NOW + 10).judge(NOW + 10)
    assert (judged.verdict, judged.age) == ("up", 40.0)
    assert only(lab, NOW + 60).judge(NOW + 60).verdict == "unknown"


def test_a_late_reading_makes_no_tunnel_dead() -> None:
    """Read 60 s ago with a handshake 150 s old then: it may well have been renewed since."""
    lab = snapshot(("rt", side("rt", "keyA", "keyB", handshake_at=NOW - 150)), pace=30.0)
    judged = only(lab, NOW + 60).judge(NOW + 60)
    assert (judged.verdict, judged.age) == ("up", 210.0)


def test_the_end_that_answers_speaks_for_a_silent_one() -> None:
    lab = pair({}, {})
    old = {f: x for f, x in lab.freshness.items() if f.source == "rt-835"}
    late = {f: msgspec.structs.replace(x, read_at=NOW - 900) for f, x in old.items()}
    half = Snapshot(parts=lab.parts, freshness={**lab.freshness, **late})
    assert only(half).judge(NOW).verdict == "up"


def test_same_key_on_both_ends_and_empty_keys_do_not_loop() -> None:
    lab = snapshot(("rt-836", side("rt-836", "keyA", "keyA")), ("rt-835", side("rt-835", "", "")))
    assert len(tunnels(lab, NOW)) == 2
