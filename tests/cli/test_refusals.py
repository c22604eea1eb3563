"""What a command that can't be carried out says: one line each, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from labtui.cli.exits import Exit
from tests.cli.running import LABTUI, demo_process, labtui

ANY = "/nowhere/config.toml"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("evacuate", "pve1", "--limit", "many"), "a whole number from 1 on"),
        (("evacuate", "pve1", "--limit", "0"), "a whole number from 1 on"),
        (("events", "--most", "-3"), "between 1 and 1000000"),
        (("--demo", "--demo-nodes", "few", "status"), "between 4 and 128"),
        (("--demo", "--demo-speed", "fast", "status"), "between 0.1 and 1000"),
    ],
)
def test_a_wrong_number_is_told_what_would_be_right(words: tuple[str, ...], says: str) -> None:
    ended = labtui("--config", ANY, *words)
    assert ended.status == Exit.USAGE
    assert says in ended.err
    assert ended.err.count("\n") == 1


def test_every_command_with_a_plan_has_the_same_words_for_the_same_options() -> None:
    why = "why, where the configuration wants elevation"
    wanted = ("--yes", "do not ask", "--reason TEXT", why)
    for command in ("migrate", "evacuate", "do", "link", "cards", "drift", "allocate", "backups"):
        told = " ".join(labtui(command, "--help").out.split())
        assert all(text in told for text in (*wanted, "show the plan only")), command


def test_no_place_for_the_journal_is_said_and_is_no_fault_of_ours(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    env = {"XDG_STATE_HOME": str(blocked)}
    with demo_process("--guests", "5") as told:
        config = tmp_path / "config.toml"
        config.touch(mode=0o600)
        text = Path(told["config"]).read_text("utf-8")
        config.write_text(text.replace("demo = true", "demo = false"), "utf-8")
        for words in (("jobs",), ("migrate", "100", "--dry-run"), ("freeze", "work"), ("audit",)):
            ended = labtui("--config", str(config), *words, env=env)
            assert ended.status == Exit.FAILED, words
            assert "fault of its own" not in ended.err
            assert ended.err.startswith("labtui: ")
            assert ended.err.count("\n") <= 2


def test_a_console_that_may_not_write_gives_no_orders_to_jobs() -> None:
    with demo_process("--guests", "5") as told:
        for verb in ("pause", "go", "stop", "cancel", "retry"):
            ended = labtui("--config", told["config"], "--read-only", "jobs", verb, "abcdef")
            assert ended.status == Exit.BLOCKED
            assert "read-only" in ended.err


@pytest.mark.parametrize(
    ("typed", "says"),
    [("somebody\n", "labtui: that is not {name}: nothing is sent\n"), ("\x04", "nothing is sent")],
)
def test_what_is_typed_wrong_or_not_at_all_sends_nothing(typed: str, says: str) -> None:
    with demo_process("--guests", "20") as told:
        words = ("--config", told["config"])
        guests = json.loads(labtui(*words, "get", "guests", "-o", "json").out)
        name = next(row["name"] for row in guests if row["state"] == "stopped")
        ours, theirs = os.openpty()
        try:
            os.write(ours, typed.encode())
            done = subprocess.run(
                [*LABTUI, *words, "do", "delete", name],
                stdin=theirs,
                capture_output=True,
                text=True,
                timeout=60,
                env={**os.environ, "LC_ALL": "C.UTF-8"},
                check=False,
            )
        finally:
            os.close(ours)
            os.close(theirs)
    assert f"type {name} to go:" in done.stdout
    assert done.returncode == Exit.USAGE
    assert says.format(name=name) in done.stderr
