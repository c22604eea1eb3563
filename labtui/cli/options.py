"""What may stand before a command, and whether there is one. Nothing heavy is imported here."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from labtui import __version__
from labtui.cli.demo_arguments import add_demo_options
from labtui.locale import _


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line and where help is."""

    def error(self, message: str) -> NoReturn:
        hint = _("see '{program} --help'").format(program=self.prog)
        self.exit(2, f"{self.prog}: {message} ({hint})\n")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """What the words ask for. Without a command the parsers of the commands are not even made."""
    given, rest = options(add_help=False).parse_known_args(words)
    if rest:
        from labtui.cli.arguments import parser

        return parser().parse_args(words)
    given.command = None
    return given


def options(*, add_help: bool = True) -> argparse.ArgumentParser:
    """The parser of what may stand before a command."""
    top = _Parser(
        prog="labtui",
        description=_("A console for a Proxmox VE cluster, a MikroTik overlay and NetBox."),
        epilog=_(
            "Exit status: 0 done, 1 failed or not everything could be read, 2 wrong usage, "
            "unknown name or wrong configuration, 3 the plan is blocked, 4 outcome unknown, "
            "130 interrupted."
        ),
        add_help=add_help,
    )
    top.add_argument("--version", action="version", version=f"labtui {__version__}")
    common(top, default=None)
    add_demo_options(top)
    return top


def common(parser: argparse.ArgumentParser, default: object) -> None:
    """Options that may stand before or after the command."""
    parser.add_argument(
        "--config", metavar="FILE", default=default, help=_("the configuration file")
    )
    parser.add_argument(
        "--read-only",
        action="store_true",
        default=default or False,
        help=_("refuse every action that would change something"),
    )
    parser.add_argument(
        "--debug",
        action="store_true",
        default=default or False,
        help=_("write every request to the log"),
    )
    parser.add_argument(
        "--language", choices=("en", "zh_TW"), default=default, help=_("instead of $LANG")
    )
