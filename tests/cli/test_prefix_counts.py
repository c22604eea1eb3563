"""`labtui prefixes`: what BGP sessions brought, from the history on the disk."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path

import pytest

from labtui.cli import over_span
from labtui.cli import prefix_counts as command
from labtui.cli.exits import Exit
from labtui.cli.options import parse
from labtui.config.schema import Config
from labtui.live.history.database import Database

PUT = "INSERT INTO prefix_counts VALUES (?, ?, ?, ?)"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "events.db"
    monkeypatch.setattr(over_span, "history_file", lambda _config: file)
    return file


def written(path: Path) -> None:
    now = time.time()
    database = Database(path, write=True)
    rows = [
        ("rt-a/to-b", now - 7200, now - 3600, 9),
        ("rt-a/to-b", now - 3600, now - 5, 3),
        ("rt-b/=evil", now - 7200, now - 5, 0),
    ]
    database.transaction([(PUT, row) for row in rows])
    database.close()


def run(name: str = "", since: str = "3h", output: str = "table") -> int:
    return command.prefix_counts(Config("", "lab"), name, since=since, output=output)


def test_a_line_for_each_session(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(path)
    assert run() == Exit.DONE
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split() == ["session", "now", "least", "most", "changes"]
    assert first.split()[:5] == ["rt-a/to-b", "3", "3", "9", "1"]
    assert "█" in first
    assert "▁" in second


def test_json_csv_and_one_router(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(path)
    assert run("rt-a", output="json") == Exit.DONE
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["session"], told["last"], len(told["stretches"])) == ("rt-a/to-b", 3, 2)
    assert told["stretches"][0]["since"].endswith("Z")
    assert run("rt-b/=evil", output="csv") == Exit.DONE
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows[0] == ["session", "since", "until", "count"]
    assert len(rows) == 2


def test_what_is_not_there(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == Exit.FAILED
    assert "no history yet" in capsys.readouterr().err
    written(path)
    assert run("rt-z") == Exit.FAILED
    assert "rt-z" in capsys.readouterr().err
    assert run(since="yesterdayish") == Exit.USAGE
    assert parse(["prefixes"]).since == "24h"


def test_bars_leave_out_what_nobody_saw(path: Path) -> None:
    del path
    from labtui.model.prefix_counts import Stretch

    text = command.bars((Stretch("s", 50.0, 100.0, 4),), 0.0, 100.0)
    assert text.startswith(" ")
    assert text.endswith("█")
    assert command.bars((), 0.0, 100.0).strip() == ""
