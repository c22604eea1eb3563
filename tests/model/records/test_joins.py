"""Who is whose record: what must hold whatever people write down."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labtui.model.cluster import Resources
from labtui.model.guests import Guest, GuestConfigs, NetDevice
from labtui.model.inventory import (
    AssignmentRecord,
    ContactRecord,
    DeviceRecord,
    InterfaceRecord,
    Inventory,
    MachineRecord,
    MacRecord,
    TenantRecord,
)
from labtui.model.overlay import RouterFacts
from labtui.model.records.devices import device_joins
from labtui.model.records.guests import GuestJoins, guest_joins, join_guests
from labtui.model.records.people import people
from labtui.model.records.rules import Keys
from tests.snapshots import config, guest, node, snapshot

CLUSTERS = ("lab", "other")
NAMES = ("a", "A", "b", "", "c")
VMIDS = (100, 101, 102)
MACS = ("bc:24:11:00:00:01", "bc:24:11:00:00:02", "bc:24:11:00:00:03")

_guest = st.builds(
    lambda cluster, vmid, name: guest(vmid, name=name, cluster=cluster),
    st.sampled_from(CLUSTERS), st.sampled_from(VMIDS), st.sampled_from(NAMES),
)  # fmt: skip
_guests = st.lists(_guest, max_size=6, unique_by=lambda each: each.key)
_record = st.builds(
    lambda cluster, vmid, name: MachineRecord(0, name, "active", cluster, vmid),
    st.sampled_from((*CLUSTERS, "")), st.sampled_from((None, *VMIDS)), st.sampled_from(NAMES),
)  # fmt: skip
_records = st.lists(_record, max_size=6).map(
    lambda found: [_numbered(record, number) for number, record in enumerate(found, 1)]
)
_macs = st.frozensets(st.sampled_from(MACS), max_size=2)
_keys = st.permutations(("vmid", "mac", "name")).map(lambda order: Keys(tuple(order)))  # type: ignore[arg-type]


def _numbered(record: MachineRecord, number: int) -> MachineRecord:
    return MachineRecord(number, record.name, record.status, record.cluster, record.vmid)


@given(_guests, _records, st.lists(_macs, min_size=6), st.lists(_macs, min_size=7), _keys,
       st.randoms())  # fmt: skip
def test_what_always_holds(
    guests: list[Guest],
    records: list[MachineRecord],
    of_guests: list[frozenset[str]],
    of_records: list[frozenset[str]],
    keys: Keys,
    random: object,
) -> None:
    macs = {each.key: of_guests[n] for n, each in enumerate(guests)}
    theirs = {each.id: of_records[each.id] for each in records}
    found = join_guests(guests, macs, records, theirs, keys)
    given_away = [match.record.id for match in found.of.values() if match.record is not None]
    # Nobody shares a record, and nothing is both joined and left over.
    assert len(set(given_away)) == len(given_away)
    assert not {each.id for each in found.rest} & set(given_away)
    assert {each.id for each in found.rest} <= {each.id for each in records}
    for key, match in found.of.items():
        assert (match.sure == "ambiguous") == (match.record is None)
        assert match.record is None or not match.candidates
        assert len(match.candidates) >= 1 or match.record is not None
        assert key in {each.key for each in guests}
    # The order in which servers name things means nothing.
    random.shuffle(guests)  # type: ignore[attr-defined]
    random.shuffle(records)  # type: ignore[attr-defined]
    again = join_guests(guests, macs, records, theirs, keys)
    assert again.of == found.of
    assert set(again.rest) == set(found.rest)


def joined(records: list[MachineRecord], *guests: Guest, keys: Keys = Keys(),  # noqa: B008
           macs: dict[str, frozenset[str]] | None = None,
           theirs: dict[int, frozenset[str]] | None = None) -> GuestJoins:  # fmt: skip
    return join_guests(guests, macs or {}, records, theirs or {}, keys)


def test_the_number_within_its_cluster_is_certain() -> None:
    records = [
        MachineRecord(1, "x", "active", "lab", 101),
        MachineRecord(2, "y", "active", "other", 101),
    ]
    found = joined(records, guest(101), guest(101, cluster="other"))
    assert {key: (m.record.id, m.sure) for key, m in found.of.items() if m.record} == {
        "lab/101": (1, "certain"), "other/101": (2, "certain"),
    }  # fmt: skip


def test_in_a_lab_of_one_cluster_its_name_does_not_matter() -> None:
    records = [MachineRecord(n, f"x{n}", "active", "Proxmox", 100 + n) for n in (1, 2, 3)]
    found = joined(records, guest(101), guest(102))
    assert found.clusters == {"lab": "Proxmox"}
    assert found.of["lab/101"].record is records[0]
    # Where NetBox has the same numbers in two clusters, nobody can say.
    records += [MachineRecord(10 + n, "z", "active", "Else", 100 + n) for n in (1, 2)]
    assert joined(records, guest(101), guest(102)).of == {}


def test_a_mac_address_where_the_number_is_wrong() -> None:
    records = [MachineRecord(1, "elsewhere", "active", "lab", 999)]
    found = joined(records, guest(101), macs={"lab/101": frozenset(MACS[:1])},
                   theirs={1: frozenset(MACS[:1])})  # fmt: skip
    match = found.of["lab/101"]
    assert (match.record, match.by, match.sure) == (records[0], "mac", "certain")
    keys = Keys(("vmid", "name"))
    both = frozenset(MACS[:1])
    assert not joined(records, guest(101), keys=keys, macs={"lab/101": both}, theirs={1: both}).of


def test_a_name_is_likely_and_two_guests_of_one_name_are_none() -> None:
    records = [MachineRecord(1, "VM", "active", "lab")]
    found = joined(records, guest(101, name="vm"))
    assert (found.of["lab/101"].sure, found.of["lab/101"].by) == ("likely", "name")
    found = joined(records, guest(101, name="vm"), guest(102, name="vm"))
    assert {match.sure for match in found.of.values()} == {"ambiguous"}
    assert all(match.candidates == (records[0],) for match in found.of.values())


def test_never_by_address_alone() -> None:
    records = [MachineRecord(1, "x", "active", "lab", None, address="10.0.0.5")]
    assert joined(records, guest(101, name="y")).of == {}


def test_macs_of_configurations_and_interfaces_meet() -> None:
    net = NetDevice(0, MACS[0].upper(), "vmbr0")
    inventory = Inventory(
        "4.6", machines=(MachineRecord(5, "z", "active", "lab"),),
        interfaces=(InterfaceRecord(7, "net0", "machine", 5, (MacRecord(MACS[0], 3),)),),
    )  # fmt: skip
    made = config(101)
    shot = snapshot(
        ("lab", Resources((), (guest(101, name="q"),))),
        ("lab", GuestConfigs({101: type(made)(*[
            *(getattr(made, name) for name in made.__struct_fields__[:12]), (net,)])})),
        ("netbox", inventory),
    )  # fmt: skip
    assert guest_joins(shot).of["lab/101"].by == "mac"


def test_nodes_and_routers_by_name_and_serial() -> None:
    devices = (
        DeviceRecord(1, "PVE1", "node", "active"),
        DeviceRecord(2, "pve2.lab.example", "node", "active"),
        DeviceRecord(3, "rt-836", "router", "active"),
        DeviceRecord(4, "pve3", "node", "active"),
        DeviceRecord(5, "pve3", "node", "active"),
    )
    shot = snapshot(
        ("lab", Resources((node("pve1"), node("pve2"), node("pve3"), node("pve4")))),
        ("gw", RouterFacts("gw", "836", "rt-836", "7.20")),
        ("netbox", Inventory("4.6", devices=devices)),
    )
    found = device_joins(shot)
    sure = {key: (m.record.id if m.record else None, m.sure) for key, m in found.nodes.items()}
    assert sure["lab/pve1"] == (1, "certain")
    assert sure["lab/pve2"] == (2, "likely")
    assert sure["lab/pve3"] == (None, "ambiguous")
    assert sure["lab/pve4"] == (None, "certain")
    assert found.router_of == {3: "gw"}


def test_people_by_slug_and_mail() -> None:
    inventory = Inventory(
        "4.6", tenants=(TenantRecord(1, "Amy Chen", "amy"),),
        contacts=(ContactRecord(4, "Amy Chen", "amy@lab.example"),),
        assignments=(AssignmentRecord(1, "tenancy.tenant", 1, 4),),
    )  # fmt: skip
    found = people(snapshot(("netbox", inventory)))
    assert found.tenant("amy@pve").record == inventory.tenants[0]
    assert found.contact("amy@lab.example").sure == "certain"
    assert found.contact("amy@pam").sure == "likely"
    assert found.tenant("bob@pve").record is None
    assert found.asked_about("Amy Chen") == "Amy Chen <amy@lab.example>"
