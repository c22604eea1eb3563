"""A console that is started in an outage: a router that it has never read still has its place."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from labtui.model.errors import Problem
from labtui.model.feed import Feed, Freshness
from labtui.model.inventory import DeviceRecord
from labtui.model.snapshot import Snapshot
from tests.findings.labs import SITES, cluster, ended, lab, overlay, records, twice, watched
from tests.snapshots import NOW


def dark_from_the_start(comment: str, *, recorded: bool = True) -> Snapshot:
    """Site c is silent, and nothing of its router was ever read."""
    changes: dict[tuple[str, str], dict[str, Any]] = ended(NOW, "ac", "bc")
    for end, link in (("a", "ac"), ("b", "bc")):
        changes[end, link] = {**changes[end, link], "comment": comment}
    devices = [DeviceRecord(n, f"pve{n}", "node", "active", s) for n, s in enumerate(SITES, 1)]
    if recorded:
        devices.append(DeviceRecord(9, "rt-c", "router", "active", "c"))
    shot = lab(
        NOW,
        overlay(NOW, peers=changes, leave="c"),
        cluster(away=("pve3",), since=NOW - 60),
        records(devices=tuple(devices)),
    )
    why = Problem("timed-out", "reading", "rt-c", "no answer")
    silent = Freshness(pace=5.0, sequence=1, problem=why, failing_since=NOW - 60)
    feeds = {Feed("routeros", "rt-c", topic): silent for topic in ("wireguard", "bgp", "facts")}
    return msgspec.structs.replace(shot, freshness={**shot.freshness, **feeds})


@pytest.mark.parametrize("comment", ["rt-c", "link 5 to c"])
def test_its_place_is_told_as_dark(comment: str) -> None:
    first = watched(*twice(dark_from_the_start(comment))).first
    assert first is not None
    assert first.finding.id == "site-dark:c"
    assert {"node-down", "tunnel-dead"} <= {each.rule for each in first.tree.all()}


def test_what_nobody_has_recorded_is_not_guessed() -> None:
    seen = watched(*twice(dark_from_the_start("uplink", recorded=False)))
    assert "site-dark:c" not in {cause.finding.id for cause in seen.causes}
