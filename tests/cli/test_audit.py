"""`labtui audit`: pairs of begin and end as lines, and from when."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.cli.audit import as_text, audit, since_when
from labtui.cli.exits import Exit
from labtui.config.paths import journal_folder
from labtui.config.schema import Config
from labtui.live.audit_file import FILE, Entry, append

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BEGUN = Entry(
    NOON.timestamp(),
    "begun",
    "9.1",
    "amy",
    "node.reboot",
    "lab/pve1",
    "Reboot pve1",
    origin="192.0.2.7",
    calls=("POST /nodes/pve1/status command=reboot",),
)
ENDED = Entry(
    NOON.timestamp() + 90,
    "ended",
    "9.1",
    "amy",
    "node.reboot",
    "lab/pve1",
    "Reboot pve1",
    state="done",
    note="pve1 is back",
)


def test_a_begin_and_its_end_are_one_line() -> None:
    head, line = as_text([BEGUN, ENDED]).splitlines()
    assert head.split() == ["WHEN", "WHO", "FROM", "RESULT", "WHAT"]
    assert "amy" in line
    assert "192.0.2.7" in line
    assert line.endswith("Reboot pve1; POST /nodes/pve1/status command=reboot: pve1 is back")
    assert "no end" in as_text([BEGUN])
    assert as_text([ENDED]).splitlines()[1].endswith("Reboot pve1: pve1 is back")
    assert as_text([]) == "Nothing was done from here in that time.\n"


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    config = Config("", "lab")
    path = journal_folder("lab") / FILE
    assert [append(path, entry) for entry in (BEGUN, ENDED)] == ["", ""]
    assert audit(config, "", output="json") == Exit.DONE
    told = json.loads(capsys.readouterr().out)
    assert [line["event"] for line in told] == ["begun", "ended"]
    assert told[0]["at"] == "2026-11-21T12:00:00+00:00"
    assert audit(config, "2026-11-23", output="table") == Exit.DONE
    assert "Nothing was done" in capsys.readouterr().out
    assert audit(config, "yesterday", output="table") == Exit.USAGE
    assert audit(Config("", "lab", demo=True), "", output="table") == Exit.USAGE


@pytest.mark.parametrize(("text", "back"), [("2h", 7200), ("7d", 604800), ("90s", 90)])
def test_spans_count_back_from_now(text: str, back: int) -> None:
    assert since_when(text, NOON) == (NOON - timedelta(seconds=back)).timestamp()


def test_days_and_times() -> None:
    assert since_when("", NOON) == 0
    assert since_when("2026-11-21T12:00:00+00:00", NOON) == NOON.timestamp()
    local = datetime(2026, 11, 21).astimezone().timestamp()
    assert since_when("2026-11-21", NOON) == local


@given(st.text(max_size=20))
def test_any_text_is_a_time_or_none(text: str) -> None:
    found = since_when(text, NOON)
    assert found is None or isinstance(found, float)
