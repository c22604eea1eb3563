"""Every rule fires where it should, and keeps still where things only look alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labtui.findings import RULES
from labtui.findings.finding import LAYERS
from labtui.locale import use_language
from labtui.model.claims import card_table
from labtui.model.cluster import Resources, Tasks
from labtui.model.drift.whole import drift
from labtui.model.leases_held import assignments
from labtui.model.links import links
from labtui.model.mapping_check import mapping_states
from labtui.model.peerings import peerings
from labtui.model.prefixes import prefix_table
from labtui.model.snapshot import Snapshot
from labtui.model.tunnels import tunnels
from tests.findings.cases_cluster import CLUSTER_CASES
from tests.findings.cases_gpus import GPU_CASES
from tests.findings.cases_hosts import HOST_CASES
from tests.findings.cases_leases import LEASE_CASES
from tests.findings.cases_links import LINK_CASES
from tests.findings.cases_overlay import OVERLAY_CASES, same_id
from tests.findings.cases_records import RECORD_CASES
from tests.findings.cases_sources import SOURCE_CASES
from tests.findings.labs import rules_of, twice, watched, well
from tests.snapshots import NOW

ROWS: dict[str, Callable[[Snapshot], set[str]]] = {
    "nodes": lambda s: {n.key for _c, part in s.of(Resources) for n in part.nodes},
    "guests": lambda s: {g.key for _c, part in s.of(Resources) for g in part.guests},
    "storage": lambda s: {x.key for _c, part in s.of(Resources) for x in part.storages},
    "gpus": lambda s: {card.key for card in card_table(s).cards},
    "mappings": lambda s: {state.key for state in mapping_states(s)},
    "leases": lambda s: {row.key for row in assignments(s).rows},
    "wireguard": lambda s: {tunnel.key for tunnel in tunnels(s, NOW)},
    "bgp": lambda s: {peering.key for peering in peerings(s, NOW)},
    "links": lambda s: {link.key for link in links(s, NOW)},
    "prefixes": lambda s: {prefix.prefix for prefix in prefix_table(s).prefixes},
    "tasks": lambda s: {task.upid for _c, part in s.of(Tasks) for task in part.tasks},
    "jobs": lambda s: {job.id for job in s.jobs},
    "drift": lambda s: {each.key for each in drift(s).differences},
    "sources": lambda s: {str(feed) for feed in s.freshness},
}
"""The keys of the rows of each view, as `labtui.views` has them."""

CASES = {**OVERLAY_CASES, **CLUSTER_CASES, **HOST_CASES, **SOURCE_CASES, **LINK_CASES,
         **LEASE_CASES, **RECORD_CASES, **GPU_CASES}  # fmt: skip
IDS = [rule.id for rule in RULES]


def test_every_rule_has_its_cases_and_a_name_of_its_own() -> None:
    assert set(CASES) == set(IDS)
    assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize("rule", IDS)
def test_it_fires(rule: str) -> None:
    seen = watched(*CASES[rule][0])
    found = [finding for finding in seen.findings if finding.rule == rule]
    assert found
    for finding in found:
        assert finding.words.say()
        assert finding.layer in LAYERS
        assert finding.subject.name
        assert finding.subject.view in ("", *ROWS)
        view, row = finding.subject.at
        assert not view or row in ROWS[view](CASES[rule][0][-1][1])
        assert all(evidence.text.say() for evidence in finding.evidence)
        assert all(remedy.text.say() for remedy in finding.remedies)


@pytest.mark.parametrize("rule", IDS)
def test_it_keeps_still(rule: str) -> None:
    assert rule not in rules_of(watched(*CASES[rule][1]))


def test_a_lab_that_is_well_has_no_findings() -> None:
    assert watched(*twice(well())).causes == ()


def test_words_are_translated_when_they_are_said() -> None:
    finding = watched(*CASES["node-down"][0]).findings[0]
    english = finding.words.say()
    use_language("zh_TW")
    try:
        chinese = finding.words.say()
    finally:
        use_language("en")
    assert english != chinese
    assert "pve3" in chinese


def test_a_tunnel_has_one_id_from_both_ends() -> None:
    assert same_id(well())
