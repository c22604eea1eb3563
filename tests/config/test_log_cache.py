"""`[log]` and `[cache]`: defaults, values, mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from labtui.config.file import parse
from labtui.config.mistakes import ConfigError
from labtui.config.schema import CacheConfig, Config, LogConfig

ROUTER = {"name": "836", "addresses": ["10.0.0.1"], "username": "ro", "password": "x"}


def parsed(**tables: object) -> Config:
    return parse({"router": [ROUTER], **tables}, Path("config.toml"))


def test_nothing_said_is_a_log_of_what_matters_and_a_memory() -> None:
    config = parsed()
    assert config.log == LogConfig("info", 3, 2)
    assert config.cache == CacheConfig(keep=True)


def test_what_is_said_is_taken() -> None:
    config = parsed(log={"level": "debug", "files": 9, "size": 20}, cache={"keep": False})
    assert config.log == LogConfig("debug", 9, 20)
    assert config.cache == CacheConfig(keep=False)


@pytest.mark.parametrize(
    ("table", "mistake"),
    [
        ({"level": "chatty"}, "log.level"),
        ({"level": 3}, "log.level"),
        ({"files": 0}, "log.files"),
        ({"files": 101}, "log.files"),
        ({"files": True}, "log.files"),
        ({"files": "3"}, "log.files"),
        ({"size": 1.5}, "log.size"),
        ({"size": 10**30}, "log.size"),
        ({"sise": 1}, "log.sise"),
    ],
)
def test_a_wrong_value_is_told_with_its_place(table: dict[str, object], mistake: str) -> None:
    with pytest.raises(ConfigError) as told:
        parsed(log=table)
    assert [each.key for each in told.value.mistakes] == [mistake]


def test_keep_is_yes_or_no() -> None:
    with pytest.raises(ConfigError, match=r"cache\.keep: expected true or false"):
        parsed(cache={"keep": "no"})
