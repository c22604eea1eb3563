"""Addresses: whose word counts, and what of outside is taken for one."""

from __future__ import annotations

import ipaddress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.config.address import address_of, hop_of
from labtui.config.schema import RouterConfig, SshConfig, Tls
from labtui.config.secret import Secret
from labtui.live.entry import addresses
from labtui.model.cluster import Member, Membership, Resources
from labtui.model.entry import Place, Way, place_of, places_named
from labtui.model.inventory import DeviceRecord, Inventory, MachineRecord
from tests.snapshots import guest, membership, node, snapshot

WEB = Place("guest", "lab", "web", "pve1", 110)
PVE1 = Place("node", "lab", "pve1", "pve1")


def hosts(ways: list[Way]) -> list[str]:
    return [way.host for way in ways]


def test_the_agent_says_where_a_guest_is_and_not_where_its_containers_are() -> None:
    def row(name: str, *found: str) -> dict[str, object]:
        return {
            "name": name,
            "ip-addresses": [{"ip-address": each, "prefix": 24} for each in found],
        }

    rows = [
        row("lo", "127.0.0.1", "::1"),
        row("ens18", "2001:db8::5", "fe80::1", "10.0.0.5"),
        row("docker0", "172.17.0.1"),
        row("br-0a1b", "172.18.0.1"),
        {"name": "odd", "ip-addresses": "none"},
        "nothing",
        row("wg0", "10.9.0.1", "not an address"),
    ]
    found = addresses.from_agent({"result": rows})
    assert [(way.host, way.note) for way in found] == [
        ("10.0.0.5", "ens18"),
        ("10.9.0.1", "wg0"),
        ("2001:db8::5", "ens18"),
    ]


def test_a_container_says_so_in_two_forms() -> None:
    old = [{"name": "eth0", "hwaddr": "x", "inet": "10.0.0.7/24", "inet6": "fe80::1/64"}]
    assert hosts(addresses.from_agent(old)) == ["10.0.0.7"]
    new = [{"name": "eth0", "ip-addresses": [{"ip-address": "10.0.0.7", "prefix": 24}]}]
    assert hosts(addresses.from_agent(new)) == ["10.0.0.7"]
    assert addresses.from_agent(None) == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(("result", "name", "ip-addresses", "ip-address", "inet", "x")),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(_JSON)
def test_whatever_an_agent_says_only_addresses_come_of_it(answer: object) -> None:
    for way in addresses.from_agent(answer):
        assert not ipaddress.ip_address(way.host).is_loopback
        assert way.note.isprintable()


def test_the_configuration_goes_by_patterns_the_first_that_fits() -> None:
    ssh = SshConfig(
        hosts=(
            ("web*", (hop_of("amy@10.0.0.9"), hop_of("10.0.0.10:2222"))),
            ("guest:*", (hop_of("10.0.0.11"),)),
        )
    )
    found = addresses.from_config(ssh, WEB)
    assert [str(way) for way in found] == ["amy@10.0.0.9:22", "10.0.0.10:2222"]
    assert hosts(addresses.from_config(ssh, Place("guest", "lab", "db"))) == ["10.0.0.11"]
    assert addresses.from_config(ssh, PVE1) == []


def test_a_node_is_where_its_cluster_sees_it() -> None:
    there = Membership("lab", True, (Member("pve1", True, "10.0.0.1"), Member("pve2", True, "x y")))
    shot = snapshot(("lab", there))
    assert hosts(addresses.from_cluster(PVE1, shot)) == ["10.0.0.1"]
    assert addresses.from_cluster(Place("node", "lab", "pve2"), shot) == []
    assert addresses.from_cluster(WEB, shot) == []


def test_a_router_is_where_its_api_is_unless_that_is_a_forwarded_port() -> None:
    where = (address_of("127.0.0.1:8729", 1), address_of("10.1.1.1", 1), address_of("10.1.1.1", 2))
    router = RouterConfig("836", where, Tls(), "ro", Secret("plain", "x"))
    assert hosts(addresses.from_router(router)) == ["10.1.1.1"]
    assert addresses.from_router(None) == []


def test_netbox_says_the_primary_address_without_its_mask() -> None:
    there = Inventory(
        "4.6",
        machines=(MachineRecord(1, "web", "active", "lab", 110, address="10.0.0.5/24"),),
        devices=(DeviceRecord(1, "PVE1", "node", "active", address="10.0.0.1/24"),),
    )
    shot = snapshot(("lab", Resources((node("pve1"),), (guest(110, name="web"),))), ("nb", there))
    assert hosts(addresses.from_netbox(WEB, shot)) == ["10.0.0.5"]
    assert hosts(addresses.from_netbox(PVE1, shot)) == ["10.0.0.1"]
    assert addresses.from_netbox(Place("guest", "lab", "x", "pve1", 999), shot) == []


def test_each_way_once_for_each_user() -> None:
    ways = [Way("h", "agent"), Way("h", "netbox"), Way("k", "config", "ben")]
    found = addresses.with_users(ways, ("amy", "root"))
    assert [str(way) for way in found] == ["amy@h", "root@h", "ben@k"]
    assert [str(way) for way in addresses.with_users(ways, ())] == ["h", "ben@k"]


@pytest.mark.parametrize(
    ("noun", "key", "expected"),
    [
        ("guest", "lab/110", "110 web"),
        ("node", "lab/pve1", "pve1"),
        ("gpu", "lab/pve1/0000:01:00.0", "pve1"),
        ("storage", "lab/pve1/local", "pve1"),
        ("feed", "routeros/836/facts", "836"),
        ("feed", "proxmox/lab/tasks", None),
        ("session", "836/to-835/to-835-1", None),
        ("guest", "lab/999", None),
        ("node", "lab/pve9", None),
        ("job", "4", None),
    ],
)
def test_what_a_row_is_or_is_on(noun: str, key: str, expected: str | None) -> None:
    shot = snapshot(
        ("lab", Resources((node("pve1"),), (guest(110, name="web"),))),
        ("lab", membership(pve1=True)),
    )
    place = place_of(noun, key, shot)
    assert (place.label if place else None) == expected


def test_what_was_read_long_ago_keeps_nobody_out() -> None:
    shot = snapshot(("lab", Resources((node("pve1"),), (guest(110, status="stopped"),))))
    place = place_of("guest", "lab/110", shot)
    assert place is not None
    assert place.stopped
    old = {
        f: msgspec.structs.replace(fresh, remembered=True) for f, fresh in shot.freshness.items()
    }
    place = place_of("guest", "lab/110", msgspec.structs.replace(shot, freshness=old))
    assert place is not None
    assert not place.stopped


def test_a_name_may_be_of_several() -> None:
    shot = snapshot(("lab", Resources((node("web"),), (guest(110, name="web"), guest(111)))))
    found = places_named("web", shot, ("web",))
    assert [place.kind for place in found] == ["router", "node", "guest"]
    assert [place.vmid for place in places_named("111", shot, ())] == [111]
    assert places_named("nobody", shot, ()) == []
