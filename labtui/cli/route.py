"""`labtui route ADDRESS [--from ROUTER]`: which way a packet goes at each router, asked now.

Exit status: 0 every router that answered has a way, 1 one has none, 2 no address or no such
router, 3 no router answered.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from labtui.cli.exits import Exit
from labtui.cli.looking import look
from labtui.cli.reading import topics_of
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.interfaces import Interfaces
from labtui.model.links import Link, links
from labtui.model.overlay import Bgp, RouterFacts, WireGuard
from labtui.model.route_checks import RouteCheck, for_address, over
from labtui.model.snapshot import Snapshot
from labtui.views import route_checks as words

NEEDS = (WireGuard, Bgp, Interfaces, RouterFacts)


def route(config: Config, address: str, start: str, *, output: str) -> int:
    """Print the way at each router, what is astray first."""
    return look(
        config,
        topics_of(NEEDS),
        lambda lab, snapshot: _run(lab, snapshot, address, start, output),
    )


async def _run(lab: LiveLab, snapshot: Snapshot, address: str, start: str, output: str) -> int:
    if start and start not in snapshot.sources("routeros"):
        sys.stderr.write(_("labtui: no router is called {name}\n").format(name=start))
        return Exit.USAGE
    try:
        questions = for_address(snapshot, address, start)
    except ValueError:
        sys.stderr.write(_("labtui: {text} is no address\n").format(text=address))
        return Exit.USAGE
    every = links(snapshot, lab.now())
    checks = words.ordered([one async for one in lab.probing.check_routes(questions)])
    if output == "json":
        sys.stdout.write(as_json(checks, every) + "\n")
    else:
        for check in checks:
            sys.stdout.write(as_text(check, every))
    if all(check.verdict == "silent" for check in checks):
        return Exit.BLOCKED
    return Exit.FAILED if any(check.astray for check in checks) else Exit.DONE


def as_text(check: RouteCheck, every: tuple[Link, ...]) -> str:
    """An answer with its lines below."""
    from labtui.cli.output import padded

    made = words.section(check, every)
    lines = [f"  {padded(label, 10)} {cell.text}" for label, cell in made.lines]
    return "\n".join((made.title, *lines)) + "\n"


def as_json(checks: Sequence[RouteCheck], every: tuple[Link, ...]) -> str:
    """For scripts: the same words in every language but for `text`."""
    return json.dumps([_record(check, every) for check in checks], ensure_ascii=False, indent=2)


def _record(check: RouteCheck, every: tuple[Link, ...]) -> dict[str, object]:
    taken, link = check.taken, over(check, every)
    return {
        "router": check.question.router,
        "address": check.question.address,
        "verdict": check.verdict,
        "astray": check.astray,
        "checked": check.checked,
        "status": check.status,
        "interface": check.face,
        "nexthop": check.gateway,
        "link": link.key if link is not None else None,
        "prefix": taken.prefix if taken is not None else None,
        "kind": taken.kind if taken is not None else None,
        "as_path": list(taken.path) if taken is not None else [],
        "why": check.why,
        "text": words.way_text(check, every),
    }
