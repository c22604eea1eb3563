"""Which card is whose: every form of `hostpci`, alternatives, groups, clashes."""

from __future__ import annotations

import pytest

from labtui.model.card_choice import taken
from labtui.model.claims import Card, card_table
from labtui.model.cluster import Resources
from labtui.model.guests import Guest, GuestConfig
from tests.snapshots import (
    Hardware,
    HostPci,
    MappingEntry,
    PciMapping,
    config,
    configs,
    gpu,
    guest,
    membership,
    node,
    snapshot,
)

RAW_SLOT = HostPci(0, ("0000:01:00",))
RAW_FUNCTION = HostPci(0, ("0000:01:00.0",))
MAPPED = HostPci(0, (), "rtx")
POOL = PciMapping(
    "rtx",
    (
        MappingEntry("pve1", ("0000:01:00.0",)),
        MappingEntry("pve1", ("0000:02:00.0",)),
        MappingEntry("pve2", ("0000:05:00.0",)),
    ),
)
CARDS = (gpu("pve1", "0000:01:00", 1), gpu("pve1", "0000:02:00", 2))


def cards(
    guests: tuple[Guest, ...],
    given: tuple[GuestConfig, ...],
    devices: tuple[object, ...] = CARDS,
    online: bool = True,
) -> list[Card]:
    lab = snapshot(
        ("lab", Resources((node("pve1"),), guests)),
        ("lab", membership(pve1=online)),
        ("lab", Hardware({"pve1": devices}, (POOL,))),  # type: ignore[dict-item]
        ("lab", configs(*given)),
    )
    return list(card_table(lab).cards)


@pytest.mark.parametrize("line", [RAW_SLOT, RAW_FUNCTION, HostPci(0, ("0000:07:00", "0000:01:00"))])
def test_raw_addresses_with_and_without_function(line: HostPci) -> None:
    first, second = cards((guest(104),), (config(104, line),))
    assert first.state == "used"
    assert [claim.guest.vmid for claim in first.claims] == [104]
    assert second.state == "free"


def test_a_guest_that_is_off_reserves() -> None:
    first, _second = cards((guest(104, status="stopped"),), (config(104, RAW_SLOT),))
    assert first.state == "reserved"


def test_two_running_claims_clash() -> None:
    first, _second = cards((guest(104), guest(105)), (config(104, RAW_SLOT), config(105, RAW_SLOT)))
    assert first.state == "clash"


def test_one_running_and_one_off_share_by_turns() -> None:
    both = (guest(104), guest(105, status="stopped"))
    first, _second = cards(both, (config(104, RAW_SLOT), config(105, RAW_FUNCTION)))
    assert first.state == "turns"


def test_two_that_start_with_the_node_will_clash() -> None:
    both = (guest(104), guest(105, status="stopped"))
    given = (config(104, RAW_SLOT, onboot=True), config(105, RAW_SLOT, onboot=True))
    assert cards(both, given)[0].state == "clash-at-boot"


def test_a_mapping_takes_one_of_its_entries() -> None:
    first, second = cards((guest(104),), (config(104, MAPPED),))
    assert (first.state, second.state) == ("pooled", "pooled")
    assert first.claims[0].alternatives == 2


def test_a_pool_counts_once_per_running_user() -> None:
    assert taken(cards((guest(104),), (config(104, MAPPED),))) == 1
    both = (guest(104), guest(105, status="stopped"))
    assert taken(cards(both, (config(104, MAPPED), config(105, MAPPED)))) == 1
    assert taken(cards((guest(104),), (config(104, RAW_SLOT),))) == 1


def test_a_mapping_with_as_many_users_as_entries_is_full() -> None:
    first, second = cards((guest(104), guest(105)), (config(104, MAPPED), config(105, MAPPED)))
    assert (first.state, second.state) == ("used", "used")


def test_a_neighbour_in_the_iommu_group_counts() -> None:
    devices = (gpu("pve1", "0000:01:00", 9), gpu("pve1", "0000:02:00", 9))
    given = (config(104, RAW_SLOT), config(105, HostPci(0, ("0000:02:00",))))
    first, second = cards((guest(104), guest(105)), given, devices)
    assert (first.state, second.state) == ("clash", "clash")
    assert [claim.guest.vmid for claim in first.group_claims] == [105]


def test_group_minus_one_is_no_group() -> None:
    devices = (gpu("pve1", "0000:01:00", -1), gpu("pve1", "0000:02:00", -1))
    given = (config(104, RAW_SLOT), config(105, HostPci(0, ("0000:02:00",))))
    assert [card.state for card in cards((guest(104), guest(105)), given, devices)] == ["used"] * 2


def test_virtual_parts_of_a_card_do_not_clash() -> None:
    part = HostPci(0, ("0000:01:00.0",), mdev="nvidia-63")
    first, _second = cards((guest(104), guest(105)), (config(104, part), config(105, part)))
    assert first.state == "used"


def test_a_neighbour_of_a_claimed_card_is_not_free() -> None:
    devices = (gpu("pve1", "0000:01:00", 9), gpu("pve1", "0000:02:00", 9))
    _first, second = cards((guest(104),), (config(104, RAW_SLOT),), devices)
    assert second.state == "reserved"


def test_two_lines_of_one_mapping_take_two_cards() -> None:
    both = cards((guest(104),), (config(104, MAPPED, HostPci(1, (), "rtx")),))
    assert [card.state for card in both] == ["used", "used"]
    assert taken(both) == 2


def test_unread_configurations_make_no_card_free() -> None:
    first, second = cards((guest(104), guest(105)), (config(104, RAW_SLOT),))
    assert (first.state, second.state) == ("used", "unknown")


def test_templates_claim_nothing_and_dead_nodes_are_unknown() -> None:
    template = guest(104, template=True, status="stopped")
    assert cards((template,), (config(104, RAW_SLOT),))[0].state == "free"
    assert cards((guest(104),), (config(104, RAW_SLOT),), online=False)[0].state == "unknown"


def test_a_guest_counts_on_the_node_where_it_is() -> None:
    moved = guest(104, "pve2")
    assert cards((moved,), (config(104, RAW_SLOT),))[0].state == "free"
