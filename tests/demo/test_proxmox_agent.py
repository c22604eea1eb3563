"""The agent inside machines, `nvidia-smi` among what it runs, and addresses of containers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from labtui.demo.cluster.gpu_use import nvidia_smi
from tests.demo.cluster_stage import ClusterStage
from tests.demo.lab_thread import LabThread, lab_thread
from tests.demo.task_wait import post_pairs

AGENT = "/nodes/pve1/qemu/104/agent"
QUERY = "--query-gpu=index,uuid,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw"


@pytest.fixture(scope="module", params=["9.2", "8.4"])
def lab(request: pytest.FixtureRequest) -> Iterator[LabThread]:
    with lab_thread(version=request.param, speed=30.0, auth_delay=0.0) as running:
        yield running


def run(lab: LabThread, *command: str) -> dict[str, Any]:
    reply = post_pairs(lab, f"{AGENT}/exec", *(("command", word) for word in command))
    assert reply.status == 200, reply.reason
    pid = reply.data["pid"]
    found: list[dict[str, Any]] = []

    def ended() -> bool:
        found.append(lab.get(f"{AGENT}/exec-status", pid=pid))
        return bool(found[-1]["exited"])

    lab.until(ended)
    again = lab.ask(f"{AGENT}/exec-status", params={"pid": pid})
    assert again.reason == f"Agent error: PID {pid} does not exist"
    return found[-1]


def test_it_says_who_it_is(lab: LabThread) -> None:
    assert lab.ask(f"{AGENT}/ping", "POST").data == {"result": {}}
    assert lab.get(f"{AGENT}/get-host-name") == {"result": {"host-name": "gpu-amy"}}
    assert lab.get(f"{AGENT}/get-osinfo")["result"]["id"] == "debian"
    rows = lab.get(f"{AGENT}/network-get-interfaces")["result"]
    addresses = [row["ip-addresses"][0]["ip-address"] for row in rows]
    spec = next(guest for guest in lab.lab.lab.guests if guest.vmid == 104)
    assert addresses == ["127.0.0.1", spec.address]
    system = lab.get(f"{AGENT}/get-fsinfo")["result"][0]
    assert 0 < system["used-bytes"] < system["total-bytes"]


def test_a_query_of_the_cards(lab: LabThread) -> None:
    answer = run(lab, "nvidia-smi", QUERY, "--format=csv,noheader,nounits")
    assert answer["exitcode"] == 0
    rows = [line.split(", ") for line in answer["out-data"].splitlines()]
    assert [row[0] for row in rows] == ["0", "1"]
    for row in rows:
        assert 0 <= int(row[2]) <= 100
        assert 0 < int(row[3]) <= int(row[4]) == 24_564
        assert 25 <= int(row[5]) <= 90


def test_a_shell_and_programs_that_are_not_there(lab: LabThread) -> None:
    assert run(lab, "/bin/sh", "-c", "hostname")["out-data"] == "gpu-amy\n"
    assert run(lab, "sh", "-c", "frobnicate")["exitcode"] == 127
    reply = post_pairs(lab, f"{AGENT}/exec", ("command", "frobnicate"))
    assert reply.status == 500
    assert "Failed to execute child process" in reply.json["message"]


def test_refusals(lab: LabThread) -> None:
    stopped = lab.ask("/nodes/pve1/qemu/105/agent/exec", "POST", params={"command": "id"})
    assert (stopped.status, stopped.reason) == (500, "VM 105 is not running")
    lab.run(lambda: lab.lab.cluster.state.silent_agents.add(110))
    silent = lab.ask("/nodes/pve1/qemu/110/agent/get-osinfo")
    lab.run(lambda: lab.lab.cluster.state.silent_agents.discard(110))
    assert (silent.status, silent.reason) == (500, "QEMU guest agent is not running")
    lab.ask("/nodes/pve1/qemu/111/config", "PUT", params={"delete": "agent"})
    lab.run(lambda: lab.lab.cluster.state.guests[111].config.pop("agent", None))
    absent = lab.ask("/nodes/pve1/qemu/111/agent/ping", "POST")
    assert (absent.status, absent.reason) == (500, "No QEMU guest agent configured")


def test_addresses_of_a_container(lab: LabThread) -> None:
    rows = {row["name"]: row for row in lab.get("/nodes/pve1/lxc/103/interfaces")}
    assert rows["lo"]["inet"] == "127.0.0.1/8"
    assert rows["eth0"]["hwaddr"] == rows["eth0"]["hardware-address"]


def test_the_same_second_gives_the_same_figures_on_every_way() -> None:
    arguments = [QUERY, "--format=csv"]
    first, second = ClusterStage(), ClusterStage()
    for stage in (first, second):
        stage.wait(60)
    answers = [nvidia_smi(stage.state, 104, arguments) for stage in (first, second)]
    assert answers[0] == answers[1]
    first.wait(120)
    assert nvidia_smi(first.state, 104, arguments) != answers[1]


def test_a_host_sees_the_cards_that_no_guest_holds() -> None:
    state = ClusterStage().state
    held = {device for guest in state.guests_on("pve1") for device in guest.devices}
    _, output, _ = nvidia_smi(state, "pve1", ["--query-gpu=pci.bus_id", "--format=csv,noheader"])
    seen = {line[4:].lower() for line in output.splitlines()}
    assert seen
    assert not seen & held
    assert nvidia_smi(state, "pve4", [])[0] == 127
    assert nvidia_smi(state, 104, ["--query-gpu=nonsense", "--format=csv"])[0] == 2
    document = nvidia_smi(state, 104, ["-q", "-x"])[1]
    assert document.count("<gpu id=") == 2
