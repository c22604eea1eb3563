"""Power buttons: what speaks against them, in words, and what happens when things get lost."""

from __future__ import annotations

from typing import Any

import pytest

from labtui.actions.action import Action, Outcome, Plan, Progress, TaskState
from labtui.actions.power.action import REBOOT, RESET, SHUTDOWN, START, STOP, SUSPEND
from labtui.model.cluster import HaService, HaStatus, Rights, Task, Tasks
from labtui.model.errors import Forbidden, OutcomeUnknown, Unreachable
from labtui.model.guests import Guest
from labtui.model.snapshot import Part, Snapshot
from tests.actions.wire import DictWire
from tests.snapshots import NOW, cluster_lab, feed_of, guest

HASTOP = f"UPID:pve1:0000000A:0000000B:{int(NOW):08X}:hastop:104:me@pve!t:"


def with_parts(lab: Snapshot, *parts: Part) -> Snapshot:
    import msgspec

    more = {feed_of(part, "lab"): part for part in parts}
    fresh = next(iter(lab.freshness.values()))
    return msgspec.structs.replace(
        lab,
        parts={**lab.parts, **more},
        freshness={**lab.freshness, **dict.fromkeys(more, fresh)},
    )


def rights(*privileges: str) -> Rights:
    held = frozenset(("VM.PowerMgmt", "Sys.Audit", *privileges))
    return Rights("me@pve!t", "9.2.3", {"/": held})


def wire_for(*guests: Guest, config: dict[str, Any] | None = None, **current: Any) -> DictWire:
    lab = with_parts(cluster_lab(*guests), rights())
    wire = DictWire(lab)
    for each in guests:
        base = f"/nodes/{each.node}/{each.kind}/{each.vmid}"
        wire.answers[f"{base}/status/current"] = {"status": each.status, "uptime": 10, **current}
        wire.answers[f"{base}/config"] = {"memory": "4096", "agent": "1", **(config or {})}
    wire.answer_to_call = "UPID:pve1:0000000A:0000000B:6B00F199:qmshutdown:104:me@pve!t:"
    return wire


async def plan_for(
    wire: DictWire, action: Action, subject: str = "lab/104", mode: str = "", **answers: str
) -> Plan:
    facts = await action.survey(subject, wire)
    for name, value in answers.items():
        assert action.answer is not None
        facts = action.answer(facts, name, value)
    return action.draft(facts, "", mode)


async def run(wire: DictWire, action: Action, plan: Plan) -> tuple[Outcome, list[Progress]]:
    news: list[Progress] = []
    return await action.run(plan, wire, news.append), news


def off(wire: DictWire) -> None:
    wire.answers["/nodes/pve1/qemu/104/status/current"] = {"status": "stopped"}


async def test_a_shutdown_says_who_is_asked_and_what_then() -> None:
    plan = await plan_for(wire_for(guest(104)), SHUTDOWN)
    told = {fact.label: fact.text for fact in plan.facts}
    assert told["asks"].startswith("its guest agent")
    assert told["then"] == "after 180 s it is left running, and the job says so"
    assert dict(plan.calls[0].params) == {"timeout": 180}
    forced = await plan_for(wire_for(guest(104)), SHUTDOWN, mode="force", timeout=" 30 ")
    assert dict(forced.calls[0].params) == {"timeout": 30, "forceStop": 1}


async def test_nobody_in_it_hears() -> None:
    plan = await plan_for(wire_for(guest(104), config={"acpi": 0, "agent": "0"}), SHUTDOWN)
    assert any("neither ACPI nor an agent" in text for text in plan.warnings)
    container = await plan_for(wire_for(guest(104, kind="lxc")), SHUTDOWN)
    assert dict(container.calls[0].params) == {"timeout": 60}


@pytest.mark.parametrize("text", ["", "0", "soon", "99999", "٣"])
async def test_a_limit_that_is_none(text: str) -> None:
    plan = await plan_for(wire_for(guest(104)), REBOOT, timeout=text)
    assert plan.inputs[0].problem
    assert not plan.ready


async def test_pulling_the_plug_wants_the_name() -> None:
    plan = await plan_for(wire_for(guest(104, name="web")), STOP)
    assert plan.confirm == "web"
    assert "what it has not written yet is lost" in plan.warnings[0]


