"""Card-hours: counted from look to look, over gaps and restarts, and summed up by person."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from labtui.live.history.card_hours import CardHours, hours_in
from labtui.live.history.database import Database
from labtui.model.card_hours import holdings, split, totals
from labtui.model.cluster import Resources
from labtui.model.devices import Hardware
from labtui.model.guests import DeviceNode, GuestConfig, HostPci
from labtui.model.leases import Lease, line_of
from labtui.model.snapshot import Snapshot
from labtui.model.use import CardUse, CardUses, UseReport
from tests.snapshots import NOW, config, configs, gpu, guest, membership, node, snapshot

KEEP = 90 * 86400.0
HOUR = 3600.0


def lab(at: float, *, vmid: int = 100, busy: bool | None = True, owner: str = "amy") -> Snapshot:
    """One card, given to that guest, as read at that time."""
    card = HostPci(0, ("0000:01:00",))
    notes = line_of(Lease(owner, project="vision")) if owner else ""
    known = msgspec.structs.replace(config(vmid, card), description=notes)
    parts = [
        ("lab", Resources((node("pve1"),), (guest(vmid),), ())),
        ("lab", membership(pve1=True)),
        ("lab", Hardware({"pve1": (gpu("pve1", "0000:01:00"),)})),
        ("lab", configs(known)),
    ]
    if busy is not None:
        use = CardUse("0000:01:00.0", ids="10de:2684", utilisation=0.9 if busy else 0.0)
        report = UseReport("pve1", vmid, "agent", at, at, (use,))
        parts.append(("lab", CardUses({f"guest/{vmid}": report})))
    return snapshot(*parts, read_at=at)  # type: ignore[arg-type]  # pairs of one list


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


def test_time_between_looks_is_counted_as_given_and_used(path: Path) -> None:
    database = Database(path, write=True)
    hours = CardHours()
    hours.begin(database)
    for seconds in range(0, 601, 60):
        busy = seconds <= 300
        hours.look(lab(NOW + seconds, busy=busy), NOW + seconds, KEEP, database)
    hours.look(lab(NOW + 601), NOW + 601, KEEP, database, last=True)
    database.close()
    rows = hours_in(path, NOW - HOUR, NOW + HOUR)
    assert rows is not None
    (total,) = totals(rows, "person")
    assert (total.name, total.cards) == ("amy", 1)
    assert total.given == pytest.approx(601)
    assert total.told == pytest.approx(601)
    assert total.used == pytest.approx(301)
    assert [t.name for t in totals(rows, "project")] == ["vision"]
    assert [t.name for t in totals(rows, "model")] == ["RTX 4090"]


def test_while_nobody_looked_it_was_given_and_nobody_knows_whether_used(path: Path) -> None:
    database = Database(path, write=True)
    first = CardHours()
    first.begin(database)
    first.look(lab(NOW), NOW, KEEP, database, last=True)
    again = CardHours()
    again.begin(database)
    later = NOW + 10 * HOUR
    again.look(lab(later), later, KEEP, database, last=True)
    database.close()
    (total,) = totals(hours_in(path, NOW - HOUR, later + HOUR) or (), "guest")
    assert total.given == pytest.approx(10 * HOUR)
    assert (total.told, total.share) == (0.0, None)


def test_who_had_it_neither_before_nor_after_is_not_counted(path: Path) -> None:
    database = Database(path, write=True)
    hours = CardHours()
    hours.begin(database)
    hours.look(lab(NOW), NOW, KEEP, database, last=True)
    hours.look(lab(NOW + 60, vmid=101), NOW + 60, KEEP, database, last=True)
    database.close()
    assert hours_in(path, NOW - HOUR, NOW + HOUR) == ()


def test_what_is_old_is_no_ground_to_count(path: Path) -> None:
    database = Database(path, write=True)
    hours = CardHours()
    hours.begin(database)
    old = lab(NOW)
    hours.look(old, NOW, KEEP, database, last=True)
    hours.look(old, NOW + 5000, KEEP, database, last=True)
    database.close()
    assert hours_in(path, NOW - HOUR, NOW + 2 * HOUR) == ()


def test_what_is_older_than_is_kept_goes(path: Path) -> None:
    database = Database(path, write=True)
    hours = CardHours()
    hours.begin(database)
    hours.look(lab(NOW), NOW, KEEP, database)
    hours.look(lab(NOW + 60), NOW + 60, KEEP, database, last=True)
    later = NOW + KEEP + 2 * HOUR
    hours.begin(database)
    hours.look(lab(later, vmid=101), later, KEEP, database, last=True)
    database.close()
    assert hours_in(path, 0, later) == ()


def test_there_is_no_history_yet(path: Path) -> None:
    assert hours_in(path, 0, NOW) is None


def test_a_span_is_cut_at_the_hours() -> None:
    parts = list(split(7200.0 - 30, 10_800.0 + 15))
    assert parts == [(3600, 30.0), (7200, 3600.0), (10_800, 15.0)]


def test_without_a_tool_nobody_says_whether_it_works() -> None:
    (held,) = holdings(lab(NOW, busy=None, owner=""), NOW)
    assert (held.busy, held.person, held.guest) == (None, "", "100 vm-100")


def test_each_part_of_a_card_is_counted_and_what_containers_share_is_not() -> None:
    parted = [config(vmid, HostPci(0, ("0000:01:00.0",), mdev="nvidia-63")) for vmid in (100, 101)]
    container = GuestConfig("lab", 201, "d", 0.0, "pve1", nodes=(DeviceNode(0, "/dev/nvidia0"),))
    guests = (guest(100), guest(101), guest(201, kind="lxc"))
    use = CardUse("0000:01:00.0", ids="10de:2684", utilisation=0.9)
    report = UseReport("pve1", 100, "agent", NOW, NOW, (use,))
    shot = snapshot(
        ("lab", Resources((node("pve1"),), guests, ())),
        ("lab", membership(pve1=True)),
        ("lab", Hardware({"pve1": (gpu("pve1", "0000:01:00"),)})),
        ("lab", configs(*parted, container)),
        ("lab", CardUses({"guest/100": report})),
        read_at=NOW,
    )
    held = {each.card: each.busy for each in holdings(shot, NOW)}
    assert set(held) == {
        "pve1/0000:01:00 (100 nvidia-63)",
        "pve1/0000:01:00 (101 nvidia-63)",
    }
    assert held["pve1/0000:01:00 (101 nvidia-63)"] is None, "its own guest has not told"
