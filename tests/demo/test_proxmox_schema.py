"""Every method that is served, called once on both versions, against the official description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from labtui.demo.proxmox.contract_cluster import full_contract
from labtui.demo.proxmox.server import ROUTES
from tests.demo.lab_thread import LabThread, Reply, lab_thread
from tests.demo.promised import INCOMPLETE, LXC, NODE, QEMU, kinds
from tests.demo.schema_check import faults, schema

AGENT, CONTENT = f"{QEMU}/agent", f"{NODE}/storage/{{storage}}/content"

# What a required parameter of a reading call is given.
QUERY: dict[str, dict[str, Any]] = {
    f"{QEMU}/feature": {"feature": "snapshot"},
    f"{LXC}/feature": {"feature": "snapshot"},
    f"{NODE}/disks/smart": {"disk": "/dev/sda"},
    f"{NODE}/vzdump/extractconfig": {"volume": "{archive}"},
}
# Read elsewhere in these tests, as they need something to be begun first.
ELSEWHERE = (
    f"{AGENT}/exec-status",
    f"{QEMU}/vncwebsocket",
    f"{LXC}/vncwebsocket",
    f"{NODE}/vncwebsocket",
)


@pytest.fixture(scope="module", params=["9.2", "8.4"])
def lab(request: pytest.FixtureRequest) -> Iterator[LabThread]:
    with lab_thread(version=request.param, speed=100.0, auth_delay=0.0) as running:
        prepare(running)
        yield running


def version_of(lab: LabThread) -> str:
    return lab.lab.cluster.state.version


def done(lab: LabThread, reply: Reply) -> str:
    """Wait for the task of an answer; how it ended."""
    assert reply.status == 200, (reply.status, reply.reason)
    upid = reply.data
    node = upid.split(":")[1]

    def ended() -> bool:
        return bool(lab.get(f"/nodes/{node}/tasks/{upid}/status")["status"] == "stopped")

    lab.until(ended)
    return str(lab.get(f"/nodes/{node}/tasks/{upid}/status")["exitstatus"])


def prepare(lab: LabThread) -> None:
    """What the reading calls need to be there: a snapshot of each kind, a group, a USB mapping."""
    for kind, vmid in (("qemu", 110), ("lxc", 103)):
        params = {"snapname": "before"}
        reply = lab.ask(f"/nodes/pve1/{kind}/{vmid}/snapshot", "POST", params=params)
        assert done(lab, reply) == "OK"
    assert lab.ask("/access/groups", "POST", params={"groupid": "ops"}).status == 200
    usb = {"id": "stick", "map": "node=pve1,id=1a86:7523"}
    assert lab.ask("/cluster/mapping/usb", "POST", params=usb).status == 200
    rules = {"rule": "near", "type": "node-affinity", "resources": "vm:100", "nodes": "pve1"}
    lab.ask("/cluster/ha/rules", "POST", params=rules)
    lab.ask("/cluster/ha/groups", "POST", params={"group": "near", "nodes": "pve1"})


def values(lab: LabThread, template: str) -> dict[str, str]:
    state = lab.lab.cluster.state
    archive = next(volume for volume in state.backups if volume.storage == "cephfs")
    task = state.tasks.by_node["pve1"][0]
    job = next(iter(lab.lab.cluster.replication.jobs), "100-0")
    known = {
        "node": "pve1",
        "vmid": "103" if "/lxc/" in template else "110",
        "sid": "vm:100",
        "upid": task.upid,
        "storage": "cephfs",
        "snapname": "before",
        "archive": archive.volid,
        "volume": archive.volid,
        "service": "pveproxy",
        "iface": "vmbr0",
        "pci-id-or-mapping": "0000:01:00.0",
        "zone": "overlay",
        "vnet": "sandbox",
        "subnet": "localnet-10.77.0.0-24",
        "poolid": state.pools[0],
        "realm": "pve",
        "userid": "labtui@pve",
        "tokenid": "console",
        "groupid": "ops",
        "roleid": "PVEAuditor",
        "rule": "near",
        "group": "near",
        "id": "rtx4090",
    }
    if "/mapping/usb" in template:
        known["id"] = "stick"
    if template.startswith("/cluster/backup"):
        known["id"] = next(iter(lab.lab.cluster.backups.jobs))
    if "replication" in template:
        known["id"] = job
        known["node"] = next(
            (g.node for g in state.guests.values() if f"{g.vmid}" == job.split("-")[0]), "pve1"
        )
    return known


def filled(text: str, known: dict[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def test_every_description_has_its_answer_and_the_other_way_round() -> None:
    described: set[tuple[str, str]] = set()
    for version in ("9.2", "8.4"):
        methods = set(full_contract(version).methods)
        assert methods <= set(ROUTES)
        described |= methods
    assert set(ROUTES) <= described


READS = sorted(
    template
    for verb, template in ROUTES
    if verb == "GET" and template not in ELSEWHERE and not template.startswith("/access/ticket")
)


@pytest.mark.parametrize("template", READS)
def test_reading_keeps_the_promise(lab: LabThread, template: str) -> None:
    version = version_of(lab)
    known = values(lab, template)
    params = {name: filled(str(v), known) for name, v in QUERY.get(template, {}).items()}
    if template.endswith("/rrddata"):
        params["timeframe"] = "hour"
    reply = lab.ask(filled(template, known), params=params)
    method = full_contract(version).methods.get(("GET", template))
    if method is None:
        assert reply.status == 501
        return
    if version == "9.2" and template.startswith("/cluster/ha/groups"):
        assert reply.status == 500  # recorded: groups have become rules
        return
    assert reply.status == 200, reply.reason
    if template not in INCOMPLETE:
        promised = schema(version)[template]["GET"].get("returns")
        assert kinds(faults(promised, reply.data)) == set()


WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", f"{QEMU}/status/suspend", {}),
    ("POST", f"{QEMU}/status/resume", {}),
    ("POST", f"{QEMU}/status/reset", {}),
    ("POST", f"{QEMU}/snapshot", {"snapname": "second", "vmstate": 1}),
    ("PUT", f"{QEMU}/snapshot/{{snapname}}/config", {"description": "kept"}),
    ("POST", f"{QEMU}/snapshot/second/rollback", {}),
    ("DELETE", f"{QEMU}/snapshot/second", {}),
    ("PUT", f"{QEMU}/config", {"description": "x"}),
    ("POST", f"{QEMU}/config", {"tags": "a;b"}),
    ("PUT", f"{QEMU}/resize", {"disk": "scsi0", "size": "+1G"}),
    ("POST", f"{QEMU}/move_disk", {"disk": "scsi0", "storage": "local-lvm", "delete": 1}),
    ("POST", f"{QEMU}/clone", {"newid": 9001, "name": "copy", "full": 1}),
    ("POST", f"{NODE}/vzdump", {"vmid": 110, "storage": "local"}),
    ("POST", f"{NODE}/qemu", {"vmid": 9002, "name": "new", "scsi0": "local-lvm:2"}),
    ("POST", f"{NODE}/lxc", {"vmid": 9003, "ostemplate": "local:vztmpl/debian.tar.zst"}),
    ("POST", f"{NODE}/qemu/9002/template", {}),
    ("DELETE", f"{NODE}/qemu/9002", {}),
    ("DELETE", f"{NODE}/lxc/9003", {}),
    ("POST", f"{AGENT}/ping", {}),
    ("POST", f"{NODE}/services/{{service}}/restart", {}),
    ("PUT", f"{NODE}/config", {"description": "first"}),
    ("POST", f"{NODE}/apt/update", {}),
    ("POST", f"{NODE}/startall", {}),
    ("PUT", "/cluster/options", {"description": "lab"}),
    ("PUT", "/cluster/sdn", {}),
    (
        "POST",
        "/cluster/mapping/pci",
        {"id": "one", "map": "node=pve1,path=0000:01:00,id=10de:2684"},
    ),
    ("PUT", "/cluster/mapping/pci/one", {"description": "just one"}),
    ("DELETE", "/cluster/mapping/pci/one", {}),
    ("PUT", "/cluster/mapping/usb/{id}", {"map": "node=pve1,id=1a86:7523", "description": "x"}),
    ("POST", "/pools", {"poolid": "fresh"}),
    ("PUT", "/pools", {"poolid": "fresh", "comment": "text"}),
    ("DELETE", "/pools", {"poolid": "fresh"}),
    ("POST", "/access/users", {"userid": "new@pve", "password": "long-enough"}),
    ("PUT", "/access/users/new@pve", {"comment": "someone"}),
    ("POST", "/access/users/new@pve/token/tok", {}),
    ("PUT", "/access/users/new@pve/token/tok", {"comment": "a token"}),
    ("PUT", "/access/acl", {"path": "/vms/110", "users": "new@pve", "roles": "PVEVMUser"}),
    ("DELETE", "/access/users/new@pve/token/tok", {}),
    ("DELETE", "/access/users/new@pve", {}),
    ("POST", "/access/roles", {"roleid": "Mine", "privs": "VM.Audit"}),
    ("PUT", "/access/roles/Mine", {"privs": "VM.Console", "append": 1}),
    ("DELETE", "/access/roles/Mine", {}),
    ("PUT", "/access/groups/{groupid}", {"comment": "people"}),
]


def test_writing_keeps_the_promise(lab: LabThread) -> None:
    """In order, as they build on each other; a task that is begun must end well."""
    version = version_of(lab)
    contract = full_contract(version)
    for verb, template, params in WRITES:
        path = filled(template, values(lab, template))
        found = contract.find(verb, path)
        assert found is not None, path
        reply = lab.ask(path, verb, params=params)
        assert reply.status == 200, (verb, path, reply.reason, reply.body)
        promised = schema(version)[found[0].template][verb].get("returns")
        found_faults = [text for text in faults(promised, reply.data) if "info.privsep" not in text]
        assert found_faults == [], (verb, path)  # recorded: `privsep` of a new token is a text
        if isinstance(reply.data, str) and reply.data.startswith("UPID:"):
            ended = done(lab, reply)
            assert ended == "OK" or "restart" in path, (verb, path, ended)
