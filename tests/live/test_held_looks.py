"""A console that is held back runs no program in guests, unless it was told that it may."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from labtui.config.file import load
from labtui.config.schema import GpuConfig
from labtui.live import freeze as freezing
from labtui.live.freeze import Freeze
from labtui.live.opening import made as sources_made
from labtui.model.snapshot import Snapshot
from labtui.model.use import CardUses
from tests.live.gates import made
from tests.snapshots import NOW
from tests.sources.proxmox.test_demo import lab


async def test_the_reason_is_of_now_and_the_file_is_looked_at_anew(tmp_path: Path) -> None:
    gate, path, _book = made(tmp_path)
    assert await gate.reason() == ""
    freezing.write(path, Freeze("amy", "192.0.2.7", NOW, "disk swap"))
    assert "amy" in await gate.reason()
    path.unlink()
    assert await gate.reason() == ""
    gate, _path, _book = made(tmp_path, read_only=True)
    assert await gate.reason() == "this console is read-only"


async def test_without_an_elevation_nobody_is_asked(tmp_path: Path) -> None:
    gate, _path, _book = made(tmp_path, elevation=600)
    assert "until it is elevated" in await gate.reason()
    gate.elevate(60, "to look")
    assert await gate.reason() == ""


@pytest.mark.parametrize("allowed", [False, True])
async def test_the_gate_reaches_the_feed_that_asks_guests(tmp_path: Path, allowed: bool) -> None:
    gate, path, _book = made(tmp_path)
    freezing.write(path, Freeze("amy", "192.0.2.7", NOW, "disk swap"))
    async with lab() as running:
        config = msgspec.structs.replace(
            load(running.config), gpu=GpuConfig("agent", allow_in_read_only=allowed)
        )
        clusters, others = await sources_made(config, {}, time.time, gate.reason)
        try:
            source = next(iter(clusters.values()))
            spec = next(spec for spec in source.feeds() if spec.feed.topic == "use")
            part = (await spec.read(Snapshot())).part
            assert isinstance(part, CardUses)
            assert (part.problem is None) == allowed
            if part.problem is not None:
                assert "amy" in part.problem.why
        finally:
            for each in (*clusters.values(), *others):
                await each.close()
