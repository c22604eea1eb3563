"""Whose an AS number is: site, routers and person, from the routers themselves and NetBox. Pure."""

from __future__ import annotations

import msgspec

from labtui.model.inventory import AsnRecord, Inventory
from labtui.model.overlay import Bgp, RouterFacts
from labtui.model.records.people import people
from labtui.model.snapshot import Snapshot
from labtui.model.systems import systems


class Holder(msgspec.Struct, frozen=True):
    """`routers` speak with that number; `sites` are theirs, `recorded` those that NetBox says.

    `tenant` is NetBox's, of the number; `contact` whom to ask about it. `outside`: it is surely
    none of ours; `realm` is what the network is called that it belongs to (DN42).
    """

    asn: int
    routers: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()
    record: AsnRecord | None = None
    contact: str = ""
    outside: bool = False
    realm: str = ""

    @property
    def tenant(self) -> str:
        return self.record.tenant if self.record is not None else ""

    @property
    def about(self) -> str:
        """What NetBox says of it, else that it is somebody else's."""
        if self.record is not None and self.record.description:
            return self.record.description
        return " ".join(filter(None, ("outside" if self.outside else "", self.realm)))

    @property
    def every_site(self) -> tuple[str, ...]:
        """Those that the routers say first."""
        return tuple(dict.fromkeys((*self.sites, *self.recorded)))

    @property
    def disputed(self) -> bool:
        """The routers and NetBox name different sites, or two sites have the same number."""
        return len(self.every_site) > 1


def holder_of(snapshot: Snapshot, asn: int) -> Holder:
    """Whose that number is, as far as anybody says."""
    routers: dict[str, str] = {}
    for router, bgp in snapshot.of(Bgp):
        told = {each.local_as for each in bgp.connections}
        told |= {each.local_as for each in bgp.sessions}
        if asn in told:
            facts = snapshot.one(RouterFacts, router)
            routers[router] = (facts.site if facts is not None else "") or router
    recorded: list[str] = []
    record: AsnRecord | None = None
    for _source, part in snapshot.of(Inventory):
        recorded += [site.name for site in part.sites if asn in site.asns]
        record = record or next((each for each in part.asns if each.asn == asn), None)
    known = systems(snapshot)
    tenant = record.tenant if record is not None else ""
    return Holder(
        asn,
        tuple(sorted(routers)),
        tuple(dict.fromkeys(routers[name] for name in sorted(routers))),
        tuple(dict.fromkeys(recorded)),
        record,
        people(snapshot).asked_about(tenant) if tenant else "",
        not routers and known.outside(asn),
        known.realm(asn),
    )
