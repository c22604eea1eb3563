"""Guests that are paused, cloned, moved, deleted and brought back, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.demo.lab_thread import LabThread, lab_thread
from tests.demo.task_wait import finish, log_of

BASE = "/nodes/pve1/qemu"


@pytest.fixture(scope="module")
def lab() -> Iterator[LabThread]:
    with lab_thread(speed=150.0, auth_delay=0.0) as running:
        yield running


def make(lab: LabThread, vmid: int, **params: Any) -> None:
    given = {"vmid": vmid, "name": f"made-{vmid}", "scsi0": "local-lvm:2", "memory": 512} | params
    reply = lab.ask(BASE, "POST", params=given)
    assert finish(lab, reply) == "OK"


def test_a_guest_is_made_started_and_paused(lab: LabThread) -> None:
    make(lab, 700, net0="virtio,bridge=vmbr0")
    config = lab.get(f"{BASE}/700/config")
    assert config["scsi0"] == "local-lvm:vm-700-disk-0,size=2G"
    assert config["net0"].startswith("virtio=BC:24:11:")
    assert finish(lab, lab.ask(f"{BASE}/700/status/start", "POST")) == "OK"
    assert finish(lab, lab.ask(f"{BASE}/700/status/suspend", "POST")) == "OK"
    assert lab.get(f"{BASE}/700/status/current")["qmpstatus"] == "paused"
    assert finish(lab, lab.ask(f"{BASE}/700/status/resume", "POST")) == "OK"
    assert lab.get(f"{BASE}/700/status/current")["qmpstatus"] == "running"


def test_suspended_to_disk_it_is_locked_until_it_starts(lab: LabThread) -> None:
    make(lab, 701, start=1)
    reply = lab.ask(f"{BASE}/701/status/suspend", "POST", params={"todisk": 1})
    assert finish(lab, reply) == "OK"
    row = lab.get(f"{BASE}/701/status/current")
    assert (row["status"], row["lock"]) == ("stopped", "suspended")
    started = lab.ask(f"{BASE}/701/status/start", "POST")
    assert finish(lab, started) == "OK"
    assert "Resuming suspended VM" in log_of(lab, started.data)
    assert "lock" not in lab.get(f"{BASE}/701/status/current")


def test_only_root_may_ignore_a_lock(lab: LabThread) -> None:
    reply = lab.ask(f"{BASE}/110/status/start", "POST", params={"skiplock": 1})
    assert reply.status == 400
    assert reply.json["errors"] == {"skiplock": "Only root may use this option."}


def test_a_change_waits_for_the_next_start(lab: LabThread) -> None:
    make(lab, 702, start=1)
    digest = lab.get(f"{BASE}/702/config")["digest"]
    params = {"cores": 3, "tags": "a;b", "digest": digest}
    assert lab.ask(f"{BASE}/702/config", "PUT", params=params).status == 200
    waiting = {row["key"]: row for row in lab.get(f"{BASE}/702/pending")}
    assert waiting["cores"]["pending"] == 3
    assert waiting["tags"]["value"] == "a;b"
    stale = lab.ask(f"{BASE}/702/config", "PUT", params={"cores": 4, "digest": digest})
    assert (stale.status, stale.reason) == (500, "checksum mismatch (file change by other user?)")
    assert lab.ask(f"{BASE}/702/config", "PUT", params={"revert": "cores"}).status == 200
    assert "cores" not in {row["key"] for row in lab.get(f"{BASE}/702/pending")}
    assert lab.ask(f"{BASE}/702/config", "PUT", params={"delete": "memory"}).status == 200
    waiting = {row["key"]: row for row in lab.get(f"{BASE}/702/pending")}
    assert waiting["memory"]["delete"] == 1


def test_protection_running_and_purging(lab: LabThread) -> None:
    make(lab, 703, start=1, protection=1)
    refused = lab.ask(f"{BASE}/703", "DELETE")
    assert refused.reason == "can't remove VM 703 - protection mode enabled"
    lab.ask(f"{BASE}/703/config", "PUT", params={"protection": 0})
    refused = lab.ask(f"{BASE}/703", "DELETE")
    assert refused.reason == "VM 703 is running - destroy failed"
    assert finish(lab, lab.ask(f"{BASE}/703/status/stop", "POST")) == "OK"
    rule = {"path": "/vms/703", "users": "dora@pve", "roles": "PVEVMUser"}
    assert lab.ask("/access/acl", "PUT", params=rule).status == 200
    reply = lab.ask(f"{BASE}/703", "DELETE", params={"purge": 1})
    assert finish(lab, reply) == "OK"
    assert '  Logical volume "vm-703-disk-0" successfully removed.' in log_of(lab, reply.data)
    assert lab.ask(f"{BASE}/703/config").status == 500
    assert "/vms/703" not in {row["path"] for row in lab.get("/access/acl")}


def test_an_ha_guest_is_not_deleted_without_purge(lab: LabThread) -> None:
    reply = lab.ask(f"{BASE}/100", "DELETE")
    assert reply.status == 500
    assert reply.reason.startswith("unable to remove VM 100 - used in HA resources")


def test_full_and_linked_clones(lab: LabThread) -> None:
    make(lab, 710)
    refused = lab.ask(f"{BASE}/710/clone", "POST", params={"newid": 711, "full": 0})
    assert "Linked clone feature is not supported for drive 'scsi0'" in refused.reason
    reply = lab.ask(f"{BASE}/710/clone", "POST", params={"newid": 711, "name": "twin"})
    assert finish(lab, reply) == "OK"
    lines = log_of(lab, reply.data)
    assert lines[0] == "create full clone of drive scsi0 (local-lvm:vm-710-disk-0)"
    assert lines[-2] == "transferred 2.0 GiB of 2.0 GiB (100.00%)"
    assert lab.get(f"{BASE}/711/config")["scsi0"] == "local-lvm:vm-711-disk-0,size=2G"
    assert finish(lab, lab.ask(f"{BASE}/710/template", "POST")) == "OK"
    linked = lab.ask(f"{BASE}/710/clone", "POST", params={"newid": 712})
    assert finish(lab, linked) == "OK"
    disk = lab.get(f"{BASE}/712/config")["scsi0"]
    assert disk.startswith("local-lvm:base-710-disk-0/vm-712-disk-0")
    used = lab.ask(f"{BASE}/710", "DELETE")
    assert "is still in use by linked cloned" in used.reason
    taken = lab.ask(f"{BASE}/711/clone", "POST", params={"newid": 712})
    assert taken.reason == "unable to create VM 712: config file already exists"


def test_disks_grow_move_and_are_detached(lab: LabThread) -> None:
    make(lab, 720)
    reply = lab.ask(f"{BASE}/720/resize", "PUT", params={"disk": "scsi0", "size": "+1G"})
    assert finish(lab, reply) == "OK"
    assert lab.get(f"{BASE}/720/config")["scsi0"].endswith("size=3G")
    less = lab.ask(f"{BASE}/720/resize", "PUT", params={"disk": "scsi0", "size": "1G"})
    assert less.reason == "shrinking disks is not supported"
    reply = lab.ask(f"{BASE}/720/move_disk", "POST", params={"disk": "scsi0", "storage": "ceph-vm"})
    assert finish(lab, reply) == "OK"
    config = lab.get(f"{BASE}/720/config")
    assert config["scsi0"].startswith("ceph-vm:vm-720-disk-0")
    assert config["unused0"] == "local-lvm:vm-720-disk-0"
    params = {"idlist": "unused0", "force": 1}
    assert lab.ask(f"{BASE}/720/unlink", "PUT", params=params).status == 200
    assert "unused0" not in lab.get(f"{BASE}/720/config")


def test_narrow_tokens_are_refused(lab: LabThread) -> None:
    assert lab.ask("/access/users", "POST", params={"userid": "watch@pve"}).status == 200
    rule = {"path": "/", "users": "watch@pve", "roles": "PVEAuditor"}
    assert lab.ask("/access/acl", "PUT", params=rule).status == 200
    made = lab.ask("/access/users/watch@pve/token/watching", "POST", params={"privsep": 0})
    assert made.status == 200, made.body
    token = {"Authorization": f"PVEAPIToken=watch@pve!watching={made.data['value']}"}
    for verb, path, params, text in (
        ("POST", f"{BASE}/110/clone", {"newid": 799}, "/vms/110, VM.Clone"),
        ("DELETE", f"{BASE}/110", {}, "/vms/110, VM.Allocate"),
        ("POST", f"{BASE}/110/snapshot", {"snapname": "abc"}, "/vms/110, VM.Snapshot"),
        ("POST", "/nodes/pve1/termproxy", {}, "/nodes/pve1, Sys.Console"),
        ("POST", "/nodes/pve1/migrateall", {"target": "pve2"}, "/, VM.Migrate"),
        ("POST", "/pools", {"poolid": "x"}, "/pool/x, Pool.Allocate"),
        ("PUT", "/cluster/options", {"description": "x"}, "/, Sys.Modify"),
        ("POST", "/nodes/pve1/status", {"command": "reboot"}, "/nodes/pve1, Sys.PowerMgmt"),
        ("GET", "/nodes/pve1/journal", {}, "/nodes/pve1, Sys.Syslog"),
    ):
        reply = lab.ask(path, verb, headers=token, params=params)
        assert (reply.status, reply.reason) == (403, f"Permission check failed ({text})"), path
