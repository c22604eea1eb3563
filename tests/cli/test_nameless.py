"""A snapshot without names: no text of the lab is left, and what hangs together still does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labtui.cli import nameless as module
from labtui.cli.nameless import Placeholders, nameless
from labtui.model import cluster, devices, guests, interfaces, inventory, ospf, overlay
from labtui.model.inventory import DeviceRecord, PrefixRecord, SiteRecord, TenantRecord
from labtui.model.snapshot import Snapshot
from tests.live.test_cache_file import everything
from tests.snapshots import Inventory, guest, snapshot

MODULES = (cluster, devices, guests, inventory, overlay, interfaces, ospf)


def texts_of(value: Any) -> set[str]:
    """Every text in a part, keys too."""
    if isinstance(value, str):
        return {value}
    if isinstance(value, msgspec.Struct):
        return set().union(*(texts_of(getattr(value, name)) for name in value.__struct_fields__))
    if isinstance(value, Mapping):
        return set().union(set(), *(texts_of(key) | texts_of(each) for key, each in value.items()))
    if isinstance(value, list | tuple | Set):
        return set().union(set(), *(texts_of(each) for each in value))
    return set()


def told(lab: Snapshot) -> str:
    return json.dumps(nameless(lab), ensure_ascii=False)


def words_of(lab: Snapshot) -> set[str]:
    """All texts and keys that the report would show, without its own structure."""
    return {part for each in nameless(lab)["parts"] for part in texts_of(each["part"])}


def test_names_people_and_addresses_are_replaced() -> None:
    report = told(everything())
    for name in (
        "方怡君",
        "pve1",
        "10.0.0",
        "10.255.0",
        "amy@pam",
        "hunter2",
        "BC:24:11",
        "to-835",
    ):
        assert name not in report
    for kept in (
        "running",
        "qmigrate",
        "AD102 [RTX 4090]",
        "10de",
        "VM.Migrate",
        "node-1",
        "guest-1",
    ):
        assert kept in report


def test_every_text_is_a_placeholder_or_a_listed_word() -> None:
    """What is not in the list of words is replaced, also in fields that come tomorrow."""
    lab = everything()
    wanted = {text for part in lab.parts.values() for text in texts_of(part) if text}
    assert wanted & words_of(lab) == {
        *("online", "running", "qemu", "available", "rbd", "lvmthin", "qmigrate", "started"),
        *("10de", "2684", "NVIDIA", "AD102 [RTX 4090]", "0000:01:00.0", "active", "7.20", "4.4"),
        *("VM.Migrate", "VM.Audit", "9.2.3", "ether"),
        # What records are joined by; the model has fields of these names.
        *("vmid", "mac", "serial", "name", "updates", "agent"),
    }


def test_the_same_name_has_the_same_placeholder_everywhere() -> None:
    parts = nameless(everything())["parts"]
    by_topic = {part["topic"]: part["part"] for part in parts}
    node = by_topic["resources"]["nodes"][0]["name"]
    assert node == by_topic["resources"]["guests"][0]["node"]
    assert node == by_topic["membership"]["members"][0]["name"]
    assert node in by_topic["hardware"]["devices"]
    vmid = by_topic["resources"]["guests"][0]["vmid"]
    assert vmid in by_topic["configs"]["configs"]
    assert nameless(everything()) == nameless(everything())


def test_an_inventory_names_nobody() -> None:
    part = Inventory(
        "4.4.1",
        (SiteRecord(1, "Building 7", "b7", (4242421234,)),),
        (TenantRecord(1, "Amy Chen", "amy-chen", "students"),),
        (),
        (DeviceRecord(1, "rt-836", "router", "active", "Building 7", "Amy Chen", "10.0.0.1/24"),),
        (PrefixRecord(1, "10.121.250.0/24", "active", "Building 7", "", "of Amy"),),
    )
    report = told(snapshot(("netbox", part)))
    for name in ("Building", "b7", "4242421234", "Amy", "amy", "students", "rt-836", "10."):
        assert name not in report
    assert "active" in report
    assert "4.4.1" in report


def test_a_word_that_is_none_is_replaced() -> None:
    lab = snapshot(("lab", cluster.Resources((), (guest(104, status="see http://x/?a@b"),))))
    assert "http" not in told(lab)
    task = cluster.Task(
        "lab", "UPID:x", "pve1", "qmigrate", "104", "amy", 1.0, 2.0, "no gpu-amy there"
    )
    assert "gpu-amy" not in told(snapshot(("lab", cluster.Tasks((task,)))))


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1))
def test_no_name_whatever_it_is_comes_through(name: str) -> None:
    lab = snapshot(
        ("lab", cluster.Resources((), (guest(104, name=name, pool=name, tags=(name,)),)))
    )
    row = nameless(lab)["parts"][0]["part"]["guests"][0]
    assert (row["name"], row["pool"], row["tags"]) == ("guest-2", "guest-2", ["guest-2"])


def test_the_lists_of_fields_are_of_the_model() -> None:
    """A field that was renamed in the model must not leave a dead entry behind."""
    structs = {
        name: kind
        for each in MODULES
        for name, kind in vars(each).items()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    }
    for name, fields in module._WORDS.items():
        assert fields <= set(structs[name].__struct_fields__), name
    assert set(module._STRUCT_NAMES) <= set(structs)


@pytest.mark.parametrize("text", ["", "a"])
def test_placeholders_count_by_kind(text: str) -> None:
    names = Placeholders()
    assert [names.of(each, "node") for each in ("pve1", "pve2", "pve1")] == [
        "node-1",
        "node-2",
        "node-1",
    ]
    assert names.of(text, "guest") == ("guest-1" if text else "")


def test_a_lab_of_nothing() -> None:
    assert nameless(Snapshot()) == {"parts": []}
