"""`labtui evacuate` and `labtui jobs` over a demo lab of each version, and killed on the way."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from labtui.cli.options import parse
from tests.cli.evacuation_kills import Lab, torment
from tests.cli.running import demo_process

# The guests with a story alone: eight on pve1, one of them tied to it by its cards.
GUESTS = "23"
GO = {100, 101, 103, 106, 110, 111}
TIED = 104
OFF = 105


@contextmanager
def lab_of(version: str) -> Iterator[Lab]:
    words = ("--speed", "40", "--version", version, "--guests", GUESTS)
    with tempfile.TemporaryDirectory() as folder, demo_process(*words) as told:
        yield Lab(told, Path(folder))


def run(lab: Lab, *words: str) -> tuple[int, str]:
    process = lab.begin(*words)
    out, _err = process.communicate(timeout=120)
    return process.returncode, out


def _mistakes(lab: Lab) -> None:
    """Each is said, with its exit status, and nothing is done."""
    cases = [
        (("evacuate", "pve9", "--yes"), 2, "no node 'pve9'"),
        (("--read-only", "evacuate", "pve1", "--to", "pve2", "--yes"), 3, "read-only"),
        (("evacuate", "pve1", "--yes"), 2, "this wants --confirm pve1: --yes alone"),
        (("evacuate", "pve1", "--set", "speed=1"), 2, "what can be set here is"),
        (("evacuate", "pve1", "--yes", "--set", "limit=much"), 3, "a number of MiB/s"),
        (("jobs", "pause"), 2, "which one?"),
        (("jobs", "stop", "abcdef"), 1, "no such job"),
    ]
    for words, status, text in cases:
        ended, out = run(lab, *words)
        assert (ended, text in out) == (status, True), (words, out)
    assert not lab.migrations()[0]


@pytest.mark.parametrize("version", ["9.2", "8.4"])
def test_a_node_is_emptied_and_what_cannot_go_is_named(version: str) -> None:
    with lab_of(version) as lab:
        before = lab.guests()
        plan: dict[str, Any] = lab.told("evacuate", "pve1", "--dry-run")
        assert {int(s["guest"].split("/")[1]) for s in plan["goes"]} == GO
        assert {s["how"] for s in plan["goes"]} == {"ha", "live", "restart", "cold"}
        if version == "8.4":
            _mistakes(lab)
        status, out = run(lab, "evacuate", "pve1", "--confirm", "pve1", "--limit", "6")
        assert status == 0, out
        assert "6 of 6 moved; left: 104 gpu-amy (passed-through or local devices" in out
        now, (well, ill) = lab.guests(), lab.migrations()
        assert {vmid for vmid in before if now[vmid]["node"] != before[vmid]["node"]} == GO
        assert {vmid: well[vmid] for vmid in GO} == dict.fromkeys(GO, 1)
        assert not ill
        assert all(now[vmid]["status"] == before[vmid]["status"] for vmid in before)
        assert {vmid for vmid in now if now[vmid]["node"] == "pve1"} == {TIED, OFF}
        (record,) = lab.told("jobs")
        assert record["state"] == "done"
        assert [s["name"] for s in record["steps"] if s["state"] == "stays"] == ["104 gpu-amy"]
        if version == "8.4":
            return
        back: dict[str, Any] = lab.told("evacuate", "pve1", "--back", "--dry-run")
        assert {int(s["guest"].split("/")[1]) for s in back["goes"]} == GO
        assert {s["to"] for s in back["goes"]} == {"pve1"}


def test_killed_on_the_way_and_taken_up_again() -> None:
    verdict = torment(7, 3, speed=40.0, guests=int(GUESTS))
    assert verdict.wrong == []
    assert verdict.kills >= 1
    # Those that are off go as well here; what is tied to the node stays.
    assert verdict.moved == len(GO)


def test_the_words_of_the_command_line() -> None:
    options = parse(["evacuate", "pve1", "--to", "pve2,pve3", "--limit", "4", "--no-interruption"])
    assert (options.node, options.to, options.limit) == ("pve1", "pve2,pve3", 4)
    assert options.no_interruption
    assert not options.include_stopped
    options = parse(["jobs"])
    assert (options.verb, options.id) == ("list", "")
    options = parse(["jobs", "resume", "abcdef", "--yes"])
    assert (options.verb, options.id, options.yes) == ("resume", "abcdef", True)
    for wrong in (["evacuate"], ["evacuate", "pve1", "--limit", "0"], ["jobs", "dance"]):
        with pytest.raises(SystemExit) as ended:
            parse(wrong)
        assert ended.value.code == 2
