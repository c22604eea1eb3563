"""What could not be read is never called empty."""

from __future__ import annotations

from typing import Any

import pytest

from labtui.actions.action import Choice
from labtui.cli import get as getting
from labtui.cli.exits import Exit
from labtui.cli.get import get
from labtui.cli.migrate import _no_node
from labtui.cli.status import _summary
from labtui.config.schema import Config
from labtui.model.errors import Problem
from labtui.model.feed import Feed, Freshness
from labtui.model.snapshot import Snapshot
from labtui.views.guests import GUESTS
from tests.snapshots import NOW, cluster_lab

REFUSED = Problem("refused", "reading the resources", "pve1", "token not accepted")


def unread() -> Snapshot:
    topics = ("resources", "membership", "configs")
    fresh = Freshness(pace=5.0, sequence=1, problem=REFUSED, failing_since=NOW)
    return Snapshot(freshness={Feed("proxmox", "lab", topic): fresh for topic in topics})


def got(monkeypatch: pytest.MonkeyPatch, shot: Snapshot, *words: str) -> int:
    monkeypatch.setattr(getting, "look", lambda *_asked: shot)
    return get(Config("", "lab"), *words)


def test_a_view_that_was_not_read_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert got(monkeypatch, unread(), "guests", "table", "") == Exit.FAILED
    told = capsys.readouterr()
    assert told.out.strip() == "guests: not read"
    assert "token not accepted" in told.err


def test_a_view_that_was_read_and_is_empty_says_that(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    got(monkeypatch, cluster_lab(), "gpus", "table", "")
    assert "not read" not in capsys.readouterr().out


def test_the_status_counts_nothing_of_what_was_not_read() -> None:
    assert _summary(GUESTS, unread(), NOW).text == "not read"
    assert "running" in _summary(GUESTS, cluster_lab(), NOW).text


def test_where_a_guest_cannot_go_says_where_it_can() -> None:
    def plan(*nodes: str) -> Any:
        return type("P", (), {"choices": tuple(Choice(name) for name in nodes)})()

    assert _no_node("pve1", "pve1", plan("pve2")) == "it is on pve1 already"
    assert _no_node("pve9", "pve1", plan("pve2", "pve3")).endswith("there are: pve2 pve3")
