"""The living lab without a screen: reading a world that is broken, and what has come in."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from labtui.actions import ACTIONS
from labtui.config.file import load
from labtui.live.lab import LiveLab
from labtui.model.cluster import Membership, Resources
from labtui.model.devices import Hardware
from labtui.model.inventory import Inventory
from labtui.model.overlay import Bgp, WireGuard
from labtui.model.snapshot import Snapshot
from tests.chaos.outside import World

CLUSTER = "lsalab"
ROUTERS = ("rt-702", "rt-835", "rt-836", "rt-mou")
Look = Callable[[Snapshot], bool]


@contextlib.asynccontextmanager
async def reading(world: World) -> AsyncIterator[LiveLab]:
    """A lab that reads until the block ends."""
    lab = LiveLab(load(Path(world.config)), ACTIONS, read_only=True)
    lab.start()
    try:
        yield lab
    finally:
        await lab.close()


async def until(lab: LiveLab, there: Look, patience: float = 60.0) -> Snapshot:
    """The first snapshot that shows it. Raises `TimeoutError`."""
    found: asyncio.Future[Snapshot] = asyncio.get_running_loop().create_future()

    def look(snapshot: Snapshot) -> None:
        if not found.done() and there(snapshot):
            found.set_result(snapshot)

    unsubscribe = lab.store.subscribe(look)
    try:
        look(lab.store.snapshot)
        async with asyncio.timeout(patience):
            return await found
    finally:
        unsubscribe()


def guests(snapshot: Snapshot) -> bool:
    """The rows of nodes, guests and storages."""
    return snapshot.one(Resources, CLUSTER) is not None


def members(snapshot: Snapshot) -> bool:
    """Who is there."""
    return snapshot.one(Membership, CLUSTER) is not None


def cards(*nodes: str) -> Look:
    """The cards of all these nodes."""

    def look(snapshot: Snapshot) -> bool:
        hardware = snapshot.one(Hardware, CLUSTER)
        return hardware is not None and hardware.devices.keys() >= set(nodes)

    return look


def routers(*names: str) -> Look:
    """Tunnels and sessions of all these routers."""

    def look(snapshot: Snapshot) -> bool:
        return all(
            snapshot.one(WireGuard, name) is not None and snapshot.one(Bgp, name) is not None
            for name in names
        )

    return look


def records(snapshot: Snapshot) -> bool:
    """What NetBox has."""
    return any(True for _each in snapshot.of(Inventory))
