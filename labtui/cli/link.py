"""`labtui link A B`, and `labtui do` on tunnels and sessions: the plans and runs of the keys."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from labtui.actions import ACTIONS
from labtui.actions.action import Action
from labtui.actions.link.action import NEW, REMOVE
from labtui.cli.evacuate import Wanted, open_lab
from labtui.cli.exits import Exit
from labtui.cli.following import carried_out
from labtui.cli.migrate import answered, held_back, may_go, plan_text, say
from labtui.cli.reading import quiet_logs, settled
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.overlay import RouterFacts
from labtui.model.peerings import peerings
from labtui.model.snapshot import Snapshot
from labtui.model.tunnels import tunnels

if TYPE_CHECKING:
    from labtui.cli.do import Wanted as Deed

TOPICS = frozenset(
    ("facts", "wireguard", "bgp", "interfaces", "routes", "inventory", "membership", "resources")
)
"""What a plan on routers rests on."""


def link(options: argparse.Namespace, config: Config) -> int:
    """Make a link, or take one away."""
    wanted = Wanted(
        "",
        dry_run=options.dry_run,
        sure=options.yes,
        confirm=options.confirm,
        output=options.output,
        reason=options.reason,
    )
    action, pair = REMOVE if options.remove else NEW, (options.one, options.other)
    with quiet_logs():
        lab = open_lab(config, read_only=options.read_only, topics=TOPICS)
        return asyncio.run(_link(lab, action, pair, options.set, wanted))


def switch(config: Config, deed: Deed, *, read_only: bool) -> int:
    """Do something to a tunnel or a session."""
    wanted = Wanted(
        "",
        dry_run=deed.dry_run,
        sure=deed.sure,
        confirm=deed.confirm,
        output=deed.output,
        reason=deed.reason,
    )
    with quiet_logs():
        lab = open_lab(config, read_only=read_only, topics=TOPICS)
        return asyncio.run(_switch(lab, deed, wanted))


async def _link(
    lab: LiveLab, action: Action, pair: Sequence[str], answers: Sequence[str], wanted: Wanted
) -> int:
    try:
        snapshot = await settled(lab)
        names = []
        for name in pair:
            router = find_router(snapshot, name)
            if isinstance(router, Exit):
                return router
            names.append(router)
        return await _go(lab, action, ",".join(names), answers, wanted)
    except LabError as error:
        return _failed(error)
    finally:
        await lab.close()


async def _switch(lab: LiveLab, deed: Deed, wanted: Wanted) -> int:
    try:
        snapshot = await settled(lab)
        if len(deed.guests) > 1:
            return say(_("one tunnel or session at a time"), Exit.USAGE)
        verb = deed.deed.removeprefix("session-")
        found = _row(snapshot, verb, deed.guests[0], lab.now())
        if isinstance(found, Exit):
            return found
        return await _go(lab, *found, deed.answers, wanted)
    except LabError as error:
        return _failed(error)
    finally:
        await lab.close()


async def _go(
    lab: LiveLab, action: Action, subject: str, answers: Sequence[str], wanted: Wanted
) -> int:
    facts: Any = await action.survey(subject, lab.wire)
    facts = answered(action, facts, action.draft(facts, "", ""), answers)
    if isinstance(facts, Exit):
        return facts
    plan = action.draft(facts, "", "")
    as_json = wanted.output == "json"
    told = msgspec.json.encode(msgspec.to_builtins(plan)).decode() + "\n"
    sys.stdout.write(told if as_json else plan_text(plan))
    if not plan.ready:
        return Exit.BLOCKED
    if wanted.dry_run:
        return Exit.DONE
    if against := await held_back(lab, wanted.reason):
        return say(against, Exit.BLOCKED)
    if not await may_go(plan, wanted.confirm, sure=wanted.sure):
        return Exit.USAGE
    left = _("left; what was begun is taken back by `labtui jobs resume`")
    return await carried_out(lab, action, plan, left, told=not as_json)


def find_router(snapshot: Snapshot, wanted: str) -> str | Exit:
    """The router of that name or at that site; how to end after saying why not."""
    known = sorted({*snapshot.sources("routeros"), *(r for r, _f in snapshot.of(RouterFacts))})
    if wanted in known:
        return wanted
    found = [router for router, facts in snapshot.of(RouterFacts) if facts.site == wanted]
    if len(found) == 1:
        return found[0]
    text = _("no router '{name}'; there are: {names}")
    return say(text.format(name=wanted, names=", ".join(known) or "-"), Exit.USAGE)


def _row(snapshot: Snapshot, verb: str, name: str, now: float) -> tuple[Action, str] | Exit:
    """The action and the key of what is named `ROUTER/INTERFACE` or `ROUTER/CONNECTION`."""
    keys = {
        "tunnel": [
            tunnel.key
            for tunnel in tunnels(snapshot, now)
            if name == tunnel.key
            or any(name == f"{end.router}/{end.interface.name}" for end in tunnel.ends)
        ],
        "session": [
            row.key for row in peerings(snapshot, now) if name in (row.key, row.connection.key)
        ],
    }
    found = [
        (action, key)
        for noun, named in keys.items()
        for key in named
        for action in ACTIONS
        if action.id == f"{noun}.{verb}"
    ]
    if len(found) == 1:
        return found[0]
    if found:
        text = _("'{name}' is more than one: {keys}")
        return say(text.format(name=name, keys=" ".join(key for _a, key in found)), Exit.USAGE)
    text = _("no tunnel or session '{name}' for that: ROUTER/INTERFACE or ROUTER/CONNECTION")
    return say(text.format(name=name), Exit.USAGE)


def _failed(error: LabError) -> int:
    return say(f"{error}. {error.remedy}".rstrip(". ") + ".", Exit.FAILED)
