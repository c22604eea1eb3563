"""The details of nodes and guests: each section, and each reason why it is empty."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from labtui.model.cluster import Rights
from labtui.model.courses import Course, course
from labtui.model.errors import Problem
from labtui.model.node_facts import (
    Certificate,
    Disk,
    NetInterface,
    NodeBuild,
    NodeClock,
    NodeHealth,
    NodesBuild,
    NodesHealth,
    NodeStatus,
    Replication,
    Service,
    Update,
)
from labtui.model.safeguards import HaRule, Safeguards
from labtui.model.snapshot import Snapshot
from labtui.views import courses, guest_safety, node_details
from labtui.views.nodes import NODES
from labtui.views.view import Cell, Section
from tests.snapshots import GIB, NOW, cluster_lab, feed_of, guest, node, snapshot

DAY = 86_400.0
FORBIDDEN = Problem("forbidden", "reading", "pve1", "the right Sys.Audit on / is missing")
HEALTH = NodeHealth(
    NOW,
    NodeStatus(
        *("9.2.11", "7.0.14-11-pve", 90_000, "efi"),
        cpu_model="EPYC",
        sockets=1,
        cpus=64,
        load=(70.0, 1.0, 1.0),
        memory=98 * GIB,
        memory_max=100 * GIB,
        root=1 * GIB,
        root_max=10 * GIB,
    ),
    NodeClock(400.0, 0.6, "Etc/UTC"),
    (
        Service("pveproxy", "active", "running", "enabled"),
        Service("pvestatd", "failed", "failed", "enabled"),
        Service("spiceproxy", "inactive", "dead", "disabled"),
    ),
    (Replication("101-0", 101, "pve2", "*/15", last_sync=NOW - 60, fail_count=2, error="no way"),),
)
BUILD = NodeBuild(
    NOW,
    (Certificate("pve-ssl.pem", "", "", 0.0, NOW + 5 * DAY),),
    (Update("pve-manager", "9.2.11", "9.2.12", "Proxmox"),),
    (Disk("/dev/sda", "M", "ssd", GIB, "FAILED!", wearout=4),),
    (NetInterface("vmbr0", "bridge", False, "10.0.0.1/24", parts=("eno1",), vlan_aware=True),),
)


def lab(
    health: NodesHealth | None = None, build: NodesBuild | None = None, **more: Any
) -> Snapshot:
    parts: list[tuple[str, Any]] = [
        ("lab", health or NodesHealth({"pve1": HEALTH})),
        ("lab", build or NodesBuild({"pve1": BUILD})),
    ]
    return snapshot(*parts, **more)


def told(found: tuple[Section, ...]) -> dict[str, Section]:
    return {section.title: section for section in found}


def text(section: Section) -> str:
    return "\n".join(f"{label}|{cell.text}|{cell.role}" for label, cell in section.lines)


def of_node(made: Snapshot, now: float = NOW) -> dict[str, Section]:
    return told(node_details.sections(node("pve1"), made, now))


def test_what_a_node_says() -> None:
    found = of_node(lab())
    assert "release|9.2.11|" in text(found["Machine"])
    assert "load|70.00  1.00  1.00|warn" in text(found["Machine"])
    assert "memory|98G / 100G  98%|bad" in text(found["Machine"])
    assert "clock|+400.0 s against this console, give or take 0.6  Etc/UTC|warn" in text(
        found["Machine"]
    )
    assert text(found["Services"]).splitlines() == [
        "pvestatd|failed (failed), enabled|bad",
        "run|pveproxy|good",
        "off|spiceproxy (disabled)|dim",
    ]
    assert "SMART FAILED!" in text(found["Disks"])
    assert text(found["Disks"]).endswith("|bad")
    assert "vmbr0|bridge  10.0.0.1/24  over eno1  VLAN-aware  down|warn" in text(found["Network"])
    assert "pve-manager|9.2.11 → 9.2.12  Proxmox|" in text(found["Updates waiting"])
    assert "5d from now|bad" in text(found["Certificates"])
    assert "failed 2 times: no way|bad" in text(found["Replication from here"])
    assert all(section.age is None for section in found.values())


def test_nothing_is_said_to_be_nothing() -> None:
    empty = NodeBuild(NOW, (), (), (), ())
    found = of_node(lab(build=NodesBuild({"pve1": empty})))
    assert text(found["Updates waiting"]) == "|all is up to date|dim"
    assert text(found["Disks"]) == "|none|dim"


def test_what_is_not_permitted_names_the_right() -> None:
    denied = msgspec.structs.replace(BUILD, updates=None, problems={"updates": FORBIDDEN})
    found = of_node(lab(build=NodesBuild({"pve1": denied})))
    assert text(found["Updates waiting"]) == (
        "|not permitted: the right Sys.Audit on / is missing|warn"
    )
    assert "SMART" in text(found["Disks"])


def test_what_is_on_its_way_what_failed_and_what_no_feed_reads() -> None:
    assert text(of_node(lab(NodesHealth({})))["Services"]) == "|loading|dim"
    missing = NodesHealth({}, {"pve1": "no answer in 12 s"})
    assert text(of_node(lab(missing))["Services"]) == "|can't be read: no answer in 12 s|bad"
    assert of_node(Snapshot())["Services"].lines == ()
    made = lab(NodesHealth({}))
    feed = feed_of(NodesHealth({}), "lab")
    failed = msgspec.structs.replace(made.freshness[feed], problem=FORBIDDEN)
    made = msgspec.structs.replace(made, freshness={**made.freshness, feed: failed})
    assert text(of_node(made)["Services"]).startswith("|not permitted")


def test_what_is_old_says_so_and_is_not_green() -> None:
    old = of_node(lab(), NOW + 900)
    assert old["Services"].age == 900
    assert "good" not in text(old["Services"])
    # One node that does not answer is old among the others.
    gone = lab(NodesHealth({"pve1": HEALTH}, {"pve1": "no answer"}))
    assert of_node(gone, NOW + 16)["Services"].age == 16
    assert of_node(gone, NOW + 14)["Services"].age is None


def test_what_a_node_said_that_is_not_there_is_old_at_once() -> None:
    found = told(node_details.sections(node("pve1"), lab(), NOW + 5, there=False))
    assert {section.age for section in found.values()} == {5}
    assert "good" not in text(found["Services"])


def test_who_keeps_a_guest_and_what_we_may() -> None:
    rules = (HaRule("keep", "node-affinity", ("vm:101",), ("pve1:2",), strict=True),)
    rights = Rights("me@pve!t", "9.2", {"/": frozenset(("VM.Audit", "VM.Migrate"))})
    parts: list[tuple[str, Any]] = [
        ("lab", Safeguards(frozenset((101,)), rules)),
        ("lab", NodesHealth({"pve1": HEALTH})),
        ("lab", rights),
    ]
    found = told(guest_safety.sections(guest(101), snapshot(*parts), NOW))
    assert "backup job|in none|warn" in text(found["Safety"])
    assert "HA rule|keep  node-affinity  strict  pve1:2|" in text(found["Safety"])
    assert "replication|to pve2" in text(found["Safety"])
    assert "may|look, move|" in text(found["What we may"])
    assert "console (VM.Console)" in text(found["What we may"])
    other = told(guest_safety.sections(guest(102), snapshot(*parts), NOW))
    assert "in one" in text(other["Safety"])
    denied = snapshot(("lab", Safeguards(problems={"not_backed_up": FORBIDDEN})))
    told_so = text(told(guest_safety.sections(guest(101), denied, NOW))["Safety"])
    assert "backup job|not permitted: the right Sys.Audit on / is missing|warn" in told_so


@pytest.mark.parametrize("draw", [courses.of_node, courses.of_guest])
def test_courses_become_charts(draw: Any) -> None:
    rows = [{"time": NOW - 60 * n, "cpu": n / 10, "netin": 0} for n in range(5)]
    rows.append({"time": NOW + 60})
    section = draw(course(rows, "hour"))
    assert section.title == "Last hour"
    # What was nothing all the time takes no room.
    assert [chart.label for chart in section.charts] == ["cpu"]
    assert section.charts[0].words == ("gone", "most 40%")
    assert draw(Course("year")).lines[0][1].text == "nothing was published"


def test_guests_of_a_node_that_is_away_ran_when_it_was_last_seen() -> None:
    lab = cluster_lab(guest(104), guest(105, status="stopped"), pve1=False, pve2=True)
    told = {}
    for row in NODES.rows(lab, NOW):
        about = NODES.details(row, lab, NOW)[0]
        told[row.node.name] = next(cell for label, cell in about.lines if label == "guests")
    assert told["pve1"] == Cell("2, 1 of them ran when it was last seen", "warn")
    assert told["pve2"] == Cell("0 running of 0")
