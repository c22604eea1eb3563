"""What people type, and what is found for it."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.guests import GuestConfig, GuestConfigs, NetDevice
from labtui.model.inventory import InterfaceRecord, MacRecord, VlanRecord
from labtui.model.lookup import Query, Sighting, Sightings, parse
from labtui.model.lookup_names import lookup, with_sighted
from labtui.model.records.usage import uses
from labtui.model.routes import LearntRoute, Routes
from labtui.model.snapshot import Snapshot
from tests.model.drift.test_network import held, shot
from tests.snapshots import NOW

MAC = "bc:24:11:00:00:01"


@pytest.mark.parametrize(
    ("typed", "kind", "text", "number"),
    [
        ("10.0.0.5", "address", "10.0.0.5", None),
        ("10.0.0.5/24", "address", "10.0.0.5", None),
        ("10.0.0.0/24", "prefix", "10.0.0.0/24", None),
        ("10.0.0.5/32", "address", "10.0.0.5", None),
        ("FE80::1", "address", "fe80::1", None),
        ("fd00::/64", "prefix", "fd00::/64", None),
        ("BC-24-11-00-00-01", "mac", MAC, None),
        ("bc24.1100.0001", "mac", MAC, None),
        ("vlan 170", "vlan", "VLAN 170", 170),
        ("VLAN170", "vlan", "VLAN 170", 170),
        ("AS65001", "asn", "AS65001", 65001),
        ("asn 4200000836", "asn", "AS4200000836", 4200000836),
        ("  Web-01 ", "name", "web-01", None),
        ("vm", "name", "vm", None),
        ("10.0.0.999", "name", "10.0.0.999", None),
    ],
)
def test_what_people_type(typed: str, kind: str, text: str, number: int | None) -> None:
    assert parse(typed) == Query(kind, text, number)  # type: ignore[arg-type]  # from the table


@given(st.text(max_size=40))
def test_anything_may_be_typed(text: str) -> None:
    found = lookup(lab(), parse(text))
    assert found.query.kind
    for answer in found.answers:
        assert answer.name


def lab() -> Snapshot:
    net = NetDevice(0, MAC.upper(), "vmbr0", 170, "10.1.0.100/24")
    whole = held(shot())
    return shot(
        ("lab", GuestConfigs({100: GuestConfig("lab", 100, "d", NOW, "pve1", nets=(net,))})),
        ("rt-a", Routes((LearntRoute("10.2.0.0/24", (65002,)),), ("10.1.0.0/24",), 1)),
        interfaces=(*whole.interfaces,
                    InterfaceRecord(900, "net0", "machine", 0, (MacRecord(MAC, 5),))),
        vlans=(VlanRecord(3, 170, "students", "active"),),
    )  # fmt: skip


def told(typed: str) -> list[tuple[str, str]]:
    return [(each.what, each.name) for each in lookup(lab(), parse(typed)).answers]


def test_an_address_of_a_guest_and_of_a_router() -> None:
    assert told("10.1.0.100")[0] == ("guest", "100 netbox")
    assert ("prefix", "10.1.0.0/24") in told("10.1.0.100")
    assert ("route", "10.1.0.0/24") in told("10.1.0.100")
    assert ("router", "rt-b") in told("10.2.0.1")
    assert ("address", "10.2.0.1/24") in told("10.2.0.1")
    assert ("node", "pve1") in told("10.1.0.11")
    origin = [a for a in lookup(lab(), parse("10.2.0.7")).answers if a.what == "route"]
    assert ("origin", "AS65002") in origin[0].lines


def test_mac_vlan_asn_name() -> None:
    assert told(MAC.upper())[0] == ("guest", "100 netbox")
    assert told("vlan 170") == [("vlan", "170 students"), ("guest", "100 netbox")]
    assert ("router", "rt-a") in told("AS65001")
    assert ("session", "to-a") in told("AS65001")
    assert ("guest", "100 netbox") in told("netbox")
    assert ("guest", "100 netbox") in told("100")
    assert ("site", "a") in told("a")
    assert told("no such thing") == []


def test_the_page_in_netbox() -> None:
    found = lookup(lab(), parse("vlan 170"))
    assert found.first is not None
    assert found.first.page("https://netbox.example/") == "https://netbox.example/ipam/vlans/3/"


def test_who_has_it_now_is_found_by_its_mac() -> None:
    found = lookup(lab(), parse("10.1.0.77"))
    assert "guest" not in [each.what for each in found.answers]
    seen = Sightings((Sighting("rt-a", "arp", "10.1.0.77", MAC),))
    assert with_sighted(found, seen, lab()).answers[0].name == "100 netbox"


@given(st.lists(st.integers(0, 255), max_size=20, unique=True))
def test_prefixes_count_their_addresses(hosts: list[int]) -> None:
    from labtui.model.inventory import AddressRecord, Inventory, PrefixRecord

    networks = ("10.0.0.0/8", "10.0.0.0/24", "10.0.0.128/25")
    prefixes = tuple(PrefixRecord(n, net, "active") for n, net in enumerate(networks, 1))
    addresses = tuple(
        AddressRecord(n, f"{ip_address(0x0A000000 + host)}/24", "active")
        for n, host in enumerate(hosts, 1)
    )
    found = uses(Inventory("4.6", prefixes=prefixes, addresses=addresses))
    assert [each.depth for each in found] == [0, 1, 2]
    assert [each.used for each in found] == [
        len(hosts), len(hosts), sum(host >= 128 for host in hosts),
    ]  # fmt: skip
    assert all(0 <= each.share <= 1 for each in found)
