"""Pings: what is sent, what recorded answers mean, rubbish, and packets of the demo's router."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.config.file import load
from labtui.model.errors import NotFound
from labtui.model.pings import MOST, Ping, Pinged
from labtui.sources.routeros.asking import Ask
from labtui.sources.routeros.ping import limit, ping, result, words
from labtui.sources.routeros.source import RouterSource
from tests.live.diagnosis_stage import outage_stage

PAPERS = Path(__file__).parents[2] / "data" / "routeros" / "ping.json"


def recorded() -> list[list[dict[str, Any]]]:
    samples = json.loads(PAPERS.read_text())["samples"]
    return [sample["rows"] for sample in samples if "rows" in sample]


def test_recorded_answers() -> None:
    told = [result([{k: str(v) for k, v in row.items()} for row in rows]) for rows in recorded()]
    assert [(one.sent, one.received) for one in told] == [(2, 2), (5, 5), (2, 2)]
    assert told[0].mean == pytest.approx(0.000417)
    assert told[1].most == pytest.approx(0.009728)
    assert told[2].least == 0.0
    assert not any(one.status or one.lost for one in told)


def test_a_packet_without_answer_may_lack_everything() -> None:
    rows = [{"host": "10.0.0.1", "status": "timeout", "sent": "1", "received": "0"}, {}]
    assert result(rows) == Pinged(1, 0, status="timeout")
    assert result([]).lost == 1.0
    both = Pinged(5, 4, 0.1, 0.2, 0.3).with_more(Pinged(5, 0, status="timeout"))
    assert (both.sent, both.received, both.mean, both.status) == (10, 4, 0.2, "timeout")


@given(st.lists(st.dictionaries(st.sampled_from(["sent", "received", "avg-rtt", "status", "time"]),
                                st.text(max_size=12)), max_size=4))  # fmt: skip
def test_rubbish_is_no_answer(rows: list[dict[str, str]]) -> None:
    told = result(rows)
    assert 0.0 <= told.lost <= 1.0
    assert told.status.isprintable()


@given(st.integers(-5, 10**6), st.floats(0, 1000), st.integers(0, 70000))
def test_every_ping_is_bounded(count: int, interval: float, size: int) -> None:
    asked = Ping("10.0.0.1", "10.0.0.2", count, interval, size, whole=True)
    told = words(asked)
    assert 1 <= int(told["count"]) <= MOST
    assert 50 <= int(told["interval"].removesuffix("ms")) <= 5000
    assert told["src-address"] == "10.0.0.2"
    assert told["do-not-fragment"] == "yes"
    assert limit(asked) > int(told["count"])
    assert "size" not in words(Ping("10.0.0.1"))


class OldRouter:
    """Knows `/ping` alone, as RouterOS 6 does."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def command(self, command: str, attributes: Mapping[str, str]) -> Sequence[Any]:
        self.asked.append(command)
        if command != "/ping":
            raise NotFound(command, why="no such command prefix")
        return [{"sent": "1", "received": "1", "avg-rtt": "2ms"}]


async def test_an_old_router_is_asked_by_the_old_name() -> None:
    router = OldRouter()
    told = await ping(cast(Ask, router), Ping("10.0.0.1"))
    assert told.mean == pytest.approx(0.002)
    assert router.asked == ["/tool/ping", "/ping"]


async def test_a_ping_that_nobody_waits_for_is_cancelled_and_the_line_stays_good() -> None:
    async with outage_stage() as stage:
        stage.clock.speed = 1.0
        config = next(c for c in load(stage.running.config).routers if c.name == "rt-836")
        source = RouterSource(config, stage.clock.now)
        try:
            asked = asyncio.create_task(source.ping(Ping("10.255.0.3", count=20, interval=5.0)))
            await asyncio.sleep(0.3)
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked
            stage.clock.speed = 1000.0
            told = await source.ping(Ping("10.255.0.3", "10.255.0.2", 3))
            assert (told.sent, told.received) == (3, 3)
            large = await source.ping(Ping("10.255.0.3", "10.255.0.2", 1, size=1421, whole=True))
            assert large.received == 0
            assert "too large" in large.status
        finally:
            await source.close()
