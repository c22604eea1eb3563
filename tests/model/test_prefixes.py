"""Who announces what: every verdict, and what must not be taken for one."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.inventory import PrefixRecord
from labtui.model.overlay import Bgp, BgpConnection, BgpSession
from labtui.model.prefixes import Prefix, prefix_table
from labtui.model.routes import LearntRoute, Routes
from labtui.model.snapshot import Snapshot
from labtui.model.systems import Systems, outside
from tests.findings.labs import lab, overlay, records
from tests.findings.labs_links import Parts, routes
from tests.snapshots import NOW

DN42 = 4242421234


def table(*parts: Parts) -> dict[str, Prefix]:
    shot = lab(NOW, overlay(NOW), *parts)
    return {each.prefix: each for each in prefix_table(shot).prefixes}


def known(*more: PrefixRecord) -> Parts:
    usual = tuple(PrefixRecord(n, f"10.{n}.0.0/24", "active", s) for n, s in enumerate("abc", 1))
    return records(prefixes=(*usual, *more))


def with_peer(shot: Snapshot, chain: str, asn: int = DN42, *, up: bool = True) -> Snapshot:
    """The same with a session of rt-c to somebody else."""
    feed = next(f for f in shot.parts if f.source == "rt-c" and f.topic == "bgp")
    bgp = shot.parts[feed]
    assert isinstance(bgp, Bgp)
    peer = BgpConnection("rt-c", "x", "172.20.53.1", asn, "172.20.53.0", 65003, output_filter=chain)
    row = BgpSession("rt-c", "x-1", "172.20.53.1", established=up)
    parts = {**shot.parts, feed: Bgp((*bgp.connections, peer), (*bgp.sessions, row))}
    return Snapshot(shot.lab, parts, shot.freshness)


def test_what_one_site_announces_and_netbox_has_is_known() -> None:
    found = table(known(), routes())
    assert [found[f"10.{n}.0.0/24"].verdict for n in (1, 2, 3)] == ["known"] * 3
    one = found["10.1.0.0/24"]
    assert one.exact
    assert one.site == "a"
    assert [(o.router, o.asn) for o in one.origins] == [("rt-a", 65001)]
    assert one.heard == ("rt-b", "rt-c")


def test_without_records_a_lack_of_one_says_nothing() -> None:
    assert table(routes())["10.1.0.0/24"].verdict == "known"
    assert table(records(prefixes=(PrefixRecord(1, "10.1.0.0/16", "active"),)), routes())[
        "10.2.0.0/24"].verdict == "unrecorded"  # fmt: skip


def test_two_sites_are_two_origins_also_when_one_of_them_is_not_read() -> None:
    stolen = (LearntRoute("10.2.0.0/24", (65003,)), LearntRoute("10.3.0.0/24", (65003,)))
    one = table(known(), routes(a=stolen))["10.2.0.0/24"]
    assert (one.verdict, one.site) == ("double", "b c")


def test_outside_peers_are_counted_and_kept_apart() -> None:
    far = tuple(LearntRoute(f"172.20.{n}.0/24", (65003, DN42, 4242420001)) for n in range(30))
    found = table(known(), routes(a=far))
    row = found[f"AS{DN42}"]
    assert (row.verdict, row.count, len(row.some), row.heard) == ("outside", 30, 20, ("rt-a",))
    assert not any(prefix.startswith("172.") for prefix in found)
    assert [origin.realm for origin in row.origins] == ["DN42"]


def test_our_network_from_outside_is_foreign_and_from_an_unread_site_is_not() -> None:
    theft = table(known(), routes(a=(LearntRoute("10.2.0.0/24", (DN42,)),)))["10.2.0.0/24"]
    assert theft.verdict == "foreign"
    unread = [pair for pair in routes() if pair[0] != "rt-c"]
    shot = lab(NOW, overlay(NOW, leave="c"), known(), unread)
    late = next(p for p in prefix_table(shot).prefixes if p.prefix == "10.3.0.0/24")
    assert late.verdict == "known"


def test_nobody_announces_what_netbox_has_for_a_site_that_was_read() -> None:
    lonely = PrefixRecord(9, "10.3.7.0/24", "active", "c")
    assert table(known(lonely), routes())["10.3.7.0/24"].verdict == "missing"
    quiet = (
        PrefixRecord(9, "10.3.7.0/24", "reserved", "c"),
        PrefixRecord(10, "10.9.0.0/24", "active", "elsewhere"),
        PrefixRecord(11, "10.255.9.0/31", "active", "c"),
        PrefixRecord(12, "10.3.0.128/25", "active", "c"),
        PrefixRecord(13, "10.0.0.0/8", "active", "c"),
        PrefixRecord(14, "nonsense", "active", "c"),
    )
    assert not [p for p in table(known(*quiet), routes()).values() if p.verdict == "missing"]
    unread = msgspec.structs.replace(routes()[2][1], whole=False)
    parts = [*routes()[:2], ("rt-c", unread)]
    assert "10.3.7.0/24" not in table(known(lonely), parts)


def test_a_session_to_the_outside_without_a_filter_lets_everything_out() -> None:
    shot = lab(NOW, overlay(NOW), known(), routes())
    leaking = prefix_table(with_peer(shot, "")).prefixes
    assert {p.verdict for p in leaking} == {"leaking"}
    assert leaking[0].leaks == ("rt-c/x",)
    for other in (with_peer(shot, "out"), with_peer(shot, "", up=False),
                  with_peer(shot, "", 65099)):  # fmt: skip
        assert {p.verdict for p in prefix_table(other).prefixes} == {"known"}


def test_too_many_routes_are_said() -> None:
    shot = lab(NOW, overlay(NOW), [("rt-a", Routes((), (), 90_000, whole=False))])
    assert prefix_table(shot).partial == {"rt-a": 90_000}


@given(st.integers(0, 2**32 - 1))
def test_private_numbers_are_not_outside_but_for_dn42(asn: int) -> None:
    private = 64512 <= asn <= 65534 or 4200000000 <= asn <= 4294967294
    assert outside(asn, Systems().realms) is (not private or 4242420000 <= asn <= 4242423999)
