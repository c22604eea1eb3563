"""Pools, users, tokens, groups, roles and rules over HTTP, and what they change at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.demo.lab_thread import LabThread, lab_thread


@pytest.fixture(scope="module", params=["9.2", "8.4"])
def lab(request: pytest.FixtureRequest) -> Iterator[LabThread]:
    with lab_thread(version=request.param, auth_delay=0.0) as running:
        yield running


def ok(lab: LabThread, verb: str, place: str, /, **params: object) -> None:
    reply = lab.ask(place, verb, params=params)
    assert reply.status == 200, (place, reply.reason, reply.body)


def test_pools(lab: LabThread) -> None:
    ok(lab, "POST", "/pools", poolid="study", comment="a course")
    ok(lab, "POST", "/pools", poolid="study/gpu")
    orphan = lab.ask("/pools", "POST", params={"poolid": "nowhere/below"})
    assert "parent 'nowhere'" in orphan.reason
    moved = lab.ask("/pools", "PUT", params={"poolid": "study/gpu", "vms": "110"})
    assert moved.reason == (
        "update pool failed: VM 110 belongs already to pool 'amy' and 'allow-move' is not set"
    )
    ok(lab, "PUT", "/pools", poolid="study/gpu", vms="110", **{"allow-move": 1})
    (pool,) = lab.get("/pools", poolid="study/gpu")
    assert [row["vmid"] for row in pool["members"]] == [110]
    full = lab.ask("/pools", "DELETE", params={"poolid": "study/gpu"})
    assert full.reason == "delete pool failed: pool 'study/gpu' is not empty (contains VM 110)"
    ok(lab, "PUT", "/pools", poolid="study/gpu", vms="110", delete=1)
    ok(lab, "PUT", "/pools", poolid="amy", vms="110")
    ok(lab, "PUT", "/pools/study", comment="another")
    assert lab.get("/pools/study")["comment"] == "another"
    ok(lab, "DELETE", "/pools", poolid="study/gpu")
    ok(lab, "DELETE", "/pools/study")
    gone = lab.ask("/pools", params={"poolid": "study"})
    assert gone.reason == "pool 'study' does not exist"


def test_a_group_gives_its_members_rights_and_takes_them(lab: LabThread) -> None:
    ok(lab, "POST", "/access/groups", groupid="night", comment="night shift")
    ok(lab, "POST", "/access/users", userid="mona@pve", password="long-enough", groups="night")
    made = lab.ask("/access/users/mona@pve/token/t1", "POST", params={"privsep": 0})
    token = {"Authorization": f"PVEAPIToken=mona@pve!t1={made.data['value']}"}
    config = "/nodes/pve1/qemu/110/config"
    refused = lab.ask(config, headers=token)
    assert refused.reason == "Permission check failed (/vms/110, VM.Audit)"
    ok(lab, "PUT", "/access/acl", path="/vms/110", groups="night", roles="PVEVMUser", propagate=0)
    assert lab.ask(config, headers=token).status == 200
    held = lab.ask("/access/permissions", headers=token).data
    assert held["/vms/110"]["VM.Audit"] == 0
    row = next(row for row in lab.get("/access/acl") if row["ugid"] == "night")
    assert (row["type"], row["roleid"], row["propagate"]) == ("group", "PVEVMUser", 0)
    assert lab.get("/access/groups/night")["members"] == ["mona@pve"]
    assert lab.get("/access/users/mona@pve")["groups"] == ["night"]
    params = {"path": "/vms/110", "groups": "night", "roles": "PVEVMUser", "delete": 1}
    ok(lab, "PUT", "/access/acl", **params)
    assert lab.ask(config, headers=token).status == 403
    ok(lab, "DELETE", "/access/users/mona@pve")
    assert lab.ask(config, headers=token).status == 401


def test_a_separated_token_has_no_more_than_its_own_rules(lab: LabThread) -> None:
    ok(lab, "POST", "/access/users", userid="nils@pve")
    ok(lab, "PUT", "/access/acl", path="/", users="nils@pve", roles="PVEAuditor")
    path = "/access/users/nils@pve/token/narrow"
    made = lab.ask(path, "POST", params={"comment": "narrow"})
    assert made.data["info"] == {"privsep": "1", "comment": "narrow"}
    again = lab.ask(path, "POST")
    assert again.json["errors"] == {"tokenid": "Token already exists."}
    token = {"Authorization": f"PVEAPIToken=nils@pve!narrow={made.data['value']}"}
    assert lab.ask("/nodes/pve1/status", headers=token).status == 403
    ok(lab, "PUT", "/access/acl", path="/nodes", tokens="nils@pve!narrow", roles="PVEAuditor")
    assert lab.ask("/nodes/pve1/status", headers=token).status == 200
    assert lab.get("/access/users/nils@pve/token")[0]["privsep"] == 1
    ok(lab, "PUT", "/access/users/nils@pve", enable=0)
    assert lab.ask("/nodes/pve1/status", headers=token).status == 401
    ok(lab, "PUT", "/access/users/nils@pve", enable=1)
    assert lab.ask("/nodes/pve1/status", headers=token).status == 200
    ok(lab, "DELETE", path)
    assert lab.ask("/nodes/pve1/status", headers=token).status == 401


def test_roles(lab: LabThread) -> None:
    ok(lab, "POST", "/access/roles", roleid="Looker", privs="VM.Audit")
    ok(lab, "PUT", "/access/roles/Looker", privs="VM.Console", append=1)
    assert lab.get("/access/roles/Looker") == {"VM.Audit": 1, "VM.Console": 1}
    built_in = lab.ask("/access/roles/PVEAdmin", "PUT", params={"privs": "VM.Audit"})
    assert built_in.reason.endswith("auto-generated role 'PVEAdmin' cannot be modified")
    wrong = lab.ask("/access/roles", "POST", params={"roleid": "X", "privs": "VM.Nothing"})
    assert wrong.reason == "create role failed: invalid privilege 'VM.Nothing'"
    ok(lab, "DELETE", "/access/roles/Looker")


@pytest.mark.parametrize(
    ("params", "status", "text"),
    [
        ({"path": "/foo", "users": "dora@pve", "roles": "PVEAuditor"}, 400, "Parameter"),
        ({"path": "/", "users": "none@pve", "roles": "PVEAuditor"}, 500, "user 'none@pve' does"),
        ({"path": "/", "users": "dora@pve", "roles": "Nothing"}, 500, "role 'Nothing' does"),
        ({"path": "/", "roles": "PVEAuditor"}, 400, "Parameter"),
    ],
)
def test_rules_that_cannot_be(
    lab: LabThread, params: dict[str, str], status: int, text: str
) -> None:
    reply = lab.ask("/access/acl", "PUT", params=params)
    assert reply.status == status
    assert text in reply.reason
