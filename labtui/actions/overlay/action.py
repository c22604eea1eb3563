"""The actions on tunnels and sessions, by what is selected.

The parts are imported when they are first needed: no frame has to wait for them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from labtui.actions.action import Action, Outcome, Plan, Report, Scope, Wire
from labtui.locale import N_, _
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.actions.overlay.plan import OverlayFacts
    from labtui.actions.overlay.verbs import Verb


def _applies(noun: str, subject: str, snapshot: Snapshot) -> str:
    """Why not, from the row alone; the plan says the rest."""
    del snapshot
    if noun == "link" and not subject.startswith(("wireguard/", "bgp/")):
        return _("only WireGuard and BGP can be switched from here")
    return ""


def _scope(subject: str, snapshot: Snapshot) -> Scope:
    from labtui.actions.overlay.plan import scope

    return scope(subject, snapshot)


def _survey(verb: Verb) -> Callable[[str, Wire], Awaitable[OverlayFacts]]:
    async def survey(subject: str, wire: Wire) -> OverlayFacts:
        from labtui.actions.overlay import plan

        return await plan.survey(verb, subject, wire)

    return survey


def _resumed(verb: Verb) -> Callable[[str, Wire], Awaitable[OverlayFacts]]:
    async def resumed(book: str, wire: Wire) -> OverlayFacts:
        from labtui.actions.overlay import plan
        from labtui.actions.overlay.resume import subject_of

        return await plan.survey(verb, await subject_of(book, wire), wire)

    return resumed


def _draft(facts: OverlayFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.overlay.plan import draft

    return draft(facts, choice, mode)


def _answer(facts: Any, field: str, value: str) -> OverlayFacts:
    from labtui.actions.overlay.plan import answer

    return answer(facts, field, value)


def _run(verb: Verb) -> Callable[[Plan, Wire, Report], Awaitable[Outcome]]:
    async def run(plan: Plan, wire: Wire, report: Report) -> Outcome:
        from labtui.actions.overlay.run import run as carry_out

        return await carry_out(verb, plan, wire, report)

    return run


def _made(noun: str, verb: Verb, key: str, title: str, hint: str, weight: int = 2) -> Action:
    return Action(
        id=f"{noun}.{verb}",
        noun=noun,
        key=key,
        title=title,
        hint=hint,
        applies=partial(_applies, noun),
        scope=_scope,
        survey=_survey(verb),
        draft=_draft,
        run=_run(verb),
        answer=_answer,
        weight=weight,
        resumed=_resumed(verb),
    )


def _off(noun: str) -> Action:
    return _made(
        noun, "off", "d", N_("switch off"), N_("On this router; the plan says who is behind.")
    )


def _on(noun: str) -> Action:
    return _made(noun, "on", "s", N_("switch on"), N_("And look whether it comes up."))


def _bounce(noun: str) -> Action:
    return _made(noun, "bounce", "b", N_("off and on"), N_("A new handshake, or a new session."))


TUNNEL_OFF, TUNNEL_ON, TUNNEL_BOUNCE = _off("tunnel"), _on("tunnel"), _bounce("tunnel")
SESSION_OFF, SESSION_ON, SESSION_BOUNCE = _off("session"), _on("session"), _bounce("session")
LINK_OFF, LINK_ON, LINK_BOUNCE = _off("link"), _on("link"), _bounce("link")
FACE_OFF = _made(
    "tunnel", "face-off", "", N_("interface off"), N_("The WireGuard interface, all its peers.")
)
FACE_ON = _made("tunnel", "face-on", "", N_("interface on"), N_("The WireGuard interface."))
REFRESH = _made(
    "session", "refresh", "F", N_("refresh"), N_("The neighbour sends its routes again."), 3
)
RESEND = _made("session", "resend", "", N_("resend"), N_("Our routes, to the neighbour again."), 4)
STOP = _made("session", "stop", "D", N_("stop session"), N_("Until its flag is cleared."), 4)
CLEAR = _made("session", "clear", "C", N_("clear flag"), N_("Stopped, or over its limit."), 4)
OVERLAY: tuple[Action, ...] = (
    *(TUNNEL_OFF, TUNNEL_ON, TUNNEL_BOUNCE, FACE_OFF, FACE_ON),
    *(SESSION_OFF, SESSION_ON, SESSION_BOUNCE, REFRESH, RESEND, STOP, CLEAR),
    *(LINK_OFF, LINK_ON, LINK_BOUNCE),
)
