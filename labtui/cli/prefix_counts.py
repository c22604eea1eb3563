"""`labtui prefixes [NAME]`: how many prefixes each BGP connection brought over a span."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Sequence

from labtui.cli.exits import Exit
from labtui.cli.output import aligned, harmless, iso
from labtui.cli.over_span import kept_since
from labtui.config.schema import Config
from labtui.live.history.prefix_counts import stretches_in
from labtui.locale import _
from labtui.model.prefix_counts import Stretch, Total, totals

_STEPS, _BARS = 40, "▁▂▃▄▅▆▇█"


def prefix_counts(config: Config, name: str, *, since: str, output: str) -> int:
    """Print it. Reads no server. 1 without a history or that session, 2 for no span."""
    kept = kept_since(config, since, stretches_in)
    if isinstance(kept, Exit):
        return kept
    found, span = kept
    wanted = tuple(one for one in found if name in (one.session, *one.session.split("/"), ""))
    if name and not wanted:
        text = _("labtui: nothing was counted of {name} in that time\n")
        sys.stderr.write(text.format(name=name))
        return Exit.FAILED
    sys.stdout.write(_printed(wanted, span.begin, span.end, output))
    return Exit.DONE


def _printed(found: Sequence[Stretch], begin: float, now: float, output: str) -> str:
    if output == "json":
        return as_json(found)
    return as_csv(found) if output == "csv" else as_text(found, begin, now)


def as_json(found: Sequence[Stretch]) -> str:
    """Each connection with its totals and its stretches; times are ISO 8601 in UTC."""
    told = [
        {
            "session": total.session,
            "last": total.last,
            "least": total.least,
            "most": total.most,
            "changes": total.changes,
            "stretches": [
                {"since": iso(one.since), "until": iso(one.until), "count": one.count}
                for one in found
                if one.session == total.session
            ],
        }
        for total in totals(found)
    ]
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def as_csv(found: Sequence[Stretch]) -> str:
    """A line for each stretch of one count."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("session", "since", "until", "count"))
    for one in found:
        writer.writerow((harmless(one.session), iso(one.since), iso(one.until), one.count))
    return text.getvalue()


def as_text(found: Sequence[Stretch], begin: float, now: float) -> str:
    """A line for each connection: now, least, most, how often it changed, its course."""
    if not found:
        return _("Nothing was counted in that time.") + "\n"
    head = (_("session"), _("now"), _("least"), _("most"), _("changes"), "")
    return aligned((head, *(_line(total, found, begin, now) for total in totals(found))))


def _line(total: Total, found: Sequence[Stretch], begin: float, now: float) -> tuple[str, ...]:
    mine = [one for one in found if one.session == total.session]
    numbers = (total.last, total.least, total.most, total.changes)
    return (total.session, *map(str, numbers), bars(mine, begin, now))


def bars(found: Sequence[Stretch], begin: float, now: float) -> str:
    """The course as bars: a blank where nothing is known, the lowest bar for none."""
    most = max((one.count for one in found), default=0)
    width = max(1.0, now - begin) / _STEPS
    signs = []
    for step in range(_STEPS):
        low, high = begin + step * width, begin + (step + 1) * width
        seen = [one.count for one in found if one.until >= low and one.since < high]
        share = min(seen) / most if seen and most else 0.0
        signs.append(_BARS[round(share * (len(_BARS) - 1))] if seen else " ")
    return "".join(signs)
