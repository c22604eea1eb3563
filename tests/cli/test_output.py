"""What scripts get: values that mean the same in every language and terminal."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest

from labtui.cli.output import as_csv, as_json
from labtui.model.cluster import Task, Tasks
from labtui.model.feed import Feed, Freshness
from labtui.model.overlay import Bgp, BgpConnection, BgpSession
from labtui.views import VIEWS
from labtui.views.bgp import BGP
from labtui.views.guests import GUESTS
from labtui.views.sources import SOURCES, FeedRow
from labtui.views.tasks import TASKS
from labtui.views.view import View
from tests.snapshots import GIB, NOW, cluster_lab, guest, snapshot


def records(view: View[Any], rows: Any) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(as_json(view, rows, NOW))
    return told


def test_points_in_time_are_iso_and_spans_are_seconds() -> None:
    tasks = (
        Task("lab", "u1", "pve1", "qmigrate", "104", "me", NOW - 30, NOW - 10.5, "OK"),
        Task("lab", "u2", "pve1", "qmigrate", "105", "me", NOW - 30),
    )
    done, running = records(TASKS, TASKS.rows(snapshot(("lab", Tasks(tasks))), NOW))
    assert done["started"] == "2026-09-21T14:12:50Z" == running["started"]
    assert done["took"] == 19.5
    assert running["took"] is None


def test_ages_are_seconds_until_now() -> None:
    connection = BgpConnection("836", "to-835", "10.255.0.1", 65035)
    session = BgpSession("836", "to-835-1", "10.255.0.1", 65035, established_at=NOW - 3600)
    lab = snapshot(("836", Bgp((connection,), (session,))))
    (row,) = records(BGP, BGP.rows(lab, NOW))
    assert row["for"] == 3600.0
    fresh = Freshness(pace=5.0, read_at=NOW - 2.5, took=0.25, sequence=1)
    (source,) = records(SOURCES, [FeedRow(Feed("proxmox", "lab", "tasks"), fresh)])
    assert (source["age"], source["took"]) == (2.5, 0.25)


def test_sizes_are_bytes_and_shares_are_fractions() -> None:
    lab = cluster_lab(guest(104, cpu=0.5, cpus=4, memory=2 * GIB))
    (row,) = records(GUESTS, GUESTS.rows(lab, NOW))
    assert (row["memory"], row["cpu"], row["uptime"]) == (2 * GIB, 2.0, 3600)


def test_csv_has_the_same_values() -> None:
    lab = cluster_lab(guest(104), guest(105, status="stopped"))
    rows = GUESTS.rows(lab, NOW)
    told = list(csv.DictReader(io.StringIO(as_csv(GUESTS, rows, NOW))))
    for text, value in zip(told, records(GUESTS, rows), strict=True):
        for name, cell in text.items():
            assert cell == ("" if value[name] is None else str(value[name]))


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.id)
def test_no_column_looks_like_seconds_since_the_epoch_without_saying_so(view: View[Any]) -> None:
    """A column whose title speaks of time has a unit, so that no raw sort value gets out."""
    timely = re.compile("started|ended|took|age|for|since|left|up|handshake")
    for column in view.columns:
        if timely.fullmatch(column.title):
            assert column.unit in ("time", "age", "seconds"), column.id
