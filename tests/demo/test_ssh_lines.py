"""How the demo's shell reads a line."""

from __future__ import annotations

import json
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.demo.ssh.lines import ShellError, Step, parse
from labtui.demo.ssh.pvesh import read_order, shown


@pytest.mark.parametrize(
    ("line", "steps"),
    [
        ("", []),
        ("hostname", [Step(";", ["hostname"])]),
        ("a; b", [Step(";", ["a"]), Step(";", ["b"])]),
        ("a && b || c", [Step(";", ["a"]), Step("&&", ["b"]), Step("||", ["c"])]),
        ("a | b", [Step(";", ["a"]), Step("|", ["b"])]),
        ("a\nb", [Step(";", ["a"]), Step(";", ["b"])]),
        ("a 2>/dev/null", [Step(";", ["a"], "", "/dev/null")]),
        ("a >x 2>&1", [Step(";", ["a"], "x", "&1")]),
        ("a &>x", [Step(";", ["a"], "x", "&1")]),
        ("a </dev/null", [Step(";", ["a"])]),
        ("a 1>&2", [Step(";", ["a"], "&2")]),
        ("echo 'a  b' \"c;d\" e\\ f", [Step(";", ["echo", "a  b", "c;d", "e f"])]),
        ("echo a2>b", [Step(";", ["echo", "a2"], "b")]),
        ("a # rest", [Step(";", ["a"])]),
        ("echo ''", [Step(";", ["echo", ""])]),
    ],
)
def test_lines(line: str, steps: list[Step]) -> None:
    assert parse(line) == steps


@pytest.mark.parametrize(
    "line", ["&& a", "a &&", "a ||", "| a", "echo 'a", 'echo "a', "a >", "a > ;"]
)
def test_lines_that_bash_would_not_take(line: str) -> None:
    with pytest.raises(ShellError):
        parse(line)


@given(st.lists(st.text(st.characters(blacklist_categories=["Cs"]), max_size=12), min_size=1))
def test_quoted_words_come_back(words: list[str]) -> None:
    assert [step.words for step in parse(shlex.join(words))] == [words]


@given(st.text(max_size=40))
def test_any_line_is_read_or_refused(line: str) -> None:
    try:
        steps = parse(line)
    except ShellError as error:
        assert str(error)
        return
    assert all(step.words and step.joint in (";", "&&", "||", "|") for step in steps)


@given(st.lists(st.text(max_size=10)))
def test_any_order_of_pvesh_is_read_or_refused(words: list[str]) -> None:
    try:
        order = read_order(words)
    except ValueError as error:
        assert str(error) == "too many arguments"
        return
    assert order.path == "" or order.path.startswith("/")
    assert not order.ours.keys() & order.given.keys()


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_any_data_can_be_shown(data: object) -> None:
    assert json.loads(shown(data, "json", {})) == data
    for shape in ("text", "yaml", "json-pretty"):
        assert isinstance(shown(data, shape, {}), str)
