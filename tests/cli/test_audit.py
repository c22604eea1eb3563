"""`labtui audit`: pairs of begin and end as lines, and from when."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labtui.cli.audit import as_text, audit
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
