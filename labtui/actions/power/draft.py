"""The plan of starting, stopping or pausing guests, from the facts of its survey. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from labtui.actions.action import Call, Fact, Input, Params, Plan
from labtui.actions.amounts import size
from labtui.actions.guest_facts import Subject, pending_text
from labtui.actions.locks import SUSPENDED
from labtui.actions.power.facts import PowerFacts, Start, Verb
from labtui.locale import N_, _

_FULL, _TIGHT = 1.0, 0.9
_LONGEST_WAIT = 7200
_MOST_LINES = 24
_TITLES: dict[Verb, str] = {
    "start": N_("Start {what}"),
    "shutdown": N_("Shut down {what}"),
    "stop": N_("Stop {what} hard"),
    "reboot": N_("Reboot {what}"),
    "reset": N_("Reset {what}"),
    "suspend": N_("Suspend {what}"),
    "resume": N_("Resume {what}"),
}
_TIMED: tuple[Verb, ...] = ("shutdown", "reboot")
DANGEROUS: tuple[Verb, ...] = ("stop", "reset")


def draft(facts: PowerFacts, choice: str, mode: str) -> Plan:
    """The plan in that mode (empty: the natural one). Of several guests, those that can go go."""
    modes = _modes(facts)
    taken = mode if mode in modes else next(iter(modes), "")
    against = {s.guest.key: list(_against(facts, s, taken)) for s in facts.subjects}
    if facts.verb == "start":
        _fit(facts, against)
    going = [s for s in facts.subjects if not against[s.guest.key]]
    several = len(facts.subjects) > 1
    blockers = [] if several else against[facts.subjects[0].guest.key]
    blockers += _together(facts, going) if several else []
    warnings = [
        f"{s.guest.label}: {text}" if several else text
        for s in (going if several else facts.subjects)
        for text in _warnings(facts, s, taken)
    ]
    told = _lines(facts, against) if several else _facts(facts, facts.subjects[0], taken)
    shown = going if several else facts.subjects
    return Plan(
        action=f"guest.{facts.verb}",
        subject=",".join(s.guest.key for s in shown),
        title=_(_TITLES[facts.verb]).format(what=_what(facts.subjects)),
        made_at=facts.read_at,
        mode=taken,
        modes=modes,
        facts=tuple(told),
        calls=tuple(_call(facts, s, taken) for s in shown),
        blockers=tuple(blockers),
        warnings=tuple(dict.fromkeys(warnings)),
        confirm=_confirm(facts, going) if facts.verb in DANGEROUS else "",
        stands_on=tuple(
            (f"{s.guest.key} {name}", value)
            for s in shown
            for name, value in (("node", s.guest.node), ("status", s.guest.status))
        ),
        inputs=_inputs(facts),
    )


def _what(found: Sequence[Subject]) -> str:
    return found[0].guest.label if len(found) == 1 else _("{n} guests").format(n=len(found))


def _confirm(facts: PowerFacts, going: Sequence[Subject]) -> str:
    """What has to be typed: the guest's name, or how many."""
    guest = facts.subjects[0].guest
    if len(facts.subjects) == 1:
        return guest.name or str(guest.vmid)
    return f"{facts.verb} {len(going)}"


def _modes(facts: PowerFacts) -> tuple[str, ...]:
    kinds = {s.guest.kind for s in facts.subjects}
    if facts.verb == "shutdown":
        # The HA manager stops it hard at the limit in any case (`PVE/HA/Resources/PVEVM.pm`).
        managed = all(s.managed for s in facts.subjects)
        return ("force",) if managed else ("ask", "force")
    if facts.verb == "suspend" and kinds == {"qemu"}:
        return ("pause", "disk")
    return ()


def _inputs(facts: PowerFacts) -> tuple[Input, ...]:
    if facts.verb not in _TIMED:
        return ()
    text = facts.timeout.strip()
    fits = text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _LONGEST_WAIT
    problem = "" if fits else _("a number from 1 to {most}").format(most=_LONGEST_WAIT)
    return (Input("timeout", _("limit"), text, "number", hint=_("seconds"), problem=problem),)


