"""The log: for its owner alone, bounded, free of secrets, in nobody's way."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest

from labtui.cli import log as logs
from labtui.cli.crash import tell_crash
from labtui.cli.log import Log, LogFile, log_files, logged
from labtui.config.redact import keep_out
from labtui.config.schema import Config, LogConfig


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def config(**more: object) -> Config:
    return Config("config.toml", "lab", **more)  # type: ignore[arg-type]


def text_of(log: Log) -> str:
    assert log.path is not None
    log.flush(5)
    return log.path.read_text()


def test_a_line_has_time_level_place_and_text(state: Path) -> None:
    with logged(config()) as log:
        logging.getLogger("labtui.live.feeds").warning("it %s", "failed")
        logging.getLogger("labtui.live.feeds").debug("too much")
        line = text_of(log).splitlines()[-1]
    time_, level, place, text = line.split(" ", 3)
    assert time.strptime(time_[:19], "%Y-%m-%dT%H:%M:%S")
    assert (level, place, text) == ("warning", "live.feeds", "it failed")
    assert log.path is not None
    assert log.path.is_relative_to(state)
    assert log.path.stat().st_mode & 0o777 == 0o600
    assert log.path.parent.stat().st_mode & 0o777 == 0o700


def test_debug_overrides_the_level(state: Path) -> None:
    with logged(config(log=LogConfig(level="error")), debug=True) as log:
        logging.getLogger("labtui.sources.proxmox").debug("every request")
        assert "every request" in text_of(log)


@pytest.mark.parametrize("more", [{"demo": True}, {"log": LogConfig(level="off")}])
def test_without_a_log_nothing_is_written(state: Path, more: dict[str, object]) -> None:
    with logged(config(**more)) as log:
        logging.getLogger("labtui").error("x")
    assert log.path is None
    assert not state.exists()


def test_other_libraries_are_not_logged_but_asyncio_and_warnings_are(
    state: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with logged(config()) as log:
        logging.getLogger("urllib3").error("sent a thing")
        logging.getLogger("asyncio").error("Task exception was never retrieved")
        warnings.warn("odd", ResourceWarning, stacklevel=1)
        text = text_of(log)
    assert "sent a thing" not in text
    assert "never retrieved" in text
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("level", ["off", "error"])
def test_nothing_goes_to_the_terminal(tmp_path: Path, level: str) -> None:
    """In a process of its own: pytest has handlers that would hide it."""
    program = (
        "import logging\n"
        "from labtui.cli.log import logged\n"
        "from labtui.config.schema import Config, LogConfig\n"
        f"with logged(Config('c.toml', 'lab', log=LogConfig({level!r}))):\n"
        "    logging.getLogger('labtui.live').error('this')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        timeout=30,
        check=True,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
    )
    assert done.stdout + done.stderr == b""
    assert len(list(tmp_path.glob("**/labtui.log"))) == (level != "off")


def test_everything_is_as_before_afterwards(state: Path) -> None:
    logger = logging.getLogger("labtui")
    logger.addHandler(logs._NOWHERE)
    before = logger.level, logger.propagate, list(logger.handlers), threading.excepthook
    with logged(config()):
        assert logger.handlers != before[2]
    assert (logger.level, logger.propagate, list(logger.handlers), threading.excepthook) == before


def test_no_secret_and_no_control_character_is_written(state: Path) -> None:
    keep_out(("s3cr3t-of-the-lab",))
    with logged(config()) as log:
        logger = logging.getLogger("labtui.sources.routeros")
        logger.warning("got %s and PVEAPIToken=a@b!c=dddd", "s3cr3t-of-the-lab")
        logger.warning("\x1b]52;c;aGk=\x07 two\nlines \u202eback")
        text = text_of(log)
    for bad in ("s3cr3t-of-the-lab", "dddd", "\x1b", "\x07", "\u202e"):
        assert bad not in text
    assert "two | lines" in text


def test_a_secret_in_two_halves_of_a_long_line_is_not_written(state: Path) -> None:
    keep_out(("s3cr3t-of-the-lab",))
    with logged(config()) as log:
        for length in range(logs._HEAD - 60, logs._HEAD + 5, 3):
            filling = "x" * length + "s3cr3t-of-the-lab" + "y" * logs._LONGEST
            logging.getLogger("labtui").error(filling)
        text = text_of(log)
    assert "s3cr" not in text
    assert "the-lab" not in text


def test_a_line_that_can_not_be_made_is_told(state: Path) -> None:
    with logged(config()) as log:
        logging.getLogger("labtui.x").warning("%d", "no number")
        assert "could not be made: TypeError" in text_of(log)


def test_a_thread_that_breaks_is_logged_and_not_printed(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with logged(config()) as log:
        thread = threading.Thread(target=lambda: 1 / 0, name="worker")
        thread.start()
        thread.join()
        text = text_of(log)
    assert "thread worker ended by a fault" in text
    assert "ZeroDivisionError" in text
    assert capsys.readouterr().err == ""


def written(path: Path, lines: int, files: int, size: int) -> LogFile:
    file = LogFile(path, files, size)
    for number in range(lines):
        file.put(f"line {number:04}")
    assert file.flush(5)
    return file


@pytest.mark.parametrize("files", [1, 3])
def test_it_rotates_and_is_bounded(tmp_path: Path, files: int) -> None:
    path = tmp_path / "labtui.log"
    written(path, 100, files, 100)
    found = log_files(path)
    assert [each.name for each in found] == ["labtui.log", "labtui.log.1", "labtui.log.2"][:files]
    for each in found:
        assert each.stat().st_size <= 100
        assert each.stat().st_mode & 0o777 == 0o600
    lines = "".join(each.read_text() for each in reversed(found)).splitlines()
    assert lines[-1] == "line 0099"
    assert lines == sorted(lines)
    assert len(lines) == 10 * (files - 1) + (10 if 100 % 10 == 0 else 0)


def test_two_consoles_share_a_log(tmp_path: Path) -> None:
    path = tmp_path / "labtui.log"
    one, other = LogFile(path, 2, 1000), LogFile(path, 2, 1000)
    for file, line in ((one, "from one"), (other, "from the other")):
        file.put(line)
        assert file.flush(5)
    path.rename(tmp_path / "labtui.log.1")
    one.put("after it was rotated away")
    assert one.flush(5)
    assert path.read_text() == "after it was rotated away\n"
    assert (tmp_path / "labtui.log.1").read_text() == "from one\nfrom the other\n"


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("precious")
    path = tmp_path / "labtui.log"
    path.symlink_to(target)
    written(path, 3, 2, 1000)
    assert target.read_text() == "precious"


def test_what_was_lost_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "labtui.log"
    file = written(path, 3, 2, 1000)
    path.parent.mkdir()
    file.put("back")
    assert file.flush(5)
    assert path.read_text() == "(3 lines lost)\nback\n"


def test_a_disk_that_hangs_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(LogFile, "_write", lambda _self, _data: released.wait(10))
    file = LogFile(tmp_path / "labtui.log", 2, 1000)
    began = time.monotonic()
    for _number in range(logs._MOST_WAITING + 100):
        file.put("line")
    assert not file.flush(0.01)
    # Ten seconds is what waiting would take.
    assert time.monotonic() - began < 8
    assert file._queue.qsize() <= logs._MOST_WAITING + 1
    released.set()


def broken(password: str) -> None:
    raise ValueError(f"no {len(password)} of Authorization: Basic aHVudGVyMg==")


def test_a_crash_is_a_traceback_in_the_log_and_two_lines_on_the_terminal(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    password = "hunter222222"
    with logged(config()) as log:
        try:
            broken(password)
        except ValueError as error:
            assert tell_crash(error, log) == 1
        text = text_of(log)
    told = capsys.readouterr().err
    assert told.count("\n") == 2
    assert "ValueError in test_log.py:" in told
    assert str(log.path) in told
    assert "aHVudGVyMg" not in told + text
    assert "hunter222222" not in told + text
    assert "Traceback (most recent call last)" in text
    assert "in broken" in text


def test_a_crash_without_a_log_says_how_to_get_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell_crash(ValueError("x"), Log(None, None)) == 1
    told = capsys.readouterr().err
    assert "--debug" in told
    assert told.count("\n") == 2
