"""Nothing old is ever green: every view over feeds that failed, are remembered, fail in part."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from labtui.model.cluster import Member, Membership, Resources, Storage, Task, Tasks
from labtui.model.devices import Hardware
from labtui.model.errors import Problem
from labtui.model.feed import Feed, Freshness
from labtui.model.guests import GuestConfigs
from labtui.model.inventory import Inventory
from labtui.model.jobs import Job
from labtui.model.leases import Request, Requests
from labtui.model.overlay import Bgp, WireGuard
from labtui.model.routes import Routes
from labtui.model.snapshot import Part, Snapshot
from labtui.views import VIEWS, aging
from labtui.views.view import Cell, Section, View
from tests.snapshots import NOW, config, configs, feed_of
from tests.ui.labs import hardware, inventory, nodes, parts
from tests.views.test_events import event

DAY = 86400.0
DOWN = Problem("unreachable", "could not read", "pve1:8006", "no route to host")
EVERY = pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.id)
# Whose rows are no readings of the lab: what this console did, and how the feeds fare.
HAPPENED = {"jobs", "events"}
OWN = {*HAPPENED, "sources"}
# What is promised is neither good nor bad.
NEVER_GREEN = {"leases", "requests"}


def whole() -> list[tuple[str, Part]]:
    """A lab in health, with a green cell in as many views as have one."""
    nodes_up = tuple(msgspec.structs.replace(node, status="online") for node in nodes())
    there = tuple(Member(node.name, True) for node in nodes_up)
    given: list[tuple[str, Part]] = []
    for source, part in parts(20):
        if isinstance(part, Resources):
            storage = Storage("lsalab", "pve1", "ceph", "rbd", "available", True, 1, 10)
            given.append((source, Resources(nodes_up, part.guests, (storage,))))
        elif isinstance(part, Membership):
            given.append((source, Membership("lsalab", True, there)))
        elif isinstance(part, Hardware):
            read_at = dict.fromkeys(part.devices, NOW)
            given.append((source, msgspec.structs.replace(part, read_at=read_at)))
        elif isinstance(part, GuestConfigs):
            vmids = range(104, 124)
            lease = "labtui lease: owner=amy; until=2099-12-01; cards=hostpci0; purpose=training"
            mine = {one.vmid: one for one in part.configs.values()}
            mine[104] = msgspec.structs.replace(mine[104], description=lease)
            given.append((source, configs(*(mine.get(vmid) or config(vmid) for vmid in vmids))))
        else:
            given.append((source, part))
    done = Task("lsalab", "UPID:a", "pve1", "vzdump", "104", "a@pve", NOW - 90, NOW - 60, "OK")
    given.append(("lsalab", Tasks((done,))))
    given.append(("lsalab", Requests((Request("amy", "2 RTX 4090"),))))
    given.append(("836", Routes((), ("10.121.250.0/24",), 0)))
    return given


def lab(fresh: Freshness | None = None, *, only: tuple[str, ...] = ()) -> Snapshot:
    """The lab; its feeds (of these sources, all by default) are as `fresh` says."""
    given = whole()
    usual = Freshness(5.0, NOW - 1, sequence=1)
    return Snapshot(
        lab="lsalab",
        parts={feed_of(part, source): part for source, part in given},
        freshness={
            feed_of(part, source): fresh
            if fresh is not None and (not only or source in only)
            else usual
            for source, part in given
        },
        jobs=(Job("1", "x", "lsalab/104", "x", "done", NOW - DAY),),
        events=(event(1, DAY, weight="good"),),
    )


FAILED = Freshness(5.0, NOW - 600, sequence=2, problem=DOWN, failing_since=NOW - 590)
REMEMBERED = Freshness(5.0, NOW - DAY, remembered=True)
CONDITIONS = pytest.mark.parametrize(
    "old", [lab(FAILED), lab(REMEMBERED)], ids=["failed for ten minutes", "of yesterday's file"]
)


def cells(view: View[Any], row: Any, snapshot: Snapshot) -> list[Cell]:
    return list(aging.row_cells(view, row, snapshot, NOW).values())


def roles(given: list[Cell]) -> set[str]:
    return {cell.role for cell in given}


@EVERY
def test_in_health_nothing_is_old(view: View[Any]) -> None:
    """And most views have something green, or the tests below could not fail."""
    snapshot = lab()
    rows = view.rows(snapshot, NOW)
    assert rows
    for row in rows:
        assert view.aged(row, snapshot, NOW) is None
        assert [column.cell(row, NOW) for column in view.columns] == cells(view, row, snapshot)
    green = any("good" in roles(cells(view, row, snapshot)) for row in rows)
    assert green or view.id in NEVER_GREEN


@EVERY
@CONDITIONS
def test_no_cell_of_a_stale_row_is_green(view: View[Any], old: Snapshot) -> None:
    for row in view.rows(old, NOW):
        if view.id in HAPPENED:
            continue
        assert "good" not in roles(cells(view, row, old)), view.row_key(row)
        if view.id not in OWN:
            age = view.aged(row, old, NOW)
            assert age is not None
            assert age >= 600
            assert any(" old" in cell.text for cell in cells(view, row, old))


@EVERY
@CONDITIONS
def test_no_title_and_no_details_of_what_is_stale_are_green(view: View[Any], old: Snapshot) -> None:
    if view.id in HAPPENED:
        return
    rows = view.rows(old, NOW)
    assert aging.summary(view, rows, old, NOW).role != "good"
    for row in rows:
        for section in view.details(row, old, NOW):
            assert all(cell.role != "good" for _label, cell in section.lines), section.title
            if view.id not in OWN:
                assert section.age is not None, section.title
                assert section.age >= 600


@EVERY
def test_details_of_what_is_fresh_have_no_age(view: View[Any]) -> None:
    snapshot = lab()
    for row in view.rows(snapshot, NOW):
        assert all(section.age is None for section in view.details(row, snapshot, NOW))


def test_one_router_of_four_ages_its_own_rows_alone() -> None:
    partly = lab(FAILED, only=("702",))
    view = next(view for view in VIEWS if view.id == "bgp")
    for row in view.rows(partly, NOW):
        own = row.connection.router == "702"
        assert (view.aged(row, partly, NOW) == 600) is own
        assert any("10m old" in cell.text for cell in cells(view, row, partly)) is own
        if own:
            assert "good" not in roles(cells(view, row, partly))


def test_a_tunnel_with_one_silent_end_is_as_fresh_as_the_other() -> None:
    partly = lab(FAILED, only=("702",))
    view = next(view for view in VIEWS if view.id == "wireguard")
    assert all(view.aged(row, partly, NOW) is None for row in view.rows(partly, NOW))
    both = lab(FAILED, only=("702", "836"))
    aged = {row.key for row in view.rows(both, NOW) if view.aged(row, both, NOW) is not None}
    ends = {row.key: {end.router for end in row.ends} for row in view.rows(both, NOW)}
    assert aged == {key for key, routers in ends.items() if routers <= {"702", "836"}}
    assert aged
    tunnel = next(row for row in view.rows(partly, NOW) if "702" in {e.router for e in row.ends})
    by_router = {s.title.rpartition(" ")[2]: s.age for s in view.details(tunnel, partly, NOW)[1:]}
    assert by_router.pop("702") == 600
    assert set(by_router.values()) == {None}


def test_one_nodes_hardware_ages_its_cards_alone() -> None:
    part = msgspec.structs.replace(
        hardware(),
        read_at={"pve1": NOW - 5, "pve2": NOW - 600, "pve3": NOW - 5},
        missing={"pve2": "no answer in 10 s"},
    )
    snapshot = replaced(lab(), part)
    view = next(view for view in VIEWS if view.id == "gpus")
    for card in view.rows(snapshot, NOW):
        own = card.card.device.node == "pve2"
        assert (view.aged(card, snapshot, NOW) == 600) is own
        assert ("good" in roles(cells(view, card, snapshot))) <= (not own)
    node = next(view for view in VIEWS if view.id == "nodes")
    row = next(row for row in node.rows(snapshot, NOW) if row.node.name == "pve2")
    about, cards = node.details(row, snapshot, NOW)
    assert (about.age, cards.age) == (None, 600)
    missed_once = msgspec.structs.replace(part, read_at={**part.read_at, "pve2": NOW - 8})
    fresh = replaced(lab(), missed_once)
    assert all(view.aged(card, fresh, NOW) is None for card in view.rows(fresh, NOW))


def replaced(snapshot: Snapshot, part: Part) -> Snapshot:
    feed: Feed = feed_of(part, "lsalab")
    return msgspec.structs.replace(snapshot, parts={**snapshot.parts, feed: part})


def test_who_is_there_may_be_old_while_the_statistics_are_fresh() -> None:
    """A node is called up by its membership; when that is silent it is not green."""
    snapshot = lab()
    feed = feed_of(Membership("", None), "lsalab")
    silent = msgspec.structs.replace(snapshot, freshness={**snapshot.freshness, feed: FAILED})
    view = next(view for view in VIEWS if view.id == "nodes")
    rows = view.rows(silent, NOW)
    assert aging.summary(view, rows, snapshot, NOW).role == "good"
    assert aging.summary(view, rows, silent, NOW).role == "stale"
    assert aging.row_cells(view, rows[0], silent, NOW)["state"] == Cell("up, 10m old", "stale")
    assert aging.row_cells(view, rows[0], silent, NOW, told=False)["state"] == Cell("up", "stale")


def test_when_all_is_old_the_pane_says_it_once() -> None:
    partly, failed = lab(FAILED, only=("702",)), lab(FAILED)
    for view in VIEWS:
        if view.id not in OWN:
            assert aging.all_old(view, view.rows(failed, NOW), failed, NOW) == NOW - 600
            assert aging.all_old(view, view.rows(partly, NOW), partly, NOW) is None
            assert aging.all_old(view, (), failed, NOW) is None


def test_what_another_source_says_of_a_row_ages_by_itself() -> None:
    """Owners are NetBox's: they look old while the guest does not."""
    snapshot = lab()
    feed = feed_of(inventory(), "netbox")
    silent = msgspec.structs.replace(snapshot, freshness={**snapshot.freshness, feed: FAILED})
    view = next(view for view in VIEWS if view.id == "guests")
    row = next(row for row in view.rows(silent, NOW) if row.owner)
    made = aging.row_cells(view, row, silent, NOW)
    assert (made["owner"].role, made["address"].role) == ("stale", "stale")
    assert made["name"].role == ""
    by_title = {section.title: section.age for section in view.details(row, silent, NOW)}
    assert by_title["NetBox"] == 600
    assert by_title["Guest"] is None


def test_trouble_that_was_seen_stays_trouble() -> None:
    assert [aging.old_role(role) for role in ("good", "", "info", "warn", "bad", "dim")] == [
        *("stale", "stale", "stale", "warn", "bad", "dim"),
    ]


def test_a_section_is_as_old_as_the_oldest_it_rests_on() -> None:
    fresh, old = Section("a", (("x", Cell("1", "good")),)), Section("b", (), 900.0)
    made = aging.sections((fresh, old), 60.0)
    assert [section.age for section in made] == [60.0, 900.0]
    assert made[0].lines == (("x", Cell("1", "stale")),)
    assert aging.sections((fresh, old), None) == (fresh, old)


def test_what_was_never_read_is_not_called_old() -> None:
    snapshot = lab()
    for kind in (WireGuard, Bgp, Inventory):
        assert aging.age_of(snapshot, NOW, (kind, "nobody")) is None
    assert aging.age_of_any(snapshot, NOW, Inventory) is None
