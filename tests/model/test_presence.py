"""Guests of a node that is away are not believed to run, whatever their row says."""

from __future__ import annotations

from labtui.model.cluster import Resources, remember
from labtui.model.presence import presences, seen_guests
from tests.snapshots import NOW, cluster_lab, guest, membership, node, snapshot


def test_guest_of_a_dead_node_is_not_running() -> None:
    lab = cluster_lab(guest(104, "pve1"), guest(105, "pve2"), pve1=False, pve2=True)
    seen = seen_guests(lab)
    assert seen["lab/104"].guest.status == "running"
    assert not seen["lab/104"].running
    assert seen["lab/104"].gone_since == NOW - 60
    assert seen["lab/105"].running


def test_corosync_goes_before_the_statistics() -> None:
    """After a return the row reads `unknown` for ten seconds though the node is there."""
    lab = snapshot(
        ("lab", Resources((node("pve1", "unknown"),), ())), ("lab", membership(pve1=True))
    )
    assert presences(lab)["lab", "pve1"].online is True


def test_without_membership_the_row_decides() -> None:
    lab = snapshot(("lab", Resources((node("pve1", "offline"), node("pve2", "unknown")), ())))
    assert presences(lab)["lab", "pve1"].online is False
    assert presences(lab)["lab", "pve2"].online is None


def test_whom_a_side_without_quorum_does_not_see_may_be_well() -> None:
    """Cut off, one node sees itself alone, while the other three run on without it."""
    lab = cluster_lab(
        guest(104, "pve2"), guest(105, "pve1"), quorate=False, pve1=True, pve2=False, pve3=False
    )
    there = presences(lab)
    assert there["lab", "pve1"].online is True
    # Not by its row either, which is the same node's view.
    assert there["lab", "pve2"].online is None
    assert there["lab", "pve2"].since == NOW - 60
    seen = seen_guests(lab)
    assert seen["lab/104"].node_online is None
    assert not seen["lab/104"].running
    assert seen["lab/105"].running


def test_with_quorum_those_that_are_not_seen_are_off() -> None:
    lab = cluster_lab(quorate=True, pve1=True, pve2=True, pve3=False)
    assert presences(lab)["lab", "pve3"].online is False


def test_since_is_kept_while_a_member_stays_as_it_is() -> None:
    first = remember(None, membership(pve1=True, pve2=True), 100.0)
    second = remember(first, membership(pve1=False, pve2=True), 200.0)
    third = remember(second, membership(pve1=False, pve2=True), 300.0)
    assert [member.since for member in third.members] == [200.0, None]
    assert remember(None, membership(pve1=False), 100.0).members[0].since is None


def test_tables_are_kept_until_a_part_is_replaced() -> None:
    lab = cluster_lab(guest(104))
    assert seen_guests(lab) is seen_guests(lab)
    other = cluster_lab(guest(104))
    assert seen_guests(other) is not seen_guests(lab)
