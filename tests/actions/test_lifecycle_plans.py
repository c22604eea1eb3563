"""Plans of snapshots, backups, edits and ends, and answers that are rubbish."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.actions.action import Action, Plan, Progress
from labtui.actions.backups.action import BACKUP
from labtui.actions.edit.action import EDIT
from labtui.actions.edit.plan import lines_of, one_line, values_of
from labtui.actions.guest_facts import pending_of
from labtui.actions.guest_task import Checked, conclude
from labtui.actions.life.action import CLONE, DELETE
from labtui.actions.snapshots.action import DELETE_SNAPSHOT, ROLLBACK, SNAPSHOT
from labtui.actions.snapshots.list import GuestSnapshot, decoded, tree
from labtui.actions.task_run import Ended
from labtui.model.backups import archives
from labtui.model.cluster import Resources, Rights, Storage
from labtui.model.errors import OutcomeUnknown, Unreachable
from labtui.model.guests import Guest
from tests.actions.test_power import with_parts
from tests.actions.wire import DictWire
from tests.snapshots import GIB, NOW, cluster_lab, guest

RUBBISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=12,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["a", "b", "c", "current"]),
            "parent": st.sampled_from(["a", "b", "c", "", "gone"]),
            "snaptime": st.integers(0, 10**10),
        }
    ),
    max_size=6,
)
HELD = frozenset(
    (
        *("VM.Snapshot", "VM.Backup", "VM.Allocate", "VM.Clone", "Sys.Audit"),
        *("VM.Config.Options", "VM.Config.CPU", "Datastore.AllocateSpace"),
    )
)


def wire_for(one: Guest, config: dict[str, Any] | None = None, **more: Any) -> DictWire:
    lab = with_parts(cluster_lab(one), Rights("me@pve!t", "9.2.3", {"/": HELD}))
    base = f"/nodes/{one.node}/{one.kind}/{one.vmid}"
    wire = DictWire(lab)
    wire.answers = {
        f"{base}/status/current": {"status": one.status},
        f"{base}/config": {"digest": "d" * 40, **(config or {})},
        f"{base}/snapshot": [{"name": "current"}],
        f"{base}/feature": {"hasFeature": 1},
        "/cluster/nextid": "200",
        **{f"{base}/{name}": value for name, value in more.items()},
    }
    return wire


async def plan_for(
    wire: DictWire, action: Action, choice: str = "", mode: str = "", **answers: str
) -> Plan:
    facts = await action.survey("lab/104", wire)
    for name, value in answers.items():
        assert action.answer is not None
        facts = action.answer(facts, name, value)
    return action.draft(facts, choice, mode)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("", "a name"),
        ("current", "server's own"),
        ("1st", "a letter first"),
        ("x", "two at least"),
        ("with space", "a letter first"),
        ("x" * 41, "at most 40"),
        ("old", "already"),
    ],
)
async def test_names_of_snapshots(name: str, word: str) -> None:
    wire = wire_for(guest(104), snapshot=[{"name": "old"}, {"name": "current"}])
    plan = await plan_for(wire, SNAPSHOT, name=name)
    assert word in plan.inputs[0].problem
    assert not plan.ready


async def test_zfs_goes_back_to_the_youngest_only() -> None:
    rows = [
        {"name": "one", "snaptime": NOW - 99},
        {"name": "two", "snaptime": NOW - 9, "parent": "one"},
        {"name": "current", "parent": "two"},
    ]
    wire = wire_for(guest(104), {"scsi0": "tank:vm-104-disk-0"}, snapshot=rows)
    known = wire.snapshot.one(Resources, "lab")
    assert known is not None
    tank = (Storage("lab", "pve1", "tank", "zfspool", "available", False),)
    wire.snapshot = with_parts(wire.snapshot, Resources(known.nodes, known.guests, tank))
    plan = await plan_for(wire, ROLLBACK)
    assert (plan.chosen, plan.ready, plan.modes) == ("two", True, ("leave", "start"))
    back = await plan_for(wire, ROLLBACK, choice="one")
    assert any("goes back to the youngest only" in text for text in back.blockers)
    assert (await plan_for(wire, DELETE_SNAPSHOT)).chosen == "one"


async def test_replication_is_told() -> None:
    rows = [{"name": "one", "snaptime": NOW - 99}, {"name": "current", "parent": "one"}]
    wire = wire_for(guest(104), snapshot=rows)
    wire.answers["/cluster/replication"] = [{"guest": 104, "target": "pve3"}]
    plan = await plan_for(wire, ROLLBACK)
    assert any("it is replicated to pve3: the next run" in text for text in plan.warnings)
    gone = await plan_for(wire_like(wire, guest(104, status="stopped")), DELETE)
    assert any("delete that job" in text for text in gone.blockers)


def wire_like(wire: DictWire, one: Guest) -> DictWire:
    other = wire_for(one)
    other.answers["/cluster/replication"] = wire.answers["/cluster/replication"]
    return other


async def test_what_cannot_be_read_is_a_blocker() -> None:
    wire = wire_for(guest(104), snapshot=Unreachable("x", why="no route"))
    assert "its snapshots can't be read: no route" in (await plan_for(wire, ROLLBACK)).blockers


async def test_where_a_backup_goes() -> None:
    wire = wire_for(guest(104, disk_max=50 * GIB))
    known = wire.snapshot.one(Resources, "lab")
    assert known is not None

    def storage(name: str, status: str, free: int) -> Storage:
        size = 100 * GIB
        return Storage(
            "lab", "pve1", name, "nfs", status, True, size - free * GIB, size, ("backup",)
        )

    places = (
        storage("full", "available", 0),
        storage("gone", "unknown", 50),
        storage("nas", "available", 20),
        storage("big", "available", 80),
    )
    wire.snapshot = with_parts(wire.snapshot, Resources(known.nodes, known.guests, places))
    row = {"content": "backup", "volid": "nas:backup/a", "vmid": 104, "ctime": NOW - 7200}
    wire.answers["/nodes/pve1/storage/nas/content"] = [row]
    plan = await plan_for(wire, BACKUP)
    assert plan.chosen == "nas"
    assert any("it may not fit" in text for text in plan.warnings)
    against = {choice.id: choice.blockers for choice in plan.choices}
    assert against["full"] == ("it is full (0B free)",)
    assert against["gone"] == ("not available (unknown)",)
    params = dict(plan.calls[0].params)
    assert (params["storage"], params["mode"], params["remove"]) == ("nas", "snapshot", 0)
    wire.snapshot = with_parts(wire.snapshot, Rights("me", "9", {"/": HELD - {"VM.Backup"}}))
    assert any("lacks VM.Backup" in text for text in (await plan_for(wire, BACKUP)).blockers)


async def test_no_storage_takes_backups() -> None:
    plan = await plan_for(wire_for(guest(104)), BACKUP)
    assert any("no storage of pve1 takes backups" in text for text in plan.blockers)


async def test_an_edit_of_nothing_has_nothing_to_do() -> None:
    plan = await plan_for(wire_for(guest(104), {"cores": 4, "tags": "a;b"}), EDIT)
    assert not plan.ready
    assert plan.blockers == ()
    assert {item.id: item.value for item in plan.inputs}["tags"] == "a b"


async def test_a_field_without_its_right() -> None:
    plan = await plan_for(wire_for(guest(104), {"memory": "2048"}), EDIT, memory="4096")
    (problem,) = [item.problem for item in plan.inputs if item.problem]
    assert problem == "VM.Config.Memory on /vms/104 is missing"


async def test_what_is_emptied_is_deleted_and_memory_keeps_above_its_balloon() -> None:
    config = {"description": "x", "cores": 2, "memory": "4096", "balloon": 2048}
    plan = await plan_for(wire_for(guest(104), config), EDIT, description=" ")
    assert dict(plan.calls[0].params) == {"delete": "description", "digest": "d" * 40}
    wire = wire_for(guest(104), config)
    wire.snapshot = with_parts(wire.snapshot, Rights("me", "9", {"/": HELD | {"VM.Config.Memory"}}))
    low = await plan_for(wire, EDIT, memory="1024")
    assert [item.problem for item in low.inputs if item.problem] == [
        "less than its balloon (2048 MiB)"
    ]


async def test_an_edit_whose_answer_is_lost() -> None:
    wire = wire_for(guest(104), {"tags": "a"})
    plan = await plan_for(wire, EDIT, tags="b")
    wire.answer_to_call = OutcomeUnknown("lost")
    news: list[Progress] = []
    outcome = await EDIT.run(plan, wire, news.append)
    assert outcome.state == "unknown"
    assert "it was not taken" in outcome.note
    assert len(wire.calls) == 1


async def test_a_clone_of_what_runs_and_where_to() -> None:
    wire = wire_for(guest(104, name="web"), {"scsi0": "ceph:vm-104-disk-0"})
    plan = await plan_for(wire, CLONE)
    assert dict(plan.calls[0].params) == {"newid": 200, "name": "web-copy", "full": 1}
    assert any("not written yet is not in the copy" in text for text in plan.warnings)


def test_how_a_task_is_judged() -> None:
    good, bad = Checked(True, "there"), Checked(False, "not there")
    assert conclude(Ended("OK"), good).state == "done"
    assert conclude(Ended("WARNINGS: 1"), good).note == "there (WARNINGS: 1)"
    assert conclude(Ended("OK"), bad).state == "unknown"
    assert conclude(Ended(None), good).note == "the log is lost, but there"
    assert conclude(Ended(None), bad).state == "unknown"
    assert conclude(Ended("unexpected status"), bad).state == "cancelled"
    assert conclude(Ended("job errors", "no space"), bad).note == "no space (not there)"


def test_a_tree_puts_parents_first() -> None:
    snapshots = (
        GuestSnapshot("current", parent="b"),
        GuestSnapshot("b", taken=2.0, parent="a"),
        GuestSnapshot("a", taken=1.0),
        GuestSnapshot("c", taken=3.0, parent="a"),
    )
    assert [(depth, s.name) for depth, s in tree(snapshots)] == [
        (0, "a"),
        (1, "b"),
        (2, "current"),
        (1, "c"),
    ]


@given(st.text(st.sampled_from(["a", "\\", "n", "\n", " "]), max_size=12))
def test_a_text_comes_back_as_it_was(text: str) -> None:
    shown = one_line(text)
    assert "\n" not in shown
    assert lines_of(shown) == text.rstrip("\n")


def test_a_long_text_is_not_cut_off() -> None:
    assert one_line("x" * 9000) == "x" * 9000
    assert one_line("\x1b[31m") == "\ufffd[31m"


@given(ROWS)
def test_every_snapshot_stands_in_the_tree_once(rows: list[dict[str, Any]]) -> None:
    found = decoded(rows)
    placed = [snapshot.name for _depth, snapshot in tree(found)]
    assert sorted(placed) == sorted(snapshot.name for snapshot in found)


@given(RUBBISH)
def test_rubbish_is_survived(answer: Any) -> None:
    for snapshot in decoded(answer):
        assert snapshot.name.isprintable()
    for archive in archives(answer, "lab", "nas"):
        assert archive.volume.isprintable()
    for key, value in pending_of(answer):
        assert (key + value).isprintable()
    if isinstance(answer, dict):
        assert set(values_of(answer)) >= {"tags", "memory"}


@given(RUBBISH)
async def test_plans_survive_rubbish(answer: Any) -> None:
    one = guest(104)
    wire = wire_for(one)
    for path in ("config", "status/current", "snapshot", "feature"):
        wire.answers[f"/nodes/pve1/qemu/104/{path}"] = answer
    for path in ("/cluster/replication", "/cluster/nextid", "/nodes/pve1/storage/nas/content"):
        wire.answers[path] = answer
    for action in (SNAPSHOT, ROLLBACK, BACKUP, EDIT, CLONE, DELETE):
        plan = await plan_for(wire, action)
        assert plan.title
