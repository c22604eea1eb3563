"""Every reason that a diagnosis can give has words, and every broken one has advice."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from labtui.live import diagnosis as package
from labtui.model.diagnosis import STEPS, Checked, Diagnosis, Layer, Subject
from labtui.views import diagnosis as words

_FILES = sorted(Path(package.__file__).parent.glob("*.py"))
ENDINGS = ("no-route", "not-announced", "blackhole", "loop", "leaves", "too-long")
WHYS = ("one-way", "filtered", "unheard")


def said() -> set[tuple[str, str, str]]:
    """(step, verdict, reason) of every call of `said` with literal words."""
    found = set()
    for path in _FILES:
        for part in ast.walk(ast.parse(path.read_text())):
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
                texts = [arg.value for arg in part.args[:3] if isinstance(arg, ast.Constant)]
                if part.func.attr == "said" and len(texts) == 3:
                    found.add((str(texts[0]), str(texts[1]), str(texts[2])))
    found |= {("route", "bad", ending) for ending in ENDINGS}
    return found | {("handshake", "bad", why) for why in WHYS} | {("beyond", "good", "replies")}


@pytest.mark.parametrize(("step", "verdict", "reason"), sorted(said()))
def test_there_are_words(step: str, verdict: str, reason: str) -> None:
    values = (("address", "10.0.0.1"), ("age", "61"), ("kind", "bgp"), ("said", "down"))
    checked = Checked(step, verdict, reason, values, "rt-a")  # type: ignore[arg-type]
    text = words.told(checked)
    assert text
    assert text != reason
    assert "{" not in text
    if verdict == "bad":
        assert words.advice(checked), "what to try"


def test_enough_reasons_were_found() -> None:
    assert len(said()) > 40
    assert {step for step, _verdict, _reason in said()} == set(STEPS)


def test_the_result_in_a_sentence() -> None:
    good = Checked("router", "good", "answers", (), "rt-a", took=0.2)
    dark: tuple[Layer, ...] = ("router", "underlay")
    bad = Checked(
        "underlay", "bad", "dark", (("far", "rt-b"), ("address", "192.0.2.1")), "rt-a", dark
    )
    told = Diagnosis(Subject("link", "k"), "a = b", 0.0, (good, bad), done=True)
    assert words.verdict(told)[1] == "bad"
    lines = words.lines(told)
    assert lines[0] == "diagnosis of a = b"
    assert lines[1] == "✓ router: rt-a answers (0.2s)"
    assert " or " in lines[-2]
    assert lines[-1].startswith("try: ")
    assert words.verdict(Diagnosis(Subject("link", "k"), "", 0.0, (good,)))[1] == "dim"
    assert words.verdict(Diagnosis(Subject("link", "k"), "", 0.0, (good,), done=True))[1] == "good"
    unknown = Checked("underlay", "unknown", "not-asked", (("why", "no right"),), "rt-a")
    told = Diagnosis(Subject("link", "k"), "", 0.0, (unknown,), done=True)
    assert words.verdict(told)[1] == "warn"
