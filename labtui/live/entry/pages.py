"""The addresses of the pages of an object, for a browser elsewhere. Pure.

Proxmox VE's page keeps its place behind the `#`: `v1`, the view (0: servers), then the row with `=`
before it and its slashes escaped (`PVE.StateProvider` of pve-manager's `www/manager6`).
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from labtui.config.schema import Config
from labtui.model.pages import Shown, shown
from labtui.model.records.index import first_inventory
from labtui.model.snapshot import Snapshot


class Page(NamedTuple):
    """Who shows it (a name of a server's kind), what it is called there, and where."""

    said: str
    name: str
    url: str


def pages(noun: str, key: str, snapshot: Snapshot, config: Config) -> tuple[Page, ...]:
    """The pages of the row of that noun and key; empty when it has none."""
    found = (_page(each, snapshot, config) for each in shown(noun, key, snapshot))
    return tuple(page for page in found if page is not None)


def _page(each: Shown, snapshot: Snapshot, config: Config) -> Page | None:
    url = ""
    if each.record is not None:
        inventory = first_inventory(snapshot)
        url = each.record.page(inventory.url) if inventory is not None else ""
    else:
        cluster = next((c for c in config.proxmox or () if c.name == each.cluster), None)
        if cluster is not None and cluster.endpoints:
            place = quote(each.row, safe="")
            url = f"https://{cluster.endpoints[0]}/#v1:0:={place}:4:::::::"
    return Page(each.said, each.name, url) if url else None
