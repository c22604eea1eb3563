"""`labtui backups`: who has one, who has none, and what could not be listed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from labtui.cli.backups import table
from labtui.model.backups import archives, gathered
from tests.cli.running import demo_process, labtui
from tests.snapshots import NOW, guest


@pytest.fixture(scope="module")
def lab() -> Iterator[dict[str, Any]]:
    with demo_process("--guests", "30") as told:
        yield told


def test_those_without_stand_first() -> None:
    rows = [
        {"volid": "nas:backup/a", "vmid": 104, "ctime": NOW - 90000, "size": 1 << 30},
        {"volid": "nas:backup/b", "vmid": 104, "ctime": NOW - 7200, "size": 2 << 30},
    ]
    found = gathered(
        (guest(104, name="web"), guest(105, name="db")),
        archives(rows, "lab", "nas"),
        {},
        frozenset((105,)),
    )
    lines = table({"lab": found}, NOW).splitlines()
    assert lines[1].split() == ["105", "db", "none", "0", "no"]
    assert lines[2].split() == ["104", "web", "2h", "2", "2.0G", "yes", "nas:backup/b"]


def test_over_the_demo_lab(lab: dict[str, Any]) -> None:
    ended = labtui("--config", lab["config"], "backups", "-o", "json")
    assert ended.status == 0, ended.err
    rows = json.loads(ended.out)
    assert len(rows) == 30
    assert any(row["last"] and row["count"] for row in rows)
    assert [row["age"] is None for row in rows] == sorted(
        (row["age"] is None for row in rows), reverse=True
    )
    without = labtui("--config", lab["config"], "backups", "--none")
    assert len(without.out.splitlines()) == 1 + sum(row["count"] == 0 for row in rows)
