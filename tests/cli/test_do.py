"""`labtui do` as a person uses it, over a demo lab; each command in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from labtui.actions import ACTIONS
from labtui.cli.arguments import DEEDS
from labtui.cli.exits import Exit
from tests.cli.running import Ended, demo_process, labtui


@pytest.fixture(scope="module")
def lab() -> Iterator[dict[str, Any]]:
    with demo_process("--guests", "30", "--speed", "20") as told:
        yield told


def do(lab: dict[str, Any], *words: str) -> Ended:
    return labtui("--config", lab["config"], "do", *words)


def test_every_action_on_a_guest_can_be_done() -> None:
    own = {a.id.partition(".")[2] for a in ACTIONS if a.noun == "guest"} - {"migrate"}
    assert own == set(DEEDS)


def test_down_together_and_one_up_again(lab: dict[str, Any]) -> None:
    down = do(lab, "shutdown", "web-01", "mirror", "--yes")
    assert down.status == Exit.DONE, down
    assert "all 2 done" in down.out
    up = do(lab, "start", "web-01", "--yes")
    assert up.status == Exit.DONE, up
    assert "done: it runs" in up.out
    assert "POST /nodes/pve1/qemu/110/status/start" in up.out


def test_a_dangerous_plan_wants_its_name(lab: dict[str, Any]) -> None:
    refused = do(lab, "stop", "web-02", "--yes")
    assert refused.status == Exit.USAGE
    assert "--confirm web-02" in refused.err
    gone = do(lab, "stop", "web-02", "--confirm", "web-02")
    assert gone.status == Exit.DONE, gone
    assert "it is off" in gone.out


def test_what_stands_against_it_ends_with_the_status_of_that(lab: dict[str, Any]) -> None:
    blocked = do(lab, "start", "gpu-ben", "--yes")
    assert blocked.status == Exit.BLOCKED
    assert "is in use by 104 gpu-amy" in blocked.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("edit", "db-01", "--set", "colour=red"), "what can be set here is cores, description"),
        (("snapshot", "db-01", "--way", "fast"), "there are: bare (without memory), memory"),
        (("backup", "db-01", "--to", "nowhere"), "'nowhere' can't be chosen here"),
        (("edit", "db-01", "ldap"), "one guest at a time"),
    ],
)
def test_mistakes_are_told(lab: dict[str, Any], words: tuple[str, ...], said: str) -> None:
    ended = do(lab, *words)
    assert ended.status == Exit.USAGE
    assert said in ended.err


def test_a_plan_as_json(lab: dict[str, Any]) -> None:
    ended = do(lab, "edit", "db-01", "--set", "tags=course", "--dry-run", "-o", "json")
    plan = json.loads(ended.out)
    assert plan["calls"][0]["method"] == "PUT"
    assert ["tags", "course"] in plan["calls"][0]["params"]
