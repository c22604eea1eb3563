"""proxmoxer, a client written by others, against the demo server through TLS."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from proxmoxer import AuthenticationError, ProxmoxAPI, ResourceException

from labtui.demo.proxmox import login
from tests.demo.lab_thread import LabThread, lab_thread


@pytest.fixture
def lab() -> Iterator[LabThread]:
    with lab_thread(speed=60.0, auth_delay=0.0, delay_scale=0.02) as running:
        yield running


def by_token(lab: LabThread, node: str = "pve1", token: str = "labtui@pve!console") -> Any:
    user, _, name = token.partition("!")
    return ProxmoxAPI(
        "127.0.0.1",
        port=lab.lab.ports.proxmox[node],
        user=user,
        token_name=name,
        token_value=lab.lab.accounts.token_secret(token),
        verify_ssl=str(lab.lab.ca_file),
        timeout=10,
    )


def by_password(lab: LabThread, userid: str, **more: Any) -> Any:
    user = lab.lab.accounts.proxmox.user(userid)
    assert user is not None
    return ProxmoxAPI(
        "127.0.0.1",
        port=lab.lab.ports.proxmox["pve2"],
        user=userid,
        password=user.password,
        verify_ssl=str(lab.lab.ca_file),
        timeout=10,
        **more,
    )


def guest(api: Any, vmid: int) -> dict[str, Any]:
    rows = api.cluster.resources.get(type="vm")
    return next(row for row in rows if row["vmid"] == vmid)


def state(api: Any, upid: str) -> dict[str, Any]:
    node = upid.split(":")[1]
    found: dict[str, Any] = api.nodes(node).tasks(upid).status.get()
    return found


def finish(lab: LabThread, api: Any, upid: str) -> dict[str, Any]:
    lab.until(lambda: state(api, upid)["status"] == "stopped")
    return state(api, upid)


def test_login_by_token_and_by_ticket(lab: LabThread) -> None:
    assert by_token(lab).version.get()["release"] == "9.2"
    ticket = by_password(lab, "root@pam")
    assert {row["node"] for row in ticket.nodes.get()} == {"pve1", "pve2", "pve3", "pve4"}
    ticket.nodes("pve1").qemu(110).config.put(description="by ticket")
    assert ticket.nodes("pve1").qemu(110).config.get()["description"] == "by ticket"


def test_login_with_a_second_factor(lab: LabThread, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "totp", lambda secret, at: "123456")
    assert by_password(lab, "dora@pve", otp="123456").version.get()["release"] == "9.2"
    with pytest.raises(AuthenticationError):
        by_password(lab, "dora@pve", otp="654321")


def test_untrusted_certificate_is_noticed(lab: LabThread) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        ProxmoxAPI(
            "127.0.0.1",
            port=lab.lab.ports.proxmox["pve1"],
            user="root@pam",
            password="x",
            verify_ssl=True,
        )


def test_live_migration_is_watched_to_its_end(lab: LabThread) -> None:
    api = by_token(lab)
    assert guest(api, 110)["node"] == "pve1"
    upid = api.nodes("pve1").qemu(110).migrate.post(target="pve2", online=1)
    assert re.fullmatch(
        r"UPID:pve1:[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:qmigrate:110:labtui@pve!console:", upid
    )
    lab.until(lambda: guest(api, 110).get("lock") == "migrate")
    assert api.nodes("pve1").qemu(110).config.get()["lock"] == "migrate"
    ended = finish(lab, api, upid)
    assert ended["exitstatus"] == "OK"
    lines = [row["t"] for row in api.nodes("pve1").tasks(upid).log.get(limit=0)]
    assert any("migration active, transferred" in line for line in lines)
    assert lines[-1] == "TASK OK"
    assert [row["n"] for row in api.nodes("pve1").tasks(upid).log.get(start=3, limit=2)] == [4, 5]
    lab.until(lambda: guest(api, 110)["node"] == "pve2")
    assert "lock" not in api.nodes("pve2").qemu(110).config.get()
    with pytest.raises(ResourceException) as caught:
        api.nodes("pve1").qemu(110).status.current.get()
    assert "Configuration file 'nodes/pve1/qemu-server/110.conf' does not exist" in str(
        caught.value
    )
    newest = api.cluster.tasks.get()[0]
    assert (newest["upid"], newest["status"]) == (upid, "OK")


def test_cancelled_migration_keeps_the_guest(lab: LabThread) -> None:
    api = by_token(lab)
    node = api.nodes("pve2")
    upid = node.qemu(114).migrate.post(
        target="pve1", online=1, bwlimit=20_000, **{"with-local-disks": 1}
    )
    lab.until(lambda: any("transferred" in r["t"] for r in node.tasks(upid).log.get(limit=0)))
    assert node.tasks(upid).delete() is None
    ended = finish(lab, api, upid)
    assert ended["exitstatus"] == "unexpected status"
    config = node.qemu(114).config.get()
    assert "lock" not in config
    assert node.qemu(114).status.current.get()["status"] == "running"


def test_managed_guest_is_moved_by_a_later_task(lab: LabThread) -> None:
    api = by_token(lab)
    upid = api.nodes("pve1").qemu(101).migrate.post(target="pve2", online=1)
    assert ":hamigrate:101:" in upid
    assert finish(lab, api, upid)["exitstatus"] == "OK"
    log = api.nodes("pve1").tasks(upid).log.get()
    assert log[0]["t"] == "Requesting HA migration for VM 101 to node pve2"

    def real() -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = api.cluster.tasks.get()
        return [row for row in rows if row["type"] == "qmigrate" and row["id"] == "101"]

    lab.until(lambda: bool(real()))
    assert real()[0]["user"] == "root@pam"
    assert "tokenid" not in real()[0]
    lab.until(lambda: guest(api, 101)["node"] == "pve2")
    lab.until(lambda: guest(api, 101)["hastate"] == "started")


def test_power_buttons(lab: LabThread) -> None:
    api = by_token(lab)
    vm = api.nodes("pve1").qemu(111)
    for verb, kind, end in (
        ("suspend", "qmpause", "paused"),
        ("resume", "qmresume", "running"),
        ("reset", "qmreset", "running"),
        ("shutdown", "qmshutdown", "stopped"),
        ("start", "qmstart", "running"),
        ("reboot", "qmreboot", "running"),
        ("stop", "qmstop", "stopped"),
    ):
        upid = vm.status.post(verb)
        assert f":{kind}:111:" in upid
        assert finish(lab, api, upid)["exitstatus"] == "OK", verb
        assert vm.status.current.get()["qmpstatus"] == end, verb
    unknown = api.nodes("pve1").qemu(999).status.start.post()
    ended = finish(lab, api, unknown)
    path = "nodes/pve1/qemu-server/999.conf"
    assert ended["exitstatus"] == f"Configuration file '{path}' does not exist"


def test_python_true_is_refused(lab: LabThread) -> None:
    with pytest.raises(ResourceException) as caught:
        by_token(lab).nodes("pve1").qemu(110).migrate.post(target="pve2", online=True)
    assert caught.value.errors == {"online": "type check ('boolean') failed - got 'True'"}


def test_lost_quorum_stops_writing_but_not_reading(lab: LabThread) -> None:
    api = by_token(lab)
    stopped = next(
        row
        for row in api.cluster.resources.get(type="vm")
        if row["status"] == "stopped" and row["node"] == "pve1" and row["type"] == "qemu"
    )["vmid"]
    for node in ("pve3", "pve4"):
        lab.wait(lab.lab.power(node, on=False))
    lab.until(lambda: api.cluster.status.get() and not quorate(api))
    refused: tuple[Callable[[], Any], ...] = (
        lambda: api.nodes("pve1").qemu(stopped).status.start.post(),
        lambda: api.nodes("pve1").qemu(110).migrate.get(),
        lambda: api.nodes("pve1").qemu(110).migrate.post(target="pve2", online=1),
    )
    for call in refused:
        with pytest.raises(ResourceException) as caught:
            call()
        assert caught.value.status_code == 500
        assert caught.value.content == "cluster not ready - no quorum?"
    with pytest.raises(ResourceException) as caught:
        api.nodes("pve1").qemu(110).config.put(description="x")
    assert "/etc/pve/nodes/pve1/qemu-server/110.conf.tmp." in str(caught.value.content)
    row = next(r for r in api.cluster.ha.status.current.get() if r["type"] == "quorum")
    assert (row["quorate"], row["status"]) == (0, "No quorum on node 'pve1'!")
    upid = api.nodes("pve1").qemu(111).status.stop.post()
    assert finish(lab, api, upid)["exitstatus"] == "OK"
    assert api.nodes("pve4").rrddata.get(timeframe="hour")


def quorate(api: Any) -> bool:
    return bool(next(r for r in api.cluster.status.get() if r["type"] == "cluster")["quorate"])


def test_calls_for_a_dead_node_end_in_595(lab: LabThread) -> None:
    api = by_token(lab)
    lab.wait(lab.lab.power("pve4", on=False))
    with pytest.raises(ResourceException) as caught:
        api.nodes("pve4").status.get()
    assert (caught.value.status_code, caught.value.content) == (595, "Connection timed out")
    lab.settle(60.0)
    with pytest.raises(ResourceException) as caught:
        api.cluster.mapping.pci.get(**{"check-node": "pve4"})
    assert (caught.value.status_code, caught.value.content) == (595, "No route to host")
    assert guest(api, 121)["status"] == "running"
    # A dead node lets its callers wait; by then the figures of its guests may be forgotten.
    with pytest.raises(requests.exceptions.ConnectionError):
        by_token(lab, "pve4").version.get()
    row = next(r for r in api.nodes.get() if r["node"] == "pve4")
    assert row["status"] == "offline"
    assert "cpu" not in row


def test_permission_error_is_readable(lab: LabThread) -> None:
    api = by_token(lab, token="ben@pve!move")
    assert api.nodes("pve1").qemu(111).migrate.get()["running"] == 1
    with pytest.raises(ResourceException) as caught:
        api.nodes("pve1").qemu(110).migrate.get()
    assert caught.value.content == "Permission check failed (/vms/110, VM.Migrate)"


def test_container_moves_by_restart(lab: LabThread) -> None:
    api = by_token(lab)
    ct = api.nodes("pve3").lxc(118)
    assert sorted(ct.migrate.get()) == ["allowed-nodes", "not-allowed-nodes", "running"]
    with pytest.raises(ResourceException) as caught:
        ct.migrate.post(target="pve1")
    assert "without --online or --restart" in caught.value.content
    upid = ct.migrate.post(target="pve1", restart=1)
    assert ":vzmigrate:118:" in upid
    assert finish(lab, api, upid)["exitstatus"] == "OK"
    assert api.nodes("pve1").lxc(118).status.current.get()["status"] == "running"
