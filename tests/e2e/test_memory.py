"""The console remembers: the last state is its first frame, and nothing secret lies on the disk."""

from __future__ import annotations

import shutil
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import demo_process, labtui
from tests.terminal import Terminal

pytestmark = pytest.mark.pty
FILLED = ("4/4 up", "43 running of 58", "/12 given", "/9 up", "11/11 established")


@contextmanager
def lab_of_ones_own(home: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """A demo lab with a configuration that does not say that it is one."""
    with demo_process("--speed", "10") as told:
        shutil.copy(told["ca_file"], home / "ca.pem")
        text = Path(told["config"]).read_text().replace("demo = true", "demo = false")
        path = home / "config.toml"
        path.write_text(text.replace(told["directory"], str(home)))
        path.chmod(0o600)
        yield str(path), told


def surroundings(home: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(home / "cache"), "XDG_STATE_HOME": str(home / "state")}


def console(home: Path, config: str, *words: str) -> Terminal:
    command = [sys.executable, "-m", "labtui", "--config", config, *words]
    return Terminal(command, 130, 40, env=surroundings(home))


def secrets_in(value: object) -> set[str]:
    """Every text below the accounts of a demo lab: passwords and tokens, all of them."""
    if isinstance(value, Mapping):
        return set().union(set(), *(secrets_in(each) for each in value.values()))
    if isinstance(value, list):
        return set().union(set(), *(secrets_in(each) for each in value))
    return {value} if isinstance(value, str) else set()


def content_of(path: Path) -> bytes:
    data = path.read_bytes()
    return data + zlib.decompress(data.partition(b"\n")[2]) if path.name == "snapshot" else data


def test_the_last_state_is_the_first_frame_and_holds_no_secret(tmp_path: Path) -> None:
    with lab_of_ones_own(tmp_path) as (config, told):
        with console(tmp_path, config, "--debug") as terminal:
            terminal.until_shows(*FILLED)
            terminal.send("q")
            assert terminal.wait() == 0, terminal.text()
        secrets = secrets_in(told["accounts"]) | {told["control"]["token"]}
    assert len(secrets) > 10
    written = {
        path.name: path
        for path in (*tmp_path.glob("cache/**/*"), *tmp_path.glob("state/**/*"))
        if path.is_file()
    }
    assert {"snapshot", "labtui.log"} <= written.keys()
    for path in written.values():
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0
        content = content_of(path)
        for secret in secrets:
            assert secret.encode() not in content, path
    # Nobody is there any more to be asked.
    with console(tmp_path, config) as terminal:
        terminal.until_shows("4/4 up", "43 running of 58", "from memory", "as of", "quorate 4/4?")
        terminal.until_shows("0/9 up, 9 unknown", "0/11 established, 11 unknown")
        terminal.until_shows("lsalab DOWN", "from memory")
        # What has nobody to ask has read nothing either, and does not say that it had.
        terminal.drain(3)
        assert "from memory" in terminal.text()
        terminal.send("q")
        assert terminal.wait() == 0, terminal.text()
    env = surroundings(tmp_path)
    archive = tmp_path / "bug.tar.gz"
    ended = labtui("--config", config, "report", "--snapshot", "-o", str(archive), env=env)
    assert ended.status == 0, ended.err
    assert "snapshot.json" in ended.out
    assert archive.stat().st_mode & 0o777 == 0o600


def test_a_damaged_state_is_told_and_set_aside(tmp_path: Path) -> None:
    with lab_of_ones_own(tmp_path) as (config, _told):
        with console(tmp_path, config) as terminal:
            terminal.until_shows(*FILLED)
            terminal.send("q")
            assert terminal.wait() == 0, terminal.text()
        (path,) = tmp_path.glob("cache/**/snapshot")
        path.write_bytes(path.read_bytes()[:-9])
        with console(tmp_path, config) as terminal:
            terminal.until_shows("the kept state is damaged")
            terminal.until_shows(*FILLED)
            terminal.send("q")
            assert terminal.wait() == 0, terminal.text()
    assert path.exists()
    assert path.with_name("snapshot.damaged").exists()


def test_a_demo_lab_leaves_nothing_behind(tmp_path: Path) -> None:
    with demo_process() as told, console(tmp_path, told["config"]) as terminal:
        terminal.until_shows(*FILLED, "DEMO")
        terminal.send("q")
        assert terminal.wait() == 0, terminal.text()
    assert not [path for path in tmp_path.glob("**/*") if path.is_file()]


_BREAK = """
import labtui.ui.screens.dispatch as dispatch
def broken(self, *_arguments):
    password = "hunter222222"
    raise ValueError("it broke, Authorization: Basic aHVudGVyMg==")
dispatch.Dispatch.run = broken
from labtui.cli.main import main
raise SystemExit(main())
"""


def test_a_crash_of_the_screen_is_two_lines_and_a_traceback_in_the_log(tmp_path: Path) -> None:
    with lab_of_ones_own(tmp_path) as (config, _told):
        command = [sys.executable, "-c", _BREAK, "--config", config]
        with Terminal(command, 130, 40, env=surroundings(tmp_path)) as terminal:
            terminal.until_shows("4/4 up")
            terminal.send("2")
            assert terminal.wait(10) == 1, terminal.text()
            screen = terminal.text()
    assert "ended by a fault of its own (ValueError in <string>:" in screen
    assert "The traceback is in" in screen
    (log,) = tmp_path.glob("state/**/labtui.log")
    text = log.read_text()
    assert "Traceback" in text
    assert "in broken" in text
    for secret in ("hunter222222", "aHVudGVyMg"):
        assert secret not in screen + text
    assert terminal.process.returncode == 1
