"""Whose an AS number is: from the routers, from NetBox, from both, or somebody else's."""

from __future__ import annotations

import msgspec

from labtui.model.asn_holders import holder_of
from labtui.model.inventory import AsnRecord, Inventory, SiteRecord
from labtui.model.lookup import parse
from labtui.model.lookup_names import lookup
from labtui.model.overlay import Bgp, BgpConnection, RouterFacts
from labtui.model.peerings import peerings
from labtui.model.snapshot import Part, Snapshot
from labtui.views.bgp import BGP
from tests.snapshots import NOW, snapshot

RECORDS = Inventory(
    "https://netbox.example",
    sites=(SiteRecord(1, "a", "a", (65001,)), SiteRecord(2, "b", "b", (65002,))),
    asns=(AsnRecord(7, 65001, "private", "Amy", "site a"),),
)


def shot(*more: tuple[str, Part], inventory: Inventory = RECORDS) -> Snapshot:
    connection = BgpConnection("rt-a", "to-b", "10.0.0.2", 65002, local_as=65001)
    parts: list[tuple[str, Part]] = [
        ("rt-a", Bgp((connection,), ())),
        ("rt-a", RouterFacts("rt-a", "a", "a", "7.20")),
        ("netbox", inventory),
    ]
    return snapshot(*parts, *more)


def test_routers_and_netbox_are_joined() -> None:
    mine = holder_of(shot(), 65001)
    assert (mine.routers, mine.every_site, mine.tenant) == (("rt-a",), ("a",), "Amy")
    assert not mine.disputed
    assert not mine.outside
    only_recorded = holder_of(shot(), 65002)
    assert (only_recorded.routers, only_recorded.every_site) == ((), ("b",))
    assert holder_of(snapshot(), 65001).every_site == ()


def test_a_number_at_two_sites_is_disputed_and_said_so() -> None:
    moved = msgspec.structs.replace(RECORDS, sites=(SiteRecord(2, "b", "b", (65001,)),))
    found = holder_of(shot(inventory=moved), 65001)
    assert found.every_site == ("a", "b")
    assert found.disputed


def test_one_of_nobody_is_outside_and_has_its_network_s_name() -> None:
    found = holder_of(shot(), 4242421234)
    assert (found.outside, found.realm, found.every_site) == (True, "DN42", ())
    assert not holder_of(shot(), 65099).outside, "a private one may be a site not read yet"


def test_the_lookup_tells_site_and_person() -> None:
    first = lookup(shot(), parse("AS65001")).answers[0]
    assert first.what == "asn"
    told = dict(first.lines)
    assert (told["site"], told["router"], told["owner"]) == ("a", "rt-a", "Amy")
    bare = lookup(shot(inventory=Inventory("")), parse("AS65001")).answers[0]
    assert (bare.told, dict(bare.lines)["site"]) == ("routeros", "a")
    assert dict(lookup(shot(), parse("AS4242421234")).answers[0].lines)["about"] == "outside DN42"
    assert lookup(shot(), parse("AS65099")).answers == ()


def test_the_details_of_a_session_say_whose_the_other_side_is() -> None:
    seen = shot()
    (peering,) = peerings(seen, NOW)
    (cell,) = [
        cell
        for part in BGP.details(peering, seen, NOW)
        for label, cell in part.lines
        if label == "remote AS"
    ]
    assert "65002" in cell.text
    assert cell.text.endswith("b")
