"""The command line: which commands and options there are. Nothing heavy is imported here."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from labtui import __version__
from labtui.locale import _

OUTPUTS = ("table", "json", "csv")
SHELLS = ("bash", "zsh", "fish")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line and where help is."""

    def error(self, message: str) -> NoReturn:
        hint = _("see '{program} --help'").format(program=self.prog)
        self.exit(2, f"{self.prog}: {message} ({hint})\n")


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = _Parser(
        prog="labtui",
        description=_("A console for a Proxmox VE cluster, a MikroTik overlay and NetBox."),
        epilog=_(
            "Exit status: 0 done, 1 failed or not everything could be read, 2 wrong usage or "
            "configuration, 3 the plan is blocked, 4 outcome unknown, 130 interrupted."
        ),
    )
    top.add_argument("--version", action="version", version=f"labtui {__version__}")
    _common(top, default=None)
    top.add_argument("--demo", action="store_true", help=_("start a lab of its own and show that"))
    top.add_argument(
        "--demo-guests", type=_guests, default=58, metavar="N", help=_("guests in the demo lab")
    )
    top.add_argument(
        "--demo-speed", type=_speed, default=1.0, metavar="X", help=_("how fast its time runs")
    )
    commands = top.add_subparsers(dest="command", metavar=_("command"))
    _check(commands)
    _status(commands)
    _get(commands)
    _migrate(commands)
    completion = commands.add_parser("completion", help=_("print completion for a shell"))
    completion.add_argument("shell", choices=SHELLS)
    return top


if TYPE_CHECKING:
    # The class has no public name, and is generic for type checkers only.
    _Commands: TypeAlias = argparse._SubParsersAction[Any]  # noqa: SLF001


def _common(parser: argparse.ArgumentParser, default: object) -> None:
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
        "--language", choices=("en", "zh_TW"), default=default, help=_("instead of $LANG")
    )


def _command(commands: _Commands, name: str, text: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    # SUPPRESS: given before the command, an option must not be undone by this default.
    _common(command, default=argparse.SUPPRESS)
    return command


def _check(commands: _Commands) -> None:
    text = _("try every endpoint and say what was found and what to do")
    check = _command(commands, "check", text)
    check.add_argument(
        "--trust", metavar="NAME", help=_("show that server's certificate and pin it")
    )
    check.add_argument("--yes", action="store_true", help=_("with --trust: do not ask"))


def _status(commands: _Commands) -> None:
    status = _command(commands, "status", _("the state of the lab in a few lines"))
    status.add_argument("--json", action="store_true", help=_("as JSON"))


def _get(commands: _Commands) -> None:
    get = _command(commands, "get", _("print a view: nodes, guests, gpus, wireguard, bgp, ..."))
    get.add_argument("view", metavar="VIEW")
    get.add_argument("-o", "--output", choices=OUTPUTS, default="table")
    get.add_argument("--filter", default="", metavar="TEXT", help=_("as / in the console"))


def _migrate(commands: _Commands) -> None:
    migrate = _command(commands, "migrate", _("move a guest to another node"))
    migrate.add_argument("guest", metavar="GUEST", help=_("number, name or CLUSTER/NUMBER"))
    migrate.add_argument("--to", metavar="NODE", default="", help=_("the best one when not given"))
    migrate.add_argument("--dry-run", action="store_true", help=_("show the plan only"))
    migrate.add_argument("--yes", action="store_true", help=_("do not ask"))


def _guests(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 20000:
        raise argparse.ArgumentTypeError(_("between 1 and 20000"))
    return number


def _speed(text: str) -> float:
    number = float(text)
    if not 0.1 <= number <= 1000:
        raise argparse.ArgumentTypeError(_("between 0.1 and 1000"))
    return number
