"""What reading a NetBox costs, and comparing what was read: requests, bytes, time, memory."""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from labtui.demo.lab import Lab
from labtui.model.drift.whole import drift
from labtui.model.inventory import Inventory
from labtui.model.snapshot import Snapshot
from labtui.sources.netbox.connect import Client
from tests.netbox_real.untruths import ADDRESSES, FACES, MACHINES, PREFIXES, Records
from tests.sources.netbox.reading import inventory, read, source_of
from tests.sources.netbox.test_drift_demo import truth

_BULK = 100
_MIB = 1 << 20
Row = tuple[str, int, float, float]
"""What was done, requests, KiB of answers, seconds."""


class Meter:
    """Counts the answers that every client takes while it is in force."""

    def __init__(self) -> None:
        self.requests = self.size = 0
        self._before: Callable[..., None] = Client._look_at

    def __enter__(self) -> Meter:
        def look_at(client: Client, response: Any, *more: Any, **options: Any) -> None:
            self.requests += 1
            self.size += len(response.content)
            self._before(client, response, *more, **options)

        counting: Any = look_at
        Client._look_at = counting  # type: ignore[method-assign]  # put back below
        return self

    def __exit__(self, *_error: object) -> None:
        Client._look_at = self._before  # type: ignore[method-assign]  # as it was


def give_addresses(records: Records) -> int:
    """An address for each interface that has none, in a network of its own; how many were made."""
    held = {row["assigned_object_id"] for row in _all(records, ADDRESSES)}
    bare = [row["id"] for row in _all(records, FACES) if row["id"] not in held]
    if not records.rows(PREFIXES, "prefix=10.64.0.0/16"):
        records.ask("POST", f"{PREFIXES}/", {"prefix": "10.64.0.0/16", "status": "active"})
    for start in range(0, len(bare), _BULK):
        bodies = [
            {
                "address": f"10.64.{number >> 8 & 255}.{number & 255}/16",
                "status": "active",
                "assigned_object_type": "virtualization.vminterface",
                "assigned_object_id": number,
            }
            for number in bare[start : start + _BULK]
        ]
        records.ask("POST", f"{ADDRESSES}/", bodies)
    return len(bare)


def _all(records: Records, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while rows := records.rows(path, f"ordering=id&id__gte={found[-1]['id'] + 1 if found else 0}"):
        found += rows
    return found


async def measured(url: str, token: str, lab: Lab, records: Records) -> tuple[list[Row], Inventory]:
    """Everything, nothing new, and one machine changed; and what was read at last."""
    rows: list[Row] = []
    # A client keeps what it was made with: one meter for all.
    with Meter() as meter:
        async with source_of(url, token=token) as source:
            found = Inventory("")
            for name in ("everything", "nothing changed", "one machine changed"):
                if name == "one machine changed":
                    row = records.machine(lab.guests[0].name)
                    said = str(time.time())
                    await asyncio.to_thread(records.change, MACHINES, row, comments=said)
                meter.requests = meter.size = 0
                began = time.perf_counter()
                found = inventory(await read(source))
                took = time.perf_counter() - began
                rows.append((name, meter.requests, meter.size / 1024, took))
    return rows, found


async def held_by_reading(url: str, token: str) -> float:
    """MiB that the source and its records keep after a reading."""
    async with source_of(url, token=token) as source:
        tracemalloc.start()
        before, _peak = tracemalloc.get_traced_memory()
        await read(source)
        after, _peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return (after - before) / _MIB


def compared(lab: Lab, found: Inventory) -> tuple[int, float, float]:
    """How many guests were compared, in how many seconds of processor time, and the MiB kept."""
    snapshot: Snapshot = truth(lab, found)
    began = time.process_time()
    result = drift(snapshot)
    took = time.process_time() - began
    tracemalloc.start()
    before, _peak = tracemalloc.get_traced_memory()
    drift(truth(lab, found))
    after, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return result.compared["guest"], took, (after - before) / _MIB
