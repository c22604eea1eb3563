"""`labtui map` and `labtui diagnose`: arguments, what is meant by a name, and a whole run."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from labtui.cli.diagnose import as_json, diagnose, subject_named
from labtui.cli.map import draw_map
from labtui.cli.options import parse
from labtui.config.file import load
from labtui.model.diagnosis import Checked, Diagnosis, Subject
from labtui.model.links import links
from tests.demo.lab_thread import lab_thread
from tests.findings.labs import lab, overlay
from tests.findings.labs_links import inside
from tests.snapshots import NOW


def test_what_is_typed() -> None:
    assert parse(["map", "--between", "a", "b"]).between == ["a", "b"]
    assert parse(["map", "--dot"]).dot
    assert parse(["diagnose", "a"]).other == ""
    assert (parse(["ping", "a", "b"]).one, parse(["ping", "a", "b"]).other) == ("a", "b")
    with pytest.raises(SystemExit):
        parse(["map", "--dot", "--svg", "x"])


def test_what_a_name_means() -> None:
    shot = lab(NOW, inside(overlay(NOW)))
    link = links(shot, NOW)[0]
    assert subject_named(shot, "a", "b", NOW) == Subject("pair", "a", "b")
    assert subject_named(shot, "rt-a", "b", NOW) == Subject("pair", "a", "b")
    assert subject_named(shot, "a", "", NOW) == Subject("router", "rt-a")
    assert subject_named(shot, "rt-a", "", NOW) == Subject("router", "rt-a")
    assert subject_named(shot, link.name, "", NOW) == Subject("link", link.key)
    assert subject_named(shot, "atlantis", "", NOW) is None
    assert subject_named(shot, "a", "a", NOW) is None


def test_json_has_the_values() -> None:
    bad = Checked("size", "bad", "narrow", (("size", "1240"), ("mtu", "1420")), "k", ("underlay",))
    told = json.loads(as_json(Diagnosis(Subject("link", "k"), "a = b", NOW, (bad,), done=True)))
    assert told["broken"] == ["underlay"]
    assert told["steps"][0]["values"]["size"] == "1240"
    assert "1240" in told["advice"]


def test_over_the_demo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with lab_thread() as running:
        config = load(running.lab.config)
        target = tmp_path / "lab.svg"
        assert draw_map(config, to_svg=str(target), as_dot=False, between=(), measured=True) == 0
        texts = [node.text for node in ElementTree.parse(target).getroot().iter()]
        assert {"836", "835", "702", "mou"} <= set(texts)
        capsys.readouterr()
        assert (
            draw_map(config, to_svg="", as_dot=False, between=("836", "702"), measured=False) == 0
        )
        text = capsys.readouterr().out
        assert "836 > 702: directly" in text
        assert "10.121.170.0/24 by bgp" in text
        assert diagnose(config, "836", "702", output="table") == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == "diagnosis of 836 > 702"
        assert lines[-1] == "nothing is broken"
        assert diagnose(config, "nowhere", "", output="table") == 2
