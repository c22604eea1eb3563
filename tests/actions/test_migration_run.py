"""Carrying a migration out, also when things get lost on the way."""

from __future__ import annotations

from typing import Any

import pytest

from labtui.actions.action import Outcome, Plan, Progress, TaskState
from labtui.actions.migration.action import MIGRATE
from labtui.actions.migration.run import cancel, follow
from labtui.model.errors import Forbidden, NotFound, OutcomeUnknown, TimedOut, Unreachable
from labtui.model.guests import Guest
from tests.actions.wire import DictWire
from tests.snapshots import NOW, cluster_lab, guest

CONFIG = {"net0": "virtio=BC:24:11:00:00:68,bridge=vmbr0"}
RAM = "2026-11-21 01:19:43 migration active, transferred 2.0 GiB of 4.0 GiB VM-state, 1.0 GiB/s"
SPEED = "2026-11-21 01:19:43 average migration speed: 1.0 GiB/s - downtime 29 ms"
FINISHED = "2026-11-21 01:19:53 migration finished successfully (duration 00:00:32)"


def there(node: str, status: str = "running") -> list[dict[str, Any]]:
    return [{"vmid": 104, "node": node, "status": status, "type": "qemu"}]


def wire_for(subject: Guest | None = None) -> DictWire:
    lab = cluster_lab(subject or guest(104))
    base = "/nodes/pve1/qemu/104"
    wire = DictWire(lab, {f"{base}/migrate": {"running": 1}, f"{base}/config": CONFIG})
    wire.answers |= {f"/nodes/{name}/network": [{"iface": "vmbr0"}] for name in ("pve2", "pve3")}
    wire.answers["/cluster/resources"] = there("pve2")
    return wire


async def plan_for(wire: DictWire) -> Plan:
    return MIGRATE.draft(await MIGRATE.survey("lab/104", wire), "pve2", "")


async def run(wire: DictWire) -> tuple[Outcome, list[Progress]]:
    news: list[Progress] = []
    outcome = await MIGRATE.run(await plan_for(wire), wire, news.append)
    return outcome, news


async def test_progress_from_the_log_and_the_place_at_the_end() -> None:
    wire = wire_for()
    wire.states = [TaskState(True), TaskState(False, "OK")]
    wire.log = [[RAM], [SPEED, FINISHED]]
    outcome, news = await run(wire)
    assert outcome == Outcome("done", "it is on pve2, running, 29 ms downtime")
    assert 0.5 in [item.fraction for item in news]
    assert [call.path for call in wire.calls] == ["/nodes/pve1/qemu/104/migrate"]


async def test_task_ok_but_not_moved_is_not_done() -> None:
    wire = wire_for()
    wire.answers["/cluster/resources"] = there("pve1")
    outcome, _news = await run(wire)
    assert outcome.state == "unknown"


async def test_failure_tells_the_cause() -> None:
    wire = wire_for()
    wire.answers["/cluster/resources"] = there("pve1")
    wire.states = [TaskState(False, "migration aborted")]
    wire.log = [["2026-11-21 01:19:22 ERROR: can't migrate VM which uses local devices: hostpci0"]]
    outcome, _news = await run(wire)
    assert outcome.state == "failed"
    assert "local devices: hostpci0" in outcome.note


async def test_cancelled_stays() -> None:
    wire = wire_for()
    wire.answers["/cluster/resources"] = there("pve1")
    wire.states = [TaskState(False, "unexpected status")]
    assert (await run(wire))[0] == Outcome("cancelled", "stopped; it stays on pve1")
    wire.states = [TaskState(False, "migration problems")]
    wire.log = [["ERROR: online migrate failure - block job (mirror) error: interrupted by signal"]]
    assert (await run(wire))[0].state == "cancelled"


async def test_a_refusal_is_told_and_nothing_is_followed() -> None:
    wire = wire_for()
    wire.answer_to_call = Forbidden("not allowed", why="VM.Migrate missing", remedy="ask for it")
    outcome, _news = await run(wire)
    assert outcome == Outcome("failed", "not allowed: VM.Migrate missing. ask for it")


async def test_a_lost_answer_is_looked_up_never_sent_again() -> None:
    wire = wire_for()
    wire.answer_to_call = OutcomeUnknown("no answer")

    def tasks() -> list[dict[str, Any]]:
        # The server's clock is an hour ahead: only what was not there before the call is ours.
        row = {"type": "qmigrate", "id": "104", "node": "pve1", "starttime": NOW + 3600}
        names = ("UPID:old:", "UPID:new:")[: 1 + len(wire.calls)]
        return [{**row, "upid": name} for name in names]

    wire.answers["/cluster/tasks"] = tasks
    outcome, news = await run(wire)
    assert outcome.state == "done"
    assert "UPID:new:" in [item.upid for item in news]
    assert len(wire.calls) == 1


