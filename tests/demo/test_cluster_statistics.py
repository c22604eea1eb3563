"""What the statistics daemons publish, when figures age, and what the history keeps of it."""

from __future__ import annotations

from labtui.demo.cluster.statistics import disk_fraction, guest_memory, pressure
from tests.demo.cluster_api import api_stage
from tests.demo.cluster_stage import ClusterStage


def test_hung_daemon_leaves_its_figures_as_they_are() -> None:
    stage = ClusterStage()
    stage.wait(12.0)
    node = stage.state.nodes["pve2"]
    guest = stage.guest("db-01")
    stage.world.statistics.hang(node)
    before = guest.figures
    stage.wait(60.0)
    assert guest.figures == before
    assert stage.state.figures(guest) == before
    assert node.online
    stage.wait(245.0)
    assert stage.state.figures(guest) is None
    assert stage.state.node_figures(node) is None
    stage.world.statistics.release(node)
    assert stage.until(lambda: stage.state.figures(guest) is not None) <= 10.5


def test_hanging_twice_is_one_silence() -> None:
    stage = ClusterStage()
    node = stage.state.nodes["pve2"]
    begun = stage.state.now
    for _ in range(2):
        stage.world.statistics.hang(node)
    stage.wait(20.0)
    for _ in range(2):
        stage.world.statistics.release(node)
    assert node.silences == [(begun, begun + 20.0)]
    assert node.was_silent(begun + 5.0)
    assert not node.was_silent(begun + 25.0)


def test_memory_of_a_pressed_guest_rises_to_its_limit() -> None:
    stage = ClusterStage()
    guest = stage.guest("web-01")
    now = stage.state.now
    stage.state.pressed[guest.vmid] = now
    parts = [guest_memory(stage.state, guest, now + step) / guest.maxmem for step in (60, 120, 900)]
    assert parts[0] < parts[1] == parts[2]
    assert parts[2] > 0.98
    assert pressure(stage.state, guest, now + 200)["pressurememoryfull"] > 40


def test_disk_fills_and_stays_full() -> None:
    stage = ClusterStage()
    guest = stage.guest("dns-835")
    now = stage.state.now
    assert disk_fraction(stage.state, guest, now) == 0.4
    stage.state.filling[guest.vmid] = now
    assert 0.4 < disk_fraction(stage.state, guest, now + 300) < 1.0
    assert disk_fraction(stage.state, guest, now + 3_600) == 1.0


async def test_daemon_that_hangs_makes_an_online_node_unknown() -> None:
    async with api_stage() as stage:
        stage.wait(12.0)
        stage.world.statistics.hang(stage.state.nodes["pve2"])
        stage.wait(305.0)
        assert (await stage.row("/nodes", "node", "pve2"))["status"] == "unknown"
        assert (await stage.row("/cluster/status", "name", "pve2"))["online"] == 1
        guest = stage.guest("db-01")
        row = await stage.row("/cluster/resources", "vmid", guest.vmid)
        assert row["status"] == "unknown"
        assert "name" not in row
        row = await stage.row("/cluster/resources", "id", "storage/pve2/local")
        assert row["status"] == "unknown"
        assert (await stage.ask(f"/nodes/pve2/qemu/{guest.vmid}/status/current")).status == 200


async def test_history_has_a_gap_where_the_daemon_hung() -> None:
    async with api_stage() as stage:
        node = stage.state.nodes["pve2"]
        stage.world.statistics.hang(node)
        stage.wait(600.0, step=10.0)
        stage.world.statistics.release(node)
        stage.wait(300.0, step=10.0)
        for path in (
            "/nodes/pve2/rrddata",
            f"/nodes/pve2/qemu/{stage.guest('db-01').vmid}/rrddata",
        ):
            rows = await stage.get(path, timeframe="hour")
            empty = [row["time"] for row in rows if "cpu" not in row]
            assert 9 <= len(empty) <= 11
            assert "cpu" in rows[-1]


async def test_same_seed_gives_the_same_answer() -> None:
    bodies = []
    for _ in range(2):
        async with api_stage() as stage:
            stage.wait(30.0)
            bodies.append((await stage.ask("/cluster/resources")).body)
    assert bodies[0] == bodies[1]
