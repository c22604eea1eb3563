"""Parsers of the demo's Proxmox side against arbitrary text."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.demo.cluster.configuration import Config, digest, drives, options, render, size_bytes
from labtui.demo.cluster.pci import expand, node_devices, raw_claim
from labtui.demo.cluster.tasks import Interrupted, TaskError
from labtui.demo.proxmox.contract import load_contract
from labtui.demo.proxmox.errors import ApiError
from labtui.demo.proxmox.identities import Accounts, Identity, Rule, User
from labtui.demo.proxmox.login import Login
from labtui.demo.proxmox.parameters import check_parameters
from labtui.demo.proxmox.rights import Rights
from labtui.demo.standard_lab import NODES
from tests.demo.cluster_stage import ClusterStage

DEVICES = node_devices(NODES[0])
CONTRACT = load_contract("9.2")
CONFIG = CONTRACT.methods["PUT", "/nodes/{node}/qemu/{vmid}/config"].parameters

names = st.sampled_from(["scsi0", "ide2", "net0", "hostpci0", "memory", "name", "unused3", "usb1"])


@given(st.text())
def test_property_strings_are_always_read(text: str) -> None:
    assert "".join(options(text)).count(",") == 0


@given(st.dictionaries(names, st.text() | st.integers()))
def test_any_configuration_has_drives_a_text_and_a_digest(config: Config) -> None:
    for drive in drives(config):
        assert str(config[drive.key]).startswith(f"{drive.storage}:")
    assert render(config).endswith("\n")
    assert len(digest(config)) == 40


@given(st.integers(0, 10**6), st.sampled_from("KMGT"))
def test_sizes_come_back(number: int, unit: str) -> None:
    power = "KMGT".index(unit) + 1
    assert size_bytes(f"{number}{unit}") == number * 1024**power
    assert size_bytes(f"{unit}{number}") is None


@given(st.text())
def test_addresses_name_known_functions_or_nothing(text: str) -> None:
    for found in expand(text, DEVICES) + raw_claim(text, DEVICES):
        assert found.count(":") == 2


@pytest.mark.parametrize(
    ("value", "claimed"),
    [
        ("0000:01:00", ["0000:01:00.0", "0000:01:00.1"]),
        ("01:00.0,pcie=1", ["0000:01:00.0"]),
        ("host=02:00;01:00.1", ["0000:02:00.0", "0000:02:00.1", "0000:01:00.1"]),
        ("mapping=x", []),
        ("99:00", []),
    ],
)
def test_claims_of_a_value(value: str, claimed: list[str]) -> None:
    assert raw_claim(value, DEVICES) == claimed


@given(st.dictionaries(names | st.text(), st.text()))
def test_parameters_are_taken_or_refused_with_reasons(given_values: dict[str, str]) -> None:
    path = {"node": "pve1", "vmid": "100"}
    try:
        values = check_parameters(CONFIG, given_values | path)
    except ApiError as error:
        assert error.status == 400
        assert error.errors
        assert set(error.errors) <= set(given_values | path)
    else:
        assert set(values) == set(given_values | path)


@given(st.text(), st.text(string.ascii_uppercase, min_size=1))
def test_paths_are_found_or_not(path: str, verb: str) -> None:
    found = CONTRACT.find(verb, path)
    assert found is None or found[0].verb == verb


def test_paths_give_their_values() -> None:
    found = CONTRACT.find("GET", "/nodes/pve1/tasks/UPID:pve1:1:2:3:a:b:c:/log")
    assert found is not None
    assert found[1] == {"node": "pve1", "upid": "UPID:pve1:1:2:3:a:b:c:"}
    assert CONTRACT.find("GET", "/nodes/pve1") is None
    assert CONTRACT.find("GET", "/nodes//status") is None


@given(st.text(), st.text(), st.text())
def test_no_header_but_the_right_one_lets_in(cookie: str, token: str, csrf: str) -> None:
    door = Login(Accounts((User("root@pam", "x"),), (), ()))
    headers = {"cookie": cookie, "authorization": token, "csrfpreventiontoken": csrf}
    with pytest.raises(ApiError) as caught:
        door.identify(headers, "POST")
    assert caught.value.status == 401


def rights_of(*rules: Rule) -> Rights:
    users = (User("a@pve", "x"),)
    return Rights(Accounts(users, (), rules), CONTRACT, {7: "p"}.get)


def test_last_level_replaces_what_came_from_above() -> None:
    rights = rights_of(
        Rule("/", "a@pve", "PVEAuditor"),
        Rule("/vms", "a@pve", "PVEVMUser", propagate=False),
        Rule("/vms/5", "a@pve", "NoAccess"),
        Rule("/pool/p", "a@pve", "PVEVMAdmin"),
    )
    who = Identity("a@pve")
    assert rights.has(who, "/nodes/x", "Sys.Audit")
    assert rights.privileges(who, "/vms")["VM.PowerMgmt"] == 0
    assert rights.privileges(who, "/vms/6") == rights.privileges(who, "/")
    assert rights.privileges(who, "/vms/5") == {}
    assert rights.privileges(who, "/vms/7")["VM.Migrate"] == 0
    assert not rights.sees_all_guests(who)
    assert rights_of(Rule("/", "a@pve", "PVEAuditor")).sees_all_guests(who)


def test_token_needs_both_rights() -> None:
    rights = rights_of(Rule("/", "a@pve", "PVEAuditor"), Rule("/vms/5", "a@pve!t", "PVEVMAdmin"))
    token = Identity("a@pve", "t", privsep=True)
    assert rights.privileges(token, "/vms/5") == {"VM.Audit": 1, "VM.GuestAgent.Audit": 1}
    assert rights.privileges(token, "/vms/6") == {}
    assert rights.has(Identity("root@pam"), "/anything", "Sys.Modify")
    assert not rights.has(Identity("root@pam", "t", privsep=True), "/", "Sys.Modify")


def test_stopped_worker_may_still_end_well() -> None:
    stage = ClusterStage()
    book = stage.state.tasks

    def stubborn() -> Any:
        try:
            yield 5.0
        except Interrupted:
            yield 1.0

    task = book.start(book.create("pve1", "demo", "", "root@pam"), stubborn())
    book.stop(task)
    assert task.running
    stage.finish(task)
    assert (task.exitstatus, task.log) == ("OK", ["TASK OK"])

    def failing() -> Any:
        yield 1.0
        raise TaskError("no")

    other = book.start(book.create("pve1", "demo", "", "root@pam!t"), failing())
    stage.finish(other)
    assert (other.exitstatus, other.log, other.token) == ("no", ["TASK ERROR: no"], "t")
