"""`labtui link`, and `labtui do` on tunnels and sessions, over a demo lab of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from labtui.actions import ACTIONS
from labtui.cli.arguments import OVERLAY_DEEDS
from labtui.cli.exits import Exit
from tests.cli.running import Ended, demo_process, labtui


@pytest.fixture(scope="module")
def lab() -> Iterator[dict[str, Any]]:
    with demo_process("--guests", "10", "--speed", "20") as told:
        yield told


def run(lab: dict[str, Any], *words: str) -> Ended:
    return labtui("--config", lab["config"], *words)


def test_every_action_on_tunnels_and_sessions_can_be_done() -> None:
    own = {a.id.partition(".")[2] for a in ACTIONS if a.noun in ("tunnel", "session")}
    assert own == {deed.removeprefix("session-") for deed in OVERLAY_DEEDS}


def test_a_link_is_planned_made_and_removed(lab: dict[str, Any]) -> None:
    dry = run(lab, "link", "835", "rt-702", "--dry-run")
    assert dry.status == Exit.DONE, dry
    assert "rt-835 /interface/wireguard/add =name=wg-702" in dry.out
    assert "=public-key={key of rt-835}" in dry.out
    assert "POST vpn/tunnels name=wg-835-702" in dry.out
    made = run(lab, "link", "835", "702", "--yes")
    assert made.status == Exit.DONE, made
    assert "done: wg-835-702 10.255.1.0/30: tunnel and session are up from both ends" in made.out
    asked = run(lab, "link", "835", "702", "--remove", "--yes")
    assert asked.status == Exit.USAGE
    confirm = json.loads(run(lab, "link", "702", "835", "--remove", "--dry-run", "-o", "json").out)[
        "confirm"
    ]
    gone = run(lab, "link", "835", "702", "--remove", "--confirm", confirm)
    assert gone.status == Exit.DONE, gone
    again = run(lab, "link", "835", "702", "--remove", "--dry-run")
    assert "there is no such WireGuard link" in again.err


def test_a_session_is_bounced_by_its_name(lab: dict[str, Any]) -> None:
    done = run(lab, "do", "bounce", "rt-836/to-835", "--yes")
    assert done.status == Exit.DONE, done
    assert "established from both ends" in done.out


def test_what_is_not_there_and_who_only_reads(lab: dict[str, Any]) -> None:
    assert run(lab, "link", "835", "nowhere", "--dry-run").status == Exit.USAGE
    assert run(lab, "do", "bounce", "rt-836/nothing", "--dry-run").status == Exit.USAGE
    held = run(lab, "--read-only", "link", "835", "702", "--yes")
    assert held.status == Exit.BLOCKED
    assert "read-only" in held.err
