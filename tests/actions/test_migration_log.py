"""Progress from real task logs, and from anything else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.actions.migration.ending import progress
from labtui.actions.migration.log import MigrationProgress, read_line

DATA = Path(__file__).parent.parent / "data" / "proxmox"
GIB = 1 << 30
LOGS = sorted(DATA.glob("*/task-log.*.json"))


def lines_of(path: Path) -> list[str]:
    data = json.loads(path.read_text())["body"]["data"]
    return [row["t"] for row in data] if isinstance(data, list) else []


def read(lines: list[str]) -> MigrationProgress:
    told = MigrationProgress()
    for line in lines:
        told = read_line(told, line)
    return told


def test_there_are_logs() -> None:
    assert len(LOGS) > 15


@pytest.mark.parametrize("path", LOGS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_recorded_logs_never_run_backwards(path: Path) -> None:
    told, best = MigrationProgress(), 0.0
    for line in lines_of(path):
        told = read_line(told, line)
        fraction = told.fraction(GIB)
        assert fraction is None or 0.0 <= fraction <= 1.0
        best = max(best, fraction or 0.0)
    assert told.finished == any("migration finished" in line for line in lines_of(path))


def test_a_finished_live_migration() -> None:
    told = read(lines_of(DATA / "9.2" / "task-log.live-shared.json"))
    assert (told.finished, told.problems, told.downtime) == (True, False, 29)
    assert told.rate == GIB
    assert told.fraction(GIB) == 1.0


def test_the_real_forms_of_memory_and_disks() -> None:
    active = "2025-11-14 21:47:43 migration active, transferred 515.4 MiB of 12.6 GiB VM-state"
    told = read([f"{active}, 428.3 MiB/s"])
    assert told.ram_done == pytest.approx(515.4 * (1 << 20))
    assert told.rate == pytest.approx(428.3 * (1 << 20))
    assert told.fraction(GIB) == pytest.approx(515.4 / (12.6 * 1024))
    told = read_line(told, "mirror-scsi0: transferred 2.0 GiB of 8.0 GiB (24.40%) in 2s")
    told = read_line(told, "drive-scsi1: transferred 8.0 GiB of 8.0 GiB (100.00%) in 9s, ready")
    assert told.disks == {"scsi0": (2.0 * GIB, 8.0 * GIB), "scsi1": (8.0 * GIB, 8.0 * GIB)}


def test_dirtied_memory_is_another_pass_and_never_done_too_early() -> None:
    stem = "2025-11-14 21:47:43 migration active, transferred {} GiB of 4.0 GiB VM-state, 1.0 GiB/s"
    told = read([stem.format("3.9"), stem.format("4.4")])
    assert told.passes == 2
    assert told.fraction(4 * GIB) == 0.99


def test_the_first_reason_of_a_failure_is_the_cause() -> None:
    told = read(lines_of(DATA / "9.2" / "task-log.raw-hostpci-fails.json"))
    assert "hostpci" in told.error


@given(st.lists(st.text(max_size=120), max_size=20))
def test_anything_may_stand_in_a_log(lines: list[str]) -> None:
    fraction = read(lines).fraction(0)
    assert fraction is None or 0.0 <= fraction <= 1.0


@given(
    st.from_regex(
        r"migration active, transferred [0-9.]{1,12} [KMG]iB of [0-9]{1,9} [KMG]iB VM-state",
        fullmatch=True,
    )
)
def test_odd_numbers_stay_within_bounds(line: str) -> None:
    told = read_line(MigrationProgress(), line)
    fraction = told.fraction(GIB)
    assert fraction is None or 0.0 <= fraction <= 1.0


def test_what_does_not_converge_is_told() -> None:
    stamp = "2025-11-14 21:47:43 "
    told = MigrationProgress()
    for line in (
        stamp + "migration active, transferred 4.0 GiB of 2.0 GiB VM-state, 500.0 MiB/s, "
        "VM dirties lots of memory: 600.0 MiB/s",
        stamp + "xbzrle: send updates to 120 pages in 4.0 KiB encoded memory, cache-miss 90%, "
        "overflow 3",
        stamp + "auto-increased downtime to continue migration: 200 ms",
    ):
        told = read_line(told, line)
    assert (told.passes, told.allowed, told.compressed) == (2, 200, True)
    assert told.dirty == 600 * (1 << 20)
    assert told.copied == 4 * (1 << 30)
    news = progress(told, 2.0 * (1 << 30), tell_target=False)
    assert news.note == (
        "memory, pass 2, it writes 600M/s meanwhile and is slowed down by QEMU, "
        "downtime raised to 200 ms, sent again compressed"
    )
    calm = read_line(told, stamp + "migration active, transferred 4.5 GiB of 2.0 GiB VM-state")
    assert (calm.dirty, calm.passes) == (None, 3)
