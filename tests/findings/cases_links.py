"""Where the rules of links, prefixes and clocks fire, and where they must not."""

from __future__ import annotations

from labtui.model.inventory import PrefixRecord
from labtui.model.overlay import Bgp, BgpConnection, BgpSession
from labtui.model.routes import LearntRoute
from labtui.model.snapshot import Part, Snapshot
from tests.findings.labs import Shots, cluster, lab, overlay, records, twice
from tests.findings.labs_links import Parts, call, inside, ospf, routes
from tests.snapshots import NOW

T = NOW


def _net(*parts: Parts, **changes: object) -> Snapshot:
    whole: list[tuple[str, Part]] = inside(overlay(T, **changes))  # type: ignore[arg-type]
    return lab(T, whole, cluster(), records(), *parts)


def _well() -> Shots:
    return twice(_net(call(), ospf(), routes()))


def _lonely(prefix: str = "10.3.7.0/24", site: str = "c") -> Shots:
    """NetBox has one network more than anybody announces."""
    extra = PrefixRecord(9, prefix, "active", site)
    known = tuple(PrefixRecord(n, f"10.{n}.0.0/24", "active", s) for n, s in enumerate("abc", 1))
    shot = lab(T, overlay(T), cluster(), records(prefixes=(*known, extra)), routes())
    return twice(shot)


def _outside(chain: str) -> Shots:
    """A session of rt-c with somebody of DN42."""
    shot = _net(routes())
    feed = next(f for f in shot.parts if f.source == "rt-c" and f.topic == "bgp")
    bgp = shot.parts[feed]
    assert isinstance(bgp, Bgp)
    peer = BgpConnection("rt-c", "dn42", "172.20.53.1", 4242421234, "172.20.53.0", 65003,
                         output_filter=chain)  # fmt: skip
    row = BgpSession("rt-c", "dn42-1", "172.20.53.1", established=True, prefixes=600)
    parts = {**shot.parts, feed: Bgp((*bgp.connections, peer), (*bgp.sessions, row))}
    return twice(Snapshot(shot.lab, parts, shot.freshness))


def _mtu(one: int, other: int) -> Shots:
    sizes = {("a", "ab"): {"mtu": one}, ("b", "ab"): {"mtu": other}}
    return twice(_net(interfaces=sizes))


def _one_way(rx: float, tx: float) -> Shots:
    return twice(_net(peers={("a", "ab"): {"rx_rate": rx, "tx_rate": tx}}))


_STOLEN = (LearntRoute("10.2.0.0/24", (65002,)), LearntRoute("10.3.0.0/24", (65002,)))
_ROUND = (LearntRoute("10.2.0.0/24", (65003, 65002)), LearntRoute("10.3.0.0/24", (65003,)))
_LATE = {"c": {"clock_ahead": -3600.0}}
_SOON = {"c": {"clock_ahead": 2.0}}

LINK_CASES: dict[str, tuple[Shots, Shots]] = {
    "ipsec-down": (twice(_net(call(up=False, keys={"state": "message-1-sent"}))), _well()),
    "ipsec-one-way": (
        twice(_net(call(rates=(0.0, 5000.0)))),
        twice(_net(call(rates=(0.0, 20.0)))),
    ),
    "ospf-missing": (twice(_net(call(), ospf(None, None))), _well()),
    "ospf-stuck": (
        twice(_net(call(), ospf("ExStart", "Exchange"))),
        twice(_net(call(client={"since": T - 5}), ospf("ExStart", "Exchange"))),
    ),
    "link-mtu": (_mtu(1420, 1280), _mtu(1420, 1420)),
    "tunnel-one-way": (_one_way(0.0, 9000.0), _one_way(0.0, 30.0)),
    "prefix-origins": (twice(_net(routes(a=_STOLEN))), _well()),
    "prefix-silent": (_lonely(), _lonely("10.255.7.0/31")),
    "prefix-leaks": (_outside(""), _outside("to-outside")),
    "path-lopsided": (twice(_net(routes(a=_ROUND))), _well()),
    "router-clock": (twice(_net(facts=_LATE)), twice(_net(facts=_SOON))),
    "router-testing": (twice(_net(facts={"c": {"version": "7.21beta3"}})), _well()),
}
"""Rule -> looks after which it must have found something, and looks after which it must not."""
