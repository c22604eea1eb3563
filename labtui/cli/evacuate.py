"""`labtui evacuate NODE`: the plan and the run of the key `E`, without the screen."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from labtui.actions import ACTIONS
from labtui.actions.action import SSH, Action, Plan, Step
from labtui.actions.evacuation.action import EVACUATE, RETURN
from labtui.actions.evacuation.draft import draft, way_text
from labtui.actions.evacuation.order import Limits
from labtui.actions.evacuation.ways import ALL, RUNNING, UNBROKEN
from labtui.cli.exits import Exit, say
from labtui.cli.names import find_node
from labtui.cli.output import aligned, padded
from labtui.cli.plans import Terms, answered, go, over_lab
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.cluster import Resources
from labtui.model.snapshot import Snapshot

TOPICS = frozenset(("resources", "membership", "tasks", "ha", "rights", "hardware", "configs"))


class Wanted(msgspec.Struct, frozen=True):
    """What was asked for. `to` are names of nodes with commas; `limit` from one node at a time.

    `maintenance`: `1` or `0` for HA maintenance as the first step, empty for what the plan says.
    `answers` are `name=value` for the plan's inputs.
    """

    node: str
    to: str = ""
    stopped: bool = False
    unbroken: bool = False
    back: bool = False
    anew: bool = False
    limit: int = 2
    maintenance: str = ""
    answers: tuple[str, ...] = ()
    terms: Terms = Terms()

    @property
    def action(self) -> Action:
        return RETURN if self.back else EVACUATE

    @property
    def mode(self) -> str:
        """Which guests; none said: those that run, or to go on with an interrupted one."""
        chosen = UNBROKEN if self.unbroken else ALL if self.stopped else ""
        return chosen if chosen or not self.anew else RUNNING


def evacuate(config: Config, wanted: Wanted, *, read_only: bool) -> int:
    """Plan, ask, carry out, follow to the end."""
    return over_lab(
        config,
        TOPICS,
        lambda lab, snapshot: _evacuate(lab, snapshot, wanted),
        read_only=read_only,
    )


async def _evacuate(lab: LiveLab, snapshot: Snapshot, wanted: Wanted) -> int:
    subject = find_node(snapshot, wanted.node)
    if isinstance(subject, Exit):
        return subject
    if reason := wanted.action.applies(subject, snapshot):
        return say(reason, Exit.BLOCKED)
    if (unknown := _unknown_nodes(snapshot, subject, wanted.to)) is not None:
        return unknown
    facts: Any = await wanted.action.survey(subject, lab.wire)
    if wanted.maintenance and wanted.action.answer is not None:
        facts = wanted.action.answer(facts, "maintenance", wanted.maintenance)
    limits = Limits(wanted.limit, wanted.limit)
    plan = draft(facts, wanted.to, wanted.mode, limits)
    facts = answered(wanted.action, facts, plan, wanted.answers)
    if isinstance(facts, Exit):
        return facts
    plan = draft(facts, wanted.to, wanted.mode, limits)
    return await show_and_go(lab, plan, wanted.terms)


async def show_and_go(lab: LiveLab, plan: Plan, terms: Terms) -> int:
    """Show a plan for several guests, then `go` where it can and is wanted."""
    sys.stdout.write(as_json(plan) if terms.for_script else plan_text(plan))
    if plan.blockers or any(item.problem for item in plan.inputs):
        return Exit.BLOCKED
    if not plan.calls:
        # What stays needs no call; whether that is all is told by the plan.
        return Exit.BLOCKED if any(step.running for step in plan.steps) else Exit.DONE
    left = _("left; what is under way ends by itself, and `labtui jobs resume` takes up the rest")
    return await go(lab, action_of(plan), plan, terms, left)


def action_of(plan: Plan) -> Action:
    """What carries that plan out."""
    return next(action for action in ACTIONS if action.id == plan.action)


def _unknown_nodes(snapshot: Snapshot, subject: str, to: str) -> Exit | None:
    cluster, _slash, source = subject.partition("/")
    resources = snapshot.one(Resources, cluster) or Resources()
    known = {node.name for node in resources.nodes} - {source}
    wrong = [name for name in to.split(",") if name and name not in known]
    if wrong:
        return say(_("no node '{name}' to move it to").format(name=" ".join(wrong)), Exit.USAGE)
    return None


def plan_text(plan: Plan) -> str:
    """The plan in plain text: what stands over it, then a line for each guest."""
    rows = [step for step in plan.steps if step.target]
    lines = [plan.title]
    told = [(f.label, f.text) for f in plan.facts if not _of_a_step(plan, f.label)]
    told += [
        (item.id, f"{item.value}  {item.problem or item.hint}".rstrip()) for item in plan.inputs
    ]
    told += [(_("first"), str(call)) for call in plan.calls[:1] if call.method == SSH]
    told += [(_("blocked"), text) for text in plan.blockers]
    told += [(_("warning"), text) for text in plan.warnings]
    lines += [f"  {padded(label, 10)} {text}" for label, text in told]
    if rows and not plan.book:
        lines += ["", *_table(rows)]
    return "\n".join(lines) + "\n"


def _of_a_step(plan: Plan, label: str) -> bool:
    return not plan.book and label in {_("wave {n}").format(n=step.wave) for step in plan.steps}


def _table(rows: Sequence[Step]) -> list[str]:
    head = (_("WAVE"), _("GUEST"), _("FROM"), _("TO"), _("SECONDS"), _("HOW"))
    body = [
        (str(s.wave), s.label, s.source, s.target, f"{s.estimate:.0f}", way_text(s.way))
        for s in rows
    ]
    return [f"  {line}" for line in aligned((head, *body)).splitlines()]


def as_json(plan: Plan) -> str:
    """The plan for scripts: what goes with its calls, what stays with the reason."""
    told = {
        "title": plan.title,
        "mode": plan.mode,
        "ready": plan.ready,
        "blockers": list(plan.blockers),
        "warnings": list(plan.warnings),
        "seconds": plan.estimate,
        "limits": {"from_one_node": plan.limits[0], "to_one_node": plan.limits[1]},
        "resumes": plan.book or None,
        "goes": [_record(step) for step in plan.steps if step.target],
        "stays": [
            {"guest": s.subject, "name": s.label, "running": s.running, "why": s.note}
            for s in plan.steps
            if not s.target
        ],
        "calls": [str(call) for call in plan.calls],
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _record(step: Step) -> dict[str, object]:
    return {
        "guest": step.subject,
        "name": step.label,
        "from": step.source,
        "to": step.target,
        "how": step.way,
        "wave": step.wave,
        "seconds": round(step.estimate, 1),
        "running": step.running,
    }
