"""Where each rule of the overlay fires, and where it must not though much looks alike."""

from __future__ import annotations

import msgspec

from labtui.findings.past_overlay import tunnel_id
from labtui.model.overlay import RouterAddress, WireGuard
from labtui.model.snapshot import Snapshot
from labtui.model.tunnels import tunnels
from tests.findings.labs import (
    Shots,
    cluster,
    down,
    ended,
    failing,
    lab,
    overlay,
    records,
    twice,
    well,
)
from tests.snapshots import NOW

T = NOW
_OFF = {("a", "ab"): {"disabled": True}}
_KEY = {("a", "ab"): {"public_key": "of-nobody", "handshake_at": None, "rx_rate": 0.0}}
_KEY_DEAD = {**ended(T, "ab"), **_KEY}
_LOST = {"endpoint": "192.0.2.250:51820", "current_endpoint": "192.0.2.250:51820"}


def _net(now: float = T, **changes: object) -> Snapshot:
    return lab(now, overlay(now, **changes), cluster(), records())  # type: ignore[arg-type]


def _dark(now: float = T, *, node: bool = True, rx: float = 0.0) -> Snapshot:
    peers = {(s, link): {"rx_rate": rx} for link, s in (("ac", "a"), ("bc", "b"))}
    shot = lab(now, overlay(now, peers=peers), cluster(away=["pve3"] if node else []), records())
    return failing(shot, "rt-c", now - 100)


def _falls(apart: float) -> Shots:
    """A tunnel that falls twice and comes back twice."""
    shots: Shots = []
    now = T
    for dead in (False, True, False, True, False):
        young = {(s, "ab"): {"handshake_at": now - 5} for s in "ab"}
        shots.append((now, _net(now, peers=ended(now, "ab") if dead else young)))
        now += apart
    return shots


def _loss(share: float) -> Shots:
    """Three minutes in which that share of what a sends to b arrives."""
    shots: Shots = []
    for minute in range(4):
        now, sent = T + 60.0 * minute, minute * 600_000
        peers = {
            ("a", "ab"): {"tx": sent, "rx": sent, "handshake_at": now - 50},
            ("b", "ab"): {"tx": sent, "rx": int(sent * share), "handshake_at": now - 50},
        }
        shots.append((now, _net(now, peers=peers)))
    return shots


def _sessions(prefixes: dict[tuple[str, str], int], **more: object) -> Snapshot:
    rows = {key: {"prefixes": count} for key, count in prefixes.items()}
    return _net(T + 20, sessions=rows, **more)


def _counts(changed: dict[str, int]) -> Shots:
    """All well, then other numbers of prefixes at each site, long enough to count."""
    rows = {(s, link): 6 + changed.get(s, 0) for link in ("ab", "ac", "bc") for s in link}
    return [(T, _net(T)), (T + 20, _sessions(rows)), (T + 50, _sessions(rows)),
            (T + 65, _sessions(rows))]  # fmt: skip


def _flapping_session(times: int) -> Shots:
    shots: Shots = []
    for number in range(2 * times + 1):
        now = T + 30.0 * number
        shots.append((now, _net(now, sessions=down("ab") if number % 2 else {})))
    return shots


def _calls(ends: int) -> Shots:
    """A call that is there, and then only so many of its looks later."""
    called = (RouterAddress("lan", "10.1.0.1/24"), RouterAddress("l2tp-b", "10.9.0.2/32"))
    looks = (T, T + 20, T + 40)
    return [
        (now, _net(now, facts={"a": {"addresses": called if n < ends or ends > 1 else called[:1]}}))
        for n, now in enumerate(looks)
    ]


def _clean(now: float = T) -> Shots:
    return twice(well(now), now)


def _idle() -> Snapshot:
    """No BGP and no keepalive: a tunnel that may just have nothing to say."""
    peers = {(s, "ab"): {"keepalive": None, "handshake_at": T - 900, "rx_rate": 0.0,
                         "tx_rate": 0.0} for s in "ab"}  # fmt: skip
    return _net(peers=peers, connections={(s, "ab"): {"disabled": True} for s in "ab"})


