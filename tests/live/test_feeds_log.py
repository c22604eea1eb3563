"""What the log has of feeds: each reading to debug, a failure once, its end, another way."""

from __future__ import annotations

import logging

import pytest

from labtui.live.feeds import Feeds
from labtui.live.store import Store
from labtui.model.cluster import Resources
from labtui.model.errors import LabError, TimedOut, Unreachable
from labtui.sources.source import Reading
from tests.live.test_feeds import Script, never, spec, until
from tests.snapshots import NOW


async def lines_of(caplog: pytest.LogCaptureFixture, *steps: Reading | LabError) -> list[str]:
    """The warnings (and more severe lines) of a feed that goes through these steps."""
    script, store = Script(*steps), Store()
    feeds = Feeds(store, [spec(script, pace=0.001)], lambda: NOW, never)
    with caplog.at_level(logging.DEBUG, "labtui"):
        feeds.start()
        await until(lambda: script.count > len(steps))
        await feeds.close()
    return [f"{record.levelname} {record.getMessage()}" for record in caplog.records]


def good(via: str) -> Reading:
    return Reading(Resources(), via)


async def test_each_reading_is_a_line_to_debug(caplog: pytest.LogCaptureFixture) -> None:
    lines = await lines_of(caplog, good("pve1:8006"))
    assert lines[0] == "DEBUG read proxmox/lab/resources via pve1:8006 0ms ok"


async def test_a_failure_is_a_warning_once_and_its_end_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gone = Unreachable("reading", where="pve1:8006", why="connection refused")
    hangs = TimedOut("reading", where="pve1:8006", why="no answer in 5 s")
    lines = await lines_of(caplog, gone, gone, hangs, good("pve2:8006"))
    told = [line for line in lines if line.startswith("WARNING")]
    assert told[:3] == [
        "WARNING proxmox/lab/resources failed (unreachable): "
        "reading (pve1:8006): connection refused",
        "WARNING proxmox/lab/resources failed (timed-out): reading (pve1:8006): no answer in 5 s",
        "WARNING proxmox/lab/resources can be read again, via pve2:8006",
    ]
    assert len(told) == 3


async def test_another_way_is_told(caplog: pytest.LogCaptureFixture) -> None:
    lines = await lines_of(caplog, good("pve1:8006"), good("pve2:8006"))
    assert "INFO proxmox/lab/resources is read via pve2:8006 now, was pve1:8006" in lines
