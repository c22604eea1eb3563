"""Routers, tunnels, sessions and prefixes beside their records."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.drift.difference import Difference
from labtui.model.drift.sizes import MIB, megabytes, same_size
from labtui.model.drift.whole import drift
from labtui.model.inventory import Inventory, SessionRecord
from labtui.model.overlay import Bgp
from labtui.model.records import refs
from labtui.model.records.rules import Ignore
from labtui.model.routes import Routes
from labtui.model.snapshot import Part, Snapshot
from tests.findings.cases_records import noted
from tests.findings.labs import lab, records
from tests.snapshots import NOW, guest


def shot(*more: tuple[str, Part], **records_: Any) -> Snapshot:
    """All is well and recorded but for these records; `more` parts instead of the lab's."""
    well = noted(**records_)[0][1]
    extra = lab(NOW, list(more))
    return msgspec.structs.replace(
        well,
        parts={**well.parts, **extra.parts},
        freshness={**well.freshness, **extra.freshness},
    )


def held(well: Snapshot) -> Inventory:
    return next(part for _source, part in well.of(Inventory))


def found(*more: tuple[str, Part], **records_: Any) -> list[tuple[str, str, str, str]]:
    seen = drift(shot(*more, **records_)).differences
    return [(each.kind, each.what, each.name, each.field) for each in seen]


def test_all_is_recorded() -> None:
    # The networks of the links are no LANs, and nobody has written them down here.
    assert {each[1] for each in found()} == {"prefix"}


def changed(kind: str, number: int, **values: Any) -> tuple[Any, ...]:
    """The records of that kind with one changed."""
    return tuple(
        msgspec.structs.replace(each, **values) if place == number else each
        for place, each in enumerate(getattr(held(shot()), kind))
    )


def apart(*more: tuple[str, Part], **records_: Any) -> list[Difference]:
    """The differences but for the link networks."""
    return [each for each in drift(shot(*more, **records_)).differences if each.what != "prefix"]


def test_a_tunnel_that_is_planned_and_runs() -> None:
    (only,) = apart(tunnels=changed("tunnels", 0, status="planned"))
    assert (only.kind, only.field, only.actual, only.recorded) == (
        "different", "status", "enabled", "planned",
    )  # fmt: skip
    assert [mend.direction for mend in only.mends] == ["record", "lab"]
    assert only.mends[0].values == (("status", "active"),)


def test_an_end_that_is_missing_and_one_too_many() -> None:
    ends = held(shot()).tunnel_ends
    (only,) = apart(tunnel_ends=ends[1:])
    assert (only.kind, only.what) == ("missing", "end")
    assert dict(only.mends[0].values)["tunnel"] == ends[0].tunnel
    # An end on the wrong interface: the right one is missing, this one is too many.
    wrong = changed("tunnel_ends", 0, interface=10)
    assert {(each.kind, each.what) for each in apart(tunnel_ends=wrong)} == {
        ("missing", "end"), ("surplus", "end"),
    }  # fmt: skip


def test_a_tunnel_that_is_only_recorded() -> None:
    inventory = held(shot())
    tunnel = msgspec.structs.replace(inventory.tunnels[0], id=99, name="old")
    end = msgspec.structs.replace(inventory.tunnel_ends[0], id=99, tunnel=99, interface=10)
    (only,) = apart(tunnels=(*inventory.tunnels, tunnel), tunnel_ends=(*inventory.tunnel_ends, end))
    assert (only.kind, only.what, only.name) == ("surplus", "tunnel", "old")


def test_addresses_of_routers() -> None:
    addresses = held(shot()).addresses
    (missing,) = apart(addresses=addresses[1:])
    assert (missing.kind, missing.what, missing.name) == ("missing", "address", "10.1.0.1/24")
    assert dict(missing.mends[0].values)["assigned_object_id"] == 10
    (elsewhere,) = apart(addresses=changed("addresses", 0, interface=11))
    assert (elsewhere.kind, elsewhere.field, elsewhere.recorded) == (
        "different", "holder", "rt-b lan",
    )  # fmt: skip
    old = msgspec.structs.replace(addresses[0], id=999, address="10.1.0.9/24")
    (surplus,) = apart(addresses=(*addresses, old))
    assert (surplus.kind, surplus.name) == ("surplus", "10.1.0.9/24")
    shared = msgspec.structs.replace(old, role="vrrp")
    assert not apart(addresses=(*addresses, shared))


