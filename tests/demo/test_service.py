"""The whole lab: its process, its files, its control, and that it leaves nothing behind."""

from __future__ import annotations

import http.client
import json
import os
import select
import signal
import socket
import stat
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from labtui.demo.scenarios import scenario_named
from labtui.demo.settings import write_private
from labtui.demo.standard_lab import default_lab
from tests.demo.lab_thread import LabThread, lab_thread


@pytest.fixture(scope="module")
def lab() -> Iterator[LabThread]:
    with lab_thread(speed=20.0, auth_delay=0.0) as running:
        yield running


@pytest.fixture(autouse=True)
def mended(lab: LabThread) -> Iterator[None]:
    yield
    lab.mend()


def started(*options: str) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "labtui.demo", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], 20)
    if not ready:
        process.kill()
        process.communicate(timeout=10)
    assert ready, "the lab did not get ready"
    line: dict[str, Any] = json.loads(process.stdout.readline())
    return process, line


@pytest.mark.parametrize("how", ["end of input", "SIGTERM", "SIGINT"])
def test_process_says_ready_and_leaves_nothing(how: str) -> None:
    process, line = started("--speed", "5", "--guests", "12")
    assert line["ready"] is True
    directory = Path(line["directory"])
    config = Path(line["config"])
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert Path(line["ca_file"]).is_file()
    assert stat.S_IMODE((directory / "demo.log").stat().st_mode) == 0o600
    assert [entry["node"] for entry in line["proxmox"]] == ["pve1", "pve2", "pve3", "pve4"]
    assert line["accounts"]["proxmox"]["users"]["root@pam"]["password"]
    assert process.stdin is not None
    if how == "end of input":
        process.stdin.close()
    else:
        process.send_signal(getattr(signal, how))
    assert process.wait(10) == 0
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert not directory.exists()
    for stream in (process.stdin, process.stdout, process.stderr):
        assert stream is not None
        stream.close()


def test_wrong_options_are_refused() -> None:
    command = [sys.executable, "-m", "labtui.demo", "--speed", "0"]
    done = subprocess.run(command, capture_output=True, timeout=20, check=False)
    assert done.returncode == 2
    assert b"--speed" in done.stderr


def test_config_names_every_server(lab: LabThread) -> None:
    config = tomllib.loads(lab.lab.config.read_text("utf-8"))
    assert config["lab"] == {"name": "lsalab", "demo": True}
    proxmox = config["proxmox"][0]
    assert len(proxmox["endpoints"]) == 4
    assert proxmox["token_id"] == "labtui@pve!console"
    assert proxmox["ca_file"] == str(lab.lab.ca_file)
    assert [router["name"] for router in config["router"]] == [
        "rt-836",
        "rt-835",
        "rt-702",
        "rt-mou",
    ]
    assert {router["tls"] for router in config["router"]} == {"verify"}
    assert config["netbox"]["url"].startswith("http://127.0.0.1:")
    url = urlsplit(config["netbox"]["url"])
    connection = http.client.HTTPConnection("127.0.0.1", url.port or 0, timeout=5)
    token = config["netbox"]["token"]
    connection.request("GET", "/api/status/", headers={"Authorization": f"Bearer {token}"})
    assert connection.getresponse().status == 200
    connection.close()


def test_routers_take_the_certificate_of_the_lab(lab: LabThread) -> None:
    for port in lab.lab.ports.router_tls.values():
        raw = socket.create_connection(("127.0.0.1", port), 5)
        with lab.context.wrap_socket(raw, server_hostname="127.0.0.1") as secure:
            assert secure.version() in ("TLSv1.2", "TLSv1.3")


def test_secrets_are_not_in_reprs(lab: LabThread) -> None:
    accounts = lab.lab.accounts
    text = repr(accounts) + repr(accounts.proxmox)
    assert accounts.token_secret("labtui@pve!console") not in text
    assert accounts.netbox_write not in text
    assert accounts.router_passwords["labtui-ro"] not in text


def test_no_key_stays_on_disk(lab: LabThread) -> None:
    files = {path.name: path for path in lab.lab.directory.iterdir()}
    shells = {"id_ed25519", "id_ed25519.pub", "known_hosts"}
    assert files.keys() == {"ca.pem", "config.toml", "control.json"} | shells
    # The key with which the console logs in is the only one.
    private = {name for name, path in files.items() if "PRIVATE" in path.read_text()}
    assert private == {"id_ed25519"}
    assert stat.S_IMODE(files["id_ed25519"].stat().st_mode) == 0o600
    assert stat.S_IMODE(files["control.json"].stat().st_mode) == 0o600