def _together(facts: PowerFacts, going: Sequence[Subject]) -> Iterable[str]:
    if not going:
        yield _("none of them can go, see the reasons")
    if len({s.guest.cluster for s in facts.subjects}) > 1:
        yield _("they are of several clusters: take those of one at a time")


def _against(facts: PowerFacts, subject: Subject, mode: str) -> Iterable[str]:
    """Why this guest can't go, each with what would remove it."""
    yield from subject.blockers
    guest, verb = subject.guest, facts.verb
    if subject.lock_text and not (guest.lock == SUSPENDED and verb in ("start", "resume")):
        yield subject.lock_text
    if guest.template:
        yield _("it is a template: those can't be started")
        return
    if subject.ha_error and verb in ("start", "stop", "shutdown"):
        text = _(
            "HA has it in error and does nothing until that is over: as root on {node} `ha-manager "
            "set {sid} --state disabled`, mend the cause, then start it"
        )
        yield text.format(node=guest.node, sid=guest.sid)
    if (reason := _wrong_state(facts, subject)) or (reason := _unable(verb, subject, mode)):
        yield reason
    if verb == "start":
        yield from facts.starts.get(guest.key, Start()).blockers


def _wrong_state(facts: PowerFacts, subject: Subject) -> str:
    """Why the state that it is in is the wrong one for this."""
    verb, suspended = facts.verb, subject.guest.lock == SUSPENDED
    if verb == "start":
        if subject.paused:
            return _("it is paused: resume it")
        return _("it runs already") if subject.running else ""
    if verb == "resume":
        return "" if subject.paused or suspended else _("it is not paused")
    if not subject.running:
        return _("it does not run ({state})").format(state=subject.state)
    if verb == "suspend":
        return _("it is paused already") if subject.paused else ""
    if verb in _TIMED and subject.paused:
        return _("it is paused, so nothing in it would hear: resume it first, or stop it hard")
    return ""


def _unable(verb: Verb, subject: Subject, mode: str) -> str:
    """What this kind of guest does not do."""
    if verb == "reset" and subject.guest.kind == "lxc":
        return _("a container has no reset button: reboot it")
    if (
        verb == "suspend"
        and mode == "disk"
        and any(k.startswith("hostpci") for k in subject.config)
    ):
        return _("it has a passed-through device, so its memory can't go to disk: shut it down")
    return ""


def _fit(facts: PowerFacts, against: dict[str, list[str]]) -> None:
    """Memory of the nodes, those before in the row counted in: what does not fit is kept back."""
    promised: dict[str, int] = {}
    for subject in facts.subjects:
        need, node = facts.starts.get(subject.guest.key, Start()), subject.guest.node
        if against[subject.guest.key] or need.used is None or not need.size:
            continue
        after = (need.used + promised.get(node, 0) + need.memory) / need.size
        if after > _FULL:
            text = _("memory does not fit: {need} more make {percent:.0f}% of {node}")
            against[subject.guest.key].append(
                text.format(need=size(need.memory), percent=after * 100, node=node)
            )
        else:
            promised[node] = promised.get(node, 0) + need.memory


def _warnings(facts: PowerFacts, subject: Subject, mode: str) -> Iterable[str]:
    verb, guest = facts.verb, subject.guest
    yield from subject.warnings
    if verb == "start":
        need = facts.starts.get(guest.key, Start())
        yield from need.warnings
        if need.used is not None and need.size:
            after = (need.used + need.memory) / need.size
            if _TIGHT < after <= _FULL:
                text = _("memory of {node} gets tight ({percent:.0f}%)")
                yield text.format(node=guest.node, percent=after * 100)
    if verb in DANGEROUS and subject.running:
        yield _("as if its plug were pulled: what it has not written yet is lost")
    if verb in _TIMED and guest.kind == "qemu" and _deaf(subject):
        yield _("it has neither ACPI nor an agent: nothing in it hears, the limit will pass")
    if verb == "suspend" and guest.kind == "lxc":
        yield _("suspending containers is experimental in Proxmox VE")


