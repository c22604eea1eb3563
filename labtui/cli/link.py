"""`labtui link A B`, and `labtui do` on tunnels and sessions: the plans and runs of the keys."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from labtui.actions import ACTIONS
from labtui.actions.action import Action
from labtui.actions.link.action import NEW, REMOVE
from labtui.cli.exits import Exit, say
from labtui.cli.plans import Terms, answered, over_lab, show_and_go, terms_of
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
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
    return over_lab(
        config,
        TOPICS,
        lambda lab, snapshot: _link(lab, snapshot, options),
        read_only=options.read_only,
    )


def switch(config: Config, deed: Deed, *, read_only: bool) -> int:
    """Do something to a tunnel or a session."""
    return over_lab(
        config,
        TOPICS,
        lambda lab, snapshot: _switch(lab, snapshot, deed),
        read_only=read_only,
    )


async def _link(lab: LiveLab, snapshot: Snapshot, options: argparse.Namespace) -> int:
    names = []
    for name in (options.one, options.other):
        router = find_router(snapshot, name)
        if isinstance(router, Exit):
            return router
        names.append(router)
    action = REMOVE if options.remove else NEW
    return await _planned(lab, action, ",".join(names), options.set, terms_of(options))


async def _switch(lab: LiveLab, snapshot: Snapshot, deed: Deed) -> int:
    if len(deed.guests) > 1:
        return say(_("one tunnel or session at a time"), Exit.USAGE)
    found = _row(snapshot, deed.deed.removeprefix("session-"), deed.guests[0], lab.now())
    if isinstance(found, Exit):
        return found
    return await _planned(lab, *found, deed.answers, deed.terms)


async def _planned(
    lab: LiveLab, action: Action, subject: str, answers: Sequence[str], terms: Terms
) -> int:
    facts: Any = await action.survey(subject, lab.wire)
    facts = answered(action, facts, action.draft(facts, "", ""), answers)
    if isinstance(facts, Exit):
        return facts
    left = _("left; what was begun is taken back by `labtui jobs resume`")
    return await show_and_go(lab, action, action.draft(facts, "", ""), terms, left)


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
