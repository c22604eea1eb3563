"""The map drawn at three sizes, as tree, SVG and Graphviz: sites named, no label on another."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.links import LinkState
from labtui.model.network import Edge, OverlayGraph, SiteNode
from labtui.model.paths import Hop, Trail
from labtui.model.snapshot import Snapshot
from labtui.views.map import MAP
from labtui.views.map_picture import Ink, boxes_for, cells, draw, shortened
from labtui.views.map_places import SIGNS, Atlas, Place, atlas, edge_labels, site_key
from labtui.views.map_svg import dot, escaped, quoted, svg
from labtui.views.map_tree import tree
from labtui.views.map_words import about, hops, way
from tests.findings.labs import ended, lab, overlay
from tests.findings.labs_links import call, inside
from tests.snapshots import NOW

SIZES = ((78, 16), (118, 28), (198, 44))
TITLES = ["836", "台北", "mou", "ax", "長" * 10, "dn42", "x" * 30]
STATES: tuple[LinkState, ...] = tuple(SIGNS)


def shot(**changes: object) -> Snapshot:
    return lab(NOW, inside(overlay(NOW, **changes)), call())  # type: ignore[arg-type]


def made(names: list[str], ends: list[tuple[int, int, LinkState]]) -> Atlas:
    nodes = tuple(SiteNode(name) for name in names)
    edges = tuple(
        Edge(
            f"wireguard/{number}",
            "wireguard",
            (names[one], names[other]),
            (),
            state,
            1420,
            9e5,
            1e3,
        )
        for number, (one, other, state) in enumerate(ends)
        if one != other
    )
    places = [Place(site_key(node.name), node.name, node=node) for node in nodes]
    places += [Place(edge.key, edge.key, edge=edge) for edge in edges]
    return Atlas(OverlayGraph(nodes, edges), tuple(places), {}, ())


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_site_and_every_link_is_on_it(width: int, height: int) -> None:
    whole = atlas(shot(peers=ended(NOW, "ab")), NOW)
    boxes = boxes_for(whole, width, height)
    assert boxes is not None
    drawn = draw(whole, boxes, width, height, Ink(cursor=site_key("a")))
    for name in "abc":
        x, y = drawn.places[site_key(name)]
        assert re.search(rf"\b{name}\b", drawn.text.splitlines()[y][x - 4 : x + 5])
    assert set(drawn.places) == {place.key for place in whole.places}
    assert "✗ DOWN" in drawn.text
    assert "L2TP" in drawn.text
    assert len(drawn.rows) == height
    assert all(sum(cells(piece.text) for piece in row) == width for row in drawn.rows)
    assert any(piece.ground == "cursor" for row in drawn.rows for piece in row)


@given(
    st.lists(st.sampled_from(TITLES), min_size=1, max_size=7, unique=True),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from(STATES)), max_size=12),
    st.sampled_from(SIZES),
)  # fmt: skip
def test_no_label_covers_another(
    names: list[str], ends: list[tuple[int, int, LinkState]], size: tuple[int, int]
) -> None:
    whole = made(names, [end for end in ends if max(end[:2]) < len(names)])
    boxes = boxes_for(whole, *size)
    assert boxes is not None
    drawn = draw(whole, boxes, *size, Ink())
    flat = drawn.text
    for name in names:
        assert shortened(name, 16) in flat, "a label was written over a site"
    for edge in whole.net.edges:
        x, y = drawn.places[edge.key]
        assert 0 <= x < size[0]
        assert 0 <= y < size[1]
    assert all(sum(cells(piece.text) for piece in row) == size[0] for row in drawn.rows)


def test_what_is_too_much_for_the_room_is_a_tree() -> None:
    names = [f"site-{number:03d}" for number in range(60)]
    whole = made(names, [(0, number, "up") for number in range(1, 60)])
    assert boxes_for(whole, 78, 18) is None
    assert boxes_for(whole, 198, 44) is not None
    lines = tree(whole, {})
    assert sorted(twig.key for twig in lines) == sorted(place.key for place in whole.places)
    assert lines[0].text == "site-000"
    assert lines[1].text.startswith("  ├─ ✓  site-001")


def test_labels_get_shorter_to_a_glyph() -> None:
    edge = Edge("k", "l2tp", ("a", "b"), (), "down", rx_rate=1.0, tx_rate=2.0)
    assert edge_labels(edge, 0.012) == ("✗ L2TP DOWN 12ms", "✗ L2TP DOWN", "✗ L2TP", "✗")
    up = Edge("k", "wireguard", ("a", "b"), (), "up", rx_rate=2048.0, tx_rate=0.0)
    assert edge_labels(up, None)[0] == "✓ 2.0K/0"


def test_a_site_without_a_way_to_the_rest_says_so() -> None:
    rows = {row.key: row for row in MAP.rows(shot(peers=ended(NOW, "ab", "ac")), NOW)}
    assert not rows["site/a"].lost, "the backup line still passes"
    both = lab(NOW, inside(overlay(NOW, peers=ended(NOW, "ab", "ac"))))
    found = list(MAP.rows(both, NOW))
    lost = next(row for row in found if row.key == "site/a")
    assert lost.lost
    assert MAP.trouble(lost, NOW) == 4
    assert "a" in MAP.summary(found, NOW).text
    assert about(lost, {})[0].role == "bad"
    for row in found:
        assert MAP.details(row, both, NOW)
        assert about(row, {row.key: 0.02})


def test_ways_in_words() -> None:
    first = Hop("ra", "a", "10.2.0.0/24", "bgp", "10.9.0.1", "wg-b", "wireguard/1", (65002,))
    arrived = Trail("10.2.0.1", (first, Hop("rb", "b")), "arrived")
    assert way("a", "b", arrived).text == "a > b: directly"
    longer = Trail("10.2.0.1", (first, Hop("rc", "c"), Hop("rb", "b")), "arrived")
    assert way("a", "b", longer).text == "a > b: by c"
    silent = Trail("10.2.0.1", (first, Hop("rc", "c", why="no answer in 5 s")), "silent")
    assert way("a", "b", silent).text == (
        "a > b: a > c: unknown from rc on, it does not answer: no answer in 5 s"
    )
    for ending in ("no-route", "blackhole", "leaves", "loop", "too-long"):
        assert way("a", "b", Trail("10.2.0.1", (first,), ending)).role == "bad"
    assert way("a", "b", None).role == "stale"
    assert hops(arrived)[0] == "a ra: 10.2.0.0/24 by bgp, to 10.9.0.1 (wg-b)"


NASTY = "<b>\"&'\x1b\x00</b>\\"


def test_svg_is_xml_whatever_sites_are_called() -> None:
    whole = made([NASTY, "台北", "c"], [(0, 1, "down"), (1, 2, "up")])
    root = ElementTree.fromstring(svg(whole, {"wireguard/1": 0.02}))
    texts = [node.text or "" for node in root.iter() if node.tag.endswith("text")]
    assert any(text.startswith("<b>") for text in texts)
    assert "✗ DOWN" in texts
    assert len([node for node in root.iter() if node.tag.endswith("line")]) == 2


@given(st.text())
def test_any_text_is_escaped_for_xml_and_for_dot(text: str) -> None:
    ElementTree.fromstring(f"<a>{escaped(text)}</a>")
    inner = quoted(text)[1:-1]
    assert re.fullmatch(r'(?:[^"\\]|\\\\|\\")*', inner)


def test_dot_has_every_site_and_link() -> None:
    text = dot(made(["a", 'b"', "c"], [(0, 1, "down"), (1, 2, "up")]), {})
    assert text.startswith("graph overlay {")
    assert '"a" -- "b\\"" [label="✗ DOWN"' in text
    assert text.count(" -- ") == 2
