"""`labtui allocate address|prefix|asn POOL`: the next free one, handed out by NetBox."""

from __future__ import annotations

from labtui.actions.action import NETBOX
from labtui.actions.records.allot_action import ALLOCATE
from labtui.actions.records.pools import ASN_RANGES
from labtui.cli.exits import Exit, say
from labtui.cli.mending import Wanted, over_record
from labtui.cli.plans import show_and_go
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.records import refs
from labtui.model.records.index import network_of, record_index


def allocate(config: Config, kind: str, pool: str, wanted: Wanted, *, read_only: bool) -> int:
    """Plan, ask, carry out; the value is the last line. Returns the exit status."""
    topics = frozenset(("inventory",))
    return over_record(
        config,
        topics,
        lambda lab, _snapshot: _allocate(lab, kind, pool, wanted),
        read_only=read_only,
    )


async def _allocate(lab: LiveLab, kind: str, pool: str, wanted: Wanted) -> int:
    subject = await _pool(lab, kind, pool)
    if isinstance(subject, Exit):
        return subject
    facts = await ALLOCATE.survey(subject, lab.wire)
    if ALLOCATE.answer is not None:
        facts = ALLOCATE.answer(facts, "about", wanted.why)
        if wanted.length:
            facts = ALLOCATE.answer(facts, "length", wanted.length)
    plan = ALLOCATE.draft(facts, "", kind)
    return await show_and_go(lab, ALLOCATE, plan, wanted.terms, _("left; what was sent is done"))


async def _pool(lab: LiveLab, kind: str, pool: str) -> str | Exit:
    """The path of the pool; how to end after saying why not. Raises `LabError`."""
    if kind == "asn":
        rows = await lab.wire.read(NETBOX, ASN_RANGES, limit=1000)
        known = {row["id"]: (str(row.get("slug")), str(row.get("name"))) for row in rows}
        ids = [number for number, names in known.items() if pool in names]
        path = ASN_RANGES
    else:
        wanted = network_of(pool)
        found = record_index(lab.store.snapshot).prefixes.get(wanted, []) if wanted else []
        ids, path = [each.id for each in found], refs.PREFIXES
    if len(ids) == 1:
        return f"{path}/{ids[0]}"
    text = _("NetBox has no pool '{name}'") if not ids else _("NetBox has several pools '{name}'")
    return say(text.format(name=pool), Exit.USAGE)
