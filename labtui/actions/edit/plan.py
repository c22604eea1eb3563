"""The survey and the plan of an edit: what is changed, and what waits for a restart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from labtui.actions.action import Call, Fact, Input, InputKind, Plan, Wire
from labtui.actions.guest_facts import Subject, look_at, pending_text, whole
from labtui.actions.guest_task import standing_facts
from labtui.locale import N_, _
from labtui.model.cluster import Resources, Rights
from labtui.model.text import clean

PRIVILEGE = "VM.Config.Options"
_TAG = re.compile(r"[a-z0-9_][a-z0-9_+.-]*", re.IGNORECASE)
_LEAST_MEMORY = 16
_ESCAPED = re.compile(r"\\(.)")
# Input, its label, its kind, the privilege that the server wants for it.
_FIELDS: tuple[tuple[str, str, InputKind, str], ...] = (
    ("description", N_("text"), "text", PRIVILEGE),
    ("tags", N_("tags"), "text", PRIVILEGE),
    ("onboot", N_("on boot"), "flag", PRIVILEGE),
    ("protection", N_("protect"), "flag", PRIVILEGE),
    ("cores", N_("cores"), "number", "VM.Config.CPU"),
    ("memory", N_("memory"), "number", "VM.Config.Memory"),
)


class EditFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `values` are what is wanted by input, `before` what is there.

    `cpus` of the node; `lacking` are privileges that the account does not have.
    """

    subject: Subject
    read_at: float
    before: dict[str, str] = {}
    values: dict[str, str] = {}
    cpus: int | None = None
    lacking: frozenset[str] = frozenset()


async def survey(subject: str, wire: Wire) -> EditFacts:
    """Read what a plan needs. Raises `NotFound`."""
    found = (await look_at(subject, wire, PRIVILEGE, pending=True))[0]
    guest = found.guest
    rights = wire.snapshot.one(Rights, guest.cluster)
    path = f"/vms/{guest.vmid}"
    lacking = {
        privilege
        for _field, _label, _kind, privilege in _FIELDS
        if rights is not None and not rights.allows(privilege, path)
    }
    resources = wire.snapshot.one(Resources, guest.cluster) or Resources()
    node = next((node for node in resources.nodes if node.name == guest.node), None)
    before = values_of(found.config)
    cpus = node.cpus if node else None
    return EditFacts(found, wire.now(), before, before, cpus, frozenset(lacking))


def answer(facts: EditFacts, name: str, value: str) -> EditFacts:
    """The facts with another value for one field."""
    if name not in facts.before:
        return facts
    return msgspec.structs.replace(facts, values={**facts.values, name: value})


def values_of(config: Mapping[str, Any]) -> dict[str, str]:
    """What the fields show of a configuration; line ends of a text are shown as `\\n`."""
    memory = str(config.get("memory", ""))
    parts = dict(part.partition("=")[::2] for part in memory.split(",") if "=" in part)
    return {
        "description": one_line(str(config.get("description", ""))),
        "tags": " ".join(str(config.get("tags", "")).replace(";", " ").split()),
        "onboot": "1" if str(config.get("onboot", 0)) == "1" else "0",
        "protection": "1" if str(config.get("protection", 0)) == "1" else "0",
        "cores": str(config.get("cores", "")),
        "memory": parts.get("current", memory),
    }


def one_line(text: str) -> str:
    """A text of several lines as one: line ends as `\\n`, backslashes doubled."""
    return whole(text.rstrip("\n")).replace("\\", "\\\\").replace("\n", "\\n")


def lines_of(text: str) -> str:
    """The other way round."""
    said = {"n": "\n", "\\": "\\"}
    return _ESCAPED.sub(lambda match: said.get(match[1], match[0]), text)


def draft(facts: EditFacts, choice: str, mode: str) -> Plan:
    """The plan with the values as they are now."""
    guest = facts.subject.guest
    changed = changes(facts)
    blockers = [*facts.subject.blockers]
    if facts.subject.lock_text:
        blockers.append(facts.subject.lock_text)
    return Plan(
        action="guest.edit",
        subject=guest.key,
        title=_("Edit {guest}").format(guest=guest.label),
        made_at=facts.read_at,
        facts=tuple(_facts(facts, changed)),
        calls=(_call(facts, changed),) if changed else (),
        blockers=tuple(blockers),
        warnings=facts.subject.warnings,
        stands_on=standing_facts(guest, status=False),
        inputs=tuple(
            Input(
                name,
                _(label),
                facts.values.get(name, ""),
                kind,
                hint=_("MiB") if name == "memory" else "",
                problem=_problem(facts, name, privilege) if name in changed else "",
            )
            for name, label, kind, privilege in _FIELDS
        ),
    )


