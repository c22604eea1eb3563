"""`labtui demo ...` as a person uses it beside a running lab."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labtui.cli import demo_link
from labtui.cli.demo_link import DemoError, chosen_demo, running_demos
from labtui.demo.wellknown import control_folder, write_control_file
from tests.cli.running import demo_process, labtui


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runtime")


@pytest.fixture(scope="module")
def demo(place: Path) -> Iterator[dict[str, Any]]:
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(place)
    try:
        with demo_process("--guests", "12", "--speed", "10", "--scenario", "token-expired") as told:
            yield told
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before


@pytest.mark.parametrize("option", ["--scenario=node-dead", "--demo-guests=10", "--demo-speed=2"])
def test_what_only_a_demo_lab_has_needs_one(option: str) -> None:
    told = labtui(option)
    assert told.status == 2
    assert f"{option.partition('=')[0]} needs --demo" in told.err


def test_scenarios_are_listed_and_shown() -> None:
    told = labtui("demo", "list")
    assert told.status == 0
    assert "quorum-lost" in told.out
    records = json.loads(labtui("demo", "list", "--json").out)
    assert len(records) >= 24
    story = labtui("demo", "show", "quorum-lost")
    assert "Two of four nodes" in story.out
    assert "no power" not in story.out
    assert "no power" in labtui("demo", "show", "quorum-lost", "--truth").out
    wrong = labtui("demo", "show", "quorum")
    assert wrong.status == 2
    assert "quorum" in wrong.err


def test_break_state_and_mend_find_the_running_lab(demo: dict[str, Any]) -> None:
    broken = labtui("demo", "break", "server-slow", "pve1", "seconds=0.5")
    assert (broken.status, broken.err) == (0, "")
    assert broken.out == "broken: server-slow pve1 seconds=0.5\n"
    state = labtui("demo", "state")
    assert "server-slow pve1" in state.out
    assert "The console's own token has expired" in state.out
    assert "account: token" not in state.out
    assert "account: token" in labtui("demo", "state", "--truth").out
    raw = json.loads(labtui("demo", "state", "--json").out)
    assert {each["fault"] for each in raw["faults"]} == {"server-slow", "token-expired"}
    assert labtui("demo", "mend", "server-slow").out == "mended: server-slow pve1 seconds=0.5\n"
    assert "token-expired" in labtui("demo", "mend").out
    assert labtui("demo", "mend").out == "Nothing was broken.\n"
    assert "Nothing is broken." in labtui("demo", "state").out


def test_faults_are_told_with_their_targets(demo: dict[str, Any]) -> None:
    assert "server-drip" in labtui("demo", "faults").out
    one = labtui("demo", "faults", "server-slow").out
    assert "seconds=1.5" in one
    assert "rt-836" in one
    assert labtui("demo", "faults", "nothing").status == 2
    assert isinstance(json.loads(labtui("demo", "faults", "--json").out), list)


def test_what_the_lab_refuses_is_said(demo: dict[str, Any]) -> None:
    for words, told in (
        (("server-slo", "pve1"), "did you mean server-slow?"),
        (("server-slow", "pve11"), "did you mean pve1?"),
        (("server-slow", "pve1", "second=1"), "did you mean seconds?"),
        (("server-slow", "pve1", "fast"), "'fast' is no option"),
    ):
        ended = labtui("demo", "break", *words)
        assert ended.status == 1
        assert told in ended.err
        assert ended.err.count("\n") == 1
    assert "as process 1" in labtui("demo", "state", "--demo-id", "1").err


def test_the_file_is_ours_alone_and_goes_with_the_lab(demo: dict[str, Any], place: Path) -> None:
    files = list((place / "labtui-demo").iterdir())
    assert len(files) == 1
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(files[0].parent.stat().st_mode) == 0o700
    with demo_process("--guests", "1"):
        assert len(list((place / "labtui-demo").iterdir())) == 2
        several = labtui("demo", "state")
        assert several.status == 1
        assert "--demo-id" in several.err
        pid = files[0].stem
        assert labtui("demo", "state", "--demo-id", pid).status == 0
    assert [path.name for path in (place / "labtui-demo").iterdir()] == [files[0].name]


def test_without_a_lab_faults_are_listed_and_nothing_else(tmp_path: Path) -> None:
    nowhere = {"XDG_RUNTIME_DIR": str(tmp_path)}
    assert "server-drip" in labtui("demo", "faults", env=nowhere).out
    ended = labtui("demo", "break", "server-hang", "pve1", env=nowhere)
    assert ended.status == 1
    assert "no demo lab is running" in ended.err


def test_an_unknown_scenario_is_told_before_anything_starts() -> None:
    ended = labtui("--demo", "--scenario", "quorum-lots", "status")
    assert ended.status == 2
    assert "did you mean quorum-lost?" in ended.err
    assert ended.err.count("\n") == 1
    alone = labtui("--scenario", "quorum-lost", "status")
    assert alone.status == 2
    assert "--demo" in alone.err


def test_a_larger_demo_with_a_scenario_is_asked_for() -> None:
    size = ("--demo-nodes", "6", "--demo-routers", "5", "--demo-guests", "20")
    ended = labtui("--demo", *size, "--scenario", "right-revoked", "--demo-speed", "20", "status")
    assert ended.status == 0, ended.err
    assert "6/6" in ended.out
    assert labtui("--demo", "--demo-nodes", "3", "status").status == 2


def test_both_sides_look_in_the_same_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for runtime in (str(tmp_path), str(tmp_path / "gone"), ""):
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        assert control_folder() == demo_link._folder()


def test_stale_and_broken_files_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert running_demos() == {}
    path = write_control_file({"url": "http://127.0.0.1:1", "token": "x"})
    assert path is not None
    (path.parent / "1x.json").write_text("not json")
    stale = path.parent / "999999999.json"
    stale.write_text(json.dumps({"pid": 999_999_999}))
    assert list(running_demos()) == [os.getpid()]
    assert not stale.exists()
    with pytest.raises(DemoError, match="does not answer"):
        demo_link.ask(chosen_demo(None), "/state")


def test_a_folder_that_others_may_enter_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "labtui-demo").mkdir(mode=0o777)
    (tmp_path / "labtui-demo").chmod(0o777)
    assert write_control_file({"url": "", "token": ""}) is None
