"""`labtui migrate`: which guest is meant, how it ends when none is, and the plan in plain text."""

from __future__ import annotations

import msgspec
import pytest

from labtui.cli.exits import Exit
from labtui.cli.names import find_guest
from labtui.cli.plans import plan_text
from labtui.model.cluster import Resources, Rights
from labtui.model.errors import Problem
from labtui.model.snapshot import Part, Snapshot
from tests.snapshots import cluster_lab, guest
from tests.ui.moving import Moving

LAB = cluster_lab(guest(104, name="web"), guest(105, name="db"), guest(106, name="db"))
DOWN = Problem("unreachable", "could not read", "pve1", "connection refused", "")


def failing(part: type[Part]) -> Snapshot:
    """The lab with that part unread."""
    fresh = {
        feed: msgspec.structs.replace(known, problem=DOWN)
        if isinstance(LAB.parts[feed], part)
        else known
        for feed, known in LAB.freshness.items()
    }
    return msgspec.structs.replace(LAB, freshness=fresh)


@pytest.mark.parametrize("wanted", ["104", "web", "lab/104"])
def test_a_guest_is_found_by_number_name_or_key(wanted: str) -> None:
    assert find_guest(LAB, wanted) == "lab/104"


def test_an_unknown_name_is_a_mistake_of_the_user(capsys: pytest.CaptureFixture[str]) -> None:
    assert find_guest(LAB, "nobody") is Exit.USAGE
    assert "no guest 'nobody'" in capsys.readouterr().err


def test_a_name_that_two_have_is_one_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert find_guest(LAB, "db") is Exit.USAGE
    assert "lab/105 lab/106" in capsys.readouterr().err


def test_an_unread_cluster_is_no_mistake_of_the_user(capsys: pytest.CaptureFixture[str]) -> None:
    assert find_guest(failing(Resources), "nobody") is Exit.FAILED
    assert "connection refused" in capsys.readouterr().err
    assert find_guest(failing(Rights), "nobody") is Exit.USAGE


def test_a_plan_that_is_stuck_names_what_blocks_it_and_no_other_target() -> None:
    plan = Moving(blockers=("tied to pve1",))._draft("lab/104", "", "")
    text = plan_text(plan)
    assert "blocked    tied to pve1" in text
    assert "pve2" not in text
    assert "POST" not in text


def test_a_plan_that_goes_names_the_other_targets_and_the_call() -> None:
    text = plan_text(Moving()._draft("lab/104", "", ""))
    assert "+ pve2  72% memory after" in text
    assert "- pve4  not online" in text
    assert "POST /nodes/pve1/qemu/104/migrate" in text
