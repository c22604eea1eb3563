"""The doors of a lab: whose address is taken, what the gate says, what is written down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from labtui.config.address import hop_of
from labtui.config.schema import Config, ConsoleConfig, SshConfig
from labtui.live.audit import Audit
from labtui.live.audit_file import read
from labtui.live.entry.entry import Entry
from labtui.live.holdback import Holdback
from labtui.live.store import Store
from labtui.model.cluster import Resources, Rights
from labtui.model.entry import Door, Place
from labtui.model.errors import LabError, NotFound, Rejected, Unreachable
from labtui.model.inventory import Inventory, MachineRecord
from labtui.model.snapshot import Part
from tests.snapshots import NOW, feed_of, guest, node

WEB = Place("guest", "lab", "web", "pve1", 110)
JUMP = Place("guest", "lab", "jump", "pve1", 103, "lxc")
PVE1 = Place("node", "lab", "pve1", "pve1")
AGENT = {"result": [{"name": "ens18", "ip-addresses": [{"ip-address": "10.0.0.5"}]}]}
TWO = {"result": [{"name": "e0", "ip-addresses": [{"ip-address": f"10.0.0.{n}"} for n in (5, 6)]}]}


class Cluster:
    """Answers from a dictionary by the last word of a path; writes down what was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.opened: list[str] = []

    async def get(self, path: str, deadline: float = 10.0, **params: str | int) -> Any:
        self.asked.append(path)
        answer = self.answers[path.rpartition("/")[2].replace("-", "_")]
        if isinstance(answer, LabError):
            raise answer
        return answer

    async def console(self, path: str) -> Any:
        self.opened.append(path)
        return object()


def made(
    cluster: Cluster,
    *,
    ssh: SshConfig = SshConfig(),  # noqa: B008 - frozen
    console: ConsoleConfig = ConsoleConfig(),  # noqa: B008 - frozen
    gate: Holdback | None = None,
    netbox: bool = True,
    audit: Audit | None = None,
) -> Entry:
    store = Store("lab")
    record = MachineRecord(1, "web", "active", "lab", 110, address="10.0.0.9/24")
    parts: list[tuple[str, Part]] = [
        ("lab", Resources((node("pve1"),), (guest(110, name="web"),))),
        ("lab", Rights("me@pve!t", "9.2.3", {"/": frozenset(("VM.Console", "Sys.Console"))})),
    ]
    if netbox:
        parts.append(("netbox", Inventory("4.6", machines=(record,))))
    for sequence, (source, part) in enumerate(parts, 1):
        store.expect(feed_of(part, source), 5.0)
        store.apply(feed_of(part, source), part, read_at=NOW, sequence=sequence)
    config = Config("", "lab", ssh=ssh, console=console)
    return Entry(
        config, store, gate or Holdback(), {"lab": cluster}, audit=audit, clock=lambda: NOW
    )


@pytest.fixture(autouse=True)
def has_ssh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Entry, "ssh", "/usr/bin/ssh")


async def test_the_configuration_goes_first_and_nobody_else_is_asked() -> None:
    cluster = Cluster()
    entry = made(cluster, ssh=SshConfig(hosts=(("web", (hop_of("10.0.0.1"),)),), user="amy"))
    found = await entry.ways(WEB)
    assert [str(way) for way in found.ways] == ["amy@10.0.0.1:22"]
    assert found.chosen == 1
    assert cluster.asked == []


async def test_then_the_agent_and_after_it_netbox() -> None:
    found = await made(Cluster(network_get_interfaces=AGENT)).ways(WEB)
    assert [(way.host, way.origin) for way in found.ways] == [
        ("10.0.0.5", "agent"),
        ("10.0.0.9", "netbox"),
    ]
    assert found.chosen == 1


async def test_netbox_where_the_agent_is_silent_which_is_told() -> None:
    gone = Unreachable("asking", why="QEMU guest agent is not running")
    found = await made(Cluster(network_get_interfaces=gone)).ways(WEB)
    assert [way.host for way in found.ways] == ["10.0.0.9"]
    assert found.missing == ("agent: QEMU guest agent is not running",)


