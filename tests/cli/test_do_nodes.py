"""`labtui do` on nodes, and what goes over SSH, over a demo lab with its real SSH servers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labtui.actions import ACTIONS
from labtui.cli.arguments import NODE_DEEDS
from labtui.cli.exits import Exit
from tests.cli.running import Ended, control, demo_process, labtui


@pytest.fixture(scope="module")
def lab() -> Iterator[dict[str, Any]]:
    with demo_process("--guests", "30", "--speed", "20") as told:
        yield told


def do(lab: dict[str, Any], *words: str) -> Ended:
    return labtui("--config", lab["config"], "do", *words)


def test_every_action_on_a_node_can_be_done() -> None:
    own = {a.id.partition(".")[2] for a in ACTIONS if a.noun == "node"}
    assert own - {"evacuate", "return"} == set(NODE_DEEDS)


def test_a_node_is_rebooted_when_its_name_is_typed(lab: dict[str, Any]) -> None:
    plan = json.loads(do(lab, "reboot", "pve4", "--dry-run", "-o", "json").out)
    assert plan["action"] == "node.reboot"
    assert plan["confirm"] == "pve4"
    done = do(lab, "reboot", "pve4", "--confirm", "pve4")
    assert done.status == Exit.DONE, done
    assert "done: pve4 is back after" in done.out


def test_a_guest_is_unlocked_over_ssh(lab: dict[str, Any]) -> None:
    control(lab, "/break", fault="guest-locked", target="web-01", options={})
    done = do(lab, "unlock", "web-01", "--confirm", "web-01")
    assert done.status == Exit.DONE, done
    assert ":22 qm unlock 110" in done.out
    assert "done: it is not locked any more" in done.out


def test_maintenance_over_ssh_and_back(lab: dict[str, Any]) -> None:
    done = do(lab, "maintenance", "pve2", "--yes")
    assert done.status == Exit.DONE, done
    assert ":22 ha-manager crm-command node-maintenance enable pve2" in done.out
    assert "done: pve2 is in maintenance mode" in done.out
    done = do(lab, "maintenance-off", "pve2", "--yes")
    assert "done: pve2 is no longer in maintenance mode" in done.out


def test_no_command_over_ssh_unless_the_configuration_says_so(
    lab: dict[str, Any], tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(Path(lab["config"]).read_text().replace("writes = true", "writes = false"))
    config.chmod(0o600)
    refused = labtui("--config", str(config), "do", "maintenance", "pve2", "--yes")
    assert refused.status == Exit.BLOCKED, refused
    assert "writes = true in [ssh] does" in refused.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("wake", "web-01"), "no node 'web-01'"),
        (("maintenance-off", "pve1"), "is not in it"),
    ],
)
def test_what_cannot_be_is_said(lab: dict[str, Any], words: tuple[str, ...], said: str) -> None:
    ended = do(lab, *words)
    assert ended.status in (Exit.USAGE, Exit.BLOCKED)
    assert said in ended.err
