"""Nothing that could steer a terminal survives `clean`."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from labtui.model.text import clean, clean_lines


def test_plain_text_is_left_alone() -> None:
    assert clean("gpu-amy 論文資料庫 café") == "gpu-amy 論文資料庫 café"
    assert clean("[/b] [@click=app.bell]") == "[/b] [@click=app.bell]"


def test_escape_sequences_bidi_and_odd_blanks_are_made_harmless() -> None:
    assert clean("a\x1b]52;c;eA==\x07b") == "a�]52;c;eA==�b"
    assert clean("a\u202eb\u2028c\x9bd") == "a�b�c�d"
    assert clean("a\u3000b\u00a0c\td") == "a b c d"


def test_lines_stay_apart() -> None:
    assert clean_lines("one\ntwo\x1b[31m\r\nthree") == "one\ntwo�[31m\nthree"


@given(st.text(max_size=300))
def test_every_text_ends_printable_and_is_stable(text: str) -> None:
    cleaned = clean(text)
    assert cleaned.isprintable()
    assert clean(cleaned) == cleaned
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in cleaned)


@given(st.text(max_size=60), st.integers(1, 50))
def test_length_is_bounded(text: str, longest: int) -> None:
    assert len(clean(text, longest)) <= longest
