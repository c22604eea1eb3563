"""Boxes of the map never overlap, stand where they stood, and a small ring has few crossings."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from labtui.model.map_layout import Box, _near, _steps, lay_out, ring_order

NAMES = [f"s{number}" for number in range(14)]
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=30)


@given(
    st.dictionaries(st.sampled_from(NAMES), st.integers(3, 14), max_size=14),
    PAIRS,
    st.integers(10, 120),
    st.integers(3, 40),
    st.sampled_from((1, 3)),
)
def test_no_box_touches_another_or_the_edge(
    widths: dict[str, int], pairs: list[tuple[str, str]], width: int, height: int, tall: int
) -> None:
    sizes = {name: (wide, tall) for name, wide in widths.items()}
    boxes = lay_out(sizes, pairs, width, height)
    if boxes is None:
        return
    assert boxes.keys() == sizes.keys()
    for name, box in boxes.items():
        assert (box.width, box.height) == sizes[name]
        assert box.x >= 0 <= box.y
        assert box.x + box.width <= width
        assert box.y + box.height <= height
    assert not any(one.meets(other) for one, other in combinations(boxes.values(), 2))


@given(PAIRS, st.randoms())
def test_the_order_of_what_is_read_changes_nothing(
    pairs: list[tuple[str, str]], dice: object
) -> None:
    sizes = dict.fromkeys(NAMES, (8, 1))
    turned = [(other, one) for one, other in reversed(pairs)]
    other = dict(reversed(list(sizes.items())))
    assert lay_out(sizes, pairs, 100, 30) == lay_out(other, turned, 100, 30)


def test_sixty_sites_have_room_at_the_sizes_of_terminals() -> None:
    names = [f"rt{number:02d}" for number in range(60)]
    pairs = [(names[0], name) for name in names[1:]] + list(pairwise(names))
    for width, height in ((118, 28), (198, 44)):
        boxes = lay_out(dict.fromkeys(names, (8, 1)), pairs, width, height)
        assert boxes is not None
        assert len(boxes) == 60
    assert lay_out(dict.fromkeys(names, (8, 1)), pairs, 20, 10) is None
    hub = lay_out(dict.fromkeys(names, (8, 1)), pairs, 198, 44) or {}
    x, y = hub[names[0]].middle
    assert abs(x - 98.5) < 8
    assert abs(y - 21.5) < 4, "a hub stands in the middle"


def test_a_ring_is_drawn_as_a_ring() -> None:
    names = list("abcdefgh")
    pairs = list(zip(names, names[3:] + names[:3], strict=True))
    order = ring_order(names, pairs)
    place = {name: number for number, name in enumerate(order)}
    assert all(abs(place[a] - place[b]) in (1, 7) for a, b in pairs)
    assert Box(0, 0, 3, 1).meets(Box(2, 0, 3, 1))
    assert not Box(0, 0, 3, 1).meets(Box(3, 0, 3, 1))
    assert lay_out({}, (), 10, 10) == {}


def test_the_near_steps_are_the_first_of_all() -> None:
    near = _near()
    assert len(near) > 100
    assert _steps(40, 40)[: len(near)] == near
