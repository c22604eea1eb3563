"""The command line of `events`, `record` and `status`. Nothing heavy is imported here."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from labtui.locale import _


def add_history_commands(
    command: Callable[[str, str], argparse.ArgumentParser], outputs: tuple[str, ...]
) -> None:
    """Add them; `command` makes the parser of one with that name and help."""
    found = command("events", _("what happened in the lab, the newest first"))
    found.add_argument(
        "--since", metavar="WHEN", default="", help=_("a span like 2h, or a date or time")
    )
    found.add_argument(
        "--before", metavar="WHEN", default="", help=_("only the ten minutes before that")
    )
    found.add_argument(
        "--object", metavar="NAME", default="", help=_("number, name or key of what it happened to")
    )
    found.add_argument(
        "--most", metavar="N", type=_number, default=500, help=_("how many at most (default 500)")
    )
    found.add_argument("-o", "--output", choices=outputs, default="table")
    command("record", _("record what happens, without a screen, until it is ended"))


def add_status_options(status: argparse.ArgumentParser) -> None:
    """How `status` prints, and what its exit status says."""
    status.add_argument("--json", action="store_true", help=_("as JSON"))
    status.add_argument("-o", "--output", choices=("text", "json", "md"), default="text")
    status.add_argument(
        "--check",
        action="store_true",
        dest="plugin",
        help=_(
            "for cron and monitoring: exit 0 when nothing is wrong, 1 warning, 2 critical, "
            "3 unknown; the first line is that of a plugin"
        ),
    )


def _number(text: str) -> int:
    """A whole number up to a million. Raises `ArgumentTypeError`, which the parser tells."""
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        told = _("between {least} and {most}").format(least=1, most=1_000_000)
        raise argparse.ArgumentTypeError(told)
    return int(text)
