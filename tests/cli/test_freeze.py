"""`labtui freeze`, `labtui thaw`, and what they do to `labtui migrate`; elevation on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import demo_process, labtui


@pytest.fixture(scope="module")
def demo() -> Iterator[Path]:
    with demo_process("--speed", "20") as told:
        yield Path(told["config"])


@pytest.fixture
def config(demo: Path, tmp_path: Path) -> Path:
    """The demo's configuration with a freeze file of this test's own, as a lab that is no demo."""
    text = demo.read_text().replace("demo = true", "demo = false")
    path = demo.with_name(f"{tmp_path.name}.toml")
    path.write_text(f'{text}\n[safety]\nfreeze_file = "{tmp_path}/freeze.json"\n')
    path.chmod(0o600)
    return path


def run(config: Path, tmp_path: Path, *words: str) -> tuple[int, str, str]:
    env = {
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "SSH_CLIENT": "192.0.2.9 50000 22",
    }
    ended = labtui("--config", str(config), *words, env=env)
    return ended.status, ended.out, ended.err


def journal(tmp_path: Path) -> list[dict[str, object]]:
    (book,) = (tmp_path / "state").rglob("journal.jsonl")
    return [json.loads(line) for line in book.read_text().splitlines()]


def test_a_freeze_stops_a_migration_and_a_thaw_lets_it_go(config: Path, tmp_path: Path) -> None:
    status, out, _err = run(config, tmp_path, "freeze", "disk", "swap")
    assert (status, out) == (
        0,
        f"frozen: every console that sees {tmp_path}/freeze.json, until :thaw\n",
    )
    status, out, err = run(config, tmp_path, "migrate", "111", "--yes")
    assert status == 3
    assert "POST /nodes/" in out
    assert "(from 192.0.2.9) has frozen all writes since" in err
    assert "(disk swap): nothing is sent" in err
    status, _out, err = run(config, tmp_path, "migrate", "111", "--dry-run")
    assert (status, err) == (0, "")
    assert run(config, tmp_path, "thaw")[:2] == (0, "thawed: writes go on\n")
    status, out, err = run(config, tmp_path, "migrate", "111", "--yes")
    assert status == 0, out + err
    assert "done: it is on " in out
    assert run(config, tmp_path, "thaw")[:2] == (0, "nothing was frozen\n")
    events = [(entry["event"], entry["from"]) for entry in journal(tmp_path)]
    assert events[:2] == [("frozen", "192.0.2.9"), ("thawed", "192.0.2.9")]


def test_a_freeze_that_cannot_be_written_is_a_failure(config: Path, tmp_path: Path) -> None:
    (tmp_path / "freeze.json").mkdir()
    status, out, err = run(config, tmp_path, "freeze")
    # What lies there holds everything back already, and says so.
    assert status == 0
    assert "it was so before" in out
    assert "it is no file" in out
    assert run(config, tmp_path, "thaw")[0] == 1
    elsewhere = config.read_text().replace("/freeze.json", "/nowhere/freeze.json")
    config.write_text(elsewhere)
    status, out, err = run(config, tmp_path, "freeze", "x")
    assert (status, out) == (1, "")
    assert "not frozen: " in err
    assert "No such file or directory" in err


def test_where_writing_is_timed_a_reason_is_asked_for(config: Path, tmp_path: Path) -> None:
    config.write_text(config.read_text() + 'elevation = "10m"\n')
    status, _out, err = run(config, tmp_path, "migrate", "112", "--yes")
    assert status == 3
    assert "read-only until it is elevated" in err
    assert "--reason TEXT" in err
    status, out, err = run(config, tmp_path, "migrate", "112", "--yes", "--reason", "empty pve2")
    assert status == 0, out + err
    lines = journal(tmp_path)
    assert [entry["event"] for entry in lines] == [
        "elevated",
        "started",
        "done",
        "elevation ended",
    ]
    assert (lines[0]["why"], lines[0]["from"]) == ("empty pve2", "192.0.2.9")


def test_a_damaged_file_holds_a_migration_back(config: Path, tmp_path: Path) -> None:
    (tmp_path / "freeze.json").write_text("x")
    status, _out, err = run(config, tmp_path, "migrate", "113", "--yes")
    assert status == 3
    assert "can't be relied on: it is damaged" in err
