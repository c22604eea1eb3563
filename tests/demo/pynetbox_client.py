"""pynetbox, which was not written for the demo, against the demo's NetBox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import pynetbox

from tests.demo.netbox_server import WRITER, serving

T = TypeVar("T")


async def with_pynetbox(
    work: Callable[[Any], T], token: str = WRITER, *, bgp_plugin: bool = False
) -> T:
    """Do `work` with a client in a thread."""
    async with serving(bgp_plugin=bgp_plugin) as server:

        def call() -> T:
            client = pynetbox.api(server.base, token=token)
            client.http_session.trust_env = False
            try:
                return work(client)
            finally:
                client.http_session.close()

        return await asyncio.to_thread(call)