def changes(facts: EditFacts) -> dict[str, str]:
    """The fields that differ from what is there, with their new values."""
    wanted = {
        name: " ".join(v.split()) if name == "tags" else v for name, v in facts.values.items()
    }
    return {name: value for name, value in wanted.items() if value != facts.before.get(name)}


def _problem(facts: EditFacts, name: str, privilege: str) -> str:
    """Why a new value will not do."""
    value, guest = facts.values[name].strip(), facts.subject.guest
    if privilege in facts.lacking:
        text = _("{right} on {path} is missing")
        return text.format(right=privilege, path=f"/vms/{guest.vmid}")
    if name == "tags":
        wrong = [tag for tag in value.split() if not _TAG.fullmatch(tag)]
        return _("no tag: {tags}").format(tags=" ".join(wrong)) if wrong else ""
    if name == "cores":
        return _cores_problem(facts, value)
    if name == "memory":
        return _memory_problem(facts, value)
    return ""


def _cores_problem(facts: EditFacts, value: str) -> str:
    if not value and facts.subject.guest.kind == "lxc":
        return ""
    if not (value.isascii() and value.isdigit() and 0 < int(value[:6]) <= 9999):
        return _("a number from 1 on")
    sockets = str(facts.subject.config.get("sockets", 1))
    wanted = int(value) * (int(sockets) if sockets.isdigit() else 1)
    if facts.cpus is not None and wanted > facts.cpus:
        text = _("{node} has {n} only")
        return text.format(node=facts.subject.guest.node, n=facts.cpus)
    return ""


def _memory_problem(facts: EditFacts, value: str) -> str:
    if not (value.isascii() and value.isdigit() and int(value[:10]) >= _LEAST_MEMORY):
        return _("a number of MiB from {least} on").format(least=_LEAST_MEMORY)
    balloon = str(facts.subject.config.get("balloon", ""))
    if balloon.isdigit() and int(balloon) > int(value):
        return _("less than its balloon ({size} MiB)").format(size=balloon)
    return ""


def _facts(facts: EditFacts, changed: Mapping[str, str]) -> Iterable[Fact]:
    subject = facts.subject
    now = _("{state}, on {node}").format(state=subject.state, node=subject.guest.node)
    yield Fact(_("now"), now)
    if subject.pending:
        yield Fact(_("waits"), pending_text(subject.pending))
    labels = {name: _(label) for name, label, _kind, _privilege in _FIELDS}
    for name, value in changed.items():
        before = facts.before.get(name) or "-"
        yield Fact(labels[name], f"{before} > {value or '-'}")
    restart = [name for name in changed if name in ("cores", "memory")]
    if restart and subject.running and subject.guest.kind == "qemu":
        text = _("{keys}: after a restart, unless it can be plugged in while it runs")
        yield Fact(_("note"), text.format(keys=", ".join(labels[name] for name in restart)))
    for note in subject.notes:
        yield Fact(_("note"), note)


def _call(facts: EditFacts, changed: Mapping[str, str]) -> Call:
    guest = facts.subject.guest
    params: list[tuple[str, str | int]] = []
    gone = []
    for name, value in changed.items():
        text = value.strip()
        if not text:
            gone.append(name)
        elif name == "description":
            params.append((name, lines_of(text)))
        elif name == "tags":
            params.append((name, ";".join(text.split())))
        else:
            params.append((name, int(text) if text.isascii() and text.isdigit() else text))
    if gone:
        params.append(("delete", ",".join(gone)))
    # The server refuses when somebody else has changed it since it was read.
    if digest := str(facts.subject.config.get("digest", "")):
        params.append(("digest", clean(digest, 80)))
    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/config"
    return Call(guest.cluster, "PUT", path, tuple(params))
