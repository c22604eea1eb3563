"""What a plan about a mapping rests on: the mappings and the node's devices, read anew.

All mappings of a kind, PCI or USB, are in one file, and have one digest. A plan sends every entry
of its mapping back, so it keeps the lines as the server has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from labtui.actions import interlock
from labtui.actions.action import Call, Fact, Outcome, Plan, Progress, Report, Right, Scope, Wire
from labtui.actions.interlock import Standing
from labtui.actions.task_run import reason
from labtui.locale import _
from labtui.model.devices import Hardware
from labtui.model.errors import LabError, NotFound, OutcomeUnknown
from labtui.model.snapshot import Snapshot
from labtui.model.text import clean
from labtui.model.usb_check import PREFIX

PRIVILEGE = "Mapping.Modify"
PATH = "/cluster/mapping"
RIGHTS_PATH = "/mapping"


_NAME = re.compile(r"[a-z][a-z0-9_-]{1,60}", re.IGNORECASE)


class Row(msgspec.Struct, frozen=True):
    """A mapping as the server has it now; `lines` are its entries, word for word."""

    name: str
    lines: tuple[str, ...]
    digest: str = ""
    description: str = ""


class MappingFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `values` are what was set in the plan, by input."""

    cluster: str
    subject: str
    read_at: float
    standing: Standing
    rows: tuple[Row, ...]
    hardware: Hardware
    snapshot: Snapshot
    values: Mapping[str, str] = {}
    unread: str = ""
    kind: str = "pci"

    @property
    def path(self) -> str:
        """Where the server has the mappings of the kind."""
        return f"{PATH}/{self.kind}"

    @property
    def digest(self) -> str:
        """That of all mappings; empty while there is none."""
        return next((row.digest for row in self.rows if row.digest), "")

    def row(self, name: str) -> Row | None:
        """The mapping of that name."""
        return next((row for row in self.rows if row.name == name), None)


def named(subject: str) -> tuple[str, str, str]:
    """(cluster, pci or usb, name) of a mapping's key."""
    cluster, _slash, name = subject.partition("/")
    kind = "usb" if name.startswith(PREFIX) else "pci"
    return cluster, kind, name.removeprefix(PREFIX)


def scope(
    cluster: str, label: str, nodes: tuple[str, ...], kind: str = "pci", name: str = ""
) -> Scope:
    """What an action on a mapping lays hands on; the right is explained before anything is sent.

    Without a name it is on all mappings of the kind.
    """
    path = "/".join(filter(None, (RIGHTS_PATH, kind, name)))
    return Scope(cluster, label, nodes, (), (Right(PRIVILEGE, path),))


async def survey(subject: str, wire: Wire, wanted: Scope, kind: str = "pci") -> MappingFacts:
    """Read what a plan needs. Raises `NotFound` when the cluster's devices were never read."""
    cluster = subject.partition("/")[0]
    hardware = wire.snapshot.one(Hardware, cluster)
    if hardware is None:
        raise NotFound(_("devices not read yet"), where=cluster, remedy=_("press r to read again"))
    standing = await interlock.look(wanted, wire)
    unread = ""
    rows: tuple[Row, ...] = ()
    try:
        rows = rows_of(await wire.read(cluster, f"{PATH}/{kind}"))
    except LabError as error:
        unread = reason(error)
    return MappingFacts(
        cluster, subject, wire.now(), standing, rows, hardware, wire.snapshot, {}, unread, kind
    )


def answer(facts: MappingFacts, name: str, value: str) -> MappingFacts:
    """The facts with another value for one input."""
    return msgspec.structs.replace(facts, values={**facts.values, name: value})


def name_problem(name: str) -> str:
    """Why the server does not take that name."""
    return "" if _NAME.fullmatch(name) else _("a letter, then letters, digits, - and _")


def call_of(
    facts: MappingFacts, name: str, row: Row | None, line: str, *, mdev: bool = False
) -> Call:
    """A new mapping with that line, or one more line of one that there is."""
    if row is None:
        params: list[tuple[str, str | int]] = [("id", name), ("map", line)]
        if mdev:
            params.append(("mdev", 1))
        return Call(facts.cluster, "POST", facts.path, tuple(params))
    lines = [("map", each) for each in (*row.lines, line)]
    digest = row.digest or facts.digest
    sent = (*lines, *((("digest", digest),) if digest else ()))
    return Call(facts.cluster, "PUT", f"{facts.path}/{name}", sent)


