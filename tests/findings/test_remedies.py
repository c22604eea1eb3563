"""What a finding says to do: actions that exist, on objects that are there; words for one."""

from __future__ import annotations

import pytest

from labtui.actions import ACTIONS
from labtui.findings.causes import EXPLANATIONS
from labtui.findings.finding import Remedy
from labtui.findings.register import RULES
from labtui.views import VIEWS
from tests.findings.labs import watched
from tests.findings.test_rules import CASES, ROWS

_BY_ID = {action.id: action for action in ACTIONS}
_NOUNS = {view.id: view.noun for view in VIEWS}
WITH_KEYS = {
    "address-unrecorded": "difference.mend",
    "agent-gone": "guest.reset",
    "disk-failing": "node.evacuate",
    "gpu-idle": "gpu.take",
    "gpu-off": "gpu.take",
    "gpu-twice": "gpu.give",
    "gpu-twice-at-boot": "gpu.give",
    "guest-disk": "guest.edit",
    "guest-locked": "guest.unlock",
    "guest-memory": "guest.edit",
    "guest-stopped": "guest.start",
    "mapping-broken": "mapping.repair",
    "node-down": "node.wake",
    "node-memory": "guest.migrate",
    "prefix-missing": "difference.mend",
    "record-differs": "difference.mend",
    "record-missing": "difference.mend",
    "record-surplus": "difference.mend",
    "session-disabled": "session.on",
    "session-down": "session.bounce",
    "session-empty": "session.refresh",
    "session-stopped": "session.clear",
    "tunnel-dead": "tunnel.bounce",
    "tunnel-disabled": "tunnel.on",
}
"""Rule -> an action that its finding names where it fires."""


def _remedies(rule: str) -> list[Remedy]:
    seen = watched(*CASES[rule][0])
    return [each for f in seen.findings if f.rule == rule for each in f.remedies]


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_what_it_names_is_there(rule: str) -> None:
    shot = CASES[rule][0][-1][1]
    for remedy in _remedies(rule):
        if remedy.view and remedy.key:
            assert remedy.key in ROWS[remedy.view](shot)
        if remedy.action:
            assert remedy.key
            assert _BY_ID[remedy.action].noun == _NOUNS[remedy.view]


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_it_says_what_to_do(rule: str) -> None:
    fires = [f for f in watched(*CASES[rule][0]).findings if f.rule == rule]
    assert all(finding.remedies for finding in fires)


def test_explanations_are_of_rules_that_exist() -> None:
    named = {rule for each in EXPLANATIONS for rule in (*each.causes, *each.effects)}
    assert named <= {rule.id for rule in RULES}


@pytest.mark.parametrize(("rule", "action"), WITH_KEYS.items(), ids=str)
def test_it_names_what_can_be_done_from_here(rule: str, action: str) -> None:
    assert action in {remedy.action for remedy in _remedies(rule)}
