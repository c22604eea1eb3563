"""What a person may set in the plan of a migration. Pure."""

from __future__ import annotations

import msgspec

from labtui.actions.action import Input
from labtui.actions.migration import disks
from labtui.actions.migration.answers import MigrationFacts, Target, Wishes
from labtui.locale import _

STORAGE = "storage."
_MIB = 1 << 20


def answer(facts: MigrationFacts, name: str, value: str) -> MigrationFacts:
    """The facts with that wish; names that there are none of change nothing."""
    return msgspec.structs.replace(facts, wishes=wished(facts.wishes, name, value))


def wished(wishes: Wishes, name: str, value: str) -> Wishes:
    """The wishes with that one too; an empty text is for the default."""
    if name.startswith(STORAGE):
        chosen = {**wishes.storages, name.removeprefix(STORAGE): value}
        return msgspec.structs.replace(wishes, storages=chosen)
    if name in ("limit", "conntrack", "eject"):
        return msgspec.structs.replace(wishes, **{name: value.strip()})
    return wishes


def inputs(facts: MigrationFacts, target: Target | None, *, tied: bool) -> tuple[Input, ...]:
    """The fields of the plan to that target; what the HA manager would drop is not asked."""
    found: list[Input] = []
    if facts.media:
        label = _("eject {drive}").format(drive=", ".join(d.drive for d in facts.media))
        found.append(Input("eject", label, facts.wishes.eject, "flag"))
    if target is None or tied or facts.managed:
        return tuple(found)
    for fit in disks.fits(facts, target):
        label = _("{storage} to").format(storage=fit.source.name)
        names = sorted({name for each in facts.targets for name in _stores(each)})
        wished = facts.wishes.storages.get(fit.source.name, "")
        known = not wished or wished in names
        problem = (
            ""
            if known
            else _("no such storage; there are: {names}").format(
                names=", ".join(fit.options) or "-"
            )
        )
        value = fit.chosen if known else wished
        found.append(
            Input(STORAGE + fit.source.name, label, value, "choice", fit.options, fit.hint, problem)
        )
    if copies(facts):
        hint = _("MiB/s; empty: as the cluster has it")
        problem = "" if limit_of(facts.wishes) is not None else _("a number of MiB/s")
        found.append(
            Input("limit", _("limit"), facts.wishes.limit, "number", hint=hint, problem=problem)
        )
    if offers_conntrack(facts):
        value = facts.wishes.conntrack or "1"
        found.append(Input("conntrack", _("connections"), value, "flag"))
    return tuple(found)


def copies(facts: MigrationFacts) -> bool:
    """Whether anything goes over the network."""
    live = facts.running and facts.guest.kind == "qemu"
    return live or any(not disk.cdrom for disk in disks.copied(facts))


def limit_of(wishes: Wishes) -> int | None:
    """Bytes per second that it may take, 0 for no limit of ours, None for a text that is none."""
    text = wishes.limit.strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()) or not 0 < int(text[:9]) <= 1_000_000:
        return None
    return int(text) * _MIB


def offers_conntrack(facts: MigrationFacts) -> bool:
    """Whether the firewall's connections can go along: 9.x, live."""
    return facts.running and facts.guest.kind == "qemu" and facts.tracks


def _stores(target: Target) -> tuple[str, ...]:
    return tuple(store.name for store in target.stores)
