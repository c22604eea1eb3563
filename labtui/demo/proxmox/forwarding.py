"""Calls for another node: what the front end waits and says when that node is not there.

A node just powered off does not answer for 30 s (595 "Connection timed out"); later the address is
unknown on the network and it takes one to three seconds (595 "No route to host"). While it boots it
refuses at once. All these answers have an empty body.
"""

from __future__ import annotations

from labtui.demo.proxmox.errors import died, unreachable
from labtui.demo.proxmox.site import Site

HOP_SECONDS = 30.0
"""The longest a node waits for another one."""

NEIGHBOUR_FORGOTTEN = 30.0
"""Seconds after which a silent neighbour's address is given up."""


async def forward_to(site: Site, node: str) -> None:
    """Return when the node can answer. Raises `ApiError` 595/596, or 500 for an unknown name."""
    target = site.state.nodes.get(node)
    if target is None:
        raise died(
            f"hostname lookup '{node}' failed - failed to get address info for: {node}:"
            " Name or service not known"
        )
    fault = site.faults.get(node)
    if target.starting_up or fault in ("refuse", "reset"):
        await site.pause(0.1)
        raise unreachable("Connection refused")
    if fault in ("hang", "rubbish"):
        await site.pause(HOP_SECONDS)
        raise unreachable("Connection timed out", 596)
    if target.powered:
        return
    gone = site.state.now - (target.died_at or 0.0)
    if gone < NEIGHBOUR_FORGOTTEN:
        await site.pause(HOP_SECONDS)
        raise unreachable("Connection timed out")
    await site.pause(10.0 if gone < NEIGHBOUR_FORGOTTEN + 15 else 1.2)
    raise unreachable("No route to host")
