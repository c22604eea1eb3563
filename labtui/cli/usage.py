"""`labtui usage`: card-hours given and used over a span, from the history on the disk."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from labtui.cli.exits import Exit
from labtui.cli.output import aligned, harmless, iso
from labtui.cli.over_span import kept_since
from labtui.config.schema import Config
from labtui.live.history.card_hours import hours_in
from labtui.locale import _
from labtui.model.card_hours import By, HourRow, Total, totals
from labtui.views.usage import bar_of, hours, name_of, share_text, title_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def usage(config: Config, *, since: str, by: By, output: str) -> int:
    """Print it. Reads no server. 1 without a history, 2 for a span that is none."""
    kept = kept_since(config, since, hours_in)
    if isinstance(kept, Exit):
        return kept
    rows, span = kept
    sys.stdout.write(_printed(rows, span.begin, span.end, by, output))
    return Exit.DONE


def _printed(rows: Sequence[HourRow], begin: float, now: float, by: By, output: str) -> str:
    sums = totals(rows, by)
    if output == "json":
        return as_json(rows, begin, now, by)
    if output == "csv":
        return as_csv(sums, by)
    return as_markdown(sums, begin, now, by) if output == "md" else as_text(sums, by)


def _record(total: Total, by: By) -> Mapping[str, Any]:
    """Hours with two places; a share of what was told of, null when nobody told."""
    return {
        by: total.name,
        "cards": total.cards,
        "given_hours": round(total.given / 3600, 2),
        "told_hours": round(total.told / 3600, 2),
        "used_hours": round(total.used / 3600, 2),
        "used_share": None if total.share is None else round(total.share, 4),
    }


def as_json(rows: Sequence[HourRow], begin: float, now: float, by: By) -> str:
    """For scripts: the same words in every language."""
    told = {
        "since": iso(begin),
        "until": iso(now),
        "by": by,
        "totals": [_record(total, by) for total in totals(rows, by)],
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def as_csv(sums: Sequence[Total], by: By) -> str:
    """A line for each name; hours."""
    text = io.StringIO()
    records = [_record(total, by) for total in sums]
    heads = (by, "cards", "given_hours", "told_hours", "used_hours", "used_share")
    writer = csv.DictWriter(text, heads, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: harmless(value) for key, value in record.items()} for record in records)
    return text.getvalue()


def as_text(sums: Sequence[Total], by: By) -> str:
    """A table with bars."""
    if not sums:
        return _("Nothing was counted in that time.") + "\n"
    head = (title_of(by), _("given"), _("used"), _("of it"), "")
    most = max(total.given for total in sums)
    body = [
        (name_of(t, by), hours(t.given), hours(t.used), share_text(t), bar_of(t, most))
        for t in sums
    ]
    return aligned((head, *body))


def as_markdown(sums: Sequence[Total], begin: float, now: float, by: By) -> str:
    """A page of it."""
    from labtui.cli.markdown import escaped

    title = _("Card-hours {by}, {since} to {until}")
    told = title.format(by=title_of(by), since=iso(begin)[:10], until=iso(now)[:10])
    heads = (title_of(by), _("cards"), _("given"), _("used"), _("of it"))
    lines = [f"# {told}", "", f"| {' | '.join(heads)} |", "|" + " --- |" * len(heads)]
    for total in sums:
        name, numbers = escaped(name_of(total, by)), (total.given, total.used)
        cells = (name, str(total.cards), *map(hours, numbers), share_text(total))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
