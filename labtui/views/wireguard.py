"""WireGuard: one row per tunnel, both ends joined, with a verdict and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from labtui.locale import N_, _
from labtui.model.overlay import Bgp, RouterFacts, WireGuard
from labtui.model.snapshot import Snapshot
from labtui.model.tunnels import (
    ONE_POLL,
    REJECT_AFTER,
    Judgement,
    Tunnel,
    TunnelEnd,
    Verdict,
    tunnels,
)
from labtui.views import aging
from labtui.views.figures import exact_span, rate, size, span
from labtui.views.view import Cell, Column, Role, Section, Summary, View

_ROLES: dict[Verdict, Role] = {
    "up": "good",
    "dead": "bad",
    "one-way": "bad",
    "never": "bad",
    "idle": "dim",
    "off": "dim",
    "unknown": "stale",
}
_TROUBLE: dict[Verdict, int] = {"dead": 4, "one-way": 3, "never": 2, "unknown": 1}


def _verdict_text(verdict: Verdict) -> str:
    return {
        "up": _("up"),
        "dead": _("DEAD"),
        "one-way": _("ONE-WAY"),
        "never": _("never up"),
        "idle": _("idle"),
        "off": _("off"),
        "unknown": _("unknown"),
    }[verdict]


def _reason_text(judgement: Judgement) -> str:
    return {
        "disabled": _("the peer or its interface is disabled"),
        "stale": _("this router has not answered lately"),
        "never": _("no handshake yet: key, endpoint, firewall, or the other side is off"),
        "nobody": _("neither end begins: both wait for the other, or know no endpoint of it"),
        "waits": _("has not connected yet; it has no endpoint, so only it can begin"),
        "routing": _("it carries BGP or OSPF: a handshake this old means that nothing passes"),
        "keepalive": _("keepalives are set, so a handshake this old means that nothing passes"),
        "knocking": _("we send and nothing comes back"),
        "idle": _("nothing to send: a ping would force a handshake"),
        "handshake": _("recent handshake"),
        "no-receive": _("we send, nothing arrives: filter or NAT on the way"),
        "no-send": _("it arrives, nothing is sent back"),
    }[judgement.reason]


def link_name(tunnel: Tunnel) -> str:
    """`836 = 835` with both ends in sight, `836 > roaming` with one."""
    sign = "=" if tunnel.far else ">"
    return f"{tunnel.near.site} {sign} {tunnel.far_name}"


def _rows(snapshot: Snapshot, now: float) -> Sequence[Tunnel]:
    return tunnels(snapshot, now)


def _handshake_age(end: TunnelEnd | None, now: float) -> str:
    if end is None or end.peer.handshake_at is None:
        return ""
    return span(now - end.peer.handshake_at)


def _verdict(tunnel: Tunnel, now: float) -> Cell:
    verdict = tunnel.judge(now).verdict
    return Cell(_verdict_text(verdict), _ROLES[verdict])


def _verdict_value(tunnel: Tunnel) -> str:
    """The verdict when the ends were read, which needs no clock."""
    read = [end.read_at for end in tunnel.ends if end.read_at is not None]
    return tunnel.judge(max(read)).verdict if read else "unknown"


def _handshake(tunnel: Tunnel, now: float) -> Cell:
    verdict = tunnel.judge(now).verdict
    near = _handshake_age(tunnel.near, now) or "-"
    role: Role = "" if verdict == "up" else _ROLES[verdict]
    if tunnel.far is None:
        return Cell(near, role)
    far = _handshake_age(tunnel.far, now) or "-"
    return Cell(near if near == far else f"{near} / {far}", role)


def _rx(tunnel: Tunnel, now: float) -> Cell:
    return Cell(rate(tunnel.near.peer.rx_rate), "stale" if tunnel.near.stale else "")


def _tx(tunnel: Tunnel, now: float) -> Cell:
    return Cell(rate(tunnel.near.peer.tx_rate), "stale" if tunnel.near.stale else "")


def _endpoint(tunnel: Tunnel, now: float) -> Cell:
    peer = tunnel.near.peer
    return Cell(peer.current_endpoint or peer.endpoint, "dim")


def _aged(tunnel: Tunnel, snapshot: Snapshot, now: float) -> float | None:
    """Old when both ends are: what one end says now holds for the tunnel."""
    ages = [_end_age(end, snapshot, now) for end in tunnel.ends]
    known = [age for age in ages if age is not None]
    return min(known) if len(known) == len(ages) else None


def _end_age(end: TunnelEnd, snapshot: Snapshot, now: float) -> float | None:
    return aging.age_of(snapshot, now, (WireGuard, end.router))


def _summary(rows: Sequence[Tunnel], now: float) -> Summary:
    verdicts = [row.judge(now).verdict for row in rows]
    wanted = [verdict for verdict in verdicts if verdict not in ("off", "idle")]
    up = verdicts.count("up")
    text = _("{up}/{all} up").format(up=up, all=len(rows))
    if unknown := verdicts.count("unknown"):
        text += _(", {n} unknown").format(n=unknown)
    return Summary(text, "" if not rows else "good" if up == len(wanted) else "bad")


def _end_section(title: str, end: TunnelEnd, now: float, age: float | None) -> Section:
    peer, interface = end.peer, end.interface
    return aging.section(
        f"{title} {end.site}",
        (
            (_("router"), Cell(end.router, "stale" if end.stale else "")),
            (_("interface"), Cell(interface.name)),
            (_("listens on"), Cell(str(interface.listen_port or ""))),
            (_("MTU"), Cell(str(interface.mtu or ""))),
            (_("peer"), Cell(peer.name or peer.comment)),
            (_("peer's key"), Cell(peer.public_key, "dim")),
            (_("handshake"), Cell(_ago(peer.handshake_at, now))),
            (_("endpoint set"), Cell(peer.endpoint)),
            (_("endpoint seen"), _seen_at(end, now)),
            (_("keepalive"), Cell(span(peer.keepalive) if peer.keepalive else _("none"))),
            (_("only answers"), Cell(_("yes") if peer.responder else _("no"))),
            (_("allowed"), Cell(" ".join(peer.allowed))),
            (_("received"), Cell(f"{size(peer.rx)}  {rate(peer.rx_rate)}/s")),
            (_("sent"), Cell(f"{size(peer.tx)}  {rate(peer.tx_rate)}/s")),
            (_("carries BGP, OSPF"), Cell(_("yes") if end.carries_routing else _("no"))),
            (_("switched off"), Cell(_("yes") if end.off else _("no"))),
        ),
        age,
    )


def _seen_at(end: TunnelEnd, now: float) -> Cell:
    """Where its packets last came from; elsewhere than set, and silent since, is worth a word."""
    peer = end.peer
    hosts = [text.rpartition(":")[0] for text in (peer.endpoint, peer.current_endpoint)]
    late = peer.handshake_at is None or now - peer.handshake_at > REJECT_AFTER + ONE_POLL
    if all(hosts) and hosts[0] != hosts[1] and late:
        text = _("{endpoint}: it moved, or its NAT began anew")
        return Cell(text.format(endpoint=peer.current_endpoint), "warn")
    return Cell(peer.current_endpoint)


def _ago(at: float | None, now: float) -> str:
    return _("never") if at is None else _("{span} ago").format(span=exact_span(now - at))


def _details(tunnel: Tunnel, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    judgement = tunnel.judge(now)
    verdict = aging.section(
        _("Tunnel"),
        (
            (_("link"), Cell(link_name(tunnel))),
            (_("state"), _verdict(tunnel, now)),
            (_("because"), Cell(_reason_text(judgement))),
        ),
        _aged(tunnel, snapshot, now),
    )
    ends = [_end_section(_("End"), end, now, _end_age(end, snapshot, now)) for end in tunnel.ends]
    return (verdict, *ends)


WIREGUARD: View[Tunnel] = View(
    id="wireguard",
    key="4",
    title=N_("wireguard"),
    noun="tunnel",
    needs=(WireGuard, RouterFacts, Bgp),
    columns=(
        Column("link", N_("link"), 14, lambda t, n: Cell(link_name(t)), link_name, grow=True),
        Column("state", N_("state"), 8, _verdict, _verdict_value, timed=True),
        Column(
            "handshake",
            N_("handshake"),
            11,
            _handshake,
            lambda t: t.near.peer.handshake_at,
            right=True,
            unit="age",
            timed=True,
        ),
        Column(
            "rx",
            N_("rx/s"),
            5,
            _rx,
            lambda t: t.near.peer.rx_rate,
            right=True,
            descending=True,
            unit="bytes/s",
        ),
        Column(
            "tx",
            N_("tx/s"),
            5,
            _tx,
            lambda t: t.near.peer.tx_rate,
            right=True,
            descending=True,
            unit="bytes/s",
        ),
        Column(
            "endpoint",
            N_("endpoint"),
            20,
            _endpoint,
            lambda t: t.near.peer.current_endpoint or t.near.peer.endpoint,
            priority=2,
        ),
        Column(
            "interface",
            N_("interface"),
            10,
            lambda t, n: Cell(t.near.interface.name, "dim"),
            lambda t: t.near.interface.name,
            priority=4,
        ),
    ),
    rows=_rows,
    row_key=lambda tunnel: tunnel.key,
    trouble=lambda tunnel, now: _TROUBLE.get(tunnel.judge(now).verdict, 0),
    summary=_summary,
    details=_details,
    empty=N_("No WireGuard peers on the routers that could be asked."),
    sort="link",
    ticks=True,
    aged=_aged,
)
