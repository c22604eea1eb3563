"""`[safety]`: spans in words, and where the freeze file is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.config import safety
from labtui.config.file import ConfigError, parse
from labtui.config.safety import everybody_sees, freeze_file
from labtui.config.schema import Config, SafetyConfig
from labtui.model.spans import counted_down, seconds_of

BASE: dict[str, Any] = {
    "lab": {"name": "lsalab"},
    "netbox": {"url": "https://netbox.lab.example", "token": {"env": "TOKEN"}},
}


def of(tmp_path: Path, **keys: Any) -> SafetyConfig:
    return parse({**BASE, "safety": keys}, tmp_path / "config.toml").safety


def test_what_is_meant_when_nothing_is_written(tmp_path: Path) -> None:
    assert parse(BASE, tmp_path / "config.toml").safety == SafetyConfig(30, "", 0)


def test_spans_are_texts(tmp_path: Path) -> None:
    found = of(tmp_path, max_age="2m", elevation="1h", freeze_file="freeze.json")
    assert (found.max_age, found.elevation) == (120, 3600)
    assert found.freeze_file == str(tmp_path / "freeze.json")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("max_age", 30),
        ("max_age", "4s"),
        ("max_age", "2h"),
        ("max_age", "soon"),
        ("max_age", ""),
        ("max_age", "30"),
        ("elevation", "10s"),
        ("elevation", "2d"),
        ("elevation", True),
        ("freeze_file", 7),
        ("longest", "1h"),
    ],
)
def test_a_mistake_is_named_by_its_key(tmp_path: Path, key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"safety\.{key}"):
        of(tmp_path, **{key: value})


def config(tmp_path: Path, **more: Any) -> Config:
    return Config(str(tmp_path / "config.toml"), "lsalab", **more)


def test_the_file_is_where_all_users_see_it_if_there_is_such_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safety, "SHARED", tmp_path / "shared")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    own = freeze_file(config(tmp_path))
    assert own.is_relative_to(tmp_path / "state")
    assert own.parent.is_dir()
    assert not everybody_sees(config(tmp_path))
    (tmp_path / "shared").mkdir()
    assert freeze_file(config(tmp_path)).parent == tmp_path / "shared"
    assert freeze_file(config(tmp_path)).name.startswith("lsalab-")
    assert everybody_sees(config(tmp_path))


def test_a_place_of_ones_choice(tmp_path: Path) -> None:
    chosen = config(tmp_path, safety=SafetyConfig(freeze_file="/srv/labtui.json"))
    assert freeze_file(chosen) == Path("/srv/labtui.json")
    assert everybody_sees(chosen)


def test_a_demo_lab_has_one_of_its_own(tmp_path: Path) -> None:
    assert freeze_file(config(tmp_path, demo=True)) == tmp_path / "freeze.json"


@given(st.integers(0, 999_999), st.sampled_from("smhd"))
def test_every_span_that_is_written_is_read(count: int, unit: str) -> None:
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
    assert seconds_of(f" {count}{unit.upper()} ") == count * seconds


@given(st.text(max_size=20))
def test_any_text_is_a_span_or_none(text: str) -> None:
    found = seconds_of(text)
    assert found is None or found >= 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(581, "9:41"), (59.9, "0:59"), (0, "0:00"), (-3, "0:00"), (3729, "1:02:09")],
)
def test_what_is_left_is_counted_as_a_clock_does(seconds: float, text: str) -> None:
    assert counted_down(seconds) == text
