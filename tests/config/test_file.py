"""The configuration file as a whole: names, unknown keys, all mistakes at once, hostile files."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.config.file import ConfigError, load, parse
from labtui.config.schema import Config
from labtui.config.sections import KEYS
from labtui.model.text import clean
from tests.config.documents import GOOD, PATH, PIN, changed, mistakes, only


def test_names_are_there_and_used_once() -> None:
    assert "router[0].name" in only(changed("router", name=None))
    assert "router[0].name" in only(changed("router", name="a b"))
    assert "taken by proxmox[0]" in only(changed("router", name="PVE"))
    assert "taken by [netbox]" in only(changed("router", name="netbox"))
    twice = copy.deepcopy(GOOD)
    twice["router"].append(copy.deepcopy(twice["router"][0]))
    assert only(twice).startswith("router[1].name: ")


@pytest.mark.parametrize(
    ("place", "key", "near"),
    [
        ("lab", "readonly", "read_only"),
        ("proxmox", "endpoint", "endpoints"),
        ("router", "adresses", "addresses"),
        ("netbox", "tokens", "token"),
        ("ssh", "known_host", "known_hosts"),
        ("ui", "langauge", "language"),
    ],
)
def test_an_unknown_key_is_told_its_nearest(place: str, key: str, near: str) -> None:
    sentence = only(changed(place, **{key: "x"}))
    assert f".{key}: unknown key" in sentence
    assert f"did you mean {near}?" in sentence


def test_an_unknown_table_is_told_its_nearest() -> None:
    assert only(GOOD | {"routers": []}) == "routers: unknown table (did you mean router?)"
    assert "known: lab, proxmox" in only(GOOD | {"qqqqq": 1})


def test_the_number_of_brackets() -> None:
    assert "[[proxmox]], found [proxmox]" in only(GOOD | {"proxmox": GOOD["proxmox"][0]})
    assert "[netbox], found [[netbox]]" in only(GOOD | {"netbox": [GOOD["netbox"]]})
    assert "netbox: " in only(GOOD | {"netbox": "hunter2"})
    assert "hunter2" not in only(GOOD | {"netbox": "hunter2"})


def test_nothing_to_watch_is_a_mistake() -> None:
    assert "at least one of" in only({"lab": {"name": "x"}})
    assert "at least one of" in only({"router": []})


def test_all_mistakes_come_at_once() -> None:
    raw = {
        "lab": {"nam": "x"},
        "proxmox": [{"name": "a", "endpoints": ["http://x", "y:0"]}],
        "router": [{"name": "a", "addresses": [], "username": "", "password": {"evn": "X"}}],
        "netbox": {"url": "http://far", "token": 5},
        "ui": {"ascii": "no"},
        "typo": {},
    }
    keys = {sentence.partition(":")[0] for sentence in mistakes(raw)}
    assert keys == {
        "lab.nam",
        "proxmox[0].endpoints[0]",
        "proxmox[0].endpoints[1]",
        "proxmox[0]",
        "router[0].name",
        "router[0].addresses",
        "router[0].username",
        "router[0].password.evn",
        "netbox.url",
        "netbox.token",
        "ui.ascii",
        "typo",
    }


def test_what_is_found_cannot_steer_the_terminal() -> None:
    sentence = only(changed("router", name="a\x1b]0;x\x07b", site="s"))
    assert sentence.isprintable()
    assert only(changed("router", **{"x\x1by": 1})).isprintable()


def test_a_missing_file_is_told_kindly(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    with pytest.raises(ConfigError) as caught:
        load(path)
    for word in (str(path), "labtui --demo", "config.example.toml", "--config"):
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[lab\n", "line 1"),
        (b"\xff\xfe", "UTF-8"),
        (b"x = " + b"[" * 20_000, "nested"),
        (b"x = " + b"9" * 6_000, "number too long"),
        (b"#" * (1 << 20) + b"#", "at most"),
    ],
)
def test_a_file_that_is_no_toml(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=says):
        load(path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="directory"):
        load(tmp_path)


_words = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "pve1", "[::1]:1", "http://x", "https://u:p@x", "pin", "off", PIN, "a@b!cc", "~x/y"]
    ),
)
_values = st.recursive(
    st.one_of(
        _words, st.booleans(), st.integers(), st.floats(), st.dates(), st.datetimes(), st.times()
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_words, inner, max_size=3)
    ),
    max_leaves=6,
)
_secret = st.dictionaries(st.sampled_from(["env", "command", "file", "keyring", "x"]), _values)


def _table(keys: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    lists = st.lists(_words, max_size=3)
    return st.dictionaries(st.sampled_from(keys), st.one_of(_values, lists, _secret))


_documents = st.fixed_dictionaries(
    {},
    optional={
        word: st.one_of(_table(keys), st.lists(_table(keys), max_size=2), _values)
        for word, keys in {**KEYS, "keys": ("a", "b"), "x": ("y",)}.items()
    },
)


@given(st.one_of(_documents, st.dictionaries(_words, _values, max_size=4)))
def test_no_document_raises_anything_else(raw: dict[str, Any]) -> None:
    try:
        config = parse(raw, PATH)
    except ConfigError as error:
        assert error.mistakes
        sentences = [mistake.sentence for mistake in error.mistakes]
        assert sentences == [clean(sentence, 1 << 20) for sentence in sentences]
    else:
        assert isinstance(config, Config)


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_bytes(content)
        with pytest.raises(ConfigError):
            load(path)