def test_control_breaks_and_mends(lab: LabThread) -> None:
    assert lab.control("/state", None, "wrong")[0] == 401
    assert lab.control("/fault", {"server": "netbox", "mode": "refuse"})[0] == 200
    assert lab.control("/state", None)[1]["servers"]["netbox"] == "refuse"
    assert lab.control("/fault", {"server": "*", "mode": "ok"})[0] == 200
    assert lab.control("/link", {"number": 2, "up": False})[0] == 200
    assert lab.control("/link", {"number": 2, "up": True})[0] == 200
    for path, body in (
        ("/fault", {"server": "nope", "mode": "ok"}),
        ("/fault", {"server": "pve1", "mode": "dead"}),
        ("/fault", {"server": "pve1"}),
        ("/power", {"node": "pve9", "on": False}),
        ("/power", {"node": "pve4", "on": "no"}),
        ("/link", {"number": 99, "up": False}),
        ("/link", [1]),
    ):
        status, answer = lab.control(path, body)
        assert status == 400, (path, body)
        assert answer["error"]


def test_control_plays_with_the_register(lab: LabThread) -> None:
    status, faults = lab.control("/faults", None)
    assert status == 200
    found = {fault["name"]: fault for fault in faults}
    assert found["server-slow"]["options"] == {"seconds": 1.5}
    assert "pve1" in found["server-slow"]["targets"]
    body = {"fault": "server-slow", "target": "pve1", "options": {"seconds": "0.5"}}
    status, begun = lab.control("/break", body)
    assert (status, begun["options"]) == (200, {"seconds": 0.5})
    assert lab.control("/state", None)[1]["faults"] == [begun]
    assert lab.control("/mend", {"fault": "server-slow"}) == (200, [begun])
    assert lab.control("/mend", {}) == (200, [])
    for wrong, told in (
        ({"fault": "server-slo", "target": "pve1"}, "did you mean server-slow?"),
        ({"fault": "server-slow", "target": "pve11"}, "did you mean pve1?"),
        ({"fault": "server-slow", "target": "pve1", "options": {"seconds": 0}}, "between 0"),
        ({"fault": "server-slow", "target": "pve1", "options": []}, "options must be"),
        ({"target": "pve1"}, "fault must be a text"),
    ):
        status, answer = lab.control("/break", wrong)
        assert status == 400
        assert told in answer["error"]
    assert lab.control("/mend", {"fault": "server-slow"})[0] == 400
    assert lab.control("/state", None)[1]["faults"] == []


def test_nothing_of_a_lab_stays() -> None:
    threads = threading.active_count()
    with lab_thread(guests=5, speed=5.0) as running:
        directory = running.lab.directory
        port = running.lab.ports.proxmox["pve1"]
        assert directory.exists()
    assert not directory.exists()
    assert threading.active_count() == threads
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 2)


def test_a_site_without_tunnels_is_out_of_reach_but_its_router_is_not() -> None:
    with lab_thread(guests=12, speed=100.0) as running:
        ports = running.lab.ports
        running.wait(running.lab.break_("uplink-down", "702"))
        running.until(lambda: not _reaches(ports.proxmox["pve4"]))
        assert not _reaches(ports.router_outside["rt-702"])
        running.wait(running.lab.mend_all())
        running.until(lambda: _reaches(ports.router_outside["rt-702"]))
        for number in ("2", "5"):
            running.wait(running.lab.break_("link-cut", number))
        running.until(lambda: not _reaches(ports.router_tls["rt-702"]))
        assert _reaches(ports.router_outside["rt-702"])


def _reaches(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 0.3).close()
    except (ConnectionRefusedError, TimeoutError):
        return False
    return True


@pytest.mark.parametrize(("name", "speed"), [("front-node-hangs", 50.0), ("node-dead", 300.0)])
def test_a_scenario_begins_with_the_lab(name: str, speed: float) -> None:
    with lab_thread(scenario=scenario_named(name), speed=speed) as running:
        running.until(lambda: bool(running.lab.outbreaks.on))
        told = running.run(running.lab.summary)["scenario"]
        assert told["name"] == name
        running.until(lambda: running.run(running.lab.summary)["scenario"]["settled"])
        # At this speed a tick of a busy machine is minutes of the lab.
        running.until(lambda: all(running.run(running.lab.summary)["scenario"]["holds"].values()))
        told = running.run(running.lab.summary)["scenario"]
        assert (told["refused"], told["steps_left"]) == ([], 0)


def test_a_scenario_that_the_lab_is_too_small_for_is_refused() -> None:
    command = [sys.executable, "-m", "labtui.demo", "--guests", "2", "--scenario", "guest-stuck"]
    done = subprocess.run(command, capture_output=True, timeout=20, check=False, input=b"")
    assert done.returncode == 2
    assert b"112" in done.stderr
    assert done.stdout == b""


def test_a_large_lab_starts_and_answers() -> None:
    lab = default_lab(guests=2_000, nodes=64, routers=60)
    with lab_thread(lab=lab) as running:
        rows = running.get("/cluster/resources", type="vm")
        assert len(rows) == 2_000
        assert len(running.lab.ports.router_tls) == 60
        assert running.ask("/version", node="pve64").status == 200


def test_private_file_is_private_from_the_start(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        write_private(tmp_path / "x", "secret")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o600
