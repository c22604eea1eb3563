"""Causes in plain words."""

from __future__ import annotations

import time

from labtui.findings import Affected, Cause, Evidence, Finding, Mark, Subject, Suspect, Tree, Words
from labtui.findings.finding import Remedy, words
from labtui.findings.quiet import Standing
from labtui.findings.telling import cause_text, effects, evidence_text, hit_by, mark_text, moment
from tests.snapshots import NOW


def finding(name: str, **more: object) -> Finding:
    made = {
        "rule": "node-down",
        "subject": Subject("node", f"lab/{name}", name, "nodes"),
        "layer": "node",
        "severity": "critical",
        "words": words("{node} is away", node=name),
        **more,
    }
    return Finding(**made)  # type: ignore[arg-type]  # a literal record with changes


def cause() -> Cause:
    top = finding(
        "pve4",
        since=NOW - 840,
        sure="likely",
        evidence=(
            Evidence(Words("it is silent"), "for", "pve1", NOW - 5),
            Evidence(Words("it may be hung"), "against"),
        ),
        suspects=(Suspect("node", "node", "pve4", "possible", Words("power")),),
        remedies=(Remedy(Words("call somebody")), Remedy(Words("wait"))),
        as_of=NOW - 60,
    )
    below = Tree(finding("vm-1"), (Tree(finding("vm-2"), ()),))
    affected = Affected(("702",), (), ("pve4",), ("lab/104",), ("104 web",), (), ("amy", "ben"))
    mark = Mark(top.id, "snooze", "amy", "power cut", NOW, "critical", NOW + 600)
    return Cause(Tree(top, (below,)), "critical", affected, Standing(NOW - 800, NOW, mark=mark))


def test_all_of_a_cause_in_lines() -> None:
    clock = time.strftime("%H:%M", time.localtime(NOW - 840))
    lines = cause_text(cause(), "lsalab", NOW).splitlines()
    assert lines[0] == "CRITICAL: pve4 is away"
    assert lines[1].startswith(f"lsalab, since {clock} (14m), likely, as of ")
    assert lines[2].startswith("put off by amy until ")
    assert lines[2].endswith(": power cut")
    assert lines[3:] == [
        "hits 702, pve4, 1 guest, amy, ben",
        "guests: 104 web",
        "for: it is silent (pve1, 5s ago)",
        "against: it may be hung",
        "may be: pve4 power (possibly)",
        "follows from it:",
        "- vm-1 is away",
        "  - vm-2 is away",
        "do 1: call somebody",
        "do 2: wait",
    ]


def test_effects_come_with_their_depth() -> None:
    assert [(depth, each.subject.name) for depth, each in effects(cause())] == [
        (0, "vm-1"),
        (1, "vm-2"),
    ]


def test_people_are_named_or_counted() -> None:
    assert hit_by(cause().affected) == "702, pve4, 1 guest, amy, ben"
    assert hit_by(cause().affected, named=False) == "702, pve4, 1 guest, 2 people"
    assert hit_by(Affected()) == ""


def test_a_mark_says_until_when() -> None:
    seen = Mark("a:b", "ack", "amy", "", NOW, "critical")
    assert mark_text(seen, NOW) == "seen by amy until it is over"
    until = Mark("a:b", "ack", "", "fan", NOW, "critical", NOW + 60)
    assert mark_text(until, NOW) == f"seen by ? until {moment(NOW + 60, NOW)}: fan"


def test_a_moment_of_another_day_has_its_date() -> None:
    assert len(moment(NOW, NOW)) == 5
    assert moment(NOW - 2 * 86400, NOW).startswith("20")


def test_evidence_without_source_is_its_words() -> None:
    assert evidence_text(Evidence(Words("it is silent")), NOW) == "it is silent"
