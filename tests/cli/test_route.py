"""`labtui route`: what a script reads of a route check."""

from __future__ import annotations

import json

from labtui.cli.options import parse
from labtui.cli.route import as_json, as_text
from labtui.model.links import links
from labtui.model.route_checks import RouteCheck, RouteQuestion
from labtui.model.routes import Hop, RouteAnswer
from tests.findings.labs import overlay
from tests.findings.labs_links import inside
from tests.snapshots import NOW, snapshot

ASKED = RouteQuestion("rt-a", "10.2.0.9", "b")
HOP = Hop("10.2.0.0/24", "10.255.0.1", "wg-ab", "bgp", 20, path=(65002,))
GOOD = RouteCheck(ASKED, True, "ok", "wg-ab", "10.255.0.1", RouteAnswer("rt-a", "10.2.0.9", (HOP,)))
NONE = RouteCheck(RouteQuestion("rt-b", "10.2.0.9"), table=RouteAnswer("rt-b", "10.2.0.9"))
SILENT = RouteCheck(RouteQuestion("rt-c", "10.2.0.9"), why="no answer in 8 s")


def test_a_script_has_every_field() -> None:
    every = links(snapshot(*inside(overlay(NOW))), NOW)
    first, second, third = json.loads(as_json((GOOD, NONE, SILENT), every))
    assert first["verdict"] == "goes"
    assert (first["interface"], first["nexthop"], first["prefix"]) == (
        "wg-ab", "10.255.0.1", "10.2.0.0/24")  # fmt: skip
    assert first["link"].startswith("wireguard/rt-a/wg-ab")
    assert first["as_path"] == [65002]
    assert first["checked"] is True
    assert (second["verdict"], second["astray"], second["link"]) == ("no-route", True, None)
    assert (third["verdict"], third["why"]) == ("silent", "no answer in 8 s")


def test_a_person_reads_which_way_and_by_what_it_is_known() -> None:
    text = as_text(GOOD, ())
    assert text.startswith("rt-a > 10.2.0.9 (b)\n")
    assert "wg-ab" in text
    assert "own check: ok" in text
    assert "no answer" in as_text(SILENT, ())


def test_the_command_line() -> None:
    asked = parse(["route", "10.2.0.9", "--from", "rt-a", "-o", "json"])
    assert (asked.command, asked.address, asked.start, asked.output) == (
        "route", "10.2.0.9", "rt-a", "json")  # fmt: skip
    assert parse(["route", "10.2.0.9"]).start == ""