async def test_several_of_equal_rank_are_to_choose_from() -> None:
    ssh = SshConfig(users=(("guest:*", ("amy", "root")),))
    found = await made(Cluster(network_get_interfaces=TWO), ssh=ssh).ways(WEB)
    assert found.chosen == 4
    assert [str(way) for way in found.ways[:2]] == ["amy@10.0.0.5", "root@10.0.0.5"]


async def test_where_nobody_knows_it_is_said_what_to_do() -> None:
    gone = Unreachable("asking", why="no agent")
    with pytest.raises(NotFound, match="no agent; NetBox: not read"):
        await made(Cluster(network_get_interfaces=gone), netbox=False).ways(WEB)


async def test_a_container_is_asked_without_an_agent() -> None:
    cluster = Cluster(interfaces=[{"name": "eth0", "inet": "10.0.0.7/24"}])
    found = await made(cluster).ways(JUMP)
    assert cluster.asked == ["/nodes/pve1/lxc/103/interfaces"]
    assert found.ways[0].host == "10.0.0.7"


async def test_a_console_wants_a_serial_port_of_machines_alone() -> None:
    cluster = Cluster(config={"net0": "virtio"})
    with pytest.raises(Rejected, match="it has no serial port"):
        await made(cluster).console(WEB)
    assert cluster.opened == []
    cluster.answers["config"] = {"serial0": "socket"}
    await made(cluster).console(WEB)
    await made(cluster).console(JUMP)
    await made(cluster).console(PVE1)
    assert cluster.opened == [
        "/nodes/pve1/qemu/110",
        "/nodes/pve1/lxc/103",
        "/nodes/pve1",
    ]


@pytest.mark.parametrize("door", ["ssh", "console"])
async def test_a_console_that_is_held_back_opens_no_door(door: Door) -> None:
    cluster = Cluster(network_get_interfaces=AGENT, config={"serial0": "socket"})
    for gate in (Holdback(read_only=True), Holdback(elevation=600)):
        entry = made(cluster, gate=gate)
        assert "read-only" in entry.against(door, WEB)
        with pytest.raises(Rejected, match="read-only"):
            await (entry.ways(WEB) if door == "ssh" else entry.console(WEB))
    assert (cluster.asked, cluster.opened) == ([], [])


async def test_a_freeze_of_somebody_else_is_seen_at_the_last_moment(tmp_path: Path) -> None:
    file = tmp_path / "freeze.json"
    cluster = Cluster(config={"serial0": "socket"})
    entry = made(cluster, gate=Holdback(path=file))
    assert entry.against("console", WEB) == ""
    file.write_text("{not json")
    with pytest.raises(Rejected):
        await entry.console(WEB)
    assert cluster.opened == []


async def test_the_configuration_may_open_doors_in_read_only() -> None:
    cluster = Cluster(network_get_interfaces=AGENT, config={"serial0": "socket"})
    gate = Holdback(read_only=True)
    entry = made(cluster, gate=gate, ssh=SshConfig(allow_in_read_only=True))
    assert (await entry.ways(WEB)).chosen == 1
    assert entry.against("console", WEB)
    entry = made(cluster, gate=gate, console=ConsoleConfig(allow_in_read_only=True))
    await entry.console(WEB)
    assert entry.against("ssh", WEB)


async def test_who_went_where_is_in_the_audit(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "audit.jsonl")
    entry = made(Cluster(), audit=audit)
    job = await entry.opened("ssh", WEB, "root@10.0.0.5")
    await entry.closed(job, "done", "back from 110 web")
    first, last = read(tmp_path / "audit.jsonl")
    audit.close()
    assert (first.event, first.action, first.subject) == ("begun", "shell.ssh", "lab/110")
    assert first.calls[0].strip() == "ssh root@10.0.0.5"
    assert (last.event, last.state, last.note) == ("ended", "done", "back from 110 web")
    assert first.id == last.id