def rows_of(data: Any) -> tuple[Row, ...]:
    """The rows of `GET /cluster/mapping/{pci,usb}`; what is none is left out."""
    found = []
    for row in data if isinstance(data, list) else [data]:
        if not isinstance(row, dict) or not row.get("id"):
            continue
        told = row.get("map")
        lines = told if isinstance(told, list) else [told] if told else []
        found.append(
            Row(
                clean(str(row["id"])),
                tuple(clean(str(line), len(str(line)) + 1) for line in lines),
                clean(str(row.get("digest") or ""), 80),
                clean(str(row.get("description") or "")),
            )
        )
    return tuple(found)


async def carry_out(plan: Plan, wire: Wire, report: Report, name: str) -> Outcome:
    """The call, once; then the mapping is read again, and what its nodes say of it."""
    cluster = plan.calls[0].source
    try:
        now = rows_of(await wire.read(cluster, _list_of(plan)))
    except LabError as error:
        return Outcome("failed", reason(error))
    before = dict(plan.stands_on).get("digest", "")
    present = next((row.digest for row in now if row.digest), "")
    if before != present:
        return Outcome("failed", _("the mappings were changed meanwhile: plan again"))
    report(Progress(note=_("writing the mapping")))
    lost = False
    try:
        await wire.call(plan.calls[0])
    except OutcomeUnknown:
        lost = True
        report(Progress(note=_("the answer was lost: looking whether it was taken")))
    except LabError as error:
        return Outcome("failed", reason(error))
    return await _proved(plan, wire, cluster, name, lost=lost)


def _list_of(plan: Plan) -> str:
    """Where the mappings of the plan's kind are."""
    return "/".join(plan.calls[0].path.split("/")[:4])


async def _proved(plan: Plan, wire: Wire, cluster: str, name: str, *, lost: bool) -> Outcome:
    """What the server has now against what was sent."""
    call = plan.calls[0]
    try:
        rows = rows_of(await wire.read(cluster, _list_of(plan)))
    except LabError as error:
        note = _("it can't be read again ({why})").format(why=reason(error))
        return Outcome("unknown" if lost else "done", note)
    row = next((each for each in rows if each.name == name), None)
    if call.method == "DELETE":
        if row is None:
            return Outcome("done", _("mapping {name} is gone").format(name=name))
        return Outcome("unknown" if lost else "failed", _("it is still there"))
    wanted = {_parts(str(value)) for key, value in call.params if key == "map"}
    if row is None or {_parts(line) for line in row.lines} != wanted:
        text = _("it was not taken, or somebody changed it since")
        return Outcome("unknown" if lost else "failed", text)
    wrong = await _checked(wire, cluster, _list_of(plan), row)
    if wrong:
        return Outcome("done", _("written, but: {said}").format(said="; ".join(wrong)))
    return Outcome("done", _("mapping {name} fits on all its nodes").format(name=name))


def keys_of(line: str) -> dict[str, str]:
    """The keys of an entry as the server has it."""
    return dict(part.partition("=")[::2] for part in line.split(","))


def about(facts: MappingFacts, row: Row | None, line: str) -> Iterable[Fact]:
    """What a plan says of the entry and of the mapping that gets it."""
    yield Fact(_("entry"), line)
    if row is None:
        yield Fact(_("mapping"), _("is made"))
    else:
        text = _("gets one more entry; it has {n}")
        yield Fact(_("mapping"), text.format(n=len(row.lines)))
    for note in facts.standing.notes:
        yield Fact(_("note"), note)


def _parts(line: str) -> frozenset[str]:
    """An entry without the order of its keys, which the server may change."""
    return frozenset(part.strip() for part in line.split(",") if part.strip())


async def _checked(wire: Wire, cluster: str, path: str, row: Row) -> list[str]:
    """What the nodes of its entries say of it; one that can't be asked says nothing."""
    said = []
    for node in dict.fromkeys(keys_of(line).get("node", "") for line in row.lines):
        try:
            data = await wire.read(cluster, path, **{"check-node": node})
        except LabError as error:
            said.append(f"{node}: {reason(error)}")
            continue
        for each in data if isinstance(data, list) else []:
            if isinstance(each, dict) and str(each.get("id")) == row.name:
                # USB mappings of 8.4 have them under the other name alone.
                told = each.get("checks") or each.get("error")
                said += (f"{node}: {text}" for text in _words(told))
    return said


def _words(checks: object) -> list[str]:
    """The messages of a list of checks."""
    rows = checks if isinstance(checks, list) else []
    return [clean(str(row.get("message", "")).strip()) for row in rows if isinstance(row, dict)]
