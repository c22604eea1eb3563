"""`/cluster/resources`: every recorded answer, and what becomes of rows in an outage."""

from __future__ import annotations

from typing import Any

import pytest

from labtui.model.cluster import Resources
from labtui.model.guests import Guest
from labtui.sources.proxmox.resources import read_resources
from tests.sources.proxmox.recordings import ASKED, as_body, body, files, rows, series

ANSWERS = files("*/*cluster-resources*.json")
SERIES = files("*/*cluster-resources*.jsonl")


def read(name: str) -> Resources:
    part, complaints = read_resources(body(name), ASKED, "lab")
    assert complaints == ()
    return part


def expected(row: dict[str, Any]) -> dict[str, Any]:
    tags = row.get("tags", "")
    return {
        "cluster": "lab",
        "vmid": row["vmid"],
        "kind": row["type"],
        "name": row.get("name", ""),
        "node": row["node"],
        "status": row["status"],
        "cpu": row.get("cpu"),
        "cpus": row.get("maxcpu"),
        "memory": row.get("mem"),
        "memory_max": row.get("maxmem"),
        "disk_max": row.get("maxdisk"),
        "uptime": row.get("uptime"),
        "template": row.get("template") == 1,
        "lock": row.get("lock", ""),
        "tags": tuple(tags.split(";")) if tags else (),
        "pool": row.get("pool", ""),
        "ha_state": row.get("hastate", ""),
    }


@pytest.mark.parametrize("name", ANSWERS)
def test_every_row_of_a_recorded_answer_is_there(name: str) -> None:
    part = read(name)
    found = rows(name)
    by_kind = {kind: [r for r in found if r["type"] == kind] for kind in ("node", "storage")}
    guests = [row for row in found if row["type"] in ("qemu", "lxc")]
    assert [guest.vmid for guest in part.guests] == sorted(row["vmid"] for row in guests)
    for row in guests:
        guest = next(guest for guest in part.guests if guest.vmid == row["vmid"])
        assert {key: getattr(guest, key) for key in expected(row)} == expected(row)
    assert {(node.name, node.status, node.memory_max) for node in part.nodes} == {
        (row["node"], row["status"], row.get("maxmem")) for row in by_kind["node"]
    }
    assert {
        (s.node, s.name, s.kind, s.status, s.shared, s.used, s.size, frozenset(s.content))
        for s in part.storages
    } == {
        (
            row["node"],
            row["storage"],
            row.get("plugintype", ""),
            row["status"],
            row.get("shared") == 1,
            row.get("disk"),
            row.get("maxdisk"),
            frozenset(row["content"].split(",") if row.get("content") else ()),
        )
        for row in by_kind["storage"]
    }


@pytest.mark.parametrize("name", SERIES)
def test_guests_keep_their_names_through_an_outage(name: str) -> None:
    part: Resources | None = None
    names: dict[int, str] = {}
    for sample in series(name):
        part, complaints = read_resources(as_body(sample["body"]), ASKED, "lab", part)
        assert complaints == ()
        for guest in part.guests:
            # A guest made during the outage is without a name until its first statistics.
            assert guest.name == names.get(guest.vmid, guest.name)
            names.update({guest.vmid: guest.name} if guest.name else {})
        told = {r["vmid"]: r["status"] for r in sample["body"]["data"] if r["type"] == "qemu"}
        assert {guest.vmid: guest.status for guest in part.guests} == told
    assert len(names) >= 16


def test_the_outage_really_has_guests_without_names() -> None:
    nameless = [
        row
        for sample in series("9.2/outage.cluster-resources.jsonl")
        for row in sample["body"]["data"]
        if row["type"] == "qemu" and "name" not in row
    ]
    assert nameless


@pytest.mark.parametrize("name", ["9.2/cluster-resources.json", "8.4/cluster-resources.json"])
def test_the_same_answer_in_another_order_is_the_same_object(name: str) -> None:
    part = read(name)
    shuffled = [dict(reversed(row.items())) for row in reversed(rows(name))]
    again, _complaints = read_resources(as_body({"data": shuffled}), ASKED, "lab", part)
    assert again is part


def test_only_what_changed_is_another_object() -> None:
    name = "9.2/cluster-resources.json"
    part = read(name)
    changed = rows(name)
    victim = next(row for row in changed if row["type"] == "qemu")
    victim["lock"] = "migrate"
    again, _complaints = read_resources(as_body({"data": changed}), ASKED, "lab", part)
    different = [
        guest
        for guest, before in zip(again.guests, part.guests, strict=True)
        if guest is not before
    ]
    assert [(guest.vmid, guest.lock) for guest in different] == [(victim["vmid"], "migrate")]
    assert all(new is old for new, old in zip(again.storages, part.storages, strict=True))
    assert all(new is old for new, old in zip(again.nodes, part.nodes, strict=True))


def test_numbers_sent_as_texts_are_numbers() -> None:
    row = {
        "type": "qemu",
        "vmid": "104",
        "node": "pve1",
        "name": 104,
        "status": "running",
        "cpu": "0.25",
        "maxcpu": "4",
        "mem": "1024",
        "template": "1",
        "tags": "b;a",
        "surprise": {"nested": [1]},
    }
    part, complaints = read_resources(as_body({"data": [row]}), ASKED, "lab")
    assert complaints == ()
    assert part.guests == (
        Guest(
            "lab",
            104,
            "qemu",
            "104",
            "pve1",
            "running",
            0.25,
            4.0,
            1024,
            template=True,
            tags=("b", "a"),
        ),
    )


def test_a_broken_row_is_left_out_and_named() -> None:
    good = {"type": "qemu", "vmid": 1, "node": "a", "id": "qemu/1"}
    bad = [
        {"type": "qemu", "vmid": 2, "node": "a", "id": "qemu/2", "mem": {"x": 1}},
        {"type": "qemu", "vmid": "three", "node": "a", "id": "qemu/3"},
        {"type": "qemu", "vmid": 4, "id": "qemu/4"},
        {"type": "qemu", "node": "a", "id": "qemu/5\x1b[2J"},
        {"id": "no/type"},
        "text",
        None,
        {"type": "qemu", "vmid": 1, "node": "b", "id": "qemu/1"},
    ]
    part, complaints = read_resources(as_body({"data": [good, *bad]}), ASKED, "lab")
    assert [guest.vmid for guest in part.guests] == [1]
    assert len(complaints) == len(bad)
    told = "\n".join(complaints)
    assert all(name in told for name in ("qemu/2", "qemu/3", "qemu/4", "no/type", "twice"))
    assert "\x1b" not in told
