"""What the server refuses: status, reason phrase, bytes and connection, as recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.demo.lab_thread import LabThread, Reply, lab_thread
from tests.demo.schema_check import recording


@pytest.fixture(scope="module")
def lab() -> Iterator[LabThread]:
    with lab_thread(speed=20.0, auth_delay=0.0) as running:
        yield running


def same(reply: Reply, name: str, version: str = "9.2") -> None:
    """Compare status, reason, body and connection with a recorded refusal."""
    known = recording(version, name)
    assert (reply.status, reply.reason) == (known["status"], known["reason"])
    if known["body_bytes"]:
        assert reply.json == json.loads(known["body_bytes"])
        assert len(reply.body) == len(known["body_bytes"].encode())
    else:
        assert reply.body == b""
        assert reply.all("Content-Type") == []
    assert reply.all("Connection") == ["close"]
    assert reply.closed
    assert reply.all("Server") == ["pve-api-daemon/3.0"]


def ask(lab: LabThread, path: str, verb: str = "GET", **options: Any) -> Reply:
    return lab.ask(path, verb, watch=True, **options)


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("error.401-no-credential", {}),
        ("error.401-bearer", {"Authorization": "Bearer abc"}),
        ("error.401-garbage-ticket", {"Cookie": "PVEAuthCookie=PVE:root@pam:6B000000::xx"}),
        ("error.401-unknown-token", {"Authorization": "PVEAPIToken=root@pam!no=1-2"}),
        ("error.401-malformed-token", {"Authorization": "PVEAPIToken=garbage"}),
        ("error.401-wrong-token-secret", {"Authorization": "PVEAPIToken=labtui@pve!console=1"}),
    ],
)
def test_no_credential_is_401_without_a_body(
    lab: LabThread, name: str, headers: dict[str, str]
) -> None:
    same(ask(lab, "/version", headers=headers), name)


@pytest.mark.parametrize(
    ("name", "username"),
    [
        ("error.401-login-wrong-password", "auditor@pve"),
        ("error.401-login-unknown-user", "ghost@pve"),
        ("error.401-login-unknown-realm", "x@nope"),
        ("error.401-login-no-realm", "root"),
    ],
)
def test_refused_login_has_a_body(lab: LabThread, name: str, username: str) -> None:
    params = {"username": username, "password": "wrong"}
    same(ask(lab, "/access/ticket", "POST", headers={}, params=params), name)


def test_login_without_password_is_400(lab: LabThread) -> None:
    params = {"username": "root@pam"}
    reply = ask(lab, "/access/ticket", "POST", headers={}, params=params)
    same(reply, "error.400-login-no-password")


def test_ticket_for_a_token_is_403(lab: LabThread) -> None:
    params = {"username": "root@pam", "password": "wrong"}
    same(ask(lab, "/access/ticket", "POST", params=params), "error.403-ticket-by-token")


BAD: list[tuple[str, str, str, dict[str, Any]]] = [
    ("error.400-bad-type", "GET", "/cluster/resources", {"type": "nope"}),
    ("error.400-unknown-parameter", "GET", "/cluster/resources", {"nope": 1}),
    ("error.400-bad-vmid", "GET", "/nodes/pve1/qemu/12/config", {}),
    ("error.400-boolean-True", "GET", "/nodes/pve1/storage", {"enabled": "True"}),
    ("error.400-boolean-true-lower", "GET", "/nodes/pve1/storage", {"enabled": "true"}),
    ("error.400-boolean-True-post", "PUT", "/nodes/pve1/qemu/110/config", {"onboot": "True"}),
    (
        "error.400-bad-property-string",
        "PUT",
        "/nodes/pve1/qemu/110/config",
        {"net0": "virtio,brdge=vmbr0"},
    ),
    ("error.400-garbage-upid", "GET", "/nodes/pve1/tasks/garbage/status", {}),
    (
        "error.400-unknown-upid",
        "GET",
        "/nodes/pve1/tasks/UPID:pve1:00000001:00000001:65000000:qmstart:100:root@pam:/status",
        {},
    ),
    (
        "error.400-unknown-upid-stop",
        "DELETE",
        "/nodes/pve1/tasks/UPID:pve1:00000001:00000001:65000000:qmstart:100:root@pam:",
        {},
    ),
    (
        "error.400-upid-of-other-node",
        "GET",
        "/nodes/pve1/tasks/UPID:pve2:00000001:00000001:65000000:qmstart:100:root@pam:/status",
        {},
    ),
    ("error.400-skiplock-by-token", "POST", "/nodes/pve1/qemu/110/status/start", {"skiplock": 1}),
    ("qemu-migrate-post.no-target", "POST", "/nodes/pve1/qemu/110/migrate", {}),
    (
        "qemu-migrate-post.target-is-source",
        "POST",
        "/nodes/pve1/qemu/110/migrate",
        {"target": "pve1", "online": 1},
    ),
    (
        "qemu-migrate-post.force-by-token",
        "POST",
        "/nodes/pve1/qemu/110/migrate",
        {"target": "pve2", "force": 1},
    ),
    (
        "qemu-migrate-post.unknown-target",
        "POST",
        "/nodes/pve1/qemu/110/migrate",
        {"target": "nope"},
    ),
    (
        "qemu-migrate-post.running-without-online",
        "POST",
        "/nodes/pve1/qemu/110/migrate",
        {"target": "pve2"},
    ),
    (
        "error.500-digest-mismatch",
        "PUT",
        "/nodes/pve1/qemu/110/config",
        {"description": "x", "digest": "0" * 40},
    ),
    ("error.500-lock-by-token", "PUT", "/nodes/pve1/qemu/110/config", {"lock": "backup"}),
    (
        "error.500-raw-hostpci-by-token",
        "PUT",
        "/nodes/pve1/qemu/110/config",
        {"hostpci0": "0000:00:02.0"},
    ),
    ("error.501-unknown-path", "GET", "/nope", {}),
    ("error.501-wrong-method", "POST", "/version", {}),
    ("pools.unknown", "GET", "/pools", {"poolid": "nope"}),
    ("cluster-mapping-pci-get.nope", "GET", "/cluster/mapping/pci/nope", {}),
]


@pytest.mark.parametrize(("name", "verb", "path", "params"), BAD, ids=[row[0] for row in BAD])
def test_wrong_calls_are_refused_as_recorded(
    lab: LabThread, name: str, verb: str, path: str, params: dict[str, Any]
) -> None:
    same(ask(lab, path, verb, params=params), name)


def test_unknown_content_type_is_506(lab: LabThread) -> None:
    headers = lab.admin | {"Content-Type": "text/xml"}
    reply = lab.ask("/nodes/pve1/qemu/110/config", "PUT", headers=headers, body=b"<x/>")
    assert (reply.status, reply.reason) == (506, "upload 'Content-Type 'text/xml' not implemented")


def test_guest_of_another_node_does_not_exist_here(lab: LabThread) -> None:
    reply = ask(lab, "/nodes/pve2/qemu/110/config", node="pve2")
    text = "Configuration file 'nodes/pve2/qemu-server/110.conf' does not exist"
    assert (reply.status, reply.reason) == (500, text)
    assert reply.json == {"data": None, "message": f"{text}\n"}


NARROW: list[tuple[str, str, str, str, dict[str, Any], str]] = [
    ("auditor@pve!watch", "GET", "/nodes/pve1/qemu/110/migrate", "110", {}, "VM.Migrate"),
    ("auditor@pve!watch", "POST", "/nodes/pve1/qemu/110/status/start", "110", {}, "VM.PowerMgmt"),
    ("ben@pve!move", "POST", "/nodes/pve1/qemu/111/status/stop", "111", {}, "VM.PowerMgmt"),
    ("ben@pve!move", "GET", "/nodes/pve1/qemu/110/config", "110", {}, "VM.Audit"),
    (
        "ben@pve!move",
        "POST",
        "/nodes/pve1/qemu/111/migrate",
        "111",
        {"target": "pve2", "online": 1, "targetstorage": "local-lvm"},
        "VM.Config.Disk",
    ),
    ("nobody@pve!none", "GET", "/nodes/pve1/qemu/110/status/current", "110", {}, "VM.Audit"),
]


@pytest.mark.parametrize(("who", "verb", "path", "vmid", "params", "privilege"), NARROW)
def test_missing_privilege_is_named(
    lab: LabThread,
    who: str,
    verb: str,
    path: str,
    vmid: str,
    params: dict[str, Any],
    privilege: str,
) -> None:
    reply = ask(lab, path, verb, headers=lab.token(who), params=params)
    text = f"Permission check failed (/vms/{vmid}, {privilege})"
    assert (reply.status, reply.reason) == (403, text)
    assert reply.json == {"data": None, "message": f"{text}\n"}
    assert reply.closed


def test_any_of_several_privileges_is_named_as_recorded(lab: LabThread) -> None:
    watch = lab.token("auditor@pve!watch")
    reply = ask(lab, "/nodes/pve1/qemu/100/config", "PUT", headers=watch, params={"cores": 2})
    same(reply, "error.403-auditor-config-cores")
    none = lab.token("nobody@pve!none")
    same(ask(lab, "/nodes/pve1/hardware/pci", headers=none), "error.403-nobody-hardware-pci")
    same(ask(lab, "/cluster/status", headers=none), "error.403-nobody-cluster-status")
    same(ask(lab, "/cluster/ha/status/current", headers=none), "error.403-nobody-ha-status")


def test_caller_without_rights_gets_empty_lists_and_bare_nodes(lab: LabThread) -> None:
    none = lab.token("nobody@pve!none")
    for path in ("/cluster/log", "/cluster/tasks", "/nodes/pve1/storage", "/access/acl", "/pools"):
        assert lab.ask(path, headers=none).data == [], path
    rows = lab.ask("/cluster/resources", headers=none).data
    known = recording("9.2", "cluster-resources.as-nobody-n1")["body"]["data"]
    assert {frozenset(row) for row in rows} == {frozenset(row) for row in known}
    assert lab.ask("/pools", headers=none, params={"poolid": "amy"}).data[0]["members"]
    options = lab.ask("/cluster/options", headers=none).data
    assert sorted(options) == ["allowed-tags", "tag-style"]


def test_pool_gives_rights_on_its_guests_only(lab: LabThread) -> None:
    own = lab.token("amy@pve!own")
    rows = lab.ask("/cluster/resources", headers=own, params={"type": "vm"}).data
    assert rows
    assert {row["pool"] for row in rows} == {"amy"}
    held = lab.ask("/access/permissions", headers=own).data
    assert held["/pool/amy"]["VM.PowerMgmt"] == 1
    assert held["/vms/104"]["VM.PowerMgmt"] == 0
    assert "/vms/105" not in held


def test_separated_token_has_less_than_its_user(lab: LabThread) -> None:
    narrow = lab.token("labtui@pve!narrow")
    assert lab.ask("/nodes/pve1/qemu/110/config", headers=narrow).status == 200
    assert lab.ask("/nodes/pve1/qemu/111/config", headers=narrow).status == 403
    assert lab.ask("/cluster/status", headers=narrow).status == 403


def test_raw_passthrough_needs_root_and_a_mapping_does_not(lab: LabThread) -> None:
    path = "/nodes/pve1/qemu/110/config"
    reply = lab.ask(path, "PUT", params={"hostpci0": "mapping=rtx4090"})
    assert reply.status == 200
    assert reply.data is None
    reply = lab.ask(path, "PUT", params={"revert": "hostpci0"})
    assert reply.status == 200
    assert "hostpci0" not in lab.get(path)