@pytest.mark.parametrize(
    ("action", "mode", "given", "config", "current", "word"),
    [
        (START, "", guest(104, status="stopped", template=True), {}, {}, "template"),
        (START, "", guest(104), {}, {}, "it runs already"),
        (START, "", guest(104, status="paused"), {}, {}, "it is paused: resume it"),
        (SHUTDOWN, "", guest(104), {}, {"qmpstatus": "paused"}, "nothing in it would hear"),
        (SHUTDOWN, "", guest(104, status="stopped"), {}, {}, "it does not run (stopped)"),
        (RESET, "", guest(104, kind="lxc"), {}, {}, "no reset button"),
        (SUSPEND, "disk", guest(104), {"hostpci0": "x"}, {}, "passed-through device"),
        (SUSPEND, "pause", guest(104), {}, {"qmpstatus": "paused"}, "paused already"),
        (STOP, "", guest(104, ha_state="error"), {}, {}, "ha-manager set vm:104"),
    ],
)
async def test_what_speaks_against_it(
    action: Action,
    mode: str,
    given: Guest,
    config: dict[str, Any],
    current: dict[str, Any],
    word: str,
) -> None:
    wire = wire_for(given, config=config, **current)
    if given.status == "paused":
        current_path = "/nodes/pve1/qemu/104/status/current"
        wire.answers[current_path] = {"status": "running", "qmpstatus": "paused"}
    plan = await plan_for(wire, action, mode=mode)
    assert not plan.ready
    assert any(word in text for text in plan.blockers), plan.blockers


async def test_storages_and_memory_of_a_start() -> None:
    config = {"scsi0": "far:vm-104-disk-0,size=8G", "ide2": "none,media=cdrom", "memory": "65536"}
    lone = guest(104, status="stopped")
    plan = await plan_for(wire_for(lone, config=config), START)
    assert any("memory does not fit" in text for text in plan.blockers)
    config["scsi0"] = "ceph:vm-104-disk-0"
    config["memory"] = "current=1024"
    wire = wire_for(lone, config=config)
    assert (await plan_for(wire, START)).ready
    lab = wire.snapshot
    from labtui.model.cluster import Resources, Storage

    known = lab.one(Resources, "lab")
    assert known is not None
    away = (Storage("lab", "pve1", "ceph", "rbd", "unknown", True),)
    wire.snapshot = with_parts(lab, Resources(known.nodes, known.guests, away))
    (blocker,) = (await plan_for(wire, START)).blockers
    assert blocker == "storage ceph is not available on pve1 (unknown)"


async def test_several_starts_are_added_up() -> None:
    """The node has 60 GiB left: two of 25 fit, a third does not."""
    three = [guest(n, status="stopped") for n in (104, 105, 106)]
    wire = wire_for(*three, config={"memory": "25600"})
    plan = await plan_for(wire, START, "lab/104,lab/105,lab/106")
    assert plan.subject == "lab/104,lab/105"
    assert "left out: memory does not fit" in plan.facts[0].text


async def test_a_lock_is_explained() -> None:
    locked = guest(104, lock="snapshot-delete")
    wire = wire_for(locked)
    (blocker,) = (await plan_for(wire, SHUTDOWN)).blockers
    assert "a snapshot is being deleted" in blocker
    assert "ssh pve1, then `qm unlock 104`" in blocker
    row = {"type": "vzdump", "id": "", "node": "pve1", "user": "amy@pve", "starttime": NOW}
    wire.answers["/cluster/tasks"] = [{**row, "upid": "UPID:pve1:x"}]
    (blocker,) = (await plan_for(wire, SHUTDOWN)).blockers
    assert "by vzdump of amy@pve on pve1: wait" in blocker
    wire.snapshot = with_parts(
        wire.snapshot, Rights("me", "9", {"/": frozenset(("VM.PowerMgmt",))})
    )
    wire.answers["/cluster/tasks"] = []
    (blocker,) = (await plan_for(wire, SHUTDOWN)).blockers
    assert "tasks of others can't be seen" in blocker


async def test_several_of_which_none_can_go() -> None:
    wire = wire_for(guest(104), guest(105))
    plan = await plan_for(wire, START, "lab/104,lab/105")
    assert not plan.ready
    assert "none of them can go, see the reasons" in plan.blockers
    stop = await plan_for(wire, STOP, "lab/104,lab/105")
    assert stop.confirm == "stop 2"
    assert [call.path.split("/")[4] for call in stop.calls] == ["104", "105"]


async def test_a_state_that_cannot_be_read_is_a_blocker() -> None:
    wire = wire_for(guest(104))
    wire.answers["/nodes/pve1/qemu/104/status/current"] = Unreachable("x", why="no route")
    (blocker,) = (await plan_for(wire, STOP)).blockers
    assert blocker == "its state can't be read: no route"


