"""Carrying out an action on a tunnel or session, and looking what became of it, from both ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from labtui.actions.action import Outcome, Plan, Progress, Report, Wire
from labtui.actions.overlay import proof
from labtui.actions.overlay.course import Course, new_id, opened
from labtui.actions.overlay.desk import SAFE, on, rows, why_of
from labtui.actions.overlay.plan import OverlayFacts, answer, draft, survey
from labtui.actions.overlay.resume import run as taken_back
from labtui.actions.overlay.verbs import Verb, menu_of
from labtui.locale import _
from labtui.model.errors import LabError

_SOON = 10.0


async def run(verb: Verb, plan: Plan, wire: Wire, report: Report) -> Outcome:
    """Carry it out; what does not become what it should is taken back where that can be."""
    if plan.book:
        return await taken_back(plan, wire, report)
    facts = await survey(verb, plan.subject, wire)
    for item in plan.inputs:
        facts = answer(facts, item.id, item.value)
    again = draft(facts, "", "")
    if not again.ready:
        return Outcome("failed", _("not begun: {why}").format(why="; ".join(again.blockers)))
    if (again.calls, again.confirm) != (plan.calls, plan.confirm):
        return Outcome("failed", _("not begun: it has changed since; plan again"))
    book = await opened(wire, plan, plan.calls, new_id())
    course = Course(wire, book, "", report, len(plan.calls))
    try:
        words = await _done(facts, plan, course, wire, report)
    except LabError as error:
        return await course.roll_back(why_of(error))
    state: Outcome = Outcome("done", words)
    return await course.finish(state)


async def _done(facts: OverlayFacts, plan: Plan, course: Course, wire: Wire, report: Report) -> str:
    """Every call, then what became of it. Raises `LabError`."""
    router = facts.target.router
    held = plan.calls[0].path == f"{SAFE}/take"
    if held:
        await course.take_safe_mode(router)
    for call in plan.calls:
        if not call.path.startswith(f"{SAFE}/"):
            await course.send(call)
    report(Progress(note=_("looking what became of it")))
    words = await _outcome(facts, wire)
    if held:
        if isinstance(wire, proof.LogsInAnew):
            await wire.log_in_anew(router)
        await course.release(router)
    return words


async def _outcome(facts: OverlayFacts, wire: Wire) -> str:
    """How it stands now; what should have come and did not is told, it is no reason to go back."""
    looks: dict[Verb, Callable[[OverlayFacts, Wire], Awaitable[str]]] = {
        "off": _switched,
        "face-off": _switched,
        "on": _up,
        "face-on": _up,
        "bounce": _up,
        "refresh": _session_state,
        "resend": _session_state,
        "stop": _stopped,
        "clear": _up,
    }
    return await looks[facts.verb](facts, wire)


async def _switched(facts: OverlayFacts, wire: Wire) -> str:
    target = facts.target
    if facts.verb == "face-off":
        menu, query = "/interface/wireguard", {"?name": target.face}
    elif target.kind == "tunnel":
        menu = menu_of(target)
        query = {"?interface": target.face, "?public-key": target.key}
    else:
        menu, query = menu_of(target), {"?name": target.connection}

    async def look() -> bool:
        found = await rows(wire, target.router, menu, **{".proplist": "disabled"}, **query)
        return bool(found) and on(found[0], "disabled")

    if not await proof.until(look, wire, _SOON):
        return _("it was told so, but it does not say that it is off")
    return _("it is off, by its own word")


async def _up(facts: OverlayFacts, wire: Wire) -> str:
    return await (_shaken if facts.target.kind == "tunnel" else _spoken)(facts, wire)


async def _shaken(facts: OverlayFacts, wire: Wire) -> str:
    """A handshake after the switch, on both ends where both are ours."""
    target, began = facts.target, wire.now()
    ends = [(target.router, target.face, target.key)]
    if target.far_router:
        ends.append((target.far_router, target.far_face, target.own_key))

    async def look() -> bool:
        for router, face, key in ends:
            age = await proof.handshake_age(wire, router, face, key)
            if age is None or age > wire.now() - began + 1.0:
                return False
        return True

    if not await proof.until(look, wire, proof.HANDSHAKE):
        text = _("it is on, but there was no handshake within {n:.0f} s")
        return text.format(n=proof.HANDSHAKE)
    if target.far_router:
        return _("a new handshake, seen from both ends")
    return _("a new handshake; the other end is not ours to ask")


async def _spoken(facts: OverlayFacts, wire: Wire) -> str:
    target = facts.target
    ends = [(target.router, target.remote, target.old)]
    if target.far_router and target.local:
        ends.append((target.far_router, target.local, False))
    counts: list[int] = []

    async def look() -> bool:
        counts.clear()
        for router, remote, old in ends:
            row = await proof.session(wire, router, remote, old=old)
            if not proof.established(row):
                return False
            counts.append(proof.prefixes(row))
        return True

    if not await proof.until(look, wire, proof.SESSION):
        text = _("it was done, but the session is not up within {n:.0f} s")
        return text.format(n=proof.SESSION)
    numbers = " + ".join(str(count) for count in counts)
    where = _("from both ends") if len(ends) > 1 else _("from this end")
    return _("established {where}, {numbers} prefixes").format(where=where, numbers=numbers)


async def _session_state(facts: OverlayFacts, wire: Wire) -> str:
    row = await proof.session(wire, facts.target.router, facts.target.remote)
    if not proof.established(row):
        return _("it was told so, but the session is not up")
    return _("it was told so; established, {n} prefixes").format(n=proof.prefixes(row))


async def _stopped(facts: OverlayFacts, wire: Wire) -> str:
    async def look() -> bool:
        row = await proof.session(wire, facts.target.router, facts.target.remote)
        return not proof.established(row)

    if not await proof.until(look, wire, _SOON):
        return _("it was told so, but the session is still up")
    return _("it is stopped; clear takes the flag off")
