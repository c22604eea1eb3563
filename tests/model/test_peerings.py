"""BGP connections left-joined with their sessions."""

from __future__ import annotations

import pytest

from labtui.model.peerings import Peering, peerings
from tests.snapshots import (
    NOW,
    Bgp,
    BgpConnection,
    BgpSession,
    RouterAddress,
    RouterFacts,
    snapshot,
)


def only(connection: BgpConnection, *sessions: BgpSession, now: float = NOW) -> Peering:
    (peering,) = peerings(snapshot(("rt-836", Bgp((connection,), sessions))), now)
    return peering


def connection(**more: object) -> BgpConnection:
    values: dict[str, object] = {"remote_as": 65035, "local_as": 65036, **more}
    return BgpConnection("rt-836", "to-835", "10.255.0.1", **values)  # type: ignore[arg-type]


def session(name: str = "to-835-1", **more: object) -> BgpSession:
    values: dict[str, object] = {"established": True, "prefixes": 12, "local_as": 65036, **more}
    return BgpSession("rt-836", name, "10.255.0.1", **values)  # type: ignore[arg-type]


def test_configured_without_session_is_red() -> None:
    assert only(connection()).state == "no-session"


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "established"),
        ({"prefixes": 0}, "empty"),
        ({"established": False}, "down"),
        ({"stopped": True}, "stopped"),
        ({"limit_exceeded": True, "established": False}, "limit"),
    ],
)
def test_states(more: dict[str, object], state: str) -> None:
    assert only(connection(), session("to-835-1", **more)).state == state


def test_disabled_hides_the_rest() -> None:
    assert only(connection(disabled=True)).state == "disabled"


def test_session_is_found_by_name_with_or_without_number_or_by_address() -> None:
    for name in ("to-835-1", "to-835", "10.255.0.1"):
        assert only(connection(), session(name)).session is not None
    other = BgpSession("rt-836", "to-8351-1", "10.255.9.9")
    assert only(connection(), other).session is None


def test_names_that_look_alike_are_kept_apart() -> None:
    first = BgpConnection("rt", "peer", "10.0.0.1", 65001)
    second = BgpConnection("rt", "peer-1", "10.0.0.9", 65002)
    up = BgpSession("rt", "peer-1", "10.0.0.1", established=True, prefixes=3)
    found = peerings(snapshot(("rt", Bgp((first, second), (up,)))), NOW)
    assert [(p.connection.name, p.state) for p in found] == [
        ("peer", "established"),
        ("peer-1", "no-session"),
    ]


def test_a_listening_connection_has_several_sessions() -> None:
    lab = snapshot(("rt", Bgp((connection(),), (session("to-835-1"), session("to-835-2")))))
    assert len(peerings(lab, NOW)) == 2


def test_far_end_is_named_by_whose_address_it_is_and_outsiders_are_marked() -> None:
    lab = snapshot(
        ("rt-836", Bgp((connection(),), (session(),))),
        ("rt-835", Bgp((), (BgpSession("rt-835", "x", local_as=65035),))),
        (
            "rt-835",
            RouterFacts(
                "rt-835",
                "835",
                "rt-835",
                "7.20",
                addresses=(RouterAddress("wg1", "10.255.0.1/31"),),
            ),
        ),
    )
    (peering,) = peerings(lab, NOW)
    assert (peering.far_name, peering.outside) == ("835", False)
    assert only(connection(remote_as=4242421234)).outside


def test_a_silent_router_says_nothing() -> None:
    assert only(connection(), session(), now=NOW + 90).state == "unknown"