def test_sessions_of_the_plugin() -> None:
    ((_router, bgp), *_others) = shot().of(Bgp)
    first = bgp.connections[0]
    right = SessionRecord(
        1, "s", "active", 10, first.local_address, first.remote_address, first.local_as,
        first.remote_as,
    )  # fmt: skip
    names = [(each.kind, each.name) for each in apart(sessions=(right,))]
    # Every other connection lacks one.
    assert ("missing", f"rt-a {bgp.connections[1].name}") in names
    assert f"rt-a {first.name}" not in [name for _kind, name in names]
    wrong = msgspec.structs.replace(right, remote_as=64999)
    seen = [each for each in apart(sessions=(wrong,)) if each.kind == "different"]
    assert [(each.field, each.recorded) for each in seen] == [("remote_as", "64999")]
    off = msgspec.structs.replace(right, status="offline")
    (only,) = [each for each in apart(sessions=(off,)) if each.kind == "different"]
    # Either NetBox is corrected, or the session is switched off.
    assert [(mend.direction, mend.key, mend.values) for mend in only.mends] == [
        ("record", "", (("status", "active"),)),
        ("lab", first.key, (("disabled", True),)),
    ]
    gone = msgspec.structs.replace(right, remote_address="10.9.9.9")
    assert ("surplus", "rt-a s") in [(e.kind, e.name) for e in apart(sessions=(gone,))]
    # Without the plugin nothing is said.
    assert not apart(sessions=())


def test_what_is_announced_and_not_recorded() -> None:
    seen = found(("rt-a", Routes(own=("10.77.0.0/24",))))
    assert ("missing", "prefix", "10.77.0.0/24", "announced") in seen


def test_an_as_number_that_nobody_has_recorded() -> None:
    from labtui.model.inventory import AsnRecord

    seen = found(asns=(AsnRecord(1, 65001), AsnRecord(2, 65002)))
    assert [each[2] for each in seen if each[1] == "asn"] == ["AS65003"]


@pytest.mark.parametrize(
    ("path", "more"),
    [
        (refs.TUNNEL_ENDS, {"tunnel_ends": ()}),
        (refs.TUNNELS, {"tunnels": ()}),
        (refs.ADDRESSES, {"addresses": ()}),
        (refs.PREFIXES, {"prefixes": ()}),
    ],
)
def test_what_may_not_be_seen_is_not_missing(path: str, more: dict[str, Any]) -> None:
    for reason in ("hidden", "absent", "unread"):
        seen = drift(shot(**more, **{reason: (path,)}))
        whats = {"prefix"} if path != refs.PREFIXES else set()
        assert {each.what for each in seen.differences} <= whats
        assert (path, reason) in seen.unseen


def test_of_a_list_that_is_seen_in_part_nothing_is_certain() -> None:
    seen = drift(shot(partly=(refs.MACHINES,), machines=()))
    missing = seen.of("guest")
    assert missing
    assert all(each.hidden for each in missing)


def test_ignored_by_rule_with_a_reason() -> None:
    rules = (Ignore("links are known", what="prefix", name="10.255.*"),)
    seen = drift(shot(ignored=rules))
    assert not seen.differences
    assert {each.ignored for each in seen.ignored} == {"links are known"}


def test_a_guest_of_a_node_that_is_away_is_not_blamed() -> None:
    """Its row still says `running` while nobody can know."""
    from tests.findings.labs import cluster, overlay

    inventory = held(shot())
    machines = changed("machines", 0, status="offline")
    whole = lab(NOW, overlay(NOW), cluster(away=["pve1"]), records(machines=machines))
    assert inventory.machines
    assert not [each for each in drift(whole).differences if each.field == "status"]


def test_keys_are_distinct() -> None:
    seen = drift(shot(machines=(), tunnels=held(shot()).tunnels[:1], addresses=())).differences
    assert len({each.key for each in seen}) == len(seen)


@given(st.integers(1, 1 << 22))
def test_sizes_in_every_way_of_counting(mib: int) -> None:
    size = mib * MIB
    assert same_size(size, megabytes(size))
    assert same_size(size, round(size / 10**6)) or size / 10**6 != round(size / 10**6)
    if mib % 1024 == 0:
        assert same_size(size, mib // 1024 * 1000)
    assert not same_size(size, megabytes(size) * 2 + 1)
    assert guest(1).memory_max
