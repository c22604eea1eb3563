"""Tunnels and sessions on, off and anew over the demo's routers; the outcome is looked up."""

from __future__ import annotations

from pathlib import Path

import pytest

from labtui.actions.action import Outcome, Plan
from labtui.actions.overlay import plan as planning
from labtui.actions.overlay import run as running
from labtui.actions.overlay.spans import seconds
from labtui.actions.overlay.target import Target
from labtui.actions.overlay.verbs import Ids, Verb, against, calls
from labtui.model.errors import NotFound
from labtui.model.peerings import peerings
from labtui.model.tunnels import tunnels
from tests.actions.link_stage import LinkStage, link_stage

ALL = ("rt-836", "rt-835", "rt-702", "rt-mou")
TUNNEL, SESSION = "rt-835/wg-836/", "rt-836/to-835/"


def key_of(wire: LinkStage, beginning: str) -> str:
    now = wire.now()
    keys = [each.key for each in tunnels(wire.snapshot, now)]
    keys += [each.key for each in peerings(wire.snapshot, now)]
    return next(key for key in keys if key.startswith(beginning))


async def planned(wire: LinkStage, verb: Verb, beginning: str) -> Plan:
    await wire.look()
    return planning.draft(await planning.survey(verb, key_of(wire, beginning), wire), "", "")


async def done(wire: LinkStage, verb: Verb, beginning: str) -> Outcome:
    plan = await planned(wire, verb, beginning)
    assert plan.ready, plan.blockers
    outcome = await running.run(verb, plan, wire, lambda _news: None)
    wire.stage.wait(5)
    return outcome


async def test_a_tunnel_goes_off_and_on_and_says_so_itself(tmp_path: Path) -> None:
    async with link_stage(tmp_path, routers=ALL) as wire:
        before = wire.pictures()
        assert (await done(wire, "off", TUNNEL)).note == "it is off, by its own word"
        assert wire.stage.peer("rt-835", "wg-836").disabled
        assert (await planned(wire, "off", TUNNEL)).blockers == ("it is off already",)
        assert (await done(wire, "on", TUNNEL)).note == "a new handshake, seen from both ends"
        assert (await done(wire, "bounce", TUNNEL)).note == "a new handshake, seen from both ends"
        assert (await done(wire, "face-off", TUNNEL)).note == "it is off, by its own word"
        plan = await planned(wire, "bounce", TUNNEL)
        assert plan.blockers == ("its interface is off: switch that on",)
        assert (await done(wire, "face-on", TUNNEL)).state == "done"
        assert wire.pictures() == before


async def test_a_session_is_refreshed_stopped_cleared_and_bounced(tmp_path: Path) -> None:
    async with link_stage(tmp_path, routers=ALL) as wire:
        before = wire.pictures()
        assert "established" in (await done(wire, "refresh", SESSION)).note
        assert "stopped" in (await done(wire, "stop", SESSION)).note
        assert not wire.stage.up("rt-836", "835")
        assert "established from both ends" in (await done(wire, "clear", SESSION)).note
        assert "established from both ends" in (await done(wire, "bounce", SESSION)).note
        assert [c.path for c in wire.sent[-4:]] == [
            "/safe-mode/take",
            "/routing/bgp/connection/disable",
            "/routing/bgp/connection/enable",
            "/safe-mode/release",
        ]
        assert wire.pictures() == before


async def test_the_way_that_labtui_may_use_wants_its_name(tmp_path: Path) -> None:
    """836 and 702 hang on one tunnel each when the others are off."""
    async with link_stage(tmp_path, routers=ALL) as wire:
        assert not (await planned(wire, "off", TUNNEL)).confirm
        for face in ("wg-mou", "wg-835"):
            wire.stage.peer("rt-836", face).disabled = face == "wg-mou"
        wire.stage.peer("rt-702", "wg-mou").disabled = True
        wire.stage.wait(200)
        plan = await planned(wire, "off", "rt-702/wg-836/")
        assert plan.confirm == "wg-836"
        assert any("labtui reaches 702 through it" in text for text in plan.warnings)
        assert any(fact.text.startswith("702: no other link leads there") for fact in plan.facts)
        assert "/safe-mode/take" not in {call.path for call in plan.calls}


async def test_what_fails_is_taken_back(tmp_path: Path) -> None:
    async with link_stage(tmp_path, routers=ALL) as wire:
        before = wire.pictures()
        plan = await planned(wire, "bounce", TUNNEL)
        wire.fault = (3, "refused")
        outcome = await running.run("bounce", plan, wire, lambda _news: None)
        assert outcome.state == "failed"
        assert "as it was before" in outcome.note
        assert wire.pictures() == before


async def test_nothing_goes_without_an_account_or_while_safe_mode_is_held(tmp_path: Path) -> None:
    async with link_stage(tmp_path, routers=ALL) as wire:
        desk = wire.sources["rt-836"]
        await desk.call("API", "/safe-mode/take", {})
        plan = await planned(wire, "off", SESSION)
        assert plan.blockers == ("rw holds safe mode on rt-836: wait until that is released",)
        await desk.call("API", "/safe-mode/release", {})
        desk._writer.line = None
        (blocker,) = (await planned(wire, "off", SESSION)).blockers
        assert "no account for writing" in blocker


async def test_a_row_that_is_gone(tmp_path: Path) -> None:
    async with link_stage(tmp_path) as wire:
        with pytest.raises(NotFound):
            await planning.survey("off", "rt-836/nothing/", wire)


@pytest.mark.parametrize(
    ("version", "word"), [((7, 18, 2), "address-family"), ((7, 19), "afi"), ((7, 24), "afi")]
)
def test_the_family_is_named_as_the_version_has_it(version: tuple[int, ...], word: str) -> None:
    target = Target("session", "r", "to-x", connection="to-x", session="to-x-1")
    (call,) = calls("refresh", target, Ids("*1", "", "*2800001"), version, "")
    assert dict(call.params) == {".id": "*2800001", word: "ip"}


def test_routeros_6_has_peers_and_no_sessions() -> None:
    target = Target("session", "r", "to-x", connection="to-x", old=True)
    off, on = calls("bounce", target, Ids("*1"), (6, 49), "")
    assert (off.path, on.path) == ("/routing/bgp/peer/disable", "/routing/bgp/peer/enable")
    assert "RouterOS 6" in against("stop", target, Ids("*1"), disabled=False, face_off=False)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("1m45s", 105.0), ("19w4d", 11836800.0), ("9ms445us", 0.009445), ("2d09:29:51", 206991.0),
     ("", None), ("5", None), ("1x", None)],
)  # fmt: skip
def test_ages(text: str, wanted: float | None) -> None:
    assert seconds(text) == (pytest.approx(wanted) if wanted is not None else None)