def _deaf(subject: Subject) -> bool:
    return str(subject.config.get("acpi", 1)) == "0" and not _agent(subject)


def _agent(subject: Subject) -> bool:
    """Whether an agent is enabled in the configuration."""
    first = str(subject.config.get("agent", "0")).split(",")[0].removeprefix("enabled=")
    return first == "1"


def _facts(facts: PowerFacts, subject: Subject, mode: str) -> Iterable[Fact]:
    guest, verb = subject.guest, facts.verb
    now = _("{state}, {cores:g} cores, {memory}, on {node}")
    yield Fact(
        _("now"),
        now.format(
            state=subject.state,
            cores=guest.cpus or 0,
            memory=size(guest.memory_max or 0),
            node=guest.node,
        ),
    )
    need = facts.starts.get(guest.key)
    if need is not None and need.used is not None and need.size:
        after = (need.used + need.memory) / need.size * 100
        yield Fact(guest.node, _("{percent:.0f}% memory after").format(percent=after))
    if verb in _TIMED:
        yield Fact(_("asks"), _asked(subject))
        yield Fact(_("then"), _then(facts, subject, mode))
    if subject.pending and verb in ("start", "reboot"):
        yield Fact(_("applies"), pending_text(subject.pending))
    if subject.managed and verb in ("start", "stop", "shutdown"):
        wanted = "started" if verb == "start" else "stopped"
        text = _("{vmid} is managed by HA: it is asked for {wanted}, the manager carries it out")
        yield Fact(_("note"), text.format(vmid=guest.vmid, wanted=wanted))
    for note in subject.notes:
        yield Fact(_("note"), note)


def _asked(subject: Subject) -> str:
    if subject.guest.kind == "lxc":
        return _("its init system, which ends its services")
    if _agent(subject):
        return _("its guest agent, or the ACPI power button when that does not answer")
    return _("its ACPI power button; a system that does not listen to that does not end")


def _then(facts: PowerFacts, subject: Subject, mode: str) -> str:
    if facts.verb == "reboot":
        return _("it is started again; when it does not end in time, nothing has changed")
    if mode == "force":
        return _("after {seconds} s it is stopped hard").format(seconds=facts.timeout)
    return _("after {seconds} s it is left running, and the job says so").format(
        seconds=facts.timeout
    )


def _lines(facts: PowerFacts, against: dict[str, list[str]]) -> Iterable[Fact]:
    """A line for each of several guests, those that can't go first."""
    ordered = sorted(facts.subjects, key=lambda s: not against[s.guest.key])
    for subject in ordered[:_MOST_LINES]:
        reasons = against[subject.guest.key]
        place = _("{state}, on {node}").format(state=subject.state, node=subject.guest.node)
        text = _("left out: {why}").format(why="; ".join(reasons)) if reasons else place
        yield Fact(subject.guest.label, text)
    if (rest := len(ordered) - _MOST_LINES) > 0:
        yield Fact("", _("and {n} more").format(n=rest))


def _call(facts: PowerFacts, subject: Subject, mode: str) -> Call:
    guest, verb = subject.guest, facts.verb
    params: Params = ()
    if verb in _TIMED and not _inputs(facts)[0].problem:
        # Always said: without it the HA manager would not wait at all.
        params = (("timeout", int(facts.timeout)),)
    if verb == "shutdown" and mode == "force":
        params = (*params, ("forceStop", 1))
    if verb == "suspend" and mode == "disk":
        params = (*params, ("todisk", 1))
    word = "start" if verb == "resume" and guest.lock == SUSPENDED else verb
    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/status/{word}"
    return Call(guest.cluster, "POST", path, params)
