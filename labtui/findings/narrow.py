"""Findings about links that pass small packets and swallow large ones.

Handshakes and keepalives are small. A BGP session over such a link comes up, its table does not
come through, the hold timer expires, and it begins anew: up, and without a prefix.
"""

from __future__ import annotations

from collections.abc import Iterator

from labtui.findings.adjacency import Adjacency
from labtui.findings.finding import Evidence, Finding, Remedy, Subject, words
from labtui.findings.past_overlay import SessionPast
from labtui.findings.rule import Rule
from labtui.findings.sight import SeenTunnel, Sight
from labtui.locale import N_
from labtui.model.overlay import Bgp
from labtui.model.peerings import Peering


def _starved(sight: Sight, session: Adjacency) -> Peering | None:
    """The end that is up without a prefix after the session fell."""
    for end in session.spoken:
        past = sight.history.sessions.get(end.connection.key) or SessionPast()
        row = end.session
        if end.state == "empty" and row is not None and (past.falls or row.sent or row.received):
            return end
    return None


def _narrow(sight: Sight) -> Iterator[Finding]:
    for session in sight.adjacencies:
        end = _starved(sight, session) if session.up and not session.outside else None
        under = sight.tunnels_under(session) if end is not None else []
        if end is None or not under:
            continue
        if all(seen.judgement.verdict == "up" and not seen.fallen for seen in under):
            yield _finding(sight, session, end, under[0])


def _finding(sight: Sight, session: Adjacency, end: Peering, seen: SeenTunnel) -> Finding:
    past = sight.history.sessions.get(end.connection.key) or SessionPast()
    router = end.connection.router
    return Finding(
        "link-narrow",
        Subject("link", seen.key, seen.name, "wireguard"),
        "underlay",
        "warning",
        words(N_("large packets seem to vanish on {link}: small ones pass"), link=seen.name),
        past.falls[0] if past.falls else past.changed_at,
        "likely",
        evidence=(
            Evidence(words(N_("handshakes pass, so the link is there")), source=router),
            Evidence(
                words(N_("BGP {session} came up again at {router} and brings no prefix"),
                      session=session.name, router=router),
                source=router, at=past.changed_at,
            ),
            Evidence(
                words(N_("a filter of the neighbour would look the same")), "against", router
            ),
        ),
        remedies=(
            Remedy(words(N_("ping along the link with small and with large packets")),
                   view="wireguard", key=seen.key),
            Remedy(words(N_("lower the MTU of the tunnel at both ends (1280 always passes)"))),
        ),
        sites=seen.sites,
    )  # fmt: skip


NARROW_RULES = (Rule("link-narrow", "overlay", (Bgp,), _narrow),)
