"""The graph of the overlay: edges, islands, ways, and ways that differ there and back."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from labtui.model.links import LinkState, links
from labtui.model.network import Edge, OverlayGraph, SiteNode, graph
from labtui.model.routes import LearntRoute
from labtui.model.snapshot import Snapshot
from tests.findings.labs import ended, lab, overlay
from tests.findings.labs_links import Parts, call, inside, routes
from tests.snapshots import NOW

NAMES = "abcdef"
STATES: tuple[LinkState, ...] = ("up", "degraded", "down", "one-way", "idle", "off", "unknown")


def made(shot: Snapshot) -> OverlayGraph:
    return graph(shot, links(shot, NOW))


def shot(*parts: Parts, **changes: object) -> Snapshot:
    return lab(NOW, inside(overlay(NOW, **changes)), *parts)  # type: ignore[arg-type]


def test_sites_and_what_joins_them() -> None:
    found = made(shot(call()))
    assert [site.name for site in found.sites] == ["a", "b", "c"]
    assert [(edge.kind, edge.sites) for edge in found.between("a", "b")] == [
        ("wireguard", ("a", "b")), ("l2tp", ("a", "b"))]  # fmt: skip
    assert len(found.at("c")) == 2
    assert found.islands() == (frozenset("abc"),)
    assert found.way("a", "c") == ("a", "c")


def test_what_remains_when_links_or_sites_fall() -> None:
    found = made(shot(peers=ended(NOW, "ac")))
    assert found.way("a", "c") == ("a", "b", "c")
    assert found.islands(without_sites="b") == (frozenset("a"), frozenset("c"))
    last = found.between("b", "c")[0].key
    assert found.islands(without_edges=[last]) == (frozenset("ab"), frozenset("c"))
    assert found.way("a", "nowhere") == ()


def test_ways_of_bgp_there_and_back() -> None:
    found = made(shot(routes()))
    assert found.paths["a", "c"] == ("a", "c")
    assert found.lopsided == ()
    round_ = (LearntRoute("10.2.0.0/24", (65003, 65002)), LearntRoute("10.3.0.0/24", (65003,)))
    assert made(shot(routes(a=round_))).lopsided == ((("a", "c", "b"), ("b", "a")),)


@st.composite
def graphs(draw: st.DrawFn) -> OverlayGraph:
    edges = []
    for pair in combinations(NAMES, 2):
        if draw(st.booleans()):
            state = draw(st.sampled_from(STATES))
            edges.append(Edge("".join(pair), "wireguard", pair, (), state))
    return OverlayGraph(tuple(SiteNode(name) for name in NAMES), tuple(edges))


@given(graphs())
def test_islands_part_the_sites_and_a_way_exists_exactly_within_one(found: OverlayGraph) -> None:
    islands = found.islands()
    assert sorted(site for island in islands for site in island) == list(NAMES)
    passing = {frozenset(edge.sites) for edge in found.edges if edge.passes}
    for one, other in combinations(NAMES, 2):
        together = any({one, other} <= island for island in islands)
        way = found.way(one, other)
        assert bool(way) is together
        if way:
            assert (way[0], way[-1]) == (one, other)
            assert len(set(way)) == len(way)
            assert all(frozenset(step) in passing for step in pairwise(way))
