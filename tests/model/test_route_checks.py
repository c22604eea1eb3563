"""Route checks: what is asked for which row, and what an answer means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.links import links
from labtui.model.route_checks import (
    MOST,
    RouteCheck,
    RouteQuestion,
    between,
    for_address,
    for_row,
    over,
)
from labtui.model.routes import Hop, RouteAnswer
from labtui.model.snapshot import Snapshot
from labtui.views import route_checks as words
from tests.findings.labs import overlay
from tests.findings.labs_links import inside
from tests.snapshots import NOW, snapshot

ASKED = RouteQuestion("rt-a", "10.0.2.1", "b")


def lab() -> Snapshot:
    return snapshot(*inside(overlay(NOW)))


def table(*hops: Hop) -> RouteAnswer:
    return RouteAnswer("rt-a", ASKED.address, hops)


BGP = Hop("10.0.2.0/24", "10.255.0.1", "wg-b", "bgp", 20, path=(65002,))
DEFAULT = Hop("0.0.0.0/0", "192.0.2.1", "ether1", "static", 1)
CASES = [
    (RouteCheck(ASKED, why="no answer"), "silent", False),
    (RouteCheck(ASKED, table=table(BGP)), "goes", False),
    (RouteCheck(ASKED, table=table()), "no-route", True),
    (RouteCheck(ASKED, table=table(DEFAULT)), "default", True),
    (RouteCheck(ASKED, table=table(DEFAULT, BGP)), "goes", False),
    (RouteCheck(ASKED, table=table(Hop("10.0.2.0/24", blackhole=True))), "dropped", True),
    (RouteCheck(ASKED, table=table(Hop("10.0.2.0/24", "bridge", "bridge", "connect"))), "here",
     False),
    (RouteCheck(ASKED, True, "ok", "wg-b", "10.255.0.1", table(BGP)), "goes", False),
    (RouteCheck(ASKED, True, "ok", "wg-c", "10.255.0.9", table(BGP)), "differs", False),
    (RouteCheck(ASKED, True, "unreachable", table=table()), "no-route", True),
    (RouteCheck(RouteQuestion("rt-a", "9.9.9.9"), table=table(DEFAULT)), "default", False),
]  # fmt: skip


@pytest.mark.parametrize(("check", "verdict", "astray"), CASES)
def test_what_an_answer_means(check: RouteCheck, verdict: str, astray: bool) -> None:
    assert check.verdict == verdict
    assert check.astray is astray
    text = words.way_text(check, ())
    assert text
    assert "{" not in text
    assert (words.role_of(check) == "bad") is astray


def test_the_next_hop_is_an_address_and_the_basis_is_said() -> None:
    own = RouteCheck(ASKED, table=table(Hop("10.0.2.0/24", "bridge", "bridge", "connect")))
    assert (own.gateway, own.face) == ("", "bridge")
    checked = RouteCheck(ASKED, True, "ok", "wg-b", "10.255.0.1", table(BGP))
    assert checked.gateway == "10.255.0.1"
    assert "ok" in words.basis_text(checked)
    assert "7.18" in words.basis_text(own)
    assert "AS 65002" in words.route_text(checked)
    assert words.title_of(checked) == "rt-a > 10.0.2.1 (b)"
    first = words.ordered((checked, RouteCheck(ASKED, table=table())))[0]
    assert first.astray, "what is astray comes first"


def test_rows_ask_what_matters_to_them() -> None:
    seen = lab()
    routers = {each.router for each in for_row(seen, NOW, "feed", "routeros/rt-a/bgp")}
    assert routers == {"rt-a"}
    assert for_row(seen, NOW, "feed", "proxmox/lab/resources") == ()
    of_site = for_row(seen, NOW, "place", "site/a")
    assert {each.about for each in of_site} == {"b", "c"}
    link = next(each for each in links(seen, NOW) if each.kind == "wireguard" and each.far)
    asked = for_row(seen, NOW, "link", link.key)
    assert {each.router for each in asked} == set(link.routers)
    assert all(each.about in link.sites for each in asked)
    assert for_row(seen, NOW, "link", "wireguard/nobody") == ()
    both = between(seen, "a", "b")
    assert [(each.router, each.about) for each in both] == [("rt-a", "b"), ("rt-b", "a")]
    assert between(seen, "a", "atlantis") == ()


def test_a_prefix_is_asked_of_everybody_else() -> None:
    seen = lab()
    asked = for_row(seen, NOW, "prefix", "10.0.9.0/24")
    assert {each.router for each in asked} == set(seen.sources("routeros"))
    assert {each.address for each in asked} == {"10.0.9.1"}
    assert for_row(seen, NOW, "prefix", "no prefix") == ()
    assert [one.address for one in for_address(seen, "10.1.2.3", "rt-a")] == ["10.1.2.3"]


def test_the_link_that_a_packet_takes_is_named() -> None:
    every = links(lab(), NOW)
    link = next(each for each in every if each.kind == "wireguard" and each.far)
    asked = RouteQuestion(link.near.router, "10.0.2.1")
    check = RouteCheck(asked, True, "ok", link.near.interface, "10.255.0.1")
    assert over(check, every) == link
    assert link.name in words.way_text(check, every)
    assert over(RouteCheck(asked), every) is None


@given(st.text(max_size=40))
def test_only_addresses_are_asked_for(text: str) -> None:
    try:
        asked = for_address(lab(), text)
    except ValueError:
        return
    assert len(asked) <= MOST


def test_a_lookup_names_the_link_that_the_way_goes_over() -> None:
    from labtui.model.lookup import Sightings, parse
    from labtui.model.lookup_names import lookup
    from labtui.views.lookup import sections

    seen = lab()
    answer = RouteAnswer("rt-a", "10.2.0.9", (Hop("10.2.0.0/24", "10.255.0.1", "wg-ab", "bgp"),))
    found = lookup(seen, parse("10.2.0.9"))
    made = sections(found, Sightings((), (answer,), {}), seen, NOW)
    (way,) = [part for part in made if "rt-a" in part.title and "way" in part.title]
    assert ("link", "a = b") in [(label, cell.text) for label, cell in way.lines]
