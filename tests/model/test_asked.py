"""What is read while somebody looks: courses, agents' words, tasks, who may what; and rubbish."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labtui.model.acl import AclEntry, entries_of, on_guest
from labtui.model.agent_words import disks_of, host_name_of, nics_of, system_of, users_of
from labtui.model.courses import course
from labtui.model.task_rows import tasks_of

DATA = Path(__file__).parents[1] / "data" / "proxmox"


def recorded(name: str) -> Any:
    return json.loads((DATA / name).read_text("utf-8"))["body"]["data"]


@pytest.mark.parametrize("release", ["8.4", "9.2"])
def test_the_course_of_a_dead_node_ends_where_it_died(release: str) -> None:
    found = course(recorded(f"{release}/outage-quorate.node-rrddata-dead.json"), "hour")
    assert list(found.times) == sorted(found.times)
    assert len(found.of("cpu")) == len(found.times)
    assert found.of("cpu")[-1] is None
    assert 0 < (found.most("memused") or 0) < (found.last("memtotal") or 0)
    assert found.of("nothing") == ()


def test_steps_before_its_time_have_no_value() -> None:
    found = course(recorded("8.4/node-rrddata.day.json"), "day")
    assert found.figures.get("cpu", (None,))[0] is None
    assert len(found.times) > 20


def test_addresses_as_an_agent_tells_them() -> None:
    nics = nics_of(recorded("samples/agent-network-get-interfaces.json"))
    assert nics
    assert "lo" not in {nic.name for nic in nics}
    assert any("/" in address for nic in nics for address in nic.addresses)


def test_addresses_of_a_container() -> None:
    rows = [{"name": "eth0", "hwaddr": "bc:24", "inet": "10.0.0.5/24", "inet6": "fe80::1/64"}]
    assert nics_of(rows)[0].addresses == ("10.0.0.5/24", "fe80::1/64")
    assert nics_of(None) == ()


def test_system_host_users_and_disks() -> None:
    assert system_of({"result": {"pretty-name": "Debian\x1b[31m", "id": 3}}) == {
        "pretty-name": "Debian\ufffd[31m"
    }
    assert host_name_of({"result": {"host-name": "web"}}) == "web"
    users = users_of({"result": [{"user": "amy", "login-time": 1.7e9}, {"user": "ben"}, {}]})
    assert [(user.name, user.since) for user in users] == [("amy", 1.7e9), ("ben", None)]
    rows = [{"mountpoint": "/", "type": "xfs", "used-bytes": 0, "total-bytes": 9}]
    assert [disk.used for disk in disks_of({"result": rows})] == [0]


@pytest.mark.parametrize("release", ["9.2"])
def test_tasks_of_a_node(release: str) -> None:
    rows = recorded(f"{release}/node-tasks.json")
    tasks = tasks_of(rows, "lab")
    assert len(tasks) == len({row["upid"] for row in rows})
    assert [task.started for task in tasks] == sorted((t.started for t in tasks), reverse=True)
    assert all(task.status and task.ended for task in tasks)
    assert tasks_of([{**rows[0], "status": "RUNNING", "endtime": None}], "lab")[0].running


def test_who_reaches_a_guest() -> None:
    rows = [
        {"path": "/", "ugid": "root", "type": "user", "roleid": "Administrator", "propagate": 1},
        {"path": "/", "ugid": "shy", "type": "user", "roleid": "PVEAuditor", "propagate": 0},
        {"path": "/vms/104", "ugid": "amy", "type": "user", "roleid": "PVEVMUser", "propagate": 0},
        {"path": "/vms/105", "ugid": "ben", "type": "user", "roleid": "PVEVMUser"},
        {"path": "/pool/a", "ugid": "staff", "type": "group", "roleid": "PVEVMAdmin"},
        {"path": "/pool/ab", "ugid": "others", "type": "group", "roleid": "PVEVMAdmin"},
        {"path": 5},
    ]
    found = on_guest(entries_of(rows), 104, "a/b")
    assert {entry.who for entry in found} == {"root", "amy", "staff"}
    assert on_guest((AclEntry("/pool", "x", "user", "r"),), 104, "") == ()


READERS: tuple[Callable[[Any], Any], ...] = (
    lambda data: course(data, "hour"),
    system_of,
    host_name_of,
    nics_of,
    users_of,
    disks_of,
    lambda data: tasks_of(data, "lab"),
    lambda data: on_guest(entries_of(data), 104, "a/b"),
)
KEYS = st.sampled_from(
    (
        *("time", "cpu", "result", "name", "ip-addresses", "ip-address", "prefix", "user", "upid"),
        *("starttime", "path", "ugid", "propagate", "mountpoint", "used-bytes", "total-bytes"),
    )
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(data=VALUES | st.lists(st.dictionaries(KEYS, VALUES, max_size=5), max_size=3))
def test_rubbish_is_taken_for_what_it_is(data: Any) -> None:
    for read in READERS:
        read(data)
