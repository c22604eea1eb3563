"""What failed leaves nothing behind: no error, answer or connection waits for a full collection."""

from __future__ import annotations

import asyncio
import gc
from types import TracebackType

import pytest

from labtui.live.feeds import Feeds
from labtui.live.store import Store
from labtui.model.errors import LabError
from labtui.sources.proxmox import ProxmoxSource
from labtui.sources.source import FeedSpec
from tests.sources.proxmox.server import Certificate, Reply, Request, serving, with_token

pytestmark = pytest.mark.usefixtures("warm")
_ROUNDS = 20


def alive() -> tuple[int, int]:
    """Errors of the lab, and tracebacks."""
    things = gc.get_objects()
    errors = sum(isinstance(each, LabError) for each in things)
    return errors, sum(isinstance(each, TracebackType) for each in things)


async def readings(source: ProxmoxSource, number: int) -> None:
    specs = [
        FeedSpec(spec.feed, spec.read, 0.001, 0.001, spec.deadline)
        for spec in source.feeds()
        if spec.feed.topic in ("resources", "membership", "tasks")
    ]
    for _number in range(number):
        store = Store()
        feeds = Feeds(store, specs, lambda: 0.0, lambda: 0.0)
        feeds.start()
        async with asyncio.timeout(10):
            while not all(fresh.problem for fresh in store.snapshot.freshness.values()):  # noqa: ASYNC110 - nothing to wait on
                await asyncio.sleep(0.001)
        await feeds.close()


async def test_failures_are_freed_as_they_happen(certificate: Certificate) -> None:
    def broken(_request: Request) -> Reply:
        return Reply(raw=b"HTTP/1.1 what\r\n\r\n")

    with serving(broken, certificate) as one, serving(broken, certificate) as two:
        source = ProxmoxSource(with_token(certificate.pin, one.address, two.address))
        await readings(source, 2)
        gc.collect()
        gc.disable()
        try:
            before = alive()
            await readings(source, _ROUNDS)
            after = alive()
        finally:
            gc.enable()
            await source.close()
    assert after[0] - before[0] < _ROUNDS / 2
    assert after[1] - before[1] < _ROUNDS
