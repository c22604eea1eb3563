"""Causes in words for a shell, and as records for scripts."""

from __future__ import annotations

import json

from labtui.cli.causes import causes, lines_of, record_of
from labtui.findings import Affected, Mark
from labtui.findings.telling import hit_by
from labtui.model.cluster import Membership, Resources
from labtui.model.snapshot import Snapshot
from tests.snapshots import NOW, guest, membership, node, snapshot


def dead_node() -> Snapshot:
    rows = Resources(
        (node("pve1"), node("pve2", "offline")), (guest(104, "pve2"), guest(105, "pve1"))
    )
    there: Membership = membership(pve1=True, pve2=False)
    return snapshot(("lab", rows), ("lab", there))


def test_a_dead_node_is_told_with_whom_it_hits_and_what_to_do() -> None:
    first = causes(dead_node(), NOW)[0]
    told = lines_of(first, NOW)
    assert told[0].startswith("CRITICAL  pve2 is away")
    assert "pve2" in told[1]
    assert "1 guest" in told[1]
    assert told[2].strip().startswith("try: ")


def test_a_record_can_be_written_as_json_and_names_its_effects() -> None:
    record = record_of(causes(dead_node(), NOW)[0])
    assert json.loads(json.dumps(record))["affected"]["nodes"] == ["pve2"]
    assert (record["rule"], record["noun"], record["name"]) == ("node-down", "node", "pve2")
    assert record["id"] not in record["effects"]


def test_a_healthy_lab_has_no_causes_worth_a_line() -> None:
    rows = Resources((node("pve1"), node("pve2")), (guest(104, "pve2"),))
    healthy = snapshot(("lab", rows), ("lab", membership(pve1=True, pve2=True)))
    assert [cause for cause in causes(healthy, NOW) if cause.severity != "notice"] == []


def test_what_was_put_aside_comes_last_with_who_and_why() -> None:
    lab = dead_node()
    first = causes(lab, NOW)[0]
    mark = Mark(first.finding.id, "ack", "amy", "new power supply", NOW, "critical")
    told = causes(lab, NOW, [mark])
    assert told[-1].finding.id == first.finding.id
    assert lines_of(told[-1], NOW)[1] == "  seen by amy until it is over: new power supply"
    assert json.loads(json.dumps(record_of(told[-1])))["mark"]["by"] == "amy"
    assert record_of(causes(lab, NOW)[0])["mark"] is None


def test_many_names_are_counted() -> None:
    affected = Affected(
        sites=("702",), guests=tuple(f"lab/{n}" for n in range(9)), cards=("a", "b")
    )
    assert hit_by(affected) == "702, 9 guests, 2 GPUs"
