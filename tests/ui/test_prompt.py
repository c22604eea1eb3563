"""The line to type in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labtui.ui.widgets.cells import line_width
from labtui.ui.widgets.prompt import Entry, Field

KEYS = st.sampled_from(
    ["backspace", "delete", "left", "right", "home", "end", "ctrl+u", "ctrl+w", "f5"]
)


def typed(*keys: str) -> Entry:
    entry = Entry()
    for key in keys:
        entry.press(key, key if len(key) == 1 else None)
    return entry


def test_editing() -> None:
    assert typed("a", "b", "backspace", "c").text == "ac"
    assert typed("a", "c", "left", "b").text == "abc"
    assert typed("b", "home", "a", "end", "c").text == "abc"
    assert typed("a", "b", "home", "delete").text == "b"
    assert typed("a", " ", "b", "c", "ctrl+w").text == "a "
    assert typed("a", "b", "left", "ctrl+u").text == "b"
    assert not Entry().press("f5", None)


@given(st.lists(st.one_of(KEYS, st.characters()), max_size=30))
def test_whatever_is_pressed_the_text_is_one_harmless_line(keys: list[str]) -> None:
    entry = typed(*keys)
    assert 0 <= entry.at <= len(entry.text)
    assert entry.text.isprintable()


@given(st.text(max_size=60), st.integers(8, 60), st.booleans())
def test_a_field_is_as_wide_as_it_should_be(text: str, width: int, framed: bool) -> None:
    field = Field("/", framed=framed)
    field.entry.insert(text)
    assert line_width(field.draw(width, 1)[0]) == width


def test_what_is_pasted_is_made_harmless() -> None:
    entry = Entry()
    entry.insert("gpu\n\x1b]52;c;x\x07")
    assert entry.text == "gpu \ufffd]52;c;x\ufffd"