async def test_a_task_that_ended_well_is_not_believed_alone() -> None:
    wire = wire_for(guest(104))
    plan = await plan_for(wire, SHUTDOWN)
    outcome, _news = await run(wire, SHUTDOWN, plan)
    assert outcome == Outcome("unknown", "the task ended well, yet it is running")
    off(wire)
    assert (await run(wire, SHUTDOWN, plan))[0] == Outcome("done", "it is off")


async def test_a_lost_log_and_a_lost_answer() -> None:
    wire = wire_for(guest(104))
    plan = await plan_for(wire, SHUTDOWN)
    off(wire)
    wire.states = [Unreachable("task", why="No route to host")]
    assert (await run(wire, SHUTDOWN, plan))[0].note == "the log is lost, but it is off"
    wire.answer_to_call = OutcomeUnknown("no answer")
    outcome, _news = await run(wire, SHUTDOWN, plan)
    assert outcome.state == "unknown"
    assert len(wire.calls) == 2


async def test_a_refusal_is_told() -> None:
    wire = wire_for(guest(104))
    plan = await plan_for(wire, STOP)
    wire.answer_to_call = Forbidden("stop", why="VM.PowerMgmt is missing", remedy="ask")
    assert (await run(wire, STOP, plan))[0] == Outcome(
        "failed", "stop: VM.PowerMgmt is missing. ask"
    )


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ((guest(104, "pve2"),), "is on pve2 now"),
        ((guest(104, status="stopped"),), "is stopped now"),
        ((), "is gone"),
    ],
)
async def test_facts_that_changed(changed: tuple[Guest, ...], word: str) -> None:
    wire = wire_for(guest(104))
    plan = await plan_for(wire, STOP)
    wire.snapshot = cluster_lab(*changed)
    outcome, _news = await run(wire, STOP, plan)
    assert word in outcome.note
    assert wire.calls == []


async def test_an_ha_manager_that_does_nothing_is_quoted() -> None:
    wire = wire_for(guest(104, ha_state="started"))
    wire.snapshot = with_parts(
        wire.snapshot, HaStatus(True, "", (HaService("vm:104", "pve1", "started"),))
    )
    plan = await plan_for(wire, SHUTDOWN)
    assert any("HA has no master" in text for text in plan.warnings)
    wire.answer_to_call = HASTOP
    wire.answers["/cluster/ha/status/current"] = [{"sid": "vm:104", "status": "vm:104 (freeze)"}]
    outcome, _news = await run(wire, SHUTDOWN, plan)
    assert outcome.state == "unknown"
    assert "vm:104 (freeze)" in outcome.note
    assert wire.time - NOW >= 120 + 180


async def test_ha_refuses() -> None:
    wire = wire_for(guest(104, ha_state="started"))
    plan = await plan_for(wire, SHUTDOWN)
    wire.answer_to_call = HASTOP
    wire.states = [TaskState(False, "command 'ha-manager ...' failed: exit code 255")]
    wire.log = [["service 'vm:104' in error state, must be disabled and fixed first"]]
    outcome, _news = await run(wire, SHUTDOWN, plan)
    assert outcome.state == "failed"
    assert outcome.note.startswith("HA refused")


async def test_somebody_stops_the_task() -> None:
    wire = wire_for(guest(104))
    plan = await plan_for(wire, SHUTDOWN)
    wire.states = [TaskState(False, "unexpected status")]
    assert (await run(wire, SHUTDOWN, plan))[0] == Outcome("cancelled", "stopped; it is running")


async def test_one_of_several_that_fails_is_named() -> None:
    wire = wire_for(guest(104), guest(105, name="db"))
    plan = await plan_for(wire, STOP, "lab/104,lab/105")
    off(wire)
    wire.states = [TaskState(False, "got no shutdown"), TaskState(False, "got no shutdown")]
    outcome, news = await run(wire, STOP, plan)
    assert outcome.state == "failed"
    assert outcome.note.startswith("1 of 2 done; 105 db: got no shutdown")
    assert news[-1].fraction == 1.0


def test_what_applies_without_asking() -> None:
    lab = cluster_lab(guest(104), guest(105, status="stopped"))
    assert START.applies("lab/104", lab) == "104 vm-104 runs already"
    assert START.applies("lab/105", lab) == ""
    assert SHUTDOWN.applies("lab/105", lab) == "105 vm-105 does not run"
    assert "not there any more" in STOP.applies("lab/999", lab)
    gone = cluster_lab(guest(104), pve1=False, pve2=True)
    assert "pve1 is away" in STOP.applies("lab/104", gone)
    busy = cluster_lab(guest(104), tasks=(Task("lab", "u", "pve1", "qmstart", "104", "me", NOW),))
    assert busy.one(Tasks, "lab") is not None
