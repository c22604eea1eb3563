"""The stories that count: what is told first, what folds under it, and whom it hits."""

from __future__ import annotations

from labtui.findings import Cause, Finding, Tree, Triage
from labtui.model.cluster import HaStatus
from labtui.model.snapshot import Snapshot
from labtui.model.witnesses import Witness
from tests.findings.cases_overlay import OVERLAY_CASES
from tests.findings.labs import (
    cluster,
    default_guests,
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
from tests.snapshots import NOW, guest

ALL = ("pve1", "pve2", "pve3")


def first(seen: Triage) -> Cause:
    assert seen.first is not None
    return seen.first


def below(tree: Tree, rule: str) -> list[Finding]:
    """Findings of that rule anywhere under the top."""
    return [finding for finding in list(tree.all())[1:] if finding.rule == rule]


def dark(since: float = NOW - 100, *, away: bool = True) -> Snapshot:
    peers = {**ended(NOW, "ac", site="a"), **ended(NOW, "bc", site="b")}
    shot = lab(
        NOW,
        overlay(NOW, peers=peers, sessions=down("ac", "bc")),
        cluster(away=["pve3"] if away else [], since=NOW - 95),
        records(),
    )
    return failing(shot, "rt-c", since)


def test_a_building_without_power_is_one_cause_with_all_that_is_silent_below() -> None:
    seen = watched(*twice(dark()))
    top = first(seen)
    assert top.finding.id == "site-dark:c"
    assert len(seen.causes) == 1
    assert {each.rule for each in top.tree.all()} == {
        "site-dark", "router-silent", "node-down", "tunnel-dead", "session-down",
    }  # fmt: skip
    assert top.affected.sites == ("c",)
    assert top.affected.prefixes == ("10.3.0.0/24",)
    assert top.affected.nodes == ("pve3",)
    assert top.affected.guests == ("lab/104", "lab/105")
    assert top.affected.people == ("tenant 0", "tenant 1")
    told = [(suspect.noun, suspect.name, suspect.sure) for suspect in top.finding.suspects]
    assert told == [("router", "rt-c", "likely"), ("node", "pve3", "likely"),
                    ("uplink", "c", "possible")]  # fmt: skip
    assert {evidence.speaks for evidence in top.finding.evidence} == {"for", "against"}
    assert any("same moment" in evidence.text.text for evidence in top.finding.evidence)


def test_a_router_that_is_off_beside_a_node_that_runs_is_no_dark_site() -> None:
    top = first(watched(*twice(dark(away=False))))
    assert top.finding.id == "router-down:rt-c"
    assert below(top.tree, "tunnel-dead")


def test_a_site_whose_router_still_answers_is_cut_off() -> None:
    shot = lab(
        NOW,
        overlay(NOW, peers=ended(NOW, "ac", "bc"), sessions=down("ac", "bc")),
        cluster(away=["pve3"]),
        records(),
    )
    seen = watched(*twice(shot))
    top = first(seen)
    assert top.finding.id == "site-cut:c"
    assert len(seen.causes) == 1
    assert [suspect.name for suspect in top.finding.suspects] == ["a = c", "b = c"]
    assert below(top.tree, "node-down")
    assert len(below(top.tree, "session-down")) == 2


def test_a_session_folds_under_its_tunnel_and_not_under_another() -> None:
    shot = lab(NOW, overlay(NOW, peers=ended(NOW, "ab"), sessions=down("ab", "bc")))
    seen = watched(*twice(shot))
    by_id = {cause.finding.rule: cause for cause in seen.causes}
    assert set(by_id) == {"tunnel-dead", "session-down"}
    assert [each.subject.name for each in below(by_id["tunnel-dead"].tree, "session-down")] == [
        "a = b"
    ]
    assert by_id["session-down"].finding.subject.name == "b = c"


def test_two_halves_of_a_tunnel_with_a_wrong_key_are_one_cause() -> None:
    seen = watched(*OVERLAY_CASES["tunnel-keys"][0])
    assert [cause.finding.rule for cause in seen.causes] == ["tunnel-keys"]
    assert "rt-a" in first(seen).finding.words.say()


def test_a_node_that_is_gone_takes_what_is_on_it_along() -> None:
    moved = tuple(
        guest(each.vmid, "pve2", name=each.name) if each.vmid == 105 else each
        for each in default_guests()
    )
    shot = lab(NOW, overlay(NOW), cluster(*moved, away=["pve3"]), records())
    seen = watched(*twice(shot))
    assert [cause.finding.id for cause in seen.causes] == ["node-down:lab/pve3"]
    assert [each.subject.name for each in below(first(seen).tree, "record-differs")] == [
        "105 vm-105"
    ]


def test_netbox_goes_with_the_node_that_it_runs_on() -> None:
    shot = lab(NOW, overlay(NOW), cluster(away=["pve1"]), records())
    seen = watched(*twice(failing(shot, "netbox", NOW - 100, kind="unreachable")))
    assert [cause.finding.id for cause in seen.causes] == ["node-down:lab/pve1"]
    assert below(first(seen).tree, "source-silent")


def test_without_quorum_that_is_the_cause_and_the_nodes_are_possibilities() -> None:
    shot = lab(
        NOW,
        overlay(NOW),
        cluster(away=["pve2", "pve3"], quorate=False, ha=HaStatus(False)),
        records(),
    )
    seen = watched(*twice(shot))
    assert [cause.finding.rule for cause in seen.causes] == ["quorum-lost"]
    top = first(seen)
    assert {each.subject.name for each in below(top.tree, "node-unseen")} == {"pve2", "pve3"}
    assert [suspect.name for suspect in top.finding.suspects] == ["pve2", "pve3"]


def test_a_node_that_was_cut_off_stays_so_when_its_watchdog_resets_it() -> None:
    rest = Witness("10.1.0.11", "pve1", True, ALL, ("pve1", "pve2"))
    shots = [
        (
            NOW + 10 * step,
            lab(NOW + 10 * step, overlay(NOW + 10 * step),
                cluster(away=["pve3"], witnesses=(rest, word)), records()),
        )
        for step, word in enumerate(
            (
                Witness("10.3.0.11", "pve3", False, ALL, ("pve3",)),
                Witness("10.3.0.11", "pve3", problem="connection refused"),
            )
        )
    ]  # fmt: skip
    seen = watched(*shots)
    assert first(seen).finding.rule == "node-partitioned"
    assert below(first(seen).tree, "node-down")


def test_a_network_that_nobody_announces_explains_the_node_in_it() -> None:
    rows = {(s, link): {"prefixes": 5 if s != "c" else 6} for link in ("ab", "ac", "bc")
            for s in link}  # fmt: skip
    shots = [(NOW, lab(NOW, overlay(NOW), cluster(), records()))] + [
        (now, lab(now, overlay(now, sessions=rows), cluster(away=["pve3"]), records()))
        for now in (NOW + 20, NOW + 50, NOW + 65)
    ]
    seen = watched(*shots)
    assert first(seen).finding.id == "prefix-lost:10.3.0.0/24"
    assert below(first(seen).tree, "node-down")


def test_when_nothing_answers_our_own_network_is_the_first_suspicion() -> None:
    shot = lab(NOW, overlay(NOW), cluster(), records())
    for source in ("rt-a", "rt-b", "rt-c", "lab", "netbox"):
        shot = failing(shot, source, NOW - 100, kind="unreachable")
    seen = watched(*twice(shot))
    assert first(seen).finding.rule == "all-silent"
    assert "site-dark" not in rules_of(seen)
    assert all(cause.finding.rule == "all-silent" for cause in seen.causes)


def test_two_things_at_once_are_two_causes() -> None:
    now, shots = NOW, []
    for step, uptime in enumerate((900, 930, 930, 930, 930, 930)):
        now = NOW + 30.0 * step
        nodes = {"pve2": {"uptime": uptime}} | {
            name: {"uptime": 5000 + 30 * step} for name in ("pve1", "pve3")
        }
        peers = ended(now, "ab")
        shots.append((now, lab(now, overlay(now, peers=peers), cluster(nodes=nodes), records())))
    found = {cause.finding.rule for cause in watched(*shots).causes}
    assert found == {"statistics-hung", "tunnel-dead"}


def test_the_worse_comes_first_and_the_broader_of_two() -> None:
    shot = lab(NOW, overlay(NOW, peers=ended(NOW, "ab")), cluster(away=["pve3"]), records(101))
    order = [cause.finding.rule for cause in watched(*twice(shot)).causes]
    assert order == ["node-down", "record-missing", "tunnel-dead"]


def test_while_routes_still_lead_into_a_dead_tunnel_it_explains_the_node_behind_it() -> None:
    def at(now: float) -> Snapshot:
        peers = ended(now, "ac")
        return lab(now, overlay(now, peers=peers), cluster(away=["pve3"], since=NOW + 30))

    early = watched((NOW, lab(NOW, overlay(NOW), cluster())), (NOW + 20, at(NOW + 20)),
                    (NOW + 60, at(NOW + 60)))  # fmt: skip
    assert [cause.finding.rule for cause in early.causes] == ["tunnel-dead"]
    late = watched((NOW, lab(NOW, overlay(NOW), cluster())), (NOW + 20, at(NOW + 20)),
                   (NOW + 400, at(NOW + 400)))  # fmt: skip
    assert {cause.finding.rule for cause in late.causes} == {"tunnel-dead", "node-down"}