async def test_a_lost_answer_without_a_task_is_unknown() -> None:
    wire = wire_for()
    wire.answer_to_call = OutcomeUnknown("no answer")
    outcome, _news = await run(wire)
    assert outcome.state == "unknown"
    assert len(wire.calls) == 1


async def test_with_ha_the_real_task_is_waited_for() -> None:
    wire = wire_for(guest(104, ha_state="started"))
    # The server's clock is ten seconds behind ours.
    wire.answer_to_call = f"UPID:pve1:0000000A:0000000B:{int(NOW) - 10:08X}:hamigrate:104:me@pve:"
    real = "UPID:pve1:0000000C:0000000D:6B00F1A0:qmigrate:104:root@pam:"

    def tasks() -> list[dict[str, Any]]:
        late = wire.time > NOW + 15
        row = {"type": "qmigrate", "id": "104", "node": "pve1", "starttime": NOW + 4, "upid": real}
        past = {**row, "starttime": NOW - 900, "upid": "UPID:earlier:"}
        return [past, row] if late else [past]

    wire.answers["/cluster/tasks"] = tasks
    outcome, news = await run(wire)
    assert outcome.state == "done"
    assert [item.upid for item in news if item.upid] == [wire.answer_to_call, real]


async def test_an_ha_manager_that_does_nothing_is_quoted() -> None:
    wire = wire_for(guest(104, ha_state="error"))
    wire.answer_to_call = "UPID:pve1:0000000A:0000000B:6B00F199:hamigrate:104:me@pve:"
    wire.answers["/cluster/ha/status/current"] = [
        {"sid": "vm:104", "status": "vm:104 (pve1, error)", "type": "service"}
    ]
    outcome, _news = await run(wire)
    assert outcome.state == "unknown"
    assert "vm:104 (pve1, error)" in outcome.note
    assert wire.time - NOW >= 120


async def test_a_log_lost_with_its_node_falls_back_to_the_place() -> None:
    wire = wire_for()
    wire.states = [Unreachable("task", why="No route to host")]
    outcome, _news = await run(wire)
    assert outcome == Outcome("done", "the log is lost, but it is on pve2")


async def test_a_short_silence_is_survived() -> None:
    wire = wire_for()
    wire.states = [TaskState(True), TimedOut("task"), TaskState(False, "OK")]
    wire.log = [[RAM], [FINISHED]]
    assert (await run(wire))[0].state == "done"


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        (guest(104, "pve3"), "it is on pve3 now"),
        (guest(104, status="stopped"), "it is stopped now"),
        (guest(104, lock="backup"), "locked"),
    ],
)
async def test_facts_that_changed_stop_it_before_anything_is_sent(
    changed: Guest, word: str
) -> None:
    wire = wire_for()
    plan = await plan_for(wire)
    wire.snapshot = cluster_lab(changed)
    outcome = await MIGRATE.run(plan, wire, lambda news: None)
    assert outcome.state == "failed"
    assert word in outcome.note
    assert wire.calls == []


async def test_an_earlier_task_is_followed_wherever_it_goes() -> None:
    wire = wire_for()
    wire.answers["/cluster/resources"] = there("pve3")
    upid = "UPID:pve1:0000000A:0000000B:6B00F199:qmigrate:104:amy@pve:"
    outcome = await follow(guest(104), upid, "", wire, lambda news: None, NOW)
    assert outcome.state == "done"


async def test_cancel_asks_the_node_that_runs_the_task() -> None:
    wire = wire_for()
    await cancel("lab/104", "UPID:pve1:0000000A:0000000B:6B00F199:qmigrate:104:me@pve:", wire)
    assert str(wire.calls[0]).startswith("DELETE /nodes/pve1/tasks/UPID:pve1:")


async def test_a_row_that_is_late_is_waited_for() -> None:
    wire = wire_for()
    places = iter([there("pve1"), there("pve1"), there("pve2")])
    wire.answers["/cluster/resources"] = lambda: next(places)
    assert (await run(wire))[0].state == "done"


async def test_what_the_plan_stood_on_is_looked_at_again() -> None:
    wire = wire_for()
    plan = await plan_for(wire)
    wire.snapshot = cluster_lab(guest(104), pve1=True, pve2=False)
    assert "not online any more" in (await MIGRATE.run(plan, wire, lambda news: None)).note
    assert wire.calls == []


async def test_an_answer_that_is_no_task_is_looked_up() -> None:
    wire = wire_for()
    wire.answer_to_call = None
    assert (await run(wire))[0].state == "unknown"


async def test_a_task_without_a_name_cannot_be_cancelled() -> None:
    with pytest.raises(NotFound):
        await cancel("lab/104", "", wire_for())
