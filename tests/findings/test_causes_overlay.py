"""Links of one kind that explain those of another."""

from __future__ import annotations

import msgspec

from labtui.findings import Triage
from labtui.findings.causes import forest
from labtui.findings.finding import Finding, Subject, Words
from labtui.findings.history import History
from labtui.findings.past_overlay import FLAPS_SPAN
from labtui.findings.sight import Sight
from labtui.model.feed import Feed, Freshness
from labtui.model.inventory import DeviceRecord
from labtui.model.ospf import Ospf, OspfArea, OspfInstance, OspfInterface
from labtui.model.overlay import Bgp, BgpConnection, BgpSession
from labtui.model.routes import LearntRoute
from labtui.model.snapshot import Snapshot
from tests.findings.labs import (
    cluster,
    down,
    ended,
    failing,
    lab,
    overlay,
    records,
    rules_of,
    twice,
    watched,
)
from tests.findings.labs_links import call, inside, ospf, routes
from tests.findings.test_causes import below, first
from tests.snapshots import NOW


def test_without_keys_there_is_no_call_and_without_a_call_no_neighbour() -> None:
    keys = {"state": "message-1-sent"}
    shot = lab(
        NOW,
        inside(overlay(NOW), up=False),
        cluster(),
        records(),
        call(up=False, keys=keys),
        ospf(None, None),
        routes(),
    )
    seen = watched(*twice(shot))
    assert len(seen.causes) == 1
    top = first(seen)
    assert top.finding.rule == "ipsec-down"
    assert below(top.tree, "line-down")
    assert below(top.tree, "ospf-missing")


def test_a_neighbour_whose_router_was_never_read_is_known_by_its_name() -> None:
    """Started while the building is dark: the called's interface carries the caller's name."""
    peers = {end: {**row, "comment": "rt-c"} for end, row in ended(NOW, "ac", "bc").items()}
    shot = lab(
        NOW,
        overlay(NOW, peers=peers, sessions=down("ac", "bc"), leave="c"),
        cluster(away=["pve3"]),
        records(devices=(DeviceRecord(9, "rt-c", "router", "active", "c"),)),
        [("rt-a", Ospf((OspfInstance("lab", "10.9.0.1"),), (OspfArea("backbone", "0"),), (),
                       (OspfInterface("<l2tp-site-c>", "10.9.0.1", "backbone", "ptp", "ptp"),)))],
    )  # fmt: skip
    feeds = [Feed("routeros", "rt-c", topic) for topic in ("facts", "wireguard", "bgp")]
    shot = failing(
        msgspec.structs.replace(
            shot,
            freshness={**shot.freshness, **{feed: Freshness(pace=5.0) for feed in feeds}},
        ),
        "rt-c", NOW - 100,
    )  # fmt: skip
    freshness = {
        feed: msgspec.structs.replace(fresh, read_at=None) if feed.source == "rt-c" else fresh
        for feed, fresh in shot.freshness.items()
    }
    seen = watched(*twice(msgspec.structs.replace(shot, freshness=freshness)))
    missing = [finding for finding in seen.findings if finding.rule == "ospf-missing"]
    assert [finding.sites for finding in missing] == [("a", "c")]
    assert "ospf-missing" not in {cause.finding.rule for cause in seen.causes}


def _about(rule: str, network: str, site: str) -> Finding:
    subject = Subject("prefix", network, network)
    return Finding(rule, subject, "routing", "warning", Words(rule), sites=(site,))


def test_a_network_that_is_announced_anew_is_not_recorded_for_that_reason() -> None:
    sight = Sight(lab(NOW, overlay(NOW), cluster(), records()), History(), NOW)
    new = _about("prefix-new", "10.3.0.0/24", "c")
    strange = _about("prefix-missing", "172.31.3.0/24", "c")
    home = _about("prefix-missing", "10.3.0.0/24", "c")
    elsewhere = _about("prefix-missing", "172.31.4.0/24", "b")
    trees = forest([new, strange, home, elsewhere], sight)
    assert [tree.finding for tree in trees] == [new, home, elsewhere]
    assert [each.finding for tree in trees for each in tree.effects] == [strange]


