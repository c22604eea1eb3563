"""`[gpu]`: nobody is asked by default, and only in a way that there is."""

from __future__ import annotations

import pytest

from labtui.config.mistakes import ConfigError
from labtui.config.schema import GpuConfig
from tests.config.test_log_cache import parsed


def test_what_is_read() -> None:
    assert parsed().gpu == GpuConfig()
    assert parsed(gpu={"use": "agent"}).gpu == GpuConfig("agent")
    told = {"use": "ssh", "allow_in_read_only": True}
    assert parsed(gpu=told).gpu == GpuConfig("ssh", allow_in_read_only=True)


@pytest.mark.parametrize("use", ["telnet", 1, ""])
def test_any_other_way_is_named(use: object) -> None:
    with pytest.raises(ConfigError, match=r"gpu\.use: expected one of agent, ssh"):
        parsed(gpu={"use": use})
