"""Links of one kind that explain those of another."""

from __future__ import annotations

import msgspec

from labtui.findings.causes import forest
from labtui.findings.finding import Finding, Subject, Words
from labtui.findings.history import History
from labtui.findings.sight import Sight
from labtui.model.feed import Feed, Freshness
from labtui.model.inventory import DeviceRecord
from labtui.model.ospf import Ospf, OspfArea, OspfInstance, OspfInterface
from tests.findings.labs import (
    cluster,
    down,
    ended,
    failing,
    lab,
    overlay,
    records,
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
