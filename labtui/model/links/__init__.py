"""Links of the overlay: every kind, both ends in one row where both routers are known, a verdict.

`links(snapshot, now)` is all of it; the files beside this one join and judge one kind each.
"""

from __future__ import annotations

from labtui.model.links.join import links, links_of
from labtui.model.links.link import CARRIERS, Layer, Link, LinkEnd, LinkKind, LinkState

__all__ = ["CARRIERS", "Layer", "Link", "LinkEnd", "LinkKind", "LinkState", "links", "links_of"]
