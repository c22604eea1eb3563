"""`labtui migrate` of several, `labtui backups restore`, `labtui jobs`, over a demo lab."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from labtui.cli.exits import Exit
from labtui.cli.options import parse
from tests.cli.running import Ended, demo_process, labtui


@pytest.fixture(scope="module")
def lab() -> Iterator[dict[str, Any]]:
    with demo_process("--guests", "25", "--speed", "80") as told:
        yield told


def run(lab: dict[str, Any], *words: str) -> Ended:
    return labtui("--config", lab["config"], *words)


def test_several_are_moved_by_one_plan(lab: dict[str, Any]) -> None:
    told = run(lab, "migrate", "web-01", "web-02", "gpu-amy", "--dry-run", "-o", "json")
    assert told.status == Exit.DONE, told
    plan = json.loads(told.out)
    # Their order is that of the loads of the moment.
    assert {step["name"] for step in plan["goes"]} == {"110 web-01", "111 web-02"}
    assert "tie it to pve1" in plan["stays"][0]["why"]
    moved = run(lab, "migrate", "web-01", "web-02", "--to", "pve3", "--yes")
    assert moved.status == Exit.DONE, moved
    assert "2 of 2 moved" in moved.out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("migrate", "web-01", "nobody"), Exit.USAGE, "no guest 'nobody'"),
        (("migrate", "web-01", "db-01", "--to", "pve9"), Exit.USAGE, "no node 'pve9'"),
        (("migrate", "db-01", "--set", "x=1"), Exit.USAGE, "what can be set here is"),
        (("migrate", "win-license", "--yes"), Exit.BLOCKED, "eject it"),
        (("backups", "restore", "web-01", "--from", "x", "--yes"), Exit.USAGE, "can't be chosen"),
        (("jobs", "cancel", "abcdef"), Exit.FAILED, "no such job"),
        (("jobs", "pause"), Exit.USAGE, "which one?"),
    ],
)
def test_what_will_not_do_is_said(
    lab: dict[str, Any], words: tuple[str, ...], status: int, said: str
) -> None:
    if words[0] == "backups":
        assert run(lab, "do", "backup", "web-01", "--to", "cephfs", "--yes").status == Exit.DONE
    ended = run(lab, *words)
    assert (ended.status, said in ended.out + ended.err) == (status, True), ended


def test_what_is_asked_for_reaches_the_call(lab: dict[str, Any]) -> None:
    told = run(
        lab,
        *("migrate", "build-cache", "--to", "pve4", "--dry-run"),
        *("--set", "storage.local-lvm=ceph-vm", "--set", "limit=100", "--set", "conntrack=0"),
    )
    assert told.status == Exit.DONE, told
    assert "with-local-disks=1 targetstorage=local-lvm:ceph-vm bwlimit=102400" in told.out
    assert "conntrack" not in told.out.split("POST")[1]
    ejected = run(lab, "migrate", "win-license", "--set", "eject=1", "--dry-run")
    assert "PUT /nodes/pve2/qemu/116/config ide2=none,media=cdrom" in ejected.out


def test_a_backup_is_restored_beside_its_guest_and_over_it(lab: dict[str, Any]) -> None:
    assert run(lab, "do", "backup", "db-01", "--to", "cephfs", "--yes").status == Exit.DONE
    beside = run(lab, "backups", "restore", "db-01", "--set", "newid=9000", "--yes")
    assert beside.status == Exit.DONE, beside
    assert "guest 9000 is there" in beside.out
    over = run(lab, "backups", "restore", "112", "--over", "--yes")
    assert over.status == Exit.BLOCKED
    assert "it runs: shut it down first" in over.out
    assert run(lab, "do", "shutdown", "112", "--yes").status == Exit.DONE
    unsure = run(lab, "backups", "restore", "112", "--over", "--yes")
    assert "--confirm db-01" in unsure.err
    done = run(lab, "backups", "restore", "112", "--over", "--confirm", "db-01")
    assert done.status == Exit.DONE, done


def test_the_list_is_what_backups_gives_without_more() -> None:
    assert parse(["backups"]).verb == "list"
    assert parse(["backups", "--none"]).none
    assert parse(["migrate", "104", "105"]).guests == ["104", "105"]
