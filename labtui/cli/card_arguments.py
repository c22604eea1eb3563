"""The command line of `cards` and `usage`. Nothing heavy is imported here."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from labtui.cli.guest_arguments import confirmed, planned
from labtui.locale import _

if TYPE_CHECKING:
    from labtui.config.schema import Config

_OUTPUTS = ("table", "json", "csv", "md")
_BY = ("person", "project", "model", "guest", "card")


def add_card_commands(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add them; `command` makes the parser of one with that name and help."""
    cards = command("cards", _("find cards, hand them over, take them away"))
    cards.add_argument("verb", choices=("find", "give", "take"))
    names = _("find: like '2 RTX 4090 with 96G'; else cards like pve1/01:00")
    cards.add_argument("what", metavar="WHAT", nargs="+", help=names)
    cards.add_argument("--to", metavar="GUEST", default="", help=_("who gets them"))
    cards.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help=_("fill in what the plan asks for: way, owner, until, project, purpose, ..."),
    )
    confirmed(cards)
    planned(cards)
    cards.epilog = _(
        "Exit status of find: 0 there are some, 1 nowhere, 3 nowhere as far as could be read."
    )
    usage = command("usage", _("card-hours given and used, by person, project or model"))
    usage.add_argument(
        "--since", metavar="WHEN", default="30d", help=_("a span like 30d, or a date or time")
    )
    usage.add_argument("--by", choices=_BY, default="person")
    usage.add_argument("-o", "--output", choices=_OUTPUTS, default="table")


def run_cards(options: argparse.Namespace, config: Config) -> int:
    """Carry one of them out."""
    if options.command == "usage":
        from labtui.cli.usage import usage

        return usage(config, since=options.since, by=options.by, output=options.output)
    from labtui.cli.cards import Wanted, cards
    from labtui.cli.plans import terms_of

    wanted = Wanted(
        options.verb,
        tuple(options.what),
        to=options.to,
        answers=tuple(options.set),
        terms=terms_of(options),
    )
    return cards(config, wanted, read_only=options.read_only)
