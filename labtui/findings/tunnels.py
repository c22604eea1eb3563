"""Findings about WireGuard tunnels: one per tunnel, by the most particular reason that is known."""

from __future__ import annotations

from collections.abc import Iterator

from labtui.findings.finding import Evidence, Finding, Layer, Remedy, Subject, Words, words
from labtui.findings.rule import Rule
from labtui.findings.sight import SeenTunnel, Sight
from labtui.findings.tunnel_reasons import other_half, why, wrong_endpoint
from labtui.locale import N_
from labtui.model.overlay import WireGuard
from labtui.model.spans import span

_MOST_FALLS = 6
"""The last falls, which are told with their times."""


def _finding(
    rule: str,
    seen: SeenTunnel,
    layer: Layer,
    noun: str,
    says: Words,
    *,
    evidence: tuple[Evidence, ...] = (),
    remedies: tuple[Remedy, ...] = (),
    since: float | None = None,
) -> Finding:
    known = [end.peer.handshake_at for end in seen.ends if end.peer.handshake_at is not None]
    if since is None:
        since = seen.past.changed_at or max(known, default=None)
    subject = Subject(noun, seen.key, seen.name, "wireguard")
    return Finding(
        rule,
        subject,
        layer,
        "warning",
        says,
        since,
        evidence=(*evidence, *_seen_by(seen)),
        remedies=remedies,
        sites=seen.sites,
    )


def _seen_by(seen: SeenTunnel) -> Iterator[Evidence]:
    """What each end told when it was read."""
    for end in seen.ends:
        peer = end.peer
        if end.stale:
            says = words(N_("{router} has not answered lately"), router=end.router)
        elif end.off:
            says = words(N_("switched off at {router}"), router=end.router)
        elif peer.handshake_at is None:
            says = words(N_("{router} never had a handshake here"), router=end.router)
        else:
            says = words(
                N_("{router} sends {tx} B/s and receives {rx} B/s"),
                router=end.router,
                tx=int(peer.tx_rate or 0),
                rx=int(peer.rx_rate or 0),
            )
        yield Evidence(says, source=end.router, at=end.read_at)


def _disabled(sight: Sight) -> Iterator[Finding]:
    for seen in sight.tunnels:
        if why(sight, seen) != "disabled":
            continue
        ends = [end for end in seen.ends if end.off]
        where = " ".join(end.router for end in ends)
        yield _finding(
            "tunnel-disabled",
            seen,
            "tunnel",
            "peer",
            words(N_("{link} is switched off at {routers}"), link=seen.name, routers=where),
            remedies=(
                Remedy(
                    words(N_("enable the peer on {routers}, or switch off both ends"),
                          routers=where),
                    # The row is that of the near end.
                    "tunnel.on" if seen.tunnel.near.off else "", "wireguard", seen.key,
                ),
            ),
        )  # fmt: skip


def _keys(sight: Sight) -> Iterator[Finding]:
    told: set[frozenset[str]] = set()
    for seen in sight.tunnels:
        other = other_half(sight, seen)
        if other is None or why(sight, seen) != "keys":
            continue
        pair = frozenset((seen.key, other.key))
        if pair in told:
            continue
        told.add(pair)
        here, there = seen.tunnel.near, other.tunnel.near
        wrong, right = here, there
        if here.peer.public_key == there.interface.public_key:
            wrong, right, seen = there, here, other
        yield _finding(
            "tunnel-keys",
            seen,
            "tunnel",
            "peer",
            words(N_("{link}: {router} has a wrong public key of the other end"), link=seen.name,
                  router=wrong.router),
            evidence=(
                Evidence(words(N_("{router} expects {wanted}, {other} has {found}"),
                               router=wrong.router, wanted=wrong.peer.public_key[:8],
                               other=right.router, found=right.interface.public_key[:8]),
                         source=wrong.router, at=wrong.read_at),
            ),
            remedies=(
                Remedy(words(N_("on {router}, set the peer's public key to that of {interface} on "
                                "{other}"), router=wrong.router, other=right.router,
                             interface=right.interface.name), view="wireguard", key=seen.key),
            ),
        )  # fmt: skip


