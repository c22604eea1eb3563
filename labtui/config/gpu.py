"""`[gpu]`: whether and how it is asked what GPUs do."""

from __future__ import annotations

from typing import Literal

from labtui.config.schema import GpuConfig
from labtui.config.table import Table

_WAYS: tuple[Literal["agent", "ssh"], ...] = ("agent", "ssh")


def read_gpu(table: Table) -> GpuConfig:
    """`use = "agent"` or `"ssh"`; nobody is asked without it."""
    use = table.choice("use", _WAYS)
    allowed = table.flag("allow_in_read_only")
    for way in _WAYS:
        if way == use:
            return GpuConfig(way, allowed)
    return GpuConfig(allow_in_read_only=allowed)
