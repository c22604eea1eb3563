"""Carrying out a plan that ends differences: one record after the other, each sent once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from labtui.actions.action import NETBOX, CanStop, Outcome, Plan, Progress, Report, Step, Wire
from labtui.actions.records.facts import LAB, Deed
from labtui.actions.records.lab import action_of
from labtui.actions.records.request import JOURNAL, filled
from labtui.actions.records.sending import Lost, send
from labtui.actions.records.survey import found_in, survey
from labtui.locale import _
from labtui.model.errors import LabError, OutcomeUnknown, Rejected, Unreachable

_CHANGED = 412


async def run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """Each step by itself: what fails does not keep the others from being done."""
    against = await _changed_since(plan, wire)
    done: list[str] = []
    wrong: list[str] = []
    unsure: list[str] = []
    for number, step in enumerate(plan.steps):
        if isinstance(wire, CanStop) and wire.stopped:
            wrong.append(_("stopped before {name}").format(name=step.label))
            break
        report(Progress(note=step.label, fraction=number / len(plan.steps)))
        try:
            if why := against.get(step.target, ""):
                raise Rejected(_("not sent"), why=why)
            if step.way == LAB:
                await _changed_lab(plan, step, wire, report)
            else:
                await _written(step, wire, report)
            done.append(step.label)
        except OutcomeUnknown as error:
            unsure.append(f"{step.label}: {error}")
        except Unreachable as error:
            # Who does not answer now would be asked in vain for all the others.
            left = ", ".join(each.label for each in plan.steps[number:])
            text = _("not sent, {why}: {names}")
            wrong.append(text.format(why=error.why or error.what, names=left))
            break
        except LabError as error:
            wrong.append(f"{step.label}: {reason(error)}")
        report(Progress(line=(unsure or wrong or done)[-1]))
    return _outcome(plan, done, wrong, unsure)


def _outcome(
    plan: Plan, done: Sequence[str], wrong: Sequence[str], unsure: Sequence[str]
) -> Outcome:
    text = _("{n} of {all} mended").format(n=len(done), all=len(plan.steps))
    note = "; ".join((text, *unsure, *wrong)) if len(done) < len(plan.steps) else _("mended")
    if unsure:
        return Outcome("unknown", note)
    return Outcome("failed" if wrong else "done", note)


def reason(error: LabError) -> str:
    """What went wrong, for one line."""
    if isinstance(error, Rejected) and error.status == _CHANGED:
        return _("somebody changed it meanwhile: look again")
    text = error.why or error.what
    return f"{text}. {error.remedy}" if error.remedy else text


async def _changed_since(plan: Plan, wire: Wire) -> dict[str, str]:
    """What was saved since the plan was made, with why it is left alone. Before 4.6 nothing else
    keeps two people from overwriting each other."""
    by_list: dict[str, dict[str, str]] = {}
    for place, stamp in plan.stands_on:
        path, _slash, number = place.rpartition("/")
        by_list.setdefault(path, {})[number] = stamp
    found: dict[str, str] = {}
    for path, stamps in by_list.items():
        rows = await wire.read(NETBOX, path, id=",".join(sorted(stamps)), limit=1000)
        now = {str(row.get("id")): row.get("last_updated") for row in rows if isinstance(row, dict)}
        for number, stamp in stamps.items():
            if number not in now:
                found[f"{path}/{number}"] = _("it is not there any more")
            elif now[number] != stamp:
                found[f"{path}/{number}"] = _("somebody changed it meanwhile: look again")
    return found


async def _written(step: Step, wire: Wire, report: Report) -> None:
    """The requests of one record. Raises `LabError`."""
    ids: list[int] = []
    made: list[str] = []
    for each in step.calls:
        call = filled(each, ids)
        if call.path == JOURNAL:
            await _noted(step, call, wire, report)
            continue
        try:
            row: Any = await send(call, wire, report)
        except Lost as error:
            raise OutcomeUnknown(error.what, where=error.where, why=error.why) from None
        except LabError as error:
            if made:
                # What was made before it stays, and is told: nothing is deleted behind one's back.
                text = _("made before that: {list}").format(list=", ".join(made))
                report(Progress(line=text))
                raise Rejected(
                    error.what, where=error.where, why=f"{reason(error)}; {text}"
                ) from None
            raise
        number = row.get("id") if isinstance(row, dict) else None
        ids.append(number if isinstance(number, int) else 0)
        made.append(f"{call.method} {call.path}")


async def _noted(step: Step, call: Any, wire: Wire, report: Report) -> None:
    """The entry in the journal: what was mended stays mended without it."""
    try:
        await wire.call(call)
    except LabError as error:
        text = _("{name}: no entry in NetBox's journal: {why}")
        report(Progress(line=text.format(name=step.label, why=error.why or error.what)))


async def _changed_lab(plan: Plan, step: Step, wire: Wire, report: Report) -> None:
    """The plan of the other action, made anew and held against the one that was shown."""
    keys = step.subject.split(",")
    if not any(key in found_in(wire.snapshot) for key in keys):
        return
    facts = await survey(step.subject, wire)
    deeds = [deed for item in facts.items for deed in item.deeds if deed.action == step.source]
    if not deeds or deeds[0].calls != step.calls or deeds[0].blockers:
        why = "; ".join(deeds[0].blockers) if deeds else ""
        raise Rejected(_("not sent"), why=why or _("it is not as the plan said: look again"))
    outcome = await _acted(deeds[0], wire, report)
    if outcome.state == "unknown":
        raise OutcomeUnknown(outcome.note, where=step.label)
    if outcome.state != "done":
        raise Rejected(outcome.note, where=step.label)


async def _acted(deed: Deed, wire: Wire, report: Report) -> Outcome:
    action = action_of(deed)
    if action is None:
        return Outcome("failed", _("nothing does that"))
    facts = await action.survey(deed.subject, wire)
    for name, value in deed.answers:
        facts = action.answer(facts, name, value) if action.answer is not None else facts
    plan = action.draft(facts, deed.choice, "")
    if not plan.ready:
        return Outcome("failed", "; ".join(plan.blockers))
    return await action.run(plan, wire, report)
