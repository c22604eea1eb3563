"""Calls for another node: what the front end waits and says when that node is not there.

A node just powered off does not answer for 30 s (595 "Connection timed out"); later the address is
unknown on the network and it takes one to three seconds (595 "No route to host"). While it boots it
refuses at once. Beyond a cut of the network the first call takes 30 s, the next ones 2.2 s. A
server that takes the connection and says nothing is 596, an answer that breaks off 597. All these
answers have an empty body.
"""

from __future__ import annotations

from labtui.demo.cluster.nodes import ClusterNode
from labtui.demo.proxmox.errors import died, unreachable
from labtui.demo.proxmox.site import Site

HOP_SECONDS = 30.0
"""The longest a node waits for another one."""

SLOW_SECONDS = 4.0
"""How much longer a call takes that goes to a slow server."""

NEIGHBOUR_FORGOTTEN = 30.0
"""Seconds after which a silent neighbour's address is given up."""


async def forward_to(site: Site, node: str, asked: str | None = None) -> None:
    """Return when the node can answer the node that was asked.

    Raises `ApiError` 595/596, or 500 for an unknown name.
    """
    target = site.state.nodes.get(node)
    if target is None:
        raise died(
            f"hostname lookup '{node}' failed - failed to get address info for: {node}:"
            " Name or service not known"
        )
    if asked is not None and not site.state.membership.connected(asked, node):
        gone = site.state.now - site.state.membership.cut_since(asked, node)
        await _lost(site, gone, 2.2)
    await _server_fault(site, target)
    if target.powered:
        return
    await _lost(site, site.state.now - (target.died_at or 0.0), 1.2)


async def _server_fault(site: Site, target: ClusterNode) -> None:
    fault = site.faults.get(target.name)
    if target.starting_up or fault in ("refuse", "reset"):
        await site.pause(0.1)
        raise unreachable("Connection refused")
    if fault == "blackhole":
        await site.pause(HOP_SECONDS)
        raise unreachable("Connection timed out")
    if fault in ("hang", "rubbish"):
        await site.pause(HOP_SECONDS)
        raise unreachable("Connection timed out", 596)
    if fault == "truncate":
        raise unreachable("Unexpected end-of-file", 597)
    if fault in ("slow", "drip"):
        await site.pause(SLOW_SECONDS)


async def _lost(site: Site, gone: float, later: float) -> None:
    """The answer about a neighbour that has been silent for `gone` world seconds."""
    if gone < NEIGHBOUR_FORGOTTEN:
        await site.pause(HOP_SECONDS)
        raise unreachable("Connection timed out")
    await site.pause(10.0 if gone < NEIGHBOUR_FORGOTTEN + 15 else later)
    raise unreachable("No route to host")
