"""`labtui diagnose A [B]`: layer by layer, from the router up, of a link, a router or two sites.

Exit status: 0 nothing is broken, 1 something is, 2 no such thing, 3 it could not be looked at.
"""

from __future__ import annotations

import json
import sys

from labtui.cli.exits import Exit
from labtui.cli.looking import look
from labtui.cli.reading import topics_of
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.cluster import Membership
from labtui.model.diagnosis import Diagnosis, Subject
from labtui.model.interfaces import Interfaces
from labtui.model.links import links
from labtui.model.ospf import Ospf
from labtui.model.overlay import Bgp, RouterFacts, WireGuard
from labtui.model.routes import Routes
from labtui.model.snapshot import Snapshot
from labtui.views import diagnosis as words

NEEDS = (WireGuard, Bgp, Interfaces, Ospf, RouterFacts, Routes, Membership)


def diagnose(config: Config, one: str, other: str, *, output: str) -> int:
    """Print each step as it comes, then the broken layer and what to try."""
    return look(
        config, topics_of(NEEDS), lambda lab, snapshot: _run(lab, snapshot, one, other, output)
    )


async def _run(lab: LiveLab, snapshot: Snapshot, one: str, other: str, output: str) -> int:
    subject = subject_named(snapshot, one, other, lab.now())
    if subject is None:
        text = _("labtui: no site, router or link is called {name}\n")
        sys.stderr.write(text.format(name=f"{one} {other}".strip()))
        return Exit.USAGE
    told = await _follow(lab, subject, quiet=output == "json")
    if output == "json":
        sys.stdout.write(as_json(told) + "\n")
    if told.broken is not None:
        return Exit.FAILED
    seen = any(step.verdict in ("good", "warn") for step in told.steps)
    return Exit.DONE if seen else Exit.BLOCKED


async def _follow(lab: LiveLab, subject: Subject, *, quiet: bool) -> Diagnosis:
    shown = 0
    told: Diagnosis | None = None
    async for told in lab.probing.diagnose(subject):
        text = words.lines(told)
        ready = text if told.done else text[: 1 + len(told.steps)]
        if not quiet:
            for line in ready[shown:]:
                sys.stdout.write(line + "\n")
            sys.stdout.flush()
        shown = len(ready)
    if told is None:
        raise AssertionError
    return told


def subject_named(snapshot: Snapshot, one: str, other: str, now: float) -> Subject | None:
    """What is meant: two sites (or routers), a router, a site, or a link by key or name."""
    sites = {facts.site or router: router for router, facts in snapshot.of(RouterFacts)}
    for name in snapshot.sources("routeros"):
        sites.setdefault(name, name)
    site_of = {router: facts.site or router for router, facts in snapshot.of(RouterFacts)}

    def site(name: str) -> str:
        return name if name in sites else site_of.get(name, "")

    if other:
        pair = site_of.get(one, site(one)), site_of.get(other, site(other))
        return Subject("pair", *pair) if all(pair) and pair[0] != pair[1] else None
    for link in links(snapshot, now):
        if one in (link.key, link.name):
            return Subject("link", link.key)
    router = one if one in site_of else sites.get(one, "")
    return Subject("router", router) if router else None


def as_json(told: Diagnosis) -> str:
    """The whole diagnosis for scripts: times in seconds, values as they were measured."""
    broken = told.broken
    record = {
        "subject": {
            "kind": told.subject.kind,
            "one": told.subject.one,
            "other": told.subject.other,
        },
        "steps": [
            {
                "step": step.step,
                "verdict": step.verdict,
                "reason": step.reason,
                "about": step.about,
                "layers": list(step.layers),
                "took": round(step.took, 3),
                "values": dict(step.values),
                "text": words.told(step),
            }
            for step in told.steps
        ],
        "broken": list(told.layers),
        "advice": words.advice(broken) if broken is not None else "",
    }
    return json.dumps(record, ensure_ascii=False, indent=2)
