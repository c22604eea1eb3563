"""The whole lab: its process, its files, its faults, and that it leaves nothing behind."""

from __future__ import annotations

import http.client
import json
import os
import select
import signal
import socket
import ssl
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

from labtui.demo.listeners import Mode
from labtui.demo.settings import write_private
from tests.demo.lab_thread import LabThread, lab_thread


@pytest.fixture(scope="module")
def lab() -> Iterator[LabThread]:
    with lab_thread(speed=20.0, auth_delay=0.0) as running:
        yield running


@pytest.fixture(autouse=True)
def mended(lab: LabThread) -> Iterator[None]:
    yield
    lab.wait(lab.lab.fault("*", Mode.OK))


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
    assert {path.name for path in lab.lab.directory.iterdir()} == {"ca.pem", "config.toml"}
    assert "PRIVATE" not in lab.lab.ca_file.read_text()


def connect(lab: LabThread) -> ssl.SSLSocket:
    raw = socket.create_connection(("127.0.0.1", lab.lab.ports.proxmox["pve1"]), 5)
    secure = lab.context.wrap_socket(raw, server_hostname="127.0.0.1")
    secure.settimeout(0.3)
    return secure


def ask_on(secure: ssl.SSLSocket, lab: LabThread) -> bytes:
    token = lab.admin["Authorization"]
    secure.sendall(
        f"GET /api2/json/version HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n".encode()
    )
    return secure.recv(4096)


def test_refused_port_stays_ours_and_opens_again(lab: LabThread) -> None:
    port = lab.lab.ports.proxmox["pve1"]
    lab.wait(lab.lab.fault("pve1", Mode.REFUSE))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 2)
    taken = socket.socket()
    with pytest.raises(OSError, match="in use"):
        taken.bind(("127.0.0.1", port))
    taken.close()
    lab.wait(lab.lab.fault("pve1", Mode.OK))
    assert lab.get("/version")["release"] == "9.2"


def test_hanging_server_hangs_open_connections_too(lab: LabThread) -> None:
    with connect(lab) as secure:
        assert b"200 OK" in ask_on(secure, lab)
        lab.wait(lab.lab.fault("pve1", Mode.HANG))
        with pytest.raises(TimeoutError):
            ask_on(secure, lab)
        new = socket.create_connection(("127.0.0.1", lab.lab.ports.proxmox["pve1"]), 2)
        new.settimeout(0.2)
        new.sendall(b"x")
        with pytest.raises(TimeoutError):
            new.recv(1)
        new.close()
        lab.wait(lab.lab.fault("pve1", Mode.OK))
        assert b"200 OK" in secure.recv(4096)


def test_reset_breaks_open_and_new_connections(lab: LabThread) -> None:
    with connect(lab) as secure:
        ask_on(secure, lab)
        lab.wait(lab.lab.fault("pve1", Mode.RESET))
        with pytest.raises(OSError):
            assert ask_on(secure, lab) != b""
    with pytest.raises((OSError, ssl.SSLError)):
        connect(lab)


def test_rubbish_is_no_protocol(lab: LabThread) -> None:
    lab.wait(lab.lab.fault("*", Mode.RUBBISH))
    with pytest.raises(ssl.SSLError):
        connect(lab)
    port = lab.lab.ports.router_plain["rt-836"]
    with socket.create_connection(("127.0.0.1", port), 2) as plain:
        assert len(plain.recv(4096)) == 512


def test_slow_server_answers_in_the_end(lab: LabThread, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labtui.demo.listeners.SLOW_SECONDS", 0.4)
    with connect(lab) as secure:
        ask_on(secure, lab)
        lab.wait(lab.lab.fault("pve1", Mode.SLOW))
        with pytest.raises(TimeoutError):
            ask_on(secure, lab)
        secure.settimeout(5)
        assert b"200 OK" in secure.recv(4096)


def control(lab: LabThread, path: str, body: object, token: str | None = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", lab.lab.ports.control, timeout=5)
    word = lab.lab.control_token if token is None else token
    verb = "GET" if body is None else "POST"
    text = None if body is None else json.dumps(body)
    connection.request(verb, path, text, {"Authorization": f"Bearer {word}"})
    response = connection.getresponse()
    found = json.loads(response.read())
    connection.close()
    return response.status, found


def test_control_breaks_and_mends(lab: LabThread) -> None:
    assert control(lab, "/state", None, "wrong")[0] == 401
    assert control(lab, "/fault", {"server": "netbox", "mode": "refuse"})[0] == 200
    assert control(lab, "/state", None)[1]["servers"]["netbox"] == "refuse"
    assert control(lab, "/fault", {"server": "*", "mode": "ok"})[0] == 200
    assert control(lab, "/link", {"number": 2, "up": False})[0] == 200
    assert control(lab, "/link", {"number": 2, "up": True})[0] == 200
    for path, body in (
        ("/fault", {"server": "nope", "mode": "ok"}),
        ("/fault", {"server": "pve1", "mode": "dead"}),
        ("/fault", {"server": "pve1"}),
        ("/power", {"node": "pve9", "on": False}),
        ("/power", {"node": "pve4", "on": "no"}),
        ("/link", {"number": 99, "up": False}),
        ("/link", [1]),
    ):
        status, answer = control(lab, path, body)
        assert status == 400, (path, body)
        assert answer["error"]


def test_power_takes_the_listener_along(lab: LabThread) -> None:
    port = lab.lab.ports.proxmox["pve4"]
    with socket.create_connection(("127.0.0.1", port), 2) as before:
        assert control(lab, "/power", {"node": "pve4", "on": False})[0] == 200
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 2)
        before.settimeout(0.2)
        with pytest.raises(TimeoutError):
            before.recv(1)
        assert control(lab, "/power", {"node": "pve4", "on": True})[0] == 200
        lab.until(lambda: lab.ask("/version").status == 200 and _accepts(port))
        lab.until(lambda: control(lab, "/state", None)[1]["nodes"]["pve4"]["online"])


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 2).close()
    except ConnectionRefusedError:
        return False
    return True


def test_forwarding_sees_the_fault_of_the_other_node(lab: LabThread) -> None:
    lab.wait(lab.lab.fault("pve3", Mode.REFUSE))
    reply = lab.ask("/nodes/pve3/status")
    assert (reply.status, reply.reason, reply.body) == (595, "Connection refused", b"")
    lab.wait(lab.lab.fault("pve3", Mode.OK))
    assert lab.ask("/nodes/pve3/status").status == 200


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


def test_private_file_is_private_from_the_start(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        write_private(tmp_path / "x", "secret")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o600
