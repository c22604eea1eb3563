"""The sources of a configuration, imported and made in a thread: their libraries are large."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from labtui.config.schema import Config
from labtui.locale import _
from labtui.sources.threads import Threads

if TYPE_CHECKING:
    from labtui.sources.proxmox.source import ProxmoxSource
    from labtui.sources.source import Source

_LIMIT = 30.0


Held = Callable[[], Awaitable[str]]


async def made(
    config: Config, codes: Mapping[str, str], clock: Callable[[], float], held: Held
) -> tuple[dict[str, ProxmoxSource], list[Source]]:
    """The Proxmox clusters by name, and all other sources. Raises `LabError` past the limit.

    `held` says why this console may run nothing anywhere, or an empty text.
    """
    threads = Threads("labtui", lambda: None, size=1)
    try:
        make = partial(_sources, config, codes, clock, held)
        return await threads.run(lambda _client: make(), _LIMIT, _("loading the sources"))
    finally:
        threads.close()


def _sources(
    config: Config, codes: Mapping[str, str], clock: Callable[[], float], held: Held
) -> tuple[dict[str, ProxmoxSource], list[Source]]:
    """Import and make the sources; called in a thread."""
    from labtui.sources.netbox.source import NetboxSource
    from labtui.sources.proxmox.source import ProxmoxSource
    from labtui.sources.routeros.source import RouterSource

    clusters = {
        c.name: ProxmoxSource(c, _asker(codes, c.name), clock, config.ssh, config.gpu, held=held)
        for c in config.proxmox
    }
    others: list[Source] = [
        RouterSource(r, clock, ssh=config.ssh, overlay=config.overlay) for r in config.routers
    ]
    if config.netbox is not None:
        others.append(NetboxSource(config.netbox, clock))
    return clusters, others


def _asker(codes: Mapping[str, str], cluster: str) -> Callable[[], str] | None:
    code = codes.get(cluster)
    return None if code is None else lambda: code
