"""What is not read is not told as dead, and what answers is not told as silent."""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.model.cluster import Rights
from labtui.model.snapshot import Snapshot
from labtui.model.witnesses import Witness
from tests.findings.labs import (
    cluster,
    ended,
    failing,
    lab,
    overlay,
    records,
    rules_of,
    twice,
    watched,
)
from tests.snapshots import NOW

ALL = ("pve1", "pve2", "pve3")


def no_router_answers(*, away: tuple[str, ...] = ()) -> Snapshot:
    """All routers are silent and the cluster is still read, as by `pvesh`."""
    shot = lab(NOW, overlay(NOW), cluster(away=away), records())
    for site in "abc":
        shot = failing(shot, f"rt-{site}", NOW - 100)
    return shot


def test_tunnels_that_nobody_sees_are_not_dead() -> None:
    seen = watched(*twice(no_router_answers()))
    assert not {"router-down", "site-dark"} & rules_of(seen)
    assert "router-silent" in rules_of(seen)


def test_nodes_that_are_gone_speak_for_it() -> None:
    assert "site-dark" in rules_of(watched(*twice(no_router_answers(away=("pve3",)))))


def test_a_router_that_has_said_nothing_since_is_not_called_slow() -> None:
    # Its readings have just begun to fail, and the last good ones are not old yet.
    shot = failing(lab(NOW, overlay(NOW), cluster(), records()), "rt-c", NOW - 5)
    freshness = {
        feed: msgspec.structs.replace(fresh, read_at=NOW - 6) if feed.source == "rt-c" else fresh
        for feed, fresh in shot.freshness.items()
    }
    early = msgspec.structs.replace(shot, freshness=freshness)
    assert "router-busy" not in rules_of(watched(*twice(early)))


def refused(*, rights: bool) -> Snapshot:
    heard = Witness("10.1.0.11", "pve1", True, ALL, ALL)
    wrong = Witness("10.3.0.11", "pve3", problem="token not accepted", refused=True)
    parts = [
        (name, part)
        for name, part in cluster(witnesses=(heard, wrong))
        if rights or not isinstance(part, Rights)
    ]
    shot = lab(NOW, overlay(NOW), parts, records())
    return failing(shot, "lab", NOW - 100, kind="refused", topics=("tasks",))


def test_a_node_that_refuses_our_login_does_answer() -> None:
    for rights, says in ((True, "lab refuses our login as me@pve!t"),
                         (False, "lab refuses our login")):  # fmt: skip
        seen = watched(*twice(refused(rights=rights)))
        assert "endpoint-silent" not in rules_of(seen)
        told = [f.words.say() for f in seen.findings if f.rule == "login-refused"]
        assert told == [says]


def fell_and(**after: Any) -> set[str]:
    """The rules that fire when a tunnel has fallen and looks well again."""
    fallen = lab(NOW, overlay(NOW, peers=ended(NOW, "ab")), cluster(), records())
    # No handshake since: its keys are still good.
    back = {(end, "ab"): {"handshake_at": NOW - 30, **after} for end in "ab"}
    later = [
        (now, lab(now, overlay(now, peers=back), cluster(), records()))
        for now in (NOW + 60, NOW + 90)
    ]
    return rules_of(watched((NOW, fallen), (NOW + 10, fallen), *later))


def test_a_tunnel_over_which_much_comes_in_at_both_ends_is_up_again() -> None:
    assert "tunnel-dead" not in fell_and(rx_rate=90_000.0, tx_rate=90_000.0)


def test_initiations_alone_prove_nothing() -> None:
    assert "tunnel-dead" in fell_and(rx_rate=30.0, tx_rate=30.0)
