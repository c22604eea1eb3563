"""The servers of a whole lab that refuse, hang, break off or lie, and are mended."""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.request
from collections.abc import Iterator

import pytest

from labtui.demo.listeners import Mode
from tests.demo.lab_thread import LabThread, lab_thread


@pytest.fixture(scope="module")
def lab() -> Iterator[LabThread]:
    with lab_thread(speed=20.0, auth_delay=0.0) as running:
        yield running


@pytest.fixture(autouse=True)
def mended(lab: LabThread) -> Iterator[None]:
    yield
    lab.mend()


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


def test_slow_server_answers_in_the_end(lab: LabThread) -> None:
    with connect(lab) as secure:
        ask_on(secure, lab)
        lab.wait(lab.lab.break_("server-slow", "pve1", seconds=0.4))
        with pytest.raises(TimeoutError):
            ask_on(secure, lab)
        secure.settimeout(5)
        assert b"200 OK" in secure.recv(4096)


def test_black_hole_swallows_what_asks_for_a_connection(lab: LabThread) -> None:
    port = lab.lab.ports.proxmox["pve1"]
    with connect(lab) as secure:
        assert b"200 OK" in ask_on(secure, lab)
        lab.wait(lab.lab.fault("pve1", Mode.BLACKHOLE))
        with pytest.raises(TimeoutError):
            socket.create_connection(("127.0.0.1", port), 0.2)
        with pytest.raises(TimeoutError):
            ask_on(secure, lab)
        lab.wait(lab.lab.fault("pve1", Mode.OK))
        assert b"200 OK" in secure.recv(4096)
    assert lab.get("/version")["release"] == "9.2"


def test_dripping_server_sends_a_few_bytes_at_a_time(lab: LabThread) -> None:
    with connect(lab) as secure:
        ask_on(secure, lab)
        lab.wait(lab.lab.fault("pve1", Mode.DRIP))
        with pytest.raises(TimeoutError):
            ask_on(secure, lab)
        lab.wait(lab.lab.fault("pve1", Mode.OK))
        secure.settimeout(5)
        assert b"200 OK" in secure.recv(4096)


def test_truncated_answer_ends_in_the_middle_of_the_clear_text(lab: LabThread) -> None:
    lab.wait(lab.lab.fault("*", Mode.TRUNCATE))
    with connect(lab) as secure:
        secure.settimeout(5)
        got = ask_on(secure, lab)
        assert got.startswith(b"HTTP/1.1 200 OK")
        assert secure.recv(4096) == b""
    url = f"http://127.0.0.1:{lab.lab.ports.netbox}/api/"
    with pytest.raises((http.client.HTTPException, OSError)):
        urllib.request.urlopen(url, timeout=5).read()
    lab.wait(lab.lab.fault("*", Mode.OK))
    assert lab.get("/version")["release"] == "9.2"


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("authority", "unable to get local issuer|self-signed|unknown ca|verify failed"),
        ("name", "IP address mismatch|doesn't match|not valid for"),
        ("expired", "expired"),
    ],
)
def test_a_wrong_certificate_is_noticed_and_mended(lab: LabThread, kind: str, told: str) -> None:
    before = lab.lab.certificates["pve2"].fingerprint
    lab.wait(lab.lab.break_("server-certificate", "pve2", kind=kind))
    with pytest.raises(ssl.SSLError, match=told):
        lab.ask("/version", node="pve2")
    lab.wait(lab.lab.mend("server-certificate", "pve2"))
    assert lab.lab.certificates["pve2"].fingerprint == before
    assert lab.ask("/version", node="pve2").status == 200


def test_a_renewed_certificate_is_good_and_another_one(lab: LabThread) -> None:
    before = fingerprint(lab, "rt-835")
    lab.wait(lab.lab.break_("server-certificate", "rt-835", kind="renewed"))
    assert fingerprint(lab, "rt-835") != before
    lab.wait(lab.lab.mend_all())
    assert fingerprint(lab, "rt-835") == before


def fingerprint(lab: LabThread, router: str) -> bytes:
    raw = socket.create_connection(("127.0.0.1", lab.lab.ports.router_tls[router]), 5)
    with lab.context.wrap_socket(raw, server_hostname="127.0.0.1") as secure:
        return secure.getpeercert(binary_form=True) or b""


def test_tokens_and_rights_are_struck_and_given_back(lab: LabThread) -> None:
    for fault in ("token-expired", "token-revoked"):
        lab.wait(lab.lab.break_(fault, "labtui@pve!console"))
        assert lab.ask("/version").status == 401
        lab.wait(lab.lab.mend(fault))
        assert lab.ask("/version").status == 200
    lab.wait(lab.lab.break_("right-revoked", "labtui@pve"))
    assert lab.ask("/nodes/pve1/qemu/110/status/start", "POST").status == 403
    assert lab.ask("/nodes/pve1/status").status == 200
    lab.wait(lab.lab.break_("right-revoked", "labtui@pve", role=""))
    assert lab.ask("/nodes/pve1/status").status == 403
    lab.wait(lab.lab.mend_all())
    assert lab.ask("/nodes/pve1/status").status == 200


def test_a_changed_password_is_refused_by_that_router_alone(lab: LabThread) -> None:
    def let_in(router: str) -> bool:
        words = lab.lab.accounts.router_passwords["labtui-ro"]
        return lab.lab.accounts.at_router(router)["labtui-ro"].password == words

    lab.wait(lab.lab.break_("password-wrong", "rt-702"))
    assert (let_in("rt-702"), let_in("rt-836")) == (False, True)
    lab.wait(lab.lab.mend_all())
    assert let_in("rt-702")


def test_power_takes_the_listener_along(lab: LabThread) -> None:
    port = lab.lab.ports.proxmox["pve4"]
    with socket.create_connection(("127.0.0.1", port), 2) as before:
        assert lab.control("/power", {"node": "pve4", "on": False})[0] == 200
        # Nobody is there to refuse.
        with pytest.raises(TimeoutError):
            socket.create_connection(("127.0.0.1", port), 0.3)
        before.settimeout(0.2)
        with pytest.raises(TimeoutError):
            before.recv(1)
        assert lab.control("/power", {"node": "pve4", "on": True})[0] == 200
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 2)
        lab.until(lambda: lab.ask("/version").status == 200 and _accepts(port))
        lab.until(lambda: lab.control("/state", None)[1]["nodes"]["pve4"]["online"])


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
