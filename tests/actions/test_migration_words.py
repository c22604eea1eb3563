"""What a migration plan says of the guest and of the time it takes."""

from __future__ import annotations

from labtui.actions.action import Plan
from labtui.actions.migration.run import follow
from tests.actions.migration_plans import FREE, loaded, plan_of, wire_for
from tests.actions.test_migration_run import RAM
from tests.actions.test_migration_run import wire_for as running_wire
from tests.snapshots import GIB, NOW, guest


def facts_of(plan: Plan) -> dict[str, str]:
    return {fact.label: fact.text for fact in plan.facts}


async def test_a_template_is_called_one() -> None:
    template = guest(104, status="stopped", template=True)
    plan = await plan_of(wire_for(loaded(50, 10, guests=(template,)), {**FREE, "running": 0}))
    assert facts_of(plan)["now"].startswith("a template, off, 4 cores, 4.0G")


async def test_nothing_copied_has_no_speed() -> None:
    stopped = guest(104, status="stopped")
    plan = await plan_of(wire_for(loaded(50, 10, guests=(stopped,)), {**FREE, "running": 0}))
    assert plan.mode == "offline"
    assert facts_of(plan)["takes"] == "about 5 s (nothing has to be copied)"


async def test_a_live_move_copies_the_memory_in_use() -> None:
    plan = await plan_of(wire_for(loaded(50, 10)))
    assert facts_of(plan)["takes"] == "about 7 s (2.0G at 1.0G/s, no move measured yet)"


async def test_an_offline_move_copies_local_disks_alone() -> None:
    disk = {"volid": "local-lvm:vm-104-disk-0", "drivename": "scsi0", "size": 8 * GIB}
    stopped = guest(104, status="stopped")
    check = {**FREE, "running": 0, "local_disks": [disk]}
    plan = await plan_of(wire_for(loaded(50, 10, guests=(stopped,)), check))
    assert facts_of(plan)["copies"] == "8.0G of local disks"
    assert "8.0G at" in facts_of(plan)["takes"]


async def test_a_guest_that_is_tied_to_its_node_is_stuck_and_has_no_target() -> None:
    plan = await plan_of(wire_for(loaded(50, 10), {**FREE, "local_resources": ["hostpci0"]}))
    assert plan.stuck
    assert {"target", "takes"}.isdisjoint(facts_of(plan))
    free = await plan_of(wire_for(loaded(50, 10)))
    assert not free.stuck


async def test_a_move_that_was_found_again_says_where_it_goes() -> None:
    wire = running_wire()
    starting = "2026-11-21 01:19:22 starting migration of VM 104 to node 'pve2' (10.0.0.2)"
    wire.log = [[starting, RAM]]
    notes: list[str | None] = []
    await follow(
        guest(104),
        "UPID:pve1:0000000A:0000000B:6B00F199:qmigrate:104:bob@pve:",
        "",
        wire,
        lambda news: notes.append(news.note),
        NOW,
    )
    assert "to pve2: memory" in notes
