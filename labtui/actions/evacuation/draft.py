"""The plan of an evacuation as the dialog and `labtui evacuate` show it. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from labtui.actions.action import Call, Choice, Fact, Plan, Step, subjects
from labtui.actions.amounts import size
from labtui.actions.evacuation import wishes
from labtui.actions.evacuation.book import Record, Standing
from labtui.actions.evacuation.facts import Charge, EvacuationFacts
from labtui.actions.evacuation.order import Limits
from labtui.actions.evacuation.plan import Draft, drafted, speed_of
from labtui.actions.evacuation.ways import ALL, MODES, RESUME, RUNNING, UNBROKEN
from labtui.actions.maintenance import offer
from labtui.actions.migration.draft import draft as migration
from labtui.locale import _
from labtui.model.guests import Guest

EVACUATE, RETURN, MIGRATE = "node.evacuate", "node.return", "guest.migrate"
EVERYWHERE = "all"
_STOPPING = ("restart", "cold", "relocate")


def draft(facts: EvacuationFacts, choice: str, mode: str, limits: Limits | None = None) -> Plan:
    """The plan over those nodes (joined by commas; empty or `all`: every one that is fit)."""
    record = msgspec.json.decode(facts.pending, type=Record) if facts.pending else None
    if record is not None and mode in ("", RESUME):
        return resumed(record, facts)
    limits = limits or Limits()
    only = () if choice in ("", EVERYWHERE) else tuple(choice.split(","))
    # Who is marked is meant, running or not.
    taken = mode if mode in MODES else ALL if facts.back or facts.several else RUNNING
    found = drafted(facts, taken, limits, only)
    steps = tuple(msgspec.structs.replace(s, calls=calls_of(s, found)) for s in found.steps)
    return Plan(
        action=MIGRATE if facts.several else RETURN if facts.back else EVACUATE,
        subject=facts.key,
        title=_title(facts),
        made_at=facts.read_at,
        mode=taken,
        modes=_modes(facts),
        chosen=choice or EVERYWHERE,
        choices=() if facts.back else tuple(_choices(facts, found, only)),
        facts=tuple(_fact_lines(facts, found, limits)),
        calls=(*offer.calls(facts.offer), *(call for step in steps for call in step.calls)),
        inputs=wishes.inputs(facts),
        blockers=facts.standing.blockers,
        warnings=(*_warnings(facts, found), *(_forgotten(record) if record else ())),
        estimate=found.seconds,
        confirm=_confirm(facts, found),
        steps=(*steps, *found.stays, *found.off),
        limits=(limits.source, limits.target),
    )


def _confirm(facts: EvacuationFacts, found: Draft) -> str:
    """What is typed before somebody is shut down for it: the node, or how many are marked."""
    if not any("shutdown" in step.parts for step in found.steps):
        return ""
    return facts.node or str(len(facts.charges))


def _modes(facts: EvacuationFacts) -> tuple[str, ...]:
    if facts.several:
        return (RESUME, ALL, UNBROKEN) if facts.pending else (ALL, UNBROKEN)
    if not facts.pending:
        return () if facts.back else MODES
    # Only its journal was read when nobody asked for another plan.
    return (RESUME, *MODES) if facts.places and not facts.back else (RESUME,)


def _forgotten(record: Record) -> Iterable[str]:
    """Whom an interrupted one has shut down, and a new plan would leave off."""
    for step, standing in zip(record.header.steps, record.standings(), strict=True):
        if standing.state == "running" and step.running and "shutdown" in _begun(standing):
            text = _("{guest} was shut down by the interrupted one, which would start it again")
            yield text.format(guest=step.label)


def _begun(standing: Standing) -> tuple[str, ...]:
    return (*standing.done, standing.sending.part if standing.sending else "")


def _title(facts: EvacuationFacts) -> str:
    if facts.several:
        return _("Migrate {n} guests").format(n=len(subjects(facts.key)))
    text = _("Bring the guests back to {node}") if facts.back else _("Empty {node}")
    return text.format(node=facts.node)


def _choices(facts: EvacuationFacts, found: Draft, only: tuple[str, ...]) -> Iterable[Choice]:
    fit = [p.host.name for p in facts.places if not p.against]
    yield Choice(EVERYWHERE, (" ".join(fit),), () if fit else (_("no other node is online"),))
    if len(only) > 1:
        yield Choice(",".join(only), tuple(_load(found, name) for name in only))
    for place in facts.places:
        name = place.host.name
        blockers = (place.against,) if place.against else ()
        told = _load(found, name) if not only or name in only else ""
        yield Choice(name, (told,) if told else (), blockers)


def _load(found: Draft, name: str) -> str:
    count = sum(step.target == name for step in found.steps)
    return _("takes {n}, {percent:.0f}% memory after").format(
        n=count, percent=100 * found.after.get(name, 0.0)
    )


def _fact_lines(facts: EvacuationFacts, found: Draft, limits: Limits) -> Iterable[Fact]:
    if found.steps or found.stays or found.off:
        yield Fact(_("guests"), _counted(found))
    if found.steps:
        yield Fact(_("takes"), _takes(facts, found, limits))
        if not facts.back and not facts.several:
            lost = _fragile(found)
            kept = _("any one of the other nodes may fail after that, by memory")
            yield Fact(_("N+1"), lost or kept)
    stopped = [step.label for step in found.steps if step.running and step.way in _STOPPING]
    if stopped:
        yield Fact(_("interrupts"), ", ".join(stopped))
    for step in found.stays:
        yield Fact(_("stays"), f"{step.label}: {step.note}")
    for step in found.steps:
        yield Fact(_("wave {n}").format(n=step.wave), step_text(step))
    managed = any(way.charge.facts.managed for way in found.ways.values())
    if managed and not facts.several:
        verb = "maintenance-off" if facts.back else "maintenance"
        text = _("keeps its guests away from {node} while that is in maintenance mode: `{command}`")
        if facts.back:
            text = _("sends its guests away while {node} is in maintenance mode: `{command}`")
        command = f"labtui do {verb} {facts.node}"
        yield Fact(_("HA"), text.format(node=facts.node, command=command))


def _counted(found: Draft) -> str:
    text = _("{go} go, {stay} stay").format(go=len(found.steps), stay=len(found.stays))
    if found.off:
        text += _(", {n} are off and stay").format(n=len(found.off))
    return text


def _takes(facts: EvacuationFacts, found: Draft, limits: Limits) -> str:
    text = _(
        "about {seconds:.0f} s ({copied} at {speed}/s, {source}); at most {n} at a time from a node"
    )
    speed, count = facts.speeds.of("live")
    measured = _("from the last {n} moves").format(n=count)
    return text.format(
        seconds=found.seconds,
        copied=size(found.copied),
        speed=size(speed_of(facts)),
        source=measured if speed else _("no move measured yet"),
        n=limits.source,
    )


def way_text(way: str) -> str:
    """A way of leaving, in words."""
    return {
        "live": _("live"),
        "offline": _("offline"),
        "restart": _("with a restart"),
        "cold": _("shut down, moved, started"),
        "ha": _("live, by the HA manager"),
        "relocate": _("stopped, moved, started by the HA manager"),
        "stays": _("stays"),
    }.get(way, way)


def step_text(step: Step) -> str:
    """A step on one line."""
    if not step.target:
        return f"{step.label}: {step.note}"
    text = _("{guest} > {node}  {way}, {seconds:.0f} s")
    return text.format(
        guest=step.label, node=step.target, way=way_text(step.way), seconds=step.estimate
    )


def _warnings(facts: EvacuationFacts, found: Draft) -> Iterable[str]:
    yield from facts.standing.warnings
    for step in found.steps:
        if step.way == "cold":
            yield _("{guest} is shut down for it: its card can't go along while it runs").format(
                guest=step.label
            )
        elif step.way == "relocate":
            yield _("{guest} is stopped for it by the HA manager").format(guest=step.label)
    if lost := _fragile(found):
        yield lost
    yield from found.notes


def _fragile(found: Draft) -> str:
    """Whom the others could not stand in for, or an empty text."""
    if not found.fragile:
        return ""
    text = _("N+1 is lost: were {node} to fail then, the others could not take all its guests")
    return text.format(node=found.fragile)


def calls_of(step: Step, found: Draft) -> tuple[Call, ...]:
    """The literal calls of a step."""
    charge = found.ways[step.subject].charge
    return tuple(call for part in step.parts for call in calls_of_part(part, charge, step))


def calls_of_part(part: str, charge: Charge, step: Step) -> tuple[Call, ...]:
    """The calls of one part, as a plan shows it: what is ejected first, then the move."""
    if part != "migrate":
        return (power_call(part, charge.guest, step.target),)
    facts = charge.facts
    if "shutdown" in step.parts:
        facts = msgspec.structs.replace(facts, running=False)
    return migration(facts, step.target, "").calls


def power_call(part: str, guest: Guest, target: str) -> Call:
    """Shut down where it is, start where it went, or have the HA manager do all of it."""
    if part == "relocate":
        path = f"/cluster/ha/resources/{guest.sid}/relocate"
        return Call(guest.cluster, "POST", path, (("node", target),))
    node = target if part == "start" else guest.node
    path = f"/nodes/{node}/{guest.kind}/{guest.vmid}/status/{part}"
    return Call(guest.cluster, "POST", path, (("timeout", 180),) if part == "shutdown" else ())


def resumed(record: Record, facts: EvacuationFacts) -> Plan:
    """The plan that goes on with what was interrupted."""
    steps, standings = record.header.steps, record.standings()
    left = [steps[n] for n in record.left]
    told = [
        Fact(_("moved"), _("{n} of {all}").format(n=len(record.moved), all=_goers(record))),
        *(
            Fact(_("failed") if standings[n].state != "running" else _("left"), _told(record, n))
            for n in record.left
        ),
    ]
    return Plan(
        action=record.header.action,
        subject=record.header.subject,
        title=_("Go on: {title}").format(title=record.header.title),
        made_at=facts.read_at,
        mode=RESUME,
        modes=_modes(facts),
        facts=(*told, *_wished(record)),
        calls=(*offer.calls(facts.offer), *(call for step in left for call in step.calls)),
        inputs=offer.inputs(facts.offer),
        blockers=facts.standing.blockers,
        warnings=facts.standing.warnings,
        estimate=sum(step.estimate for step in left),
        steps=steps,
        limits=record.header.limits,
        book=record.id,
    )


def _wished(record: Record) -> Iterable[Fact]:
    """What was set in the plan that it goes on with."""
    if record.header.wishes:
        told = "  ".join(f"{name}={value}" for name, value in record.header.wishes.items())
        yield Fact(_("set"), told)


def _goers(record: Record) -> int:
    return sum(bool(step.target) for step in record.header.steps)


def _told(record: Record, number: int) -> str:
    step, standing = record.header.steps[number], record.standings()[number]
    text = step_text(step)
    if standing.note:
        text += f"  ({standing.note})"
    elif standing.begun:
        text += "  " + _("(was under way: looked up first)")
    return text
