"""The listening socket of one router. It lives and dies with the router in the world."""

from __future__ import annotations

import asyncio
import ssl as tls
from collections.abc import Mapping

from labtui.demo.overlay.devices import Router
from labtui.demo.overlay.world import OverlayWorld
from labtui.demo.routeros.connection import Connection, RouterAccount

__all__ = ["RouterAccount", "serve_router"]

# Seconds between two looks whether the router still has power and the server still listens.
_PACE = 0.25
# What a service allows that says nothing else.
_MOST_SESSIONS = 20


async def serve_router(
    world: OverlayWorld,
    router_name: str,
    accounts: Mapping[str, RouterAccount],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    ssl: tls.SSLContext | None = None,
) -> asyncio.Server:
    """Serve the binary API of a router, with TLS when a context is given.

    A router without power ends its connections without a word and takes no new ones. Closing the
    server ends its connections as well, within a moment. KeyError for an unknown router, OSError
    when the port cannot be had.
    """
    router = world.routers[router_name]
    servers: list[asyncio.Server] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(world, router, accounts, reader, writer)
        guard = asyncio.create_task(_guard(router, servers, writer))
        try:
            if router.up and not _full(router):
                await connection.serve()
            else:
                writer.transport.abort()
        finally:
            guard.cancel()

    server = await asyncio.start_server(talk, host, port, ssl=ssl)
    servers.append(server)
    return server


def _full(router: Router) -> bool:
    """Whether all sessions of the API's service are taken."""
    services = router.table("/ip/service")
    limits = [row.get("max-sessions") for row in services if row.get("name") == "api"]
    most = int(limits[0]) if limits and limits[0].isdigit() else _MOST_SESSIONS
    return router.strangers + len(router.sessions) >= most


async def _guard(
    router: Router, servers: list[asyncio.Server], writer: asyncio.StreamWriter
) -> None:
    """Cut the line when the power goes, the router restarts or the server is closed."""
    boots, line = router.boots, router.line
    while not writer.is_closing():
        listening = not servers or servers[0].is_serving()
        if not (router.up and (router.boots, router.line) == (boots, line) and listening):
            writer.transport.abort()
            return
        await asyncio.sleep(_PACE)
