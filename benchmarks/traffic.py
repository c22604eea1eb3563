"""How many requests a minute the console sends, by backend, at two sizes of the lab.

Counted where they leave: every call of a Proxmox VE endpoint, every command to a router, every page
of NetBox.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.table import Figure
from labtui.actions import ACTIONS
from labtui.config.file import load
from labtui.live.lab import LiveLab
from labtui.sources.netbox.connect import Client as NetboxClient
from labtui.sources.proxmox.client import Client as ProxmoxClient
from labtui.sources.routeros.wire import Wire as RouterWire
from tests.cli.running import demo_process

SETTLE, WATCHED = 25.0, 60.0


def _counted(counts: Counter[str], backend: str, owner: type, name: str) -> None:
    """Count the calls of a method."""
    original = getattr(owner, name)

    def counting(*arguments: Any, **named: Any) -> Any:
        counts[backend] += 1
        return original(*arguments, **named)

    setattr(owner, name, counting)


async def _watch(config: Path, counts: Counter[str]) -> Counter[str]:
    lab = LiveLab(load(config), ACTIONS, read_only=True)
    lab.start()
    await asyncio.sleep(SETTLE)
    counts.clear()
    await asyncio.sleep(WATCHED)
    seen = Counter(counts)
    await lab.close()
    return seen


def measure() -> list[Figure]:
    """Requests in a minute after everything was read once."""
    counts: Counter[str] = Counter()
    _counted(counts, "Proxmox VE", ProxmoxClient, "get")
    _counted(counts, "RouterOS", RouterWire, "ask")
    _counted(counts, "NetBox", NetboxClient, "page")
    figures = []
    for guests in (10, 300):
        with demo_process("--guests", str(guests)) as lab:
            seen = asyncio.run(_watch(Path(lab["config"]), counts))
        told = ", ".join(
            f"{backend} {seen[backend]}" for backend in ("Proxmox VE", "RouterOS", "NetBox")
        )
        figures.append(Figure(f"{guests} guests: requests in a minute", told, "the same"))
    return figures
