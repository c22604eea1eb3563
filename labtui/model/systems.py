"""AS numbers: which are ours, which are outside, and what the outside is called. Pure.

A private number that no router of ours has may be a site whose router was not read yet; a public
one, or one that the configuration names (DN42), is surely outside.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from labtui.model.inventory import Inventory
from labtui.model.overlay import DN42_REALM, Bgp, Realm, RouterFacts
from labtui.model.snapshot import Snapshot

# RFC 6996.
_PRIVATE = (range(64512, 65535), range(4200000000, 4294967295))


class Systems(msgspec.Struct, frozen=True):
    """AS -> the site that has it, by its routers, else as NetBox records it."""

    sites: dict[int, str] = {}
    realms: tuple[Realm, ...] = (DN42_REALM,)

    def site(self, asn: int) -> str:
        """The site of that AS; a private number that nobody is known by stands for itself."""
        known = self.sites.get(asn, "")
        return known or ("" if outside(asn, self.realms) else f"AS{asn}")

    def outside(self, asn: int | None) -> bool:
        """True for an AS that is surely none of ours."""
        return asn is not None and asn not in self.sites and outside(asn, self.realms)

    def realm(self, asn: int | None) -> str:
        """The name of the network that an AS number outside belongs to; empty for none known."""
        found = (realm for realm in self.realms if asn is not None and realm.has(asn))
        return next((realm.name for realm in found if realm.name), "")


# Asked of every route that was learnt.
@lru_cache(maxsize=8192)
def outside(asn: int, realms: tuple[Realm, ...]) -> bool:
    """Whether a number by itself says that it is somebody else's: public, or of these."""
    return any(realm.has(asn) for realm in realms) or not any(
        asn in private for private in _PRIVATE
    )


def systems(snapshot: Snapshot) -> Systems:
    """The numbers of all sites."""
    names = {router: facts.site or router for router, facts in snapshot.of(RouterFacts)}
    found: dict[int, str] = {}
    realms = dict.fromkeys(realm for _r, bgp in snapshot.of(Bgp) for realm in bgp.outside)
    for router, bgp in snapshot.of(Bgp):
        for connection in bgp.connections:
            if connection.local_as is not None:
                found.setdefault(connection.local_as, names.get(router) or router)
    for _source, part in snapshot.of(Inventory):
        for site in part.sites:
            for asn in site.asns:
                found.setdefault(asn, site.name)
    return Systems(found, tuple(realms) or (DN42_REALM,))
