"""Ask and tell a scripted server through a source that is closed again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from labtui.config.schema import Address, ProxmoxConfig
from labtui.sources.proxmox import ProxmoxSource
from tests.sources.proxmox.server import (
    Reply,
    Request,
    serving,
)

SHORT = 0.25
UPID = "UPID:pve1:0000032E:0008E2C5:6B00ED2F:qmstart:100:root@pam:"


@asynccontextmanager
async def source(config: ProxmoxConfig) -> AsyncIterator[ProxmoxSource]:
    """A source for the time of the block."""
    made = ProxmoxSource(config)
    try:
        yield made
    finally:
        await made.close()


def always(reply: Reply) -> Callable[[Request], Reply]:
    return lambda _request: reply


def closed_port() -> Address:
    """An address where nothing listens."""
    with serving(always(Reply()), None) as server:
        return server.address


async def ask(config: ProxmoxConfig, path: str = "/version", deadline: float = 2.0) -> Any:
    async with source(config) as lab:
        return await lab.get(path, deadline)


async def tell(config: ProxmoxConfig, deadline: float = 2.0) -> Any:
    async with source(config) as lab:
        path = "/nodes/pve1/qemu/100/status/start"
        return await lab.call("POST", path, {"timeout": 5}, deadline)
