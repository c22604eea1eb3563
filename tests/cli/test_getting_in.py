"""`labtui ssh` and `labtui console`: names that are none or not one, and no terminal."""

from __future__ import annotations

import sys

import pytest

from labtui.cli import getting_in
from labtui.cli.exits import Exit
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.model.cluster import Resources
from labtui.model.entry import Place, Way
from tests.cli.running import demo_process, labtui
from tests.snapshots import NOW, feed_of, guest, node
from tests.terminal import Terminal


def test_without_a_terminal_there_is_no_shell() -> None:
    with demo_process() as told:
        for door in ("ssh", "console"):
            ended = labtui("--config", told["config"], door, "web-01")
            assert ended.status == Exit.USAGE
            assert "a shell needs a terminal" in ended.err
        command = [sys.executable, "-m", "labtui", "--config", told["config"], "--read-only"]
        with Terminal([*command, "ssh", "web-01"]) as terminal:
            terminal.until_shows("this console is read-only")
            assert terminal.wait() == Exit.BLOCKED


async def test_a_name_has_to_be_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    lab = LiveLab(Config("", "lab"), ())
    part = Resources((node("web"),), (guest(110, name="web"), guest(111, name="db")))
    lab.store.expect(feed_of(part, "lab"), 5.0)
    lab.store.apply(feed_of(part, "lab"), part, read_at=NOW, sequence=1)
    try:
        assert getting_in._place(lab, "web") is Exit.USAGE
        assert "is more than one: lab/web, lab/110" in capsys.readouterr().err
        assert getting_in._place(lab, "nobody") is Exit.USAGE
        assert "no guest, node or router 'nobody'" in capsys.readouterr().err
        found = getting_in._place(lab, "db")
        assert isinstance(found, Place)
        assert found.vmid == 111
    finally:
        await lab.close()


def test_the_first_way_is_taken_and_the_others_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ways = (Way("h", "agent", "amy"), Way("h", "agent", "root"), Way("k", "netbox"))
    assert str(getting_in._chosen(ways, 2, "")) == "amy@h"
    assert "there are also: root@h\n" in capsys.readouterr().err
    assert str(getting_in._chosen(ways, 2, "ben")) == "ben@h"
    assert capsys.readouterr().err == ""