def same_id(shot: Snapshot) -> bool:
    """The id of a tunnel does not depend on the end that is near."""
    found = {tunnel_id(tunnel) for tunnel in tunnels(shot, T)}
    parts = {feed: part for feed, part in shot.parts.items() if isinstance(part, WireGuard)}
    turned = msgspec.structs.replace(
        shot, parts={feed: part for feed, part in parts.items() if feed.source != "rt-a"}
    )
    return {tunnel_id(tunnel) for tunnel in tunnels(turned, T)} <= found


_CUT = {**ended(T, "ac", "bc")}
_ALONE = failing(
    failing(_net(peers=ended(T, "ab", "ac", site="a")), "rt-b", T - 99), "rt-c", T - 99
)

OVERLAY_CASES: dict[str, tuple[Shots, Shots]] = {
    "router-silent": (twice(failing(well(), "rt-c", T - 100)), _clean()),
    "router-rebooted": (twice(_net(facts={"c": {"uptime": 90.0}})), _clean()),
    "router-busy": (twice(_net(facts={"c": {"cpu_load": 100}})),
                    twice(_net(facts={"c": {"cpu_load": 80}}))),
    "router-old": (twice(_net(facts={"c": {"version": "6.49.10"}})), _clean()),
    "site-dark": (twice(_dark()), twice(_dark(rx=900.0, node=False))),
    "router-down": (twice(_dark(node=False)), twice(_dark())),
    "site-cut": (twice(_net(peers=_CUT)), twice(_net(peers=ended(T, "ac")))),
    "site-alone": (twice(_ALONE), twice(failing(_net(peers=ended(T, "ab")), "rt-b", T - 99))),
    "all-silent": (
        twice(failing(failing(lab(T, overlay(T, leave="bc"), records()), "rt-a", T - 99), "netbox",
                      T - 99)),
        twice(failing(lab(T, overlay(T, leave="bc"), records()), "rt-a", T - 99)),
    ),
    "tunnel-disabled": (
        twice(_net(peers=_OFF)),
        twice(_net(peers={**_OFF, ("b", "ab"): {"disabled": True}},
                   connections={(s, "ab"): {"disabled": True} for s in "ab"})),
    ),
    "tunnel-keys": (twice(_net(peers=_KEY_DEAD)), twice(_net(peers=ended(T, "ab")))),
    "tunnel-endpoint": (
        twice(_net(peers={k: {**v, **_LOST} for k, v in ended(T, "ab").items()})),
        twice(_net(peers=ended(T, "ab"))),
    ),
    "tunnel-dead": (twice(_net(peers=ended(T, "ab"))), twice(_idle())),
    "tunnel-flaps": (_falls(60.0), _falls(60.0)[:3]),
    "link-loses": (_loss(0.6), _loss(0.99)),
    "link-narrow": (
        twice(_net(sessions={("a", "ab"): {"prefixes": 0, "sent": "hold timer expired"}})),
        twice(_net(sessions={("a", "ab"): {"prefixes": 0}})),
    ),
    "line-down": (_calls(1), _calls(2)),
    "session-disabled": (
        twice(_net(connections={("a", "ab"): {"disabled": True}}, sessions=down("ab"))),
        twice(_net(connections={(s, "ab"): {"disabled": True} for s in "ab"},
                   sessions=down("ab"))),
    ),
    "session-as": (
        twice(_net(connections={("a", "ab"): {"remote_as": 65999}}, sessions=down("ab"))),
        twice(_net(sessions=down("ab"))),
    ),
    "session-stopped": (
        twice(_net(sessions={("a", "ab"): {"stopped": True, "established": False}})),
        twice(_net(sessions=down("ab"))),
    ),
    "session-down": (twice(_net(sessions=down("ab"))), _clean()),
    "session-flaps": (_flapping_session(3), _flapping_session(1)),
    "session-empty": (
        twice(_net(sessions={("a", "ab"): {"prefixes": 0}})),
        twice(_net(sessions={("a", "ab"): {"prefixes": None}})),
    ),
    "prefix-lost": (_counts({"a": -1, "b": -1}), _counts({"a": -1})),
    "prefix-twice": (_counts({"c": 1}), _counts({})),
    "prefix-new": (_counts({"a": 1, "b": 1}), _counts({"a": 1, "b": 2})),
}  # fmt: skip
"""Rule -> looks after which it must have found something, and looks after which it must not."""
