"""Links of one kind that explain those of another."""

from __future__ import annotations

from tests.findings.labs import cluster, lab, overlay, records, twice, watched
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


def test_two_sizes_explain_a_neighbour_that_is_stuck() -> None:
    shot = lab(NOW, inside(overlay(NOW)), cluster(), records(), call(sizes=(1450, 1400)),
               ospf("ExStart", "Exchange"), routes())  # fmt: skip
    top = first(watched(*twice(shot)))
    assert top.finding.rule == "link-mtu"
    assert below(top.tree, "ospf-stuck")
