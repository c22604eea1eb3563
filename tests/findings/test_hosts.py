"""Details of the rules about nodes: who is judged, how bad it is, what explains it."""

from __future__ import annotations

import msgspec
import pytest

from labtui.findings.finding import Finding
from labtui.model.node_facts import (
    Certificate,
    NodeBuild,
    NodeClock,
    NodeHealth,
    NodesBuild,
    NodesHealth,
    Replication,
    Service,
)
from labtui.model.safeguards import Ceph, CephCheck, Safeguards
from labtui.model.snapshot import Part, Snapshot
from tests.findings.cases_hosts import DAY, HOST_CASES, hosts
from tests.findings.labs import cluster, failing, lab, overlay, rules_of, twice, watched
from tests.snapshots import NOW, guest


def found(rule: str, *parts: Part, **changes: object) -> list[Finding]:
    seen = watched(*twice(hosts(*parts, **changes)))
    return [finding for finding in seen.findings if finding.rule == rule]


def clocks(*ahead: float) -> NodesHealth:
    facts = {
        f"pve{number}": NodeHealth(NOW, clock=NodeClock(seconds, 0.5))
        for number, seconds in enumerate(ahead, 1)
    }
    return NodesHealth(facts)


@pytest.mark.parametrize(
    ("ahead", "wrong"),
    [
        ((0.0, 0.3, 400.0), ["pve3"]),
        ((0.0, -400.0, 0.3), ["pve2"]),
        ((1000.0, 1000.2, 600.0), ["pve3"]),
        ((0.0, 400.0), ["pve2"]),
        ((400.0,), []),
        ((0.0, 4.0, 0.0), []),
    ],
)
def test_the_clock_that_is_away_from_the_others(ahead: tuple[float, ...], wrong: list[str]) -> None:
    assert [each.subject.name for each in found("node-clock", clocks(*ahead))] == wrong


def test_of_two_clocks_the_wrong_one_is_only_likely() -> None:
    assert [each.sure for each in found("node-clock", clocks(0.0, 400.0))] == ["likely"]


@pytest.mark.parametrize(
    ("days", "name", "severity"),
    [
        (20, "pve-ssl.pem", "notice"),
        # Two weeks before its end it should have been renewed.
        (13, "pve-ssl.pem", "warning"),
        (13, "pveproxy-ssl.pem", "notice"),
        (6, "pveproxy-ssl.pem", "warning"),
        (-1, "pveproxy-ssl.pem", "warning"),
    ],
)
def test_how_bad_an_ending_certificate_is(days: int, name: str, severity: str) -> None:
    own = Certificate(name, "", "", 0.0, NOW + days * DAY)
    part = NodesBuild({"pve1": NodeBuild(NOW, certificates=(own,))})
    assert [each.severity for each in found("certificate-ends", part)] == [severity]


def test_what_a_node_said_is_forgotten_while_it_is_away() -> None:
    dead = (Service("pveproxy", "failed", "failed", "enabled"),)
    part = NodesHealth({"pve3": NodeHealth(NOW, services=dead)})
    assert found("service-dead", part)
    assert not found("service-dead", part, away=["pve3"])
    assert not found("service-dead", NodesHealth({"pve3": NodeHealth(NOW - 900, services=dead)}))


def test_ceph_that_complains_of_a_dead_node_is_no_cause() -> None:
    check = CephCheck("OSD_DOWN", "HEALTH_WARN", "2 osds down")
    seen = watched(*twice(hosts(Ceph("HEALTH_WARN", (check,), 6, 4), away=["pve3"])))
    assert [cause.finding.rule for cause in seen.causes] == ["node-down"]


def test_replication_to_a_node_that_is_away_is_no_cause() -> None:
    job = Replication("101-0", 101, "pve3", fail_count=2, error="no route to host")
    part = NodesHealth({"pve1": NodeHealth(NOW, replication=(job,))})
    seen = watched(*twice(hosts(part, away=["pve3"])))
    assert [cause.finding.rule for cause in seen.causes] == ["node-down"]


def test_replication_is_late_by_the_clock_of_its_node() -> None:
    job = Replication("101-0", 101, "pve3", last_sync=NOW - 1800, next_sync=NOW - 1200)
    fact = NodeHealth(NOW, replication=(job,))
    assert found("replication-late", NodesHealth({"pve1": fact}))
    behind = msgspec.structs.replace(fact, clock=NodeClock(-1200.0, 0.5))
    assert not found("replication-late", NodesHealth({"pve1": behind}))


def test_what_a_minority_does_not_see_is_not_said_to_be_down() -> None:
    seen = watched(*HOST_CASES["node-unseen"][0])
    rules = {finding.rule for finding in seen.findings}
    assert "node-down" not in rules
    assert {"node-unseen", "quorum-lost"} <= rules
    unseen = next(finding for finding in seen.findings if finding.rule == "node-unseen")
    assert unseen.sure == "possible"
    assert {suspect.layer for suspect in unseen.suspects} == {"node", "cluster"}


def test_many_guests_without_a_backup_job_are_one_finding_that_hits_nobody() -> None:
    guests = tuple(guest(vmid) for vmid in range(200, 230))
    part = Safeguards(frozenset(range(200, 230)))
    (finding,) = found("backup-missing", part, guests=guests)
    assert finding.count == 30
    assert finding.hits.guests == ()
    assert finding.words.say() == "30 guests of lab are in no backup job"


def test_who_is_taken_out_of_the_backup_jobs_is_told_by_name_among_many() -> None:
    many = tuple(guest(200 + n, "pve2") for n in range(20))
    outside = frozenset(each.vmid for each in many[1:])

    def at(now: float, *more: int) -> tuple[float, Snapshot]:
        part = Safeguards(outside | frozenset(more))
        shot = lab(now, overlay(now), cluster(*many), [("lab", part)])
        return now, shot

    before = watched(at(NOW), at(NOW + 10))
    after = watched(at(NOW), at(NOW + 300, 200), at(NOW + 310, 200))
    told = {f.subject.key: f for f in after.findings if f.rule == "backup-missing"}
    assert [f.subject.key for f in before.findings if f.rule == "backup-missing"] == ["lab/"]
    assert set(told) == {"lab/", "lab/200"}
    assert told["lab/200"].severity == "warning"
    assert told["lab/200"].since == NOW + 300
    back = watched(at(NOW), at(NOW + 300, 200), at(NOW + 600), at(NOW + 700))
    assert {f.subject.key for f in back.findings if f.rule == "backup-missing"} == {"lab/"}


def test_a_router_that_answers_short_questions_only_is_busy() -> None:
    shot = failing(lab(NOW, overlay(NOW), cluster()), "rt-c", NOW - 200, topics=("facts",))
    seen = watched(*twice(shot))
    assert [cause.finding.id for cause in seen.causes] == ["router-busy:rt-c"]
    assert {each.rule for each in seen.causes[0].tree.all()} == {"router-busy", "source-fails"}
    refused = failing(shot, "rt-c", NOW - 200, kind="forbidden", topics=("facts",))
    assert "router-busy" not in rules_of(watched(*twice(refused)))
