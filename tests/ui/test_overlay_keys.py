"""The keys of links, tunnels, sessions and prefixes: each opens the plan that it names, or says
why not; the panes and plans stand at every size.
"""

from __future__ import annotations

from typing import Any

import pytest

from labtui.actions import ACTIONS
from labtui.model.link_rules import LinkRules
from labtui.ui.screens.diagnosis_dialog import DiagnosisDialog
from tests.findings.labs import overlay
from tests.findings.labs_links import call, inside
from tests.snapshots import NOW
from tests.ui.driver import LARGE, SMALL, USUAL, Console, console
from tests.ui.links import FakeLink, FakeWire


class RouterWire(FakeWire):
    """Routers that have every row, and an account for writing."""

    link_rules = LinkRules(pool="10.255.1.0/24", filter="to-inside")

    def against_writing(self, router: str) -> str:
        del router
        return ""

    async def read(self, source: str, path: str, **params: str | int) -> Any:
        del source, params
        if path == "/safe-mode/print":
            return [{"enabled": "false"}]
        if path == "/system/resource/print":
            return [{"version": "7.20.4 (stable)"}]
        if path.startswith("/"):
            return [{".id": "*1", "disabled": "false", "name": "x", "established": "true"}]
        return []


def lab_link() -> FakeLink:
    link = FakeLink([(source, part) for source, part in [*inside(overlay(NOW)), *call()]])
    link.wire = RouterWire(link.store)
    return link


async def go(seen: Console, pane: str, needle: str = "") -> None:
    """Into that pane, to the row whose key has this in it."""
    await seen.press(":")
    await seen.type(pane)
    await seen.press("enter")
    shown = seen.main.pane
    for row in shown.selection.rows:
        key = shown.view.row_key(row)
        if needle in key:
            shown.seek(key)
            break
    await seen.settle()


PLANS = [
    ("links", "wireguard/rt-a/wg-ab", "d", "/interface/wireguard/peers/disable"),
    ("links", "wireguard/rt-a/wg-ab", "b", "/interface/wireguard/peers/enable"),
    ("links", "bgp/rt-a/to-b", "d", "/routing/bgp/connection/disable"),
    ("wireguard", "rt-a/wg-ab", "d", "/interface/wireguard/peers/disable"),
    ("bgp", "rt-a/to-b", "b", "/routing/bgp/connection/enable"),
    ("bgp", "rt-a/to-b", "F", "/routing/bgp/session/refresh"),
    ("bgp", "rt-a/to-b", "D", "/routing/bgp/session/stop"),
    ("bgp", "rt-a/to-b", "C", "/routing/bgp/session/clear"),
]


@pytest.mark.parametrize(("pane", "row", "key", "call_"), PLANS)
async def test_a_key_opens_the_plan_of_the_row(pane: str, row: str, key: str, call_: str) -> None:
    async with console(lab_link(), actions=ACTIONS, size=LARGE) as seen:
        await go(seen, pane, row)
        await seen.press(key)
        seen.expect(call_)
        await seen.press("escape")
        assert seen.main.overlay is None


async def test_what_cannot_be_switched_from_here_says_so() -> None:
    async with console(lab_link(), actions=ACTIONS) as seen:
        await go(seen, "links", "l2tp/")
        await seen.press("d")
        assert seen.main.overlay is None
        assert "WireGuard and BGP" in seen.notice


async def test_a_new_link_shows_every_sentence_and_can_be_left_at_each_size() -> None:
    for size in (SMALL, USUAL, LARGE):
        async with console(lab_link(), actions=ACTIONS, size=size) as seen:
            await go(seen, "links", "wireguard/rt-a/wg-ab")
            await seen.press("n")
            seen.expect("Link rt-a = ")
            assert all(len(line) <= size[0] for line in seen.screen.splitlines())
            await seen.press("escape")
            assert seen.main.overlay is None


async def test_diagnosis_and_route_check_are_offered_where_they_work() -> None:
    async with console(lab_link(), actions=ACTIONS, size=LARGE) as seen:
        await go(seen, "links", "wireguard/rt-a/wg-ab")
        assert "p diagnose" in seen.footer
        assert "R route check" in seen.footer
        await seen.press("p")
        assert isinstance(seen.main.overlay, DiagnosisDialog)
        await seen.press("escape")
        await go(seen, "prefixes")
        assert "R route check" in seen.footer
        assert "p diagnose" not in seen.footer
        await go(seen, "guests")
        assert "route check" not in seen.footer


async def test_the_details_of_a_link_are_called_by_kind_and_ends() -> None:
    async with console(lab_link(), actions=ACTIONS) as seen:
        await go(seen, "links", "wireguard/rt-a/wg-ab")
        await seen.press("enter")
        seen.expect("links › WireGuard a = b")
