"""The sites of a link; where the far router was never read, its name says whose it is."""

from __future__ import annotations

import re

from labtui.findings.sight import Sight
from labtui.model.links import Link


def sites_of(sight: Sight, link: Link) -> tuple[str, ...]:
    """Both ends, as far as anybody knows them.

    The called's interface carries the user (`<l2tp-site-702>`); who was never read has told no
    address by which to know him.
    """
    far = sight.routers.get(link.far_router)
    found = {*link.sites, *((far.site,) if far is not None else ())}
    if len(found) < 2:
        found.update(_named(sight, link.near.interface))
    return tuple(sorted(found))


def _named(sight: Sight, interface: str) -> set[str]:
    said = set(re.split(r"[^0-9A-Za-z]+", interface)) - {""}
    return {
        router.site
        for router in sight.routers.values()
        if router.facts is None and {router.site, *router.name.split("-")[1:]} & said
    }
