"""Findings about BGP: one per neighbourship, by the most particular reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from labtui.findings.adjacency import Adjacency
from labtui.findings.finding import (
    Evidence,
    Finding,
    Remedy,
    Severity,
    Subject,
    Words,
    words,
)
from labtui.findings.past_overlay import SessionPast
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_, _
from labtui.model.overlay import Bgp
from labtui.model.peerings import PeeringState

Why = Literal["", "disabled", "as", "stopped", "limit", "flaps", "down", "empty"]
_FALLS = 3


def why(sight: Sight, session: Adjacency) -> str:
    """The reason to tell (a `Why`), or an empty text when nothing is wrong with it."""
    known = sight.reasons.get(("session", session.key))
    if known is None:
        known = sight.reasons["session", session.key] = _why(sight, session)
    return known


def _why(sight: Sight, session: Adjacency) -> Why:
    ends = session.ends
    if any(end.connection.disabled for end in ends):
        if all(end.connection.disabled for end in ends):
            # Both off is meant so. Of one that leads outside only our end is known: it is told when
            # it was up a while ago.
            lone = ends[0] if len(ends) == 1 else None
            return "disabled" if lone and _past(sight, lone.connection.key).falls else ""
        return "disabled"
    states = {end.state for end in session.spoken}
    if not session.up and _as_differ(session):
        return "as"
    for state, reason in (("stopped", "stopped"), ("limit", "limit")):
        if state in states:
            return "stopped" if reason == "stopped" else "limit"
    if max((len(_past(sight, end.connection.key).falls) for end in ends), default=0) >= _FALLS:
        return "flaps"
    if states & {"down", "no-session"}:
        return "down"
    return "empty" if "empty" in states else ""


def _past(sight: Sight, key: str) -> SessionPast:
    return sight.history.sessions.get(key) or SessionPast()


def _as_differ(session: Adjacency) -> str:
    """How the AS numbers of the two ends do not fit; empty when they do, as far as is known."""
    if len(session.ends) == 2:
        one, other = (end.connection for end in session.ends)
        for here, there in ((one, other), (other, one)):
            if here.remote_as and there.local_as and here.remote_as != there.local_as:
                return f"{here.router}: {here.remote_as}, {there.router}: {there.local_as}"
    refused = _("wrong AS number")
    for end in session.spoken:
        if end.session is not None and refused in (end.session.sent, end.session.received):
            return f"{end.connection.router}: {refused}"
    return ""


def _finding(
    sight: Sight,
    rule: str,
    session: Adjacency,
    says: Words,
    *,
    severity: Severity = "warning",
    evidence: tuple[Evidence, ...] = (),
    remedies: tuple[Remedy, ...] = (),
) -> Finding:
    changed = [_past(sight, end.connection.key).changed_at for end in session.ends]
    return Finding(
        rule,
        Subject("session", session.id, session.name, "bgp", session.key),
        "routing",
        severity,
        says,
        min((at for at in changed if at is not None), default=None),
        evidence=(*evidence, *_told(session)),
        remedies=remedies,
        sites=session.sites,
    )


def _told(session: Adjacency) -> Iterator[Evidence]:
    for end in session.ends:
        router = end.connection.router
        row = end.session
        if end.stale:
            yield Evidence(words(N_("{router} has not answered lately"), router=router), "against",
                           router)  # fmt: skip
        elif row is not None and (row.sent or row.received):
            yield Evidence(words(N_("last word at {router}: {notification}"), router=router,
                                 notification=row.sent or row.received), source=router)  # fmt: skip
        elif end.connection.about:
            says = words(N_("{router} says: {what}"), router=router, what=end.connection.about)
            yield Evidence(says, source=router)


def _end_that_is(session: Adjacency, state: PeeringState) -> str:
    """The row of the end in that state, on whose router something is to be done."""
    return next((end.key for end in session.spoken if end.state == state), session.key)


def _disabled(sight: Sight) -> Iterator[Finding]:
    for session in sight.adjacencies:
        if why(sight, session) == "disabled":
            ends = [end for end in session.ends if end.connection.disabled]
            off = " ".join(end.connection.router for end in ends)
            yield _finding(
                sight, "session-disabled", session,
                words(N_("the BGP connection of {session} is disabled at {routers}"),
                      session=session.name, routers=off),
                remedies=(Remedy(words(N_("enable the connection on {routers}"), routers=off),
                                 "session.on", "bgp", ends[0].key),),
            )  # fmt: skip


def _as(sight: Sight) -> Iterator[Finding]:
    for session in sight.adjacencies:
        if why(sight, session) == "as":
            yield _finding(
                sight, "session-as", session,
                words(N_("the AS numbers of {session} do not fit"), session=session.name),
                evidence=(Evidence(words(N_("expected and held: {numbers}"),
                                         numbers=_as_differ(session))),),
                remedies=(Remedy(words(N_("set the remote AS to the one that the neighbour has")),
                                 view="bgp", key=session.key),),
            )  # fmt: skip


def _stopped(sight: Sight) -> Iterator[Finding]:
    for session in sight.adjacencies:
        reason = why(sight, session)
        if reason == "stopped":
            yield _finding(
                sight, "session-stopped", session,
                words(N_("{session} was stopped by hand"), session=session.name),
                remedies=(Remedy(words(N_("clear the stop of the session")), "session.clear",
                                 "bgp", _end_that_is(session, "stopped")),),
            )  # fmt: skip
        elif reason == "limit":
            yield _finding(
                sight, "session-stopped", session,
                words(N_("{session} is over its limit of prefixes"), session=session.name),
                remedies=(Remedy(words(N_("find out what the neighbour announces; then raise the "
                                          "limit")), view="bgp", key=session.key),
                          Remedy(words(N_("then clear the flag of the session")),
                                 "session.clear", "bgp", _end_that_is(session, "limit"))),
            )  # fmt: skip


def _down(sight: Sight) -> Iterator[Finding]:
    for session in sight.adjacencies:
        if why(sight, session) == "down":
            yield _finding(
                sight, "session-down", session,
                words(N_("BGP {session} is down"), session=session.name),
                remedies=(Remedy(words(N_("see whether TCP 179 passes over the link, and what the "
                                          "log of the routers says")), view="bgp",
                                 key=session.key),
                          Remedy(words(N_("switch the connection off and on, for a new session")),
                                 "session.bounce", "bgp", session.key)),
            )  # fmt: skip


def _flaps(sight: Sight) -> Iterator[Finding]:
    for session in sight.adjacencies:
        if why(sight, session) == "flaps":
            falls = max((_past(sight, e.connection.key).falls for e in session.ends), key=len)
            yield _finding(
                sight, "session-flaps", session,
                words(N_("BGP {session} comes and goes: {n} falls in {minutes} minutes"),
                      session=session.name, n=len(falls),
                      minutes=max(1, int((sight.now - falls[0]) / 60))),
                remedies=(Remedy(words(N_("a hold timer that expires while the tunnel is well "
                                          "means a filter or MTU")), view="bgp",
                                 key=session.key),),
            )  # fmt: skip


def _empty(sight: Sight) -> Iterator[Finding]:
    for session in sight.adjacencies:
        if why(sight, session) == "empty" and not session.outside:
            yield _finding(
                sight, "session-empty", session,
                words(N_("BGP {session} is up and brings no prefix"), session=session.name),
                severity="notice",
                remedies=(Remedy(words(N_("look at the neighbour's output filter")), view="bgp",
                                 key=session.key),
                          Remedy(words(N_("ask the neighbour for its routes again")),
                                 "session.refresh", "bgp", _end_that_is(session, "empty"))),
            )  # fmt: skip


SESSION_RULES = (
    Rule("session-disabled", "overlay", (Bgp,), _disabled),
    Rule("session-as", "overlay", (Bgp,), _as),
    Rule("session-stopped", "overlay", (Bgp,), _stopped),
    Rule("session-down", "overlay", (Bgp,), _down),
    Rule("session-flaps", "overlay", (Bgp,), _flaps),
    Rule("session-empty", "overlay", (Bgp,), _empty),
)
