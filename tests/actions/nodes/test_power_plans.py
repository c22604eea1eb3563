"""Plans and ends of node actions that the demo's cluster does not come to by itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.actions.action import Action, Outcome, Plan
from labtui.actions.nodes.action import REBOOT, SHUTDOWN, WAKE
from labtui.actions.nodes.guests import policy_of
from labtui.actions.nodes.run import BOOTING, ENDING, WAKING
from labtui.model.cluster import Rights
from labtui.model.errors import OutcomeUnknown, Rejected, Unreachable
from labtui.model.guests import Guest, HostPci
from labtui.model.safeguards import Ceph
from labtui.model.snapshot import Snapshot
from tests.actions.wire import DictWire
from tests.snapshots import cluster_lab, config, configs, guest, snapshot

POWER = frozenset(("Sys.PowerMgmt", "Sys.Audit", "VM.Audit"))


def lab(*guests: Guest, ceph: Ceph | None = None, **online: bool) -> Snapshot:
    made = cluster_lab(*guests, tasks=(), **online)
    parts: list[Any] = [("lab", p) for p in made.parts.values() if not isinstance(p, Rights)]
    parts.append(("lab", Rights("me@pve!t", "9.2.3", {"/": POWER})))
    known = [config(g.vmid, onboot=g.vmid % 2 == 0) for g in guests if g.vmid != 999]
    known += (
        [config(104, HostPci(0, ("0000:01:00",)))] if any(g.vmid == 104 for g in guests) else []
    )
    parts.append(("lab", configs(*known)))
    if ceph is not None:
        parts.append(("lab", ceph))
    return snapshot(*parts)


def rows(**online: bool) -> list[dict[str, Any]]:
    return [{"type": "node", "name": name, "online": int(up)} for name, up in online.items()]


def wire_of(made: Snapshot, **answers: Any) -> DictWire:
    known: dict[str, Any] = {
        "/cluster/tasks": [],
        "/cluster/status": rows(pve1=True, pve2=True, pve3=True),
        "/cluster/options": {},
        "/cluster/config/nodes": [{"node": f"pve{n}", "quorum_votes": "1"} for n in (1, 2, 3)],
        "/nodes/pve1/status": {"uptime": 5000},
        "/cluster/config/qdevice": {},
    }
    return DictWire(made, {**known, **{k: v for k, v in answers.items() if k.startswith("/")}})


async def plan_of(action: Action, wire: DictWire, node: str = "pve1") -> Plan:
    return action.draft(await action.survey(f"lab/{node}", wire), "", "")


async def end_of(action: Action, wire: DictWire, node: str = "pve1") -> Outcome:
    return await action.run(await plan_of(action, wire, node), wire, lambda _news: None)


def told(plan: Plan) -> str:
    return "\n".join([*(f"{f.label} {f.text}" for f in plan.facts), *plan.warnings])


async def test_an_empty_node_is_rebooted_by_a_key_and_shut_down_by_its_name() -> None:
    wire = wire_of(lab())
    assert (await plan_of(REBOOT, wire)).confirm == ""
    assert (await plan_of(SHUTDOWN, wire)).confirm == "pve1"
    assert (await plan_of(REBOOT, wire_of(lab(guest(105))))).confirm == "pve1"


async def test_two_nodes_and_a_qdevice() -> None:
    made = lab(pve1=True, pve2=True)
    nodes = [{"node": "pve1", "quorum_votes": "1"}, {"node": "pve2", "quorum_votes": "1"}]
    answers: dict[str, Any] = {"/cluster/config/nodes": nodes}
    lost = await plan_of(SHUTDOWN, wire_of(made, **answers))
    assert "2 of 2 votes now, 1 without it; 2 are needed" in told(lost)
    assert "the quorum is LOST" in told(lost)
    answers["/cluster/config/qdevice"] = {"State": "Connected", "Algorithm": "Fifty-Fifty split"}
    kept = await plan_of(SHUTDOWN, wire_of(made, **answers))
    assert "3 of 3 votes now, 2 without it; 2 are needed (the QDevice counts)" in told(kept)
    assert "LOST" not in told(kept)
    answers["/cluster/config/qdevice"] = {"State": "Connect failed", "Algorithm": "LMS"}
    away = await plan_of(SHUTDOWN, wire_of(made, **answers))
    assert "the QDevice does not help: it is not connected" in told(away)
    assert "LOST" in told(away)


async def test_votes_that_cannot_be_read_count_one_each() -> None:
    broken: dict[str, Any] = {
        "/cluster/config/nodes": Unreachable("x"),
        "/cluster/config/qdevice": Rejected("x", status=501),
        "/cluster/options": Unreachable("x", why="no answer"),
    }
    plan = await plan_of(REBOOT, wire_of(lab(), **broken))
    assert "3 of 3 votes now, 2 without it; 2 are needed" in told(plan)
    assert "can't be read (no answer)" in told(plan)
    assert plan.confirm == "pve1"


async def test_ceph_loses_its_majority() -> None:
    ceph = Ceph("HEALTH_WARN", quorum=("pve1", "pve2"), monitors=3, osds=3)
    text = told(await plan_of(REBOOT, wire_of(lab(ceph=ceph))))
    assert "HEALTH_WARN; 1 of 3 monitors without it, 2 are needed" in text
    assert "Ceph loses the majority of its monitors" in text
    assert "Ceph is not well (HEALTH_WARN)" in text
    assert "set noout first" in text
    ceph = Ceph("HEALTH_OK", quorum=("pve2", "pve3"), monitors=2)
    assert "no monitor of it runs here" in told(await plan_of(REBOOT, wire_of(lab(ceph=ceph))))
    assert "what it says is not known" in told(await plan_of(REBOOT, wire_of(lab())))


async def test_cards_hold_a_node_up_that_moves_its_guests_first() -> None:
    managed = guest(104, ha_state="started")
    answers: dict[str, Any] = {"/cluster/options": {"ha": "shutdown_policy=migrate"}}
    text = told(await plan_of(REBOOT, wire_of(lab(managed), **answers)))
    assert "moved 104 vm-104: HA: moved to another node first" in text
    assert "their cards can't go along" in text
    answers["/cluster/options"] = {"ha": {"shutdown_policy": "failover"}}
    text = told(await plan_of(REBOOT, wire_of(lab(managed), **answers)))
    assert "another node has to have their cards" in text


async def test_a_configuration_nobody_has_read_is_asked_for() -> None:
    path = "/nodes/pve1/qemu/999/config"
    wire = wire_of(lab(guest(999)), **{path: {"onboot": 1, "hostpci0": "01:00"}})
    assert "back 999 vm-999" in told(await plan_of(REBOOT, wire))
    wire = wire_of(lab(guest(999)), **{path: Unreachable("x")})
    text = told(await plan_of(REBOOT, wire))
    assert "nobody could say whether they start with the node: 1" in text
    assert "stay off 999 vm-999" in text


async def test_tasks_that_would_be_cut_off() -> None:
    row = {"upid": "U", "node": "pve1", "type": "vzdump", "id": "", "user": "amy@pve"}
    plan = await plan_of(REBOOT, wire_of(lab(), **{"/cluster/tasks": [row]}))
    assert "would be cut off: vzdump (amy@pve)" in told(plan)
    assert plan.confirm == "pve1"
    row["type"] = "stopall"
    plan = await plan_of(REBOOT, wire_of(lab(), **{"/cluster/tasks": [row]}))
    assert any("amy@pve runs stopall" in text for text in plan.blockers)


async def test_without_the_right_nothing_goes() -> None:
    made = cluster_lab()
    plan = await plan_of(REBOOT, wire_of(made))
    assert any("lacks Sys.PowerMgmt on /nodes/pve1" in text for text in plan.blockers)


async def test_a_node_that_stays_is_an_unknown_end() -> None:
    wire = wire_of(lab(guest(105)))
    outcome = await end_of(SHUTDOWN, wire)
    assert outcome.state == "unknown"
    assert f"still there after {ENDING / 60:.0f} minutes; guests still run: 1" in outcome.note


async def test_a_node_that_does_not_come_back_has_failed() -> None:
    wire = wire_of(lab())
    plan = await plan_of(REBOOT, wire)
    seen = [rows(pve1=True), rows(pve1=True)]
    wire.answers["/cluster/status"] = lambda: seen.pop() if seen else rows(pve1=False)
    outcome = await REBOOT.run(plan, wire, lambda _news: None)
    assert outcome.state == "failed"
    assert f"did not come back in {BOOTING / 60:.0f} minutes" in outcome.note
    wire = wire_of(lab(pve1=False, pve2=True, pve3=True))
    wire.answers["/cluster/status"] = rows(pve1=False)
    outcome = await end_of(WAKE, wire)
    assert f"it did not come in {WAKING / 60:.0f} minutes" in outcome.note


async def test_a_boot_between_two_looks_is_seen_by_its_uptime() -> None:
    wire = wire_of(lab())
    plan = await plan_of(REBOOT, wire)
    seen = [{"uptime": 5000}]
    wire.answers["/nodes/pve1/status"] = lambda: seen.pop() if seen else {"uptime": 3}
    outcome = await REBOOT.run(plan, wire, lambda _news: None)
    assert outcome.note == "pve1 is back after 0 s"


async def test_a_lost_answer_and_no_sign_of_it_is_unknown() -> None:
    wire = wire_of(lab())
    wire.answer_to_call = OutcomeUnknown("x")
    outcome = await end_of(REBOOT, wire)
    assert (outcome.state, len(wire.calls)) == ("unknown", 1)
    assert "shows no sign of ending" in outcome.note


async def test_when_nobody_answers_any_more_it_is_unknown() -> None:
    wire = wire_of(lab())
    plan = await plan_of(SHUTDOWN, wire)
    wire.answers["/cluster/status"] = Unreachable("x")
    outcome = await SHUTDOWN.run(plan, wire, lambda _news: None)
    assert "nobody answers any more" in outcome.note


async def test_a_refusal_and_facts_that_changed() -> None:
    wire = wire_of(lab())
    plan = await plan_of(REBOOT, wire)
    wire.answer_to_call = Rejected("x", why="permission denied")
    outcome = await REBOOT.run(plan, wire, lambda _news: None)
    assert (outcome.state, "permission denied" in outcome.note) == ("failed", True)
    wire.answers["/cluster/status"] = rows(pve1=False)
    outcome = await REBOOT.run(plan, wire, lambda _news: None)
    assert outcome.note == "pve1 is away now: plan again"
    assert len(wire.calls) == 1


@pytest.mark.parametrize("action", [REBOOT, SHUTDOWN, WAKE])
def test_what_is_not_there_is_said(action: Action) -> None:
    assert "not there any more" in action.applies("lab/pve9", lab())


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda part: st.lists(part) | st.dictionaries(st.sampled_from(["ha", "x"]), part),
    )
)
def test_any_answer_has_a_policy(options: object) -> None:
    assert policy_of(options) in ("conditional", "freeze", "failover", "migrate")