def test_two_sizes_explain_a_neighbour_that_is_stuck() -> None:
    shot = lab(NOW, inside(overlay(NOW)), cluster(), records(), call(sizes=(1450, 1400)),
               ospf("ExStart", "Exchange"), routes())  # fmt: skip
    top = first(watched(*twice(shot)))
    assert top.finding.rule == "link-mtu"
    assert below(top.tree, "ospf-stuck")


def _stolen(*away: str) -> Triage:
    """rt-b announces the network of c too, and these nodes are not seen."""
    learnt = (LearntRoute("10.2.0.0/24", (65002,)), LearntRoute("10.3.0.0/24", (65002,)))
    parts = (overlay(NOW), cluster(away=away), records(), routes(a=learnt))
    return watched(*twice(lab(NOW, *parts)))


def test_what_stands_in_a_network_that_two_announce_is_not_reached() -> None:
    top = first(_stolen("pve3"))
    assert top.finding.rule == "prefix-origins"
    assert top.severity == "critical"
    assert below(top.tree, "node-down")


def test_a_node_elsewhere_is_away_for_a_reason_of_its_own() -> None:
    assert "node-down" in {cause.finding.rule for cause in _stolen("pve1").causes}


def _on(rule: str, *sites: str) -> Finding:
    return Finding(rule, Subject("node", f"lab/{rule}", rule), "node", "critical", Words(rule),
                   sites=sites)  # fmt: skip


def test_a_line_explains_a_node_only_where_nothing_else_leads() -> None:
    sight = Sight(lab(NOW, overlay(NOW), cluster(away=["pve3"]), records()), History(), NOW)
    for line, node, explained in (
        (_on("ipsec-down", "a", "d"), _on("node-down", "d"), True),
        (_on("line-down", "a", "d"), _on("router-silent", "d"), True),
        # Tunnels of c carry packets, and at b its node is seen.
        (_on("ipsec-down", "a", "c"), _on("node-down", "c"), False),
        (_on("ipsec-down", "a", "b"), _on("node-down", "b"), False),
    ):
        assert (len(forest([line, node], sight)) == 1) is explained


def _toward_outside(now: float, *, disabled: bool) -> Snapshot:
    """A session of rt-c with somebody of whom nothing is known but what rt-c says."""
    shot = lab(now, overlay(now), cluster(), records())
    feed = next(feed for feed in shot.parts if feed.source == "rt-c" and feed.topic == "bgp")
    bgp = shot.parts[feed]
    assert isinstance(bgp, Bgp)
    peer = BgpConnection("rt-c", "dn42", "172.20.53.1", 4242421234, "172.20.53.0", 65003,
                         disabled=disabled)  # fmt: skip
    row = BgpSession("rt-c", "dn42-1", "172.20.53.1", established=True, prefixes=600)
    rows = bgp.sessions if disabled else (*bgp.sessions, row)
    parts = {**shot.parts, feed: Bgp((*bgp.connections, peer), rows)}
    return Snapshot(shot.lab, parts, shot.freshness)


def test_an_outside_session_that_was_up_and_is_off_now_is_told_for_a_while() -> None:
    up = [(NOW + at, _toward_outside(NOW + at, disabled=False)) for at in (0, 10)]
    off = [(NOW + at, _toward_outside(NOW + at, disabled=True)) for at in (20, 30, 40)]
    assert first(watched(*up, *off)).finding.rule == "session-disabled"
    much_later = NOW + 40 + FLAPS_SPAN
    late = [(much_later + at, _toward_outside(much_later + at, disabled=True)) for at in (0, 200)]
    assert "session-disabled" not in rules_of(watched(*up, *off, *late))


def test_one_that_was_never_seen_up_is_meant_so() -> None:
    off = [(NOW + at, _toward_outside(NOW + at, disabled=True)) for at in (0, 10, 20)]
    assert "session-disabled" not in rules_of(watched(*off))
