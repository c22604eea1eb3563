"""Whether the devices of a guest are free: addresses, slots, mappings, groups."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.guests import Guest, HostPci
from labtui.model.snapshot import Snapshot
from labtui.model.starting import configured, rivals
from tests.snapshots import (
    Hardware,
    MappingEntry,
    PciMapping,
    config,
    configs,
    gpu,
    guest,
    membership,
    snapshot,
)
from tests.snapshots import cluster_lab as _plain

OFF = guest(104, status="stopped")
POOL = PciMapping(
    "pool",
    (
        MappingEntry("pve1", ("0000:01:00.0",)),
        MappingEntry("pve1", ("0000:02:00.0",)),
        MappingEntry("pve2", ("0000:03:00.0",)),
    ),
)
ONE = PciMapping("one", (MappingEntry("pve1", ("0000:02:00.0",)),))


def lab(mine: tuple[HostPci, ...], *others: tuple[Guest, HostPci]) -> Snapshot:
    from labtui.model.cluster import Resources

    plain = _plain().one(Resources, "lab")
    assert plain is not None
    hardware = Hardware(
        {"pve1": (gpu("pve1", "0000:01:00", 9), gpu("pve1", "0000:02:00", 9))}, (POOL, ONE)
    )
    guests = (OFF, *(other for other, _line in others))
    known = [config(other.vmid, line, where=other.node) for other, line in others]
    return snapshot(
        ("lab", Resources(plain.nodes, guests, plain.storages)),
        ("lab", membership(pve1=True, pve2=True)),
        ("lab", configs(config(104, *mine), *known)),
        ("lab", hardware),
    )


def line(*addresses: str, mapping: str = "", index: int = 0, mdev: str = "") -> HostPci:
    return HostPci(index, addresses, mapping, mdev=mdev)


@pytest.mark.parametrize(
    ("mine", "theirs", "taken"),
    [
        (line("0000:05:00.0"), line("0000:05:00.0"), True),
        (line("0000:05:00"), line("0000:05:00.1"), True),
        (line("0000:05:00.0"), line("0000:05:00.1"), False),
        (line("0000:05:00"), line("0000:06:00"), False),
        # Another card of the same IOMMU group.
        (line("0000:01:00"), line("0000:02:00"), True),
        (line(mapping="one"), line("0000:02:00"), True),
        (line("0000:02:00.0"), line(mapping="one"), True),
        (line("0000:05:00", mdev="nvidia-1"), line("0000:05:00"), False),
    ],
)
def test_two_lines(mine: HostPci, theirs: HostPci, taken: bool) -> None:
    found = rivals(lab((mine,), (guest(105), theirs)), OFF)
    assert bool(found) is taken
    if taken:
        assert [holder.vmid for holder in found[0].holders] == [105]


def test_who_is_off_or_elsewhere_has_nothing() -> None:
    same = line("0000:05:00.0")
    assert rivals(lab((same,), (guest(105, status="stopped"), same)), OFF) == ()
    assert rivals(lab((same,), (guest(105, "pve2"), same)), OFF) == ()


def test_a_pool_is_full_when_as_many_run_as_it_has_entries() -> None:
    wish = line(mapping="pool")
    one = lab((wish,), (guest(105), wish))
    assert rivals(one, OFF) == ()
    both = lab((wish,), (guest(105), wish), (guest(106), wish))
    assert [holder.vmid for holder in rivals(both, OFF)[0].holders] == [105, 106]


def test_a_guest_that_wants_two_of_a_pool_wants_two() -> None:
    two = (line(mapping="pool"), line(mapping="pool", index=1))
    found = rivals(lab(two, (guest(105), line(mapping="pool"))), OFF)
    assert [rival.line for rival in found] == [1]


def test_a_mapping_without_entry_on_the_node() -> None:
    found = rivals(lab((line(mapping="nowhere"),)), OFF)
    assert (found[0].wanted, found[0].holders) == ("nowhere", ())


def test_what_is_not_read_is_not_known() -> None:
    assert configured(lab((line("0000:05:00.0"),)), OFF)
    assert not configured(_plain(OFF), OFF)
    assert rivals(_plain(OFF), OFF) == ()


@given(st.lists(st.sampled_from(["0000:01:00", "0000:01:00.0", "0000:02:00.1"]), max_size=3))
def test_nobody_stands_in_his_own_way(addresses: list[str]) -> None:
    assert rivals(lab((line(*addresses),)), OFF) == ()
