"""The NetBox source: the inventory, read again when the change log has moved.

The log's newest number is one small question; while it stays, the last inventory is as good as a
new one. Writes past the log (by a script on the server) are found by a whole reading now and then.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from labtui.config.schema import NetboxConfig
from labtui.locale import _
from labtui.model.errors import Forbidden, NotFound
from labtui.model.feed import Feed
from labtui.model.inventory import Inventory
from labtui.model.snapshot import Snapshot
from labtui.sources import limits
from labtui.sources.netbox.connect import Client
from labtui.sources.netbox.probe import NetboxReport, probe
from labtui.sources.netbox.read import Reader, newest_change, shortened
from labtui.sources.source import FeedSpec, Reading
from labtui.sources.threads import Threads

PACE = 30.0
IDLE_PACE = 120.0
DEADLINE = limits.INVENTORY.whole
SWEEP = 900.0
"""Seconds after which everything is read whatever the log says."""


class _Held(msgspec.Struct, frozen=True):
    """The last whole reading: when, how far the log was, what was found and left out."""

    at: float
    change: int | None
    inventory: Inventory
    complaints: tuple[str, ...]


class NetboxSource:
    """One NetBox. `clock` gives seconds since the epoch."""

    name = "netbox"

    def __init__(self, config: NetboxConfig, clock: Callable[[], float] = time.time) -> None:
        self._config = config
        self._clock = clock
        self._held: _Held | None = None
        self._threads: Threads[Client] = Threads(config.url, lambda: Client(config), size=2)

    def feeds(self) -> tuple[FeedSpec, ...]:
        """The inventory: one small request every half minute, and a whole reading on a change."""
        feed = Feed("netbox", self.name, "inventory")
        return (FeedSpec(feed, self._read, PACE, IDLE_PACE, DEADLINE),)

    async def probe(self) -> NetboxReport:
        """Whether it answers, what it shows, and what the token may see. Raises nothing."""
        return await probe(self._config, self._threads)

    async def close(self) -> None:
        """Let idle threads end; never waits."""
        self._threads.close()

    async def _read(self, _snapshot: Snapshot) -> Reading:
        now, held = self._clock(), self._held
        found = await self._threads.run(
            lambda client: _inventory(client, self._config.vmid_fields, held, now),
            DEADLINE,
            _("reading NetBox"),
        )
        self._held = found
        return Reading(found.inventory, self._config.url, found.complaints)


def _inventory(
    client: Client, vmid_fields: tuple[str, ...], held: _Held | None, now: float
) -> _Held:
    """The last reading if the log says that it still holds, else a new one. Raises `LabError`."""
    # Asked before the lists: what changes while they are read is seen the next time.
    change = _log_number(client)
    if (
        held is not None
        and change is not None
        and change == held.change
        and 0 <= now - held.at < SWEEP
    ):
        return held
    reader = Reader(client, vmid_fields)
    inventory = reader.inventory(held.inventory if held else None)
    return _Held(now, change, inventory, shortened(reader.complaints))


def _log_number(client: Client) -> int | None:
    """How far the log is; None where it is hidden from the token or elsewhere (before 4.1)."""
    try:
        return newest_change(client)
    except (Forbidden, NotFound):
        return None
