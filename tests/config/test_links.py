"""`[links]`: what a new link is made of, and what can't be read of it."""

from __future__ import annotations

import pytest

from labtui.config.mistakes import ConfigError
from labtui.model.link_rules import LinkRules
from tests.config.test_log_cache import parsed


def test_what_is_written_is_taken_and_the_rest_is_as_usual() -> None:
    assert parsed().links == LinkRules()
    given = parsed(links={"pool": "10.255.0.0/24", "length": 31, "ports": "40000-40010"}).links
    assert given == LinkRules(pool="10.255.0.0/24", length=31, ports=(40000, 40010))


@pytest.mark.parametrize(
    ("key", "value"),
    [("pool", "10.255.0.1/24"), ("pool", "x"), ("ports", "9-1"), ("ports", "1-99999"),
     ("length", 32), ("filter", "two words"), ("group", "a/b")],
)  # fmt: skip
def test_what_is_none_is_named(key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"links\.{key}"):
        parsed(links={key: value})
