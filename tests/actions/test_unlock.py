"""Taking a lock off: what the plan says, what forbids it, and what the configuration says after."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from labtui.actions.action import Call, Plan
from labtui.actions.unlock.action import UNLOCK
from labtui.model.errors import Rejected
from labtui.model.guests import Guest
from tests.actions.shell_wire import ShellWire, shell_wire
from tests.actions.wire import DictWire
from tests.snapshots import cluster_lab, guest


@pytest.fixture(params=["9.2", "8.4"])
async def wire(request: pytest.FixtureRequest) -> AsyncIterator[ShellWire]:
    async with shell_wire(request.param) as made:
        yield made


async def locked(wire: ShellWire, name: str, lock: str) -> Plan:
    wire.stage.guest(name).set_lock(lock)
    wire.stage.wait(12)
    return await wire.plan(UNLOCK, name)


@pytest.mark.parametrize(("name", "tool"), [("web-01", "qm"), ("mirror", "pct")])
async def test_a_lock_that_was_left_behind_is_taken_off(
    wire: ShellWire, name: str, tool: str
) -> None:
    plan = await locked(wire, name, "backup")
    made = wire.stage.guest(name)
    assert plan.ready, plan.blockers
    assert plan.confirm == name
    node = made.node
    assert [str(c) for c in plan.calls] == [f"ssh ssh://root@{node}:22 {tool} unlock {made.vmid}"]
    told = {fact.label: fact.text for fact in plan.facts}
    assert told["lock"] == "backup: it is being backed up"
    assert "left behind" in told["held by"]
    assert told["step"] == f"by SSH as root, on {node}"
    outcome = (await wire.run(UNLOCK, plan))[0]
    assert (outcome.state, outcome.note) == ("done", "it is not locked any more")
    assert made.lock is None


async def test_an_answer_that_is_lost_is_looked_up(wire: ShellWire) -> None:
    plan = await locked(wire, "web-01", "migrate")
    assert any("look at its disks" in text for text in plan.warnings)
    wire.lose_command = True
    outcome = (await wire.run(UNLOCK, plan))[0]
    assert outcome.state == "done"
    assert len(wire.calls) == 1


async def test_without_a_shell_it_is_said(wire: ShellWire) -> None:
    wire.against = "no commands over SSH (pve1): the configuration does not allow them"
    plan = await locked(wire, "web-01", "backup")
    assert not plan.ready
    assert wire.against in plan.blockers
    assert plan.calls == ()


def lab_wire(one: Guest, tasks: list[dict[str, object]] | None = None) -> DictWire:
    path = f"/nodes/pve1/qemu/{one.vmid}"
    return DictWire(
        cluster_lab(one),
        {
            "/cluster/tasks": tasks or [],
            f"{path}/status/current": {"status": "running"},
            f"{path}/config": {"lock": one.lock, "name": one.name},
        },
    )


@pytest.mark.parametrize(
    ("kind", "task_id"), [("vzdump", ""), ("qmigrate", "104")], ids=["all", "its own"]
)
async def test_a_running_task_forbids_it(kind: str, task_id: str) -> None:
    row: dict[str, object] = {
        "upid": f"UPID:pve1:0000000A:0000000B:6B00F199:{kind}:{task_id}:amy@pve:",
        "node": "pve1",
        "type": kind,
        "id": task_id,
        "user": "amy@pve",
        "starttime": 1,
    }
    wire = lab_wire(guest(104, lock="backup"), [row])
    plan = UNLOCK.draft(await UNLOCK.survey("lab/104", wire), "", "")
    assert any(f"{kind} of amy@pve on pve1 holds it" in text for text in plan.blockers)


async def test_a_lock_that_is_gone_or_another_one_stops_the_job() -> None:
    wire = lab_wire(guest(104, lock="backup"))
    plan = UNLOCK.draft(await UNLOCK.survey("lab/104", wire), "", "")
    wire.snapshot = cluster_lab(guest(104, lock="migrate"))
    outcome = await UNLOCK.run(plan, wire, lambda _news: None)
    assert (outcome.state, wire.calls) == ("failed", [])
    assert "locked now (migrate)" in outcome.note


async def test_a_refusal_and_a_lock_that_stays() -> None:
    wire = lab_wire(guest(104, lock="backup"))
    facts = await UNLOCK.survey("lab/104", wire)
    assert any("no way to a shell" in b for b in UNLOCK.draft(facts, "", "").blockers)
    plan = Plan(
        "guest.unlock",
        "lab/104",
        "",
        0.0,
        calls=UNLOCK.draft(facts, "", "").calls or (_call(),),
        stands_on=(("node", "pve1"), ("lock", "backup")),
    )
    outcome = await UNLOCK.run(plan, wire, lambda _news: None)
    assert outcome.note == "it is still locked (backup)"
    wire.answer_to_call = Rejected("running a command over SSH", why="no quorum")
    outcome = await UNLOCK.run(plan, wire, lambda _news: None)
    assert (outcome.state, "no quorum" in outcome.note) == ("failed", True)


def _call() -> Call:
    return Call("lab", "SSH", "ssh://root@pve1:22", (("command", "qm unlock 104"),))


async def test_only_what_is_locked_can_be_unlocked() -> None:
    assert UNLOCK.applies("lab/104", cluster_lab(guest(104))) == "104 vm-104 is not locked"
    assert UNLOCK.applies("lab/104", cluster_lab(guest(104, lock="backup"))) == ""
