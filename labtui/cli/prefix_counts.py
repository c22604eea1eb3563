"""`labtui prefixes [NAME]`: how many prefixes each BGP connection brought over a span."""

from __future__ import annotations

import csv
import io
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from labtui.cli.events import point
from labtui.cli.exits import Exit
from labtui.cli.output import padded
from labtui.config.schema import Config
from labtui.live.history.file import Unkept
from labtui.live.history.opening import history_file
from labtui.live.history.prefix_counts import stretches_in
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.prefix_counts import Stretch, Total, totals

_STEPS, _BARS = 40, "▁▂▃▄▅▆▇█"


def prefix_counts(config: Config, name: str, *, since: str, output: str) -> int:
    """Print it. Reads no server. 1 without a history or that session, 2 for no span."""
    now = time.time()
    try:
        begin = point(since, now)
    except ValueError as error:
        sys.stderr.write(f"labtui: {error}\n")
        return Exit.USAGE
    try:
        found = stretches_in(history_file(config), begin, now)
    except (LabError, Unkept, OSError) as error:
        sys.stderr.write(_("labtui: the history can't be read: {why}\n").format(why=error))
        return Exit.FAILED
    if found is None:
        text = _("labtui: there is no history yet; a console or `labtui record` begins it\n")
        sys.stderr.write(text)
        return Exit.FAILED
    wanted = tuple(one for one in found if name in (one.session, *one.session.split("/"), ""))
    if name and not wanted:
        text = _("labtui: nothing was counted of {name} in that time\n")
        sys.stderr.write(text.format(name=name))
        return Exit.FAILED
    sys.stdout.write(_printed(wanted, begin, now, output))
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
                {"since": _iso(one.since), "until": _iso(one.until), "count": one.count}
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
        name = f"'{one.session}" if one.session[:1] in ("=", "+", "-", "@") else one.session
        writer.writerow((name, _iso(one.since), _iso(one.until), one.count))
    return text.getvalue()


def as_text(found: Sequence[Stretch], begin: float, now: float) -> str:
    """A line for each connection: now, least, most, how often it changed, its course."""
    if not found:
        return _("Nothing was counted in that time.") + "\n"
    head = (_("session"), _("now"), _("least"), _("most"), _("changes"), "")
    body = [head, *(_line(total, found, begin, now) for total in totals(found))]
    from rich.cells import cell_len

    widths = [max(cell_len(row[n]) for row in body) for n in range(len(head))]
    lines = ("  ".join(padded(text, width) for text, width in zip(row, widths, strict=True))
             for row in body)  # fmt: skip
    return "\n".join(line.rstrip() for line in lines) + "\n"


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


def _iso(at: float) -> str:
    return datetime.fromtimestamp(round(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
