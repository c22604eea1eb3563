"""The commands over a demo lab, as a shell script would use them."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labtui.cli.arguments import SHELLS
from tests.cli.running import demo_process, labtui


@pytest.fixture(scope="module")
def demo() -> Iterator[dict[str, Any]]:
    with demo_process("--speed", "20") as told:
        yield told


@pytest.fixture
def config(demo: dict[str, Any]) -> str:
    return str(demo["config"])


def test_version_and_help() -> None:
    assert labtui("--version").out.startswith("labtui ")
    told = labtui("--help").out
    for word in ("check", "status", "get", "migrate", "completion", "--demo", "Exit status"):
        assert word in told


def test_a_wrong_word_is_told_in_one_line() -> None:
    ended = labtui("frobnicate")
    assert ended.status == 2
    assert ended.err.count("\n") == 1
    assert "labtui --help" in ended.err


def test_get_as_json_csv_and_table(config: str) -> None:
    nodes = json.loads(labtui("--config", config, "get", "nodes", "-o", "json").out)
    assert [node["node"] for node in nodes] == ["pve1", "pve2", "pve3", "pve4"]
    told = labtui("get", "guests", "-o", "csv", "--config", config).out
    rows = list(csv.DictReader(io.StringIO(told)))
    assert len(rows) == 58
    assert {row["owner"] for row in rows} >= {"Amy Chen", "陳家豪"}
    table = labtui("--config", config, "get", "bgp").out
    assert "established" in table
    assert "\x1b" not in table


def test_get_findings_has_the_causes_the_worst_first(config: str) -> None:
    found = json.loads(labtui("--config", config, "get", "findings", "-o", "json").out)
    assert [row["rank"] for row in found] == list(range(1, len(found) + 1))
    order = ("critical", "warning", "notice")
    told = [order.index(row["severity"]) for row in found]
    assert told == sorted(told)
    bare = next(row for row in found if row["rule"] == "backup-missing")
    assert bare["key"] == "backup-missing:lsalab/"
    assert bare["do"]
    some = labtui("--config", config, "get", "findings", "--filter", "backup", "-o", "csv").out
    head, line = some.splitlines()
    assert head.startswith("rank,severity,finding,rule,since")
    assert "backup-missing" in line


def test_get_with_a_filter(config: str) -> None:
    told = labtui(
        "--config", config, "get", "guests", "--filter", "node:pve3 !stopped", "-o", "json"
    )
    guests = json.loads(told.out)
    assert guests
    assert {guest["node"] for guest in guests} == {"pve3"}


def test_get_of_an_unknown_view_names_the_nearest() -> None:
    with demo_process() as told:
        ended = labtui("--config", told["config"], "get", "guest")
    assert ended.status == 2
    assert "did you mean guests?" in ended.err


def test_status_in_words_and_as_json(config: str) -> None:
    words = labtui("--config", config, "status")
    assert words.status == 0
    assert "lsalab  quorate  4/4" in words.out
    told = json.loads(labtui("--config", config, "status", "--json").out)
    assert told["failures"] == []
    assert told["clusters"][0]["online"] == ["pve1", "pve2", "pve3", "pve4"]
    assert told["views"]["nodes"]["summary"] == "4/4 up"


def test_check_finds_everything_good(config: str) -> None:
    ended = labtui("--config", config, "check")
    assert ended.status == 0
    for word in ("Proxmox VE", "RouterOS 7.20.4", "RouterOS 7.12.2", "NetBox", "SHA-256"):
        assert word in ended.out


def test_check_trust_pins_what_was_shown(demo: dict[str, Any], tmp_path: Path) -> None:
    text = Path(demo["config"]).read_text()
    head, _table, rest = text.partition("[[router]]")
    lines = [line for line in rest.splitlines() if not line.startswith(("tls", "ca_file"))]
    path = tmp_path / "config.toml"
    path.write_text(head + "[[router]]" + "\n".join(lines))
    path.chmod(0o600)
    failed = labtui("--config", str(path), "check")
    assert failed.status == 1
    assert "FAILED" in failed.out
    pinned = labtui("--config", str(path), "check", "--trust", "rt-836", "--yes")
    assert pinned.status == 0, pinned.err
    assert "fingerprint" in path.read_text()
    again = labtui("--config", str(path), "check", "--trust", "nobody")
    assert again.status == 2


def test_dry_run_shows_the_call_and_moves_nothing(config: str) -> None:
    ended = labtui("--config", config, "migrate", "db-01", "--to", "pve3", "--dry-run")
    assert ended.status == 0
    assert "POST /nodes/pve2/qemu/112/migrate target=pve3 online=1" in ended.out
    guests = json.loads(labtui("--config", config, "get", "guests", "-o", "json").out)
    assert next(guest["node"] for guest in guests if guest["id"] == 112) == "pve2"


def test_migrate_moves_and_tells_where_it_is(config: str) -> None:
    ended = labtui("--config", config, "migrate", "111", "--to", "pve4", "--yes")
    assert ended.status == 0, ended.out + ended.err
    assert "done: it is on pve4, running" in ended.out


def test_a_pinned_guest_is_blocked_in_words(config: str) -> None:
    ended = labtui("--config", config, "migrate", "gpu-amy", "--yes")
    assert ended.status == 3
    assert "tie it to pve1" in ended.out


def test_read_only_moves_nothing(config: str) -> None:
    ended = labtui("--config", config, "--read-only", "migrate", "web-01", "--yes")
    assert ended.status == 3
    assert "this console is read-only: nothing is sent" in ended.err


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("nobody",), 2, "no guest 'nobody'"),
        (("web-01", "--to", "pve9"), 2, "no node 'pve9'"),
        (("web-01",), 2, "give --yes"),
    ],
)
def test_migrate_refuses_in_words(
    config: str, words: tuple[str, ...], status: int, told: str
) -> None:
    ended = labtui("--config", config, "migrate", *words)
    assert ended.status == status
    assert told in ended.err


def test_the_console_needs_a_terminal(config: str) -> None:
    ended = labtui("--config", config)
    assert ended.status == 2
    assert "needs a terminal" in ended.err


def test_no_configuration_is_told_kindly(tmp_path: Path) -> None:
    ended = labtui("status", env={"XDG_CONFIG_HOME": str(tmp_path), "LABTUI_CONFIG": ""})
    assert ended.status == 2
    assert "--demo" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_is_made_of_the_parser(shell: str) -> None:
    script = labtui("completion", shell).out
    for word in ("migrate", "wireguard", "dry-run"):
        assert word in script
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=script, text=True, check=True, timeout=10)


def test_a_language_of_choice() -> None:
    assert labtui("--language", "zh_TW", "--help").out != labtui("--help").out
