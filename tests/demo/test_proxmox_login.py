"""Tickets, the second factor, CSRF values, headers and connections."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from labtui.demo.proxmox.login import totp
from tests.demo.lab_thread import LabThread, Reply, lab_thread


@pytest.fixture(scope="module")
def lab() -> Iterator[LabThread]:
    with lab_thread(speed=20.0, auth_delay=0.0) as running:
        yield running


def word(lab: LabThread, userid: str) -> str:
    user = lab.lab.accounts.proxmox.user(userid)
    assert user is not None
    return user.password


def login(lab: LabThread, userid: str, password: str, **more: str) -> Reply:
    params = {"username": userid, "password": password, **more}
    return lab.ask("/access/ticket", "POST", headers={}, params=params)


def cookie(ticket: str) -> dict[str, str]:
    return {"Cookie": f"PVEAuthCookie={quote(ticket, safe='')}"}


def test_ticket_is_good_on_every_node(lab: LabThread) -> None:
    answer = login(lab, "root@pam", word(lab, "root@pam")).data
    assert answer["clustername"] == "lsalab"
    assert answer["ticket"].startswith("PVE:root@pam:")
    assert answer["cap"]["vms"]["VM.Migrate"] == 1
    for node in ("pve1", "pve4"):
        assert lab.ask("/version", node=node, headers=cookie(answer["ticket"])).status == 200


def test_ticket_renews_itself(lab: LabThread) -> None:
    first = login(lab, "auditor@pve", word(lab, "auditor@pve")).data["ticket"]
    again = login(lab, "auditor@pve", first)
    assert again.status == 200
    assert lab.ask("/version", headers=cookie(again.data["ticket"])).status == 200
    assert login(lab, "amy@pve", first).status == 401


def test_writing_needs_the_csrf_value(lab: LabThread) -> None:
    answer = login(lab, "root@pam", word(lab, "root@pam")).data
    headers = cookie(answer["ticket"])
    path, params = "/nodes/pve1/qemu/110/config", {"description": "x"}
    reply = lab.ask(path, "PUT", headers=headers, params=params)
    assert (reply.status, reply.reason) == (401, "Permission denied - invalid csrf token")
    wrong = headers | {"CSRFPreventionToken": "6B000000:abc"}
    assert lab.ask(path, "PUT", headers=wrong, params=params).status == 401
    right = headers | {"CSRFPreventionToken": answer["CSRFPreventionToken"]}
    assert lab.ask(path, "PUT", headers=right, params=params).status == 200


def test_second_factor_takes_two_steps(lab: LabThread) -> None:
    user = lab.lab.accounts.proxmox.user("dora@pve")
    assert user is not None
    assert user.totp_secret is not None
    first = login(lab, user.userid, user.password).data
    assert first["NeedTFA"] == 1
    assert first["ticket"].startswith("PVE:!tfa!")
    assert "cap" not in first
    assert lab.ask("/version", headers=cookie(first["ticket"])).status == 401
    challenge = {"tfa-challenge": first["ticket"]}
    assert login(lab, user.userid, "totp:000000x", **challenge).status == 401
    code = totp(user.totp_secret, time.time())
    assert login(lab, "amy@pve", f"totp:{code}", **challenge).status == 401
    full = login(lab, user.userid, f"totp:{code}", **challenge)
    assert full.status == 200
    assert lab.ask("/version", headers=cookie(full.data["ticket"])).status == 200


def test_totp_is_that_of_the_standard() -> None:
    # RFC 6238, appendix B, SHA-1, last six digits.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert totp(secret, 59) == "287082"
    assert totp(secret, 1_111_111_109) == "081804"
    assert totp(secret, 20_000_000_000) == "353130"


def test_connections_close_as_recorded(lab: LabThread) -> None:
    direct = lab.ask("/access/permissions", watch=True, params={"path": "/vms/100"})
    assert direct.all("Connection") == ["Keep-Alive"]
    assert not direct.closed
    local = lab.ask("/access/users", watch=True)
    assert local.all("Connection") == ["close", "Keep-Alive"]
    assert local.closed
    forwarded = lab.ask("/nodes/pve4/status", watch=True)
    assert forwarded.all("Connection") == ["Keep-Alive", "Keep-Alive"]
    assert not forwarded.closed
    assert direct.all("Content-Type") == ["application/json;charset=UTF-8"]


def test_long_answers_are_packed_when_accepted(lab: LabThread) -> None:
    packed = lab.ask("/cluster/resources", headers=lab.admin | {"Accept-Encoding": "gzip"})
    assert packed.all("Content-Encoding") == ["gzip"]
    assert gzip.decompress(packed.body).startswith(b'{"data":[')
    plain = lab.ask("/cluster/resources")
    assert plain.all("Content-Encoding") == []
    short = lab.ask("/version", headers=lab.admin | {"Accept-Encoding": "gzip"})
    assert short.all("Content-Encoding") == []


def test_order_of_rows_changes_from_answer_to_answer(lab: LabThread) -> None:
    orders = {tuple(row["id"] for row in lab.get("/cluster/status")) for _ in range(8)}
    assert len(orders) > 1


def test_json_bodies_are_read(lab: LabThread) -> None:
    headers = lab.admin | {"Content-Type": "application/json"}
    path = "/nodes/pve1/qemu/110/config"
    reply = lab.ask(path, "PUT", headers=headers, body=b'{"description":"j","onboot":true}')
    assert reply.status == 200
    assert lab.get(path)["description"] == "j"
    assert lab.get(path)["onboot"] == 1
    reply = lab.ask(path, "PUT", headers=headers, body=b'{"descr')
    assert reply.status == 500
