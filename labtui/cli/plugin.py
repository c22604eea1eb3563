"""The state of the lab as a monitoring plugin tells it: one line and an exit status by severity.

As of the Monitoring Plugins development guidelines: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; the
words before a `|`, figures after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from labtui.findings import Cause
from labtui.locale import _, ngettext
from labtui.model.snapshot import Snapshot

UNKNOWN = 3
_WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
_LONGEST = 200


class Verdict(NamedTuple):
    """The exit status, and the first line."""

    status: int
    line: str


def verdict(lab: str, found: Sequence[Cause], failures: Sequence[str], nodes: int) -> Verdict:
    """What speaks: causes that nobody has put aside; then what could not be read.

    Nothing is well that could not be read, and nothing at all is known without a cluster's answer
    or a router's (`nodes`: how many things were read).
    """
    loud = [cause for cause in found if not cause.quiet]
    critical = [cause for cause in loud if cause.severity == "critical"]
    warnings = [cause for cause in loud if cause.severity == "warning"]
    status = 2 if critical else 1 if warnings else UNKNOWN if failures or not nodes else 0
    figures = f"critical={len(critical)} warning={len(warnings)} unread={len(failures)}"
    if worst := (critical or warnings)[:1]:
        said = worst[0].finding.words.say()
        more = len(critical) + len(warnings) - 1
        if more:
            said += " " + ngettext("(and {n} more)", "(and {n} more)", more).format(n=more)
    elif failures:
        said = failures[0]
    else:
        said = _("nothing is wrong") if nodes else _("nothing could be read")
    return Verdict(status, f"{_WORDS[status]} {_plain(lab)}: {_plain(said)} | {figures}")


def read_parts(snapshot: Snapshot) -> int:
    """How many parts were read."""
    return sum(fresh.read_at is not None for fresh in snapshot.freshness.values())


def _plain(text: str) -> str:
    """On one line, and without the sign that figures begin with."""
    return " ".join(text.replace("|", "/").split())[:_LONGEST]
