"""Addresses that agents tell of, beside the records: what is written down, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from labtui.model.cluster import Membership, Resources
from labtui.model.drift.difference import Difference
from labtui.model.drift.whole import drift
from labtui.model.guests import GuestConfig, GuestConfigs, NetDevice
from labtui.model.inventory import (
    AddressRecord,
    InterfaceRecord,
    Inventory,
    MachineRecord,
    MacRecord,
    PrefixRecord,
    RangeRecord,
)
from labtui.model.lookup import parse
from labtui.model.lookup_names import lookup
from labtui.model.records.inside import inside
from labtui.model.safeguards import Agents, AgentWord, GuestNic
from labtui.model.snapshot import Snapshot
from tests.snapshots import NOW, guest, node, snapshot

MAC = "bc:24:11:00:00:6e"


def shot(*told: str, addresses: tuple[AddressRecord, ...] = (), fixed: str = "") -> Snapshot:
    """One guest whose agent told of these; `docker0` is always there as well."""
    nics = (GuestNic("eth0", MAC.upper(), told), GuestNic("docker0", "02:42:00:00:00:01",
                                                          ("10.0.0.77/24",)))  # fmt: skip
    net = NetDevice(0, MAC.upper(), "vmbr0", address=fixed)
    inventory = Inventory(
        "4.6",
        machines=(MachineRecord(7, "g110", "active", "lab", 110, "pve1"),),
        interfaces=(
            InterfaceRecord(1, "net0", "machine", 7, (MacRecord(MAC, 1),)),
            InterfaceRecord(2, "net0", "machine", 8),
        ),
        prefixes=(
            PrefixRecord(1, "10.0.0.0/24", "active"),
            PrefixRecord(2, "10.0.0.0/8", "container"),
        ),
        ranges=(RangeRecord(1, "10.0.0.200/24", "10.0.0.250/24", "active"),),
        # Of an empty list nothing is compared.
        addresses=(AddressRecord(9, "10.0.0.1/24", "active"), *addresses),
    )
    name = guest(110).cluster
    return snapshot(
        (name, Resources((node("pve1"),), (guest(110),))),
        (name, Membership(name, True, ())),
        (name, GuestConfigs({110: GuestConfig(name, 110, "d", NOW, "pve1", nets=(net,))})),
        (name, Agents({110: AgentWord(NOW, answers=True, nics=nics)})),
        ("netbox", inventory),
    )


def found(*told: str, **more: Any) -> list[Difference]:
    return [each for each in drift(shot(*told, **more)).differences if each.what == "address"]


def test_one_that_is_in_use_and_nowhere_recorded() -> None:
    (only,) = found("10.0.0.30/24")
    assert (only.kind, only.field, only.actual) == ("missing", "inside", "10.0.0.30/24")
    assert (only.severity, only.lab) == ("warning", guest(110).key)
    assert ("agents", guest(110).cluster) in only.rests
    (mend,) = only.mends
    assert (mend.deed, dict(mend.values)["assigned_object_id"]) == ("create", 1)


@pytest.mark.parametrize(
    "told",
    [
        "10.0.0.220/24",  # a lease comes and goes
        "10.9.0.5/24",  # nobody keeps addresses of that network
        "fe80::1/64",
        "2001:db8::5/64",
        "169.254.3.4/16",
        "no address",
        "",
    ],
)
def test_what_nobody_writes_down(told: str) -> None:
    assert found(told) == []


def test_what_is_recorded_is_no_difference() -> None:
    held = AddressRecord(3, "10.0.0.30/24", "active", holder="machine", interface=1)
    assert found("10.0.0.30/24", addresses=(held,)) == []
    assert found("10.0.0.30/24", addresses=(held,), fixed="10.0.0.30/24") == []


def test_one_that_is_somebody_elses_is_told_and_left_alone() -> None:
    other = AddressRecord(3, "10.0.0.30/24", "active", holder="machine", interface=2)
    (only,) = found("10.0.0.30/24", addresses=(other,))
    assert (only.kind, only.field, only.mends) == ("different", "holder", ())


def test_a_free_one_is_put_on_it_and_an_old_one_corrected() -> None:
    free = AddressRecord(3, "10.0.0.30/24", "reserved")
    (only,) = found("10.0.0.30/24", addresses=(free,))
    assert [mend.deed for mend in only.mends] == ["assign"]
    old = AddressRecord(4, "10.0.0.40/24", "active", holder="machine", interface=1)
    (only,) = found("10.0.0.30/24", addresses=(old,))
    assert (only.kind, only.field, only.recorded) == ("different", "address", "10.0.0.40/24")
    assert only.mends[0].values == (("address", "10.0.0.30/24"),)
    # The old one is in use as well: another record is made then.
    (only,) = found("10.0.0.30/24", "10.0.0.40/24", addresses=(old,))
    assert [mend.deed for mend in only.mends] == ["create"]


def test_what_another_engine_inside_has_is_not_asked_about() -> None:
    assert inside(shot("10.0.0.30/24")) == {guest(110).key: {MAC: ("10.0.0.30/24",)}}


def test_lookup_finds_the_guest_by_what_its_agent_told() -> None:
    answers = lookup(shot("10.0.0.30/24"), parse("10.0.0.30")).answers
    assert (answers[0].what, answers[0].key) == ("guest", guest(110).key)
