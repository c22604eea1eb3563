"""The actions on mappings. Their parts are imported when they are first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from labtui.actions.action import Action, Outcome, Plan, Report, Scope, Wire
from labtui.locale import N_
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.actions.mappings.facts import MappingFacts


def _make_applies(subject: str, snapshot: Snapshot) -> str:
    from labtui.actions.mappings.make import applies

    return applies(subject, snapshot)


def _make_scope(subject: str, snapshot: Snapshot) -> Scope:
    from labtui.actions.mappings.make import scope

    return scope(subject, snapshot)


async def _make_survey(subject: str, wire: Wire) -> MappingFacts:
    from labtui.actions.mappings.make import survey

    return await survey(subject, wire)


def _make_draft(facts: MappingFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.mappings.make import draft

    return draft(facts, choice, mode)


def _answer(facts: MappingFacts, name: str, value: str) -> MappingFacts:
    from labtui.actions.mappings.facts import answer

    return answer(facts, name, value)


async def _run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    from labtui.actions.mappings.facts import carry_out

    return await carry_out(plan, wire, report, dict(plan.stands_on)["name"])


def _repair_applies(subject: str, snapshot: Snapshot) -> str:
    from labtui.actions.mappings.repair import applies

    return applies(subject, snapshot)


def _repair_scope(subject: str, snapshot: Snapshot) -> Scope:
    from labtui.actions.mappings.repair import scope

    return scope(subject, snapshot)


async def _repair_survey(subject: str, wire: Wire) -> MappingFacts:
    from labtui.actions.mappings.repair import survey

    return await survey(subject, wire)


def _repair_draft(facts: MappingFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.mappings.repair import draft

    return draft(facts, choice, mode)


def _delete_applies(subject: str, snapshot: Snapshot) -> str:
    from labtui.actions.mappings.repair import deletable

    return deletable(subject, snapshot)


def _delete_scope(subject: str, snapshot: Snapshot) -> Scope:
    from labtui.actions.mappings.repair import delete_scope

    return delete_scope(subject, snapshot)


async def _delete_survey(subject: str, wire: Wire) -> MappingFacts:
    from labtui.actions.mappings.repair import delete_survey

    return await delete_survey(subject, wire)


def _delete_draft(facts: MappingFacts, choice: str, mode: str) -> Plan:
    from labtui.actions.mappings.repair import delete_draft

    return delete_draft(facts, choice, mode)


MAP_CARD = Action(
    id="mapping.make",
    noun="gpu",
    key="m",
    title=N_("map"),
    hint=N_("Make a mapping of this card, or add it to one."),
    applies=_make_applies,
    scope=_make_scope,
    survey=_make_survey,
    draft=_make_draft,
    run=_run,
    answer=_answer,
)
MAP_DEVICE = msgspec.structs.replace(
    MAP_CARD, id="device.map", noun="device", hint=N_("Make a mapping of this device, PCI or USB.")
)
MEND_MAPPING = Action(
    id="mapping.repair",
    noun="mapping",
    key="e",
    title=N_("mend"),
    hint=N_("Set entries that do not fit the hardware any more."),
    applies=_repair_applies,
    scope=_repair_scope,
    survey=_repair_survey,
    draft=_repair_draft,
    run=_run,
    answer=_answer,
)
DELETE_MAPPING = Action(
    id="mapping.delete",
    noun="mapping",
    key="",
    title=N_("delete mapping"),
    hint=N_("Delete a mapping that no guest uses."),
    applies=_delete_applies,
    scope=_delete_scope,
    survey=_delete_survey,
    draft=_delete_draft,
    run=_run,
    danger=True,
)