def _endpoint(sight: Sight) -> Iterator[Finding]:
    for seen in sight.tunnels:
        wrong = wrong_endpoint(sight, seen) if why(sight, seen) == "endpoint" else None
        if wrong is None:
            continue
        end, met = wrong
        yield _finding(
            "tunnel-endpoint",
            seen,
            "tunnel",
            "peer",
            words(N_("{link}: {router} looks for the other end at {endpoint}, where it is not"),
                  link=seen.name, router=end.router, endpoint=end.peer.endpoint),
            evidence=(
                Evidence(words(N_("others meet it at {address}"), address=met), source=end.router),
            ),
            remedies=(
                Remedy(words(N_("on {router}, set the endpoint's address to {address}"),
                             router=end.router, address=met), view="wireguard", key=seen.key),
            ),
        )  # fmt: skip


def _dead(sight: Sight) -> Iterator[Finding]:
    for seen in sight.tunnels:
        if why(sight, seen) != "dead":
            continue
        judgement = seen.judgement
        says = words(N_("nothing passes over {link}"), link=seen.name)
        if judgement.verdict == "never":
            says = words(N_("{link} has not come up: no handshake yet"), link=seen.name)
        yield _finding(
            "tunnel-dead",
            seen,
            "underlay",
            "link",
            says,
            remedies=(
                Remedy(words(N_("ping the endpoint from both routers: an answer means that UDP is "
                                "filtered on the way")), view="wireguard", key=seen.key),
                Remedy(words(N_("when both endpoints answer: switch the peer off and on, for a new "
                                "handshake")), "tunnel.bounce", "wireguard", seen.key),
                Remedy(words(N_("ask the carrier; another listen port tells a filter from a cut"))),
            ),
        )  # fmt: skip


def _one_way(sight: Sight) -> Iterator[Finding]:
    for seen in sight.tunnels:
        if why(sight, seen) != "one-way":
            continue
        yield _finding(
            "tunnel-one-way",
            seen,
            "underlay",
            "link",
            words(N_("{link} carries packets one way only"), link=seen.name),
            remedies=(
                Remedy(words(N_("a young handshake and bytes in one direction: look for a filter "
                                "or NAT on the way, and at allowed-address at both ends")),
                       view="wireguard", key=seen.key),
            ),
        )  # fmt: skip


def _flaps(sight: Sight) -> Iterator[Finding]:
    for seen in sight.tunnels:
        if why(sight, seen) != "flaps":
            continue
        falls = seen.past.falls
        yield _finding(
            "tunnel-flaps",
            seen,
            "underlay",
            "link",
            words(N_("{link} comes and goes: {n} falls in {span}"), link=seen.name,
                  n=len(falls), span=span(sight.now - falls[0])),
            evidence=tuple(
                Evidence(words(N_("it fell")), source=seen.tunnel.near.router, at=at)
                for at in falls[-_MOST_FALLS:]
            ),
            remedies=(
                Remedy(words(N_("tell the carrier the times of the falls")), view="wireguard",
                       key=seen.key),
                Remedy(words(N_("until it is mended, prefer another way (BGP preference)"))),
            ),
            since=falls[0],
        )  # fmt: skip


def _loses(sight: Sight) -> Iterator[Finding]:
    for seen in sight.tunnels:
        if why(sight, seen) != "loses":
            continue
        percent = round(100 * (1 - sum(seen.past.arrived[-2:]) / 2))
        yield _finding(
            "link-loses",
            seen,
            "underlay",
            "link",
            words(N_("{link} loses {percent} % of what is sent over it"), link=seen.name,
                  percent=percent),
            evidence=(
                Evidence(words(N_("bytes counted at one end, and fewer at the other"))),
                Evidence(words(N_("handshakes come through, so nothing else looks wrong"))),
            ),
            remedies=(
                Remedy(words(N_("ping along the link with small and with large packets")),
                       view="wireguard", key=seen.key),
                Remedy(words(N_("until it is mended, prefer another way (BGP preference)"))),
            ),
            since=seen.past.lossy_since,
        )  # fmt: skip


TUNNEL_RULES = (
    Rule("tunnel-disabled", "overlay", (WireGuard,), _disabled),
    Rule("tunnel-keys", "overlay", (WireGuard,), _keys),
    Rule("tunnel-endpoint", "overlay", (WireGuard,), _endpoint),
    Rule("tunnel-dead", "overlay", (WireGuard,), _dead),
    Rule("tunnel-one-way", "overlay", (WireGuard,), _one_way),
    Rule("tunnel-flaps", "overlay", (WireGuard,), _flaps),
    Rule("link-loses", "overlay", (WireGuard,), _loses),
)
