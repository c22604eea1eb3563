"""Whatever the lab looks like: no look fails, nothing is told twice, and the order is the same."""

from __future__ import annotations

import random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from labtui.findings import Triage, Watch
from labtui.findings.causes import EXPLANATIONS
from labtui.findings.register import RULES
from labtui.model.cluster import HaService, HaStatus
from labtui.model.devices import Hardware
from labtui.model.errors import ProblemKind
from labtui.model.guests import HostPci
from labtui.model.snapshot import Snapshot
from labtui.model.witnesses import Witness
from tests.findings.labs import (
    LINKS,
    cluster,
    default_guests,
    failing,
    lab,
    overlay,
    records,
    watched,
    well,
)
from tests.snapshots import GIB, NOW, config, configs, gpu

_ENDS = [(site, link) for link in LINKS for site in link]
_RATE = st.sampled_from([None, 0.0, 30.0, 5000.0])
_AGE = st.sampled_from([None, 0.0, 100.0, 190.0, 700.0])
_KINDS: st.SearchStrategy[ProblemKind] = st.sampled_from(
    ["timed-out", "refused", "tls", "forbidden", "unexpected"]
)
_TEXT = st.sampled_from(["", "x", "{n}", "{", "192.0.2.250:1", "[::1]:2", "not/a/net", "陳"])


@st.composite
def _overlays(draw: st.DrawFn, now: float) -> list[tuple[str, Any]]:
    peers: dict[tuple[str, str], dict[str, Any]] = {}
    sessions: dict[tuple[str, str], dict[str, Any] | None] = {}
    connections: dict[tuple[str, str], dict[str, Any]] = {}
    for end in draw(st.lists(st.sampled_from(_ENDS), unique=True)):
        age = draw(_AGE)
        peers[end] = {
            "handshake_at": None if age is None else now - age,
            "rx_rate": draw(_RATE),
            "tx_rate": draw(_RATE),
            "disabled": draw(st.booleans()),
            "endpoint": draw(_TEXT),
            "rx": draw(st.integers(0, 10**9)),
        }
        if draw(st.booleans()):
            peers[end]["public_key"] = draw(_TEXT)
        sessions[end] = draw(
            st.none()
            | st.fixed_dictionaries(
                {"established": st.booleans(), "stopped": st.booleans(),
                 "prefixes": st.none() | st.integers(0, 9), "sent": _TEXT}
            )
        )  # fmt: skip
        connections[end] = {"disabled": draw(st.booleans()), "remote_address": draw(_TEXT)}
    leave = draw(st.lists(st.sampled_from("abc"), max_size=2))
    return overlay(now, peers=peers, sessions=sessions, connections=connections, leave=leave)


@st.composite
def _clusters(draw: st.DrawFn) -> list[tuple[str, Any]]:
    guests = tuple(
        msgspec.structs.replace(
            each,
            status=draw(st.sampled_from(["running", "stopped", "unknown", "io-error"])),
            node=draw(st.sampled_from(["pve1", "pve2", "pve3", "elsewhere"])),
            lock=draw(st.sampled_from(["", "backup"])),
            name=draw(_TEXT),
            memory=draw(st.sampled_from([None, 0, 4 * GIB])),
        )
        for each in default_guests()
    )
    names = ("pve1", "pve2", "pve3")
    word = st.sampled_from([(), ("pve1",), names])
    witnesses = tuple(
        Witness(f"10.0.0.{n}", name, draw(st.sampled_from([None, True, False])), names, draw(word),
                draw(st.sampled_from(["", "silent"])))
        for n, name in enumerate(names)
    )  # fmt: skip
    state = draw(st.sampled_from(["started", "error", "fence"]))
    sid = draw(st.sampled_from(["vm:100", "ct:1", "odd", ""]))
    cards = Hardware({"pve1": (gpu("pve1", "0000:01:00"),)[: draw(st.integers(0, 1))]})
    known = configs(*(config(100 + n, HostPci(0, ("0000:01:00",))) for n in range(3)))
    base = cluster(
        *guests,
        away=draw(st.lists(st.sampled_from(names), unique=True)),
        since=draw(st.sampled_from([None, NOW - 10])),
        quorate=draw(st.sampled_from([None, True, False])),
        ha=HaStatus(draw(st.sampled_from([None, True, False])), "", (HaService(sid, "x", state),)),
        witnesses=witnesses,
    )
    return [*base, ("lab", cards), ("lab", known)]


@st.composite
def labs(draw: st.DrawFn, now: float = NOW) -> Snapshot:
    """Any lab that the builders can make, any of whose sources may fail."""
    parts = draw(_overlays(now)) + draw(_clusters()) + draw(st.sampled_from([[], records(101)]))
    shot = lab(now, draw(st.permutations(parts)))
    for source in draw(st.lists(st.sampled_from(["rt-a", "rt-b", "lab", "netbox"]), unique=True)):
        kind = draw(_KINDS)
        shot = failing(shot, source, now - draw(st.sampled_from([5, 500])), kind=kind)
    return shot


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_lab_gives_a_forest_in_which_each_finding_stands_once(data: st.DataObject) -> None:
    watch, seen = Watch(), Triage()
    for step in range(3):
        now = NOW + 30.0 * step
        watch, seen = watch.look(data.draw(labs(now)), now)
    ids = [finding.id for finding in seen.findings]
    assert len(ids) == len(set(ids))
    for finding in seen.findings:
        assert finding.words.say()
        for evidence in finding.evidence:
            evidence.text.say()


@settings(max_examples=20, deadline=None)
@given(labs(), st.randoms(use_true_random=False))
def test_the_order_depends_on_the_lab_alone(shot: Snapshot, dice: random.Random) -> None:
    feeds = list(shot.parts)
    dice.shuffle(feeds)
    mixed = msgspec.structs.replace(
        shot,
        parts={feed: shot.parts[feed] for feed in feeds},
        freshness={feed: shot.freshness[feed] for feed in feeds},
    )
    looks = [watched((NOW, each), (NOW + 10, each)) for each in (shot, mixed)]
    assert looks[0].causes == looks[1].causes


def test_explanations_name_rules_that_exist() -> None:
    known = {rule.id for rule in RULES}
    for explanation in EXPLANATIONS:
        assert set(explanation.causes) <= known
        assert set(explanation.effects) <= known


def test_an_empty_snapshot_is_no_trouble() -> None:
    assert watched((NOW, Snapshot())).causes == ()
    assert watched((NOW, well())).unread == ()
