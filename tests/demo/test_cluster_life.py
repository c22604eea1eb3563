"""Power, quorum, figures, high availability and devices of the living cluster."""

from __future__ import annotations

from itertools import pairwise

from labtui.demo.cluster.noise import wander
from tests.demo.cluster_stage import ClusterStage


def online(stage: ClusterStage) -> list[str]:
    return [node.name for node in stage.state.nodes.values() if node.online]


def test_same_seed_same_world() -> None:
    first, second = ClusterStage(), ClusterStage()
    first.wait(120.0)
    second.wait(120.0, step=7.0)
    for vmid, guest in first.state.guests.items():
        other = second.state.guests[vmid]
        assert guest.figures == other.figures
        assert guest.config == other.config
    assert [task.upid for task in first.state.tasks.by_node["pve1"]] == [
        task.upid for task in second.state.tasks.by_node["pve1"]
    ]


def test_figures_move_smoothly_and_stay_in_bounds() -> None:
    values = [wander(836, 104, 1_800_000_000.0 + second) for second in range(600)]
    assert all(0.0 <= value < 1.0 for value in values)
    assert max(abs(b - a) for a, b in pairwise(values)) < 0.05
    assert max(values) - min(values) > 0.1


def test_every_node_publishes_every_ten_seconds() -> None:
    stage = ClusterStage()
    stage.wait(60.0)
    for node in stage.state.nodes.values():
        assert node.figures is not None
        assert stage.state.now - node.figures.at <= 10.0
        assert 0.0 < node.figures.cpu < 1.0
        assert 0 < node.figures.mem < node.lab.memory


def test_dead_node_is_noticed_after_seven_seconds() -> None:
    stage = ClusterStage()
    stage.world.set_power("pve4", on=False)
    stage.wait(6.0)
    assert "pve4" in online(stage)
    stage.wait(2.0)
    assert online(stage) == ["pve1", "pve2", "pve3"]
    assert stage.state.quorate


def test_two_of_four_have_no_quorum() -> None:
    stage = ClusterStage()
    for name in ("pve3", "pve4"):
        stage.world.set_power(name, on=False)
    stage.wait(10.0)
    assert not stage.state.quorate
    assert stage.world.ha.master is None


def test_guests_of_a_dead_node_stay_as_last_seen_for_five_minutes() -> None:
    stage = ClusterStage()
    stage.wait(12.0)
    guest = stage.guest("nas-702")
    before = guest.figures
    stage.world.set_power("pve4", on=False)
    stage.wait(280.0)
    seen = stage.state.figures(guest)
    assert seen is not None
    assert seen == before
    assert seen.status == "running"
    assert not guest.running
    stage.wait(25.0)
    assert stage.state.figures(guest) is None


def test_node_returns_without_figures_and_starts_its_guests() -> None:
    stage = ClusterStage()
    stage.world.set_power("pve4", on=False)
    stage.wait(400.0, step=10.0)
    node = stage.state.nodes["pve4"]
    stage.world.set_power("pve4", on=True)
    stage.until(lambda: node.online)
    assert node.figures is None
    assert 10.0 <= stage.until(lambda: node.figures is not None) <= 14.0
    guest = stage.guest("nas-702")
    stage.until(lambda: guest.running, limit=60.0)


def test_short_press_does_not_confuse_the_membership() -> None:
    stage = ClusterStage()
    stage.world.set_power("pve4", on=False)
    stage.wait(3.0)
    stage.world.set_power("pve4", on=True)
    stage.wait(60.0)
    assert "pve4" in online(stage)
    assert stage.state.nodes["pve4"].api_up


def test_task_of_a_dead_node_ends_without_a_word() -> None:
    stage = ClusterStage()
    task = stage.world.operations.shutdown(stage.guest("nas-702"), "root@pam", 60.0, force=False)
    stage.wait(1.0)
    stage.world.set_power("pve4", on=False)
    assert task.exitstatus == "unexpected status"
    assert not any(line.startswith("TASK") for line in task.log)


def test_requested_migration_begins_in_a_later_round() -> None:
    stage = ClusterStage()
    resource = stage.world.ha.by_guest[stage.guest("netbox").vmid]
    guest = resource.guest
    resource.move_to = "pve2"
    request = stage.world.ha.request(resource, "hamigrate", "Requesting", "root@pam")
    stage.finish(request)
    assert guest.node == "pve1"
    took = stage.until(lambda: resource.task is not None)
    assert 3.0 <= took <= 30.0
    assert resource.state == "migrate"
    task = resource.task
    assert task is not None
    assert (task.kind, task.user, task.node) == ("qmigrate", "root@pam", "pve1")
    assert task.log[0] == "task started by HA resource agent"
    stage.until(lambda: resource.state == "started")
    assert guest.node == "pve2"


def test_managed_guest_of_a_dead_node_is_recovered() -> None:
    stage = ClusterStage()
    guest = stage.guest("netbox")
    stage.world.set_power("pve1", on=False)
    stage.wait(60.0)
    assert guest.node == "pve1"
    took = stage.until(lambda: guest.running, limit=200.0)
    assert guest.node != "pve1"
    assert took > 50.0


def test_without_quorum_nothing_is_recovered() -> None:
    stage = ClusterStage()
    guest = stage.guest("netbox")
    for name in ("pve1", "pve4"):
        stage.world.set_power(name, on=False)
    stage.wait(300.0)
    assert (guest.node, guest.running) == ("pve1", False)


def test_shared_device_keeps_the_second_guest_down() -> None:
    stage = ClusterStage()
    amy, ben = stage.guest("gpu-amy"), stage.guest("gpu-ben")
    task = stage.world.operations.start(ben, "root@pam")
    stage.finish(task)
    assert task.exitstatus == f"PCI device '0000:02:00.0' already in use by VMID '{amy.vmid}'"
    stage.finish(stage.world.operations.stop(amy, "root@pam"))
    task = stage.world.operations.start(ben, "root@pam")
    stage.finish(task)
    assert task.exitstatus == "OK"
    assert ben.devices == ("0000:02:00.0", "0000:02:00.1")


def test_one_group_is_one_guest() -> None:
    stage = ClusterStage()
    task = stage.world.operations.start(stage.guest("radeon"), "root@pam")
    stage.finish(task)
    assert task.exitstatus == "start failed: QEMU exited with code 1"
    assert "/dev/vfio/9" in task.log[0]


def test_mapped_guests_take_free_alternatives() -> None:
    stage = ClusterStage()
    assert stage.guest("gpu-dora").devices == ("0000:41:00.0",)
    assert stage.guest("gpu-eric").devices == ("0000:01:00.0",)


def test_shutdown_of_a_paused_guest_times_out() -> None:
    stage = ClusterStage()
    guest = stage.guest("web-01")
    stage.finish(stage.world.operations.suspend(guest, "root@pam"))
    task = stage.world.operations.shutdown(guest, "root@pam", 5.0, force=False)
    stage.finish(task)
    assert task.exitstatus == "VM quit/powerdown failed - got timeout"
    task = stage.world.operations.shutdown(guest, "root@pam", 3.0, force=True)
    stage.finish(task)
    assert task.log == ["VM still running - terminating now with SIGTERM", "TASK OK"]
    assert not guest.running


def test_template_and_running_guest_do_not_start() -> None:
    stage = ClusterStage()
    for name, text in (
        ("tpl-debian-12", "you can't start a vm if it's a template"),
        ("web-01", f"VM {stage.guest('web-01').vmid} already running"),
    ):
        task = stage.world.operations.start(stage.guest(name), "root@pam")
        stage.finish(task)
        assert task.exitstatus == text
