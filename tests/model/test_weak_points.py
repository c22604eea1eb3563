"""Weak points are the articulation points and bridges that networkx finds."""

from __future__ import annotations

import networkx
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.network import Edge, OverlayGraph, SiteNode
from labtui.model.weak_points import cut_off, weak_points

NAMES = "abcdefgh"
ENDS = st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(
    lambda two: two[0] != two[1]
)


@st.composite
def graphs(draw: st.DrawFn) -> OverlayGraph:
    """Several links may join the same two sites; some do not pass."""
    ends = draw(st.lists(st.tuples(ENDS, st.sampled_from(("up", "degraded", "down", "idle"))),
                         max_size=16))  # fmt: skip
    edges = tuple(
        Edge(f"e{number}", "wireguard", pair, (), state)  # type: ignore[arg-type]
        for number, (pair, state) in enumerate(ends)
    )
    return OverlayGraph(tuple(SiteNode(name) for name in NAMES), edges)


def judged(graph: OverlayGraph) -> tuple[set[str], set[str]]:
    """(articulation points, keys of bridges) as networkx has them."""
    simple = networkx.Graph()
    simple.add_nodes_from(NAMES)
    between: dict[frozenset[str], list[str]] = {}
    for edge in graph.edges:
        if edge.passes:
            simple.add_edge(*edge.sites)
            between.setdefault(frozenset(edge.sites), []).append(edge.key)
    bridges = [between[frozenset(pair)] for pair in networkx.bridges(simple)]
    joints = set(networkx.articulation_points(simple))
    return joints, {keys[0] for keys in bridges if len(keys) == 1}


@given(graphs())
def test_as_networkx_has_them(graph: OverlayGraph) -> None:
    found = weak_points(graph)
    joints, bridges = judged(graph)
    assert {point.key for point in found if point.is_site} == joints
    assert {point.key for point in found if not point.is_site} == bridges
    assert all(point.cut_off for point in found)


@given(graphs(), st.sampled_from(NAMES))
def test_what_is_cut_off_can_not_reach_what_is_left(graph: OverlayGraph, fallen: str) -> None:
    lost = cut_off(graph, sites=(fallen,))
    assert fallen not in lost
    if lost:
        group = next(group for group in graph.islands() if fallen in group)
        assert set(lost) < group - {fallen}
        kept = group - {fallen} - set(lost)
        pieces = graph.islands(without_sites=(fallen,))
        assert not any(piece & kept and piece & set(lost) for piece in pieces)


def test_a_second_link_between_two_sites_is_no_bridge() -> None:
    sites = (SiteNode("a"), SiteNode("b"), SiteNode("c"), SiteNode("outside", ours=False))
    one = Edge("1", "wireguard", ("a", "b"), (), "up")
    two = Edge("2", "l2tp", ("b", "a"), (), "up")
    three = Edge("3", "wireguard", ("b", "c"), (), "up")
    out = Edge("4", "wireguard", ("c", "outside"), (), "up")
    points = weak_points(OverlayGraph(sites, (one, two, three, out)))
    assert [(point.key, point.cut_off) for point in points] == [("b", ("c",)), ("3", ("c",))]
