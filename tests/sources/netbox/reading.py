"""A source with a clock that stands still, and one reading of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from labtui.config.schema import Tls
from labtui.model.inventory import Inventory
from labtui.model.snapshot import Snapshot
from labtui.sources.netbox.source import NetboxSource
from labtui.sources.source import Reading
from tests.demo.netbox_server import READER
from tests.sources.netbox.canned import config


class Clock:
    """Time that stands still until told."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def source_of(
    url: str, *, token: str = READER, tls: Tls | None = None, clock: Clock | None = None
) -> AsyncIterator[NetboxSource]:
    """A source, closed at the end."""
    source = NetboxSource(config(url, token=token, tls=tls), clock or Clock())
    try:
        yield source
    finally:
        await source.close()


async def read(source: NetboxSource) -> Reading:
    """One reading of its one feed."""
    (feed,) = source.feeds()
    return await feed.read(Snapshot())


def inventory(reading: Reading) -> Inventory:
    """The inventory that was read."""
    assert isinstance(reading.part, Inventory)
    return reading.part
