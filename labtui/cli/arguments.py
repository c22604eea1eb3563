"""The command line: which commands and options there are. Nothing heavy is imported here."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from labtui import __version__
from labtui.cli.demo_arguments import add_demo_commands, add_demo_options
from labtui.locale import _

OUTPUTS = ("table", "json", "csv")
SHELLS = ("bash", "zsh", "fish")
# What `labtui do` does: the actions on guests by the last part of their ids.
DEEDS = (
    *("start", "shutdown", "stop", "reboot", "reset", "suspend", "resume"),
    *("snapshot", "rollback", "delsnapshot", "backup"),
    *("edit", "clone", "template", "delete"),
)
JOB_VERBS = ("list", "resume", "pause", "go", "stop", "retry")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line and where help is."""

    def error(self, message: str) -> NoReturn:
        hint = _("see '{program} --help'").format(program=self.prog)
        self.exit(2, f"{self.prog}: {message} ({hint})\n")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """What the words ask for. Without a command the parsers of the commands are not even made."""
    options, rest = _options(add_help=False).parse_known_args(words)
    if rest:
        return parser().parse_args(words)
    options.command = None
    return options


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = _options()
    commands = top.add_subparsers(dest="command", metavar=_("command"))
    _check(commands)
    _status(commands)
    _get(commands)
    _migrate(commands)
    _do(commands)
    _backups(commands)
    _evacuate(commands)
    _jobs(commands)
    _freeze(commands)
    _report(commands)
    add_demo_commands(commands)
    completion = commands.add_parser("completion", help=_("print completion for a shell"))
    completion.add_argument("shell", choices=SHELLS)
    return top


def _options(*, add_help: bool = True) -> argparse.ArgumentParser:
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
    _common(top, default=None)
    add_demo_options(top)
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
        "--debug",
        action="store_true",
        default=default or False,
        help=_("write every request to the log"),
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
    get.epilog = _(
        "JSON and CSV are for scripts: times are ISO 8601 in UTC, ages and spans seconds, sizes "
        "bytes, shares fractions of 1; what is not known is null or empty."
    )


def _migrate(commands: _Commands) -> None:
    migrate = _command(commands, "migrate", _("move a guest to another node"))
    migrate.add_argument("guest", metavar="GUEST", help=_("number, name or CLUSTER/NUMBER"))
    migrate.add_argument("--to", metavar="NODE", default="", help=_("the best one when not given"))
    migrate.add_argument("--dry-run", action="store_true", help=_("show the plan only"))
    migrate.add_argument("--yes", action="store_true", help=_("do not ask"))
    migrate.add_argument(
        "--reason",
        default="",
        metavar="TEXT",
        help=_("why, where the configuration wants elevation"),
    )


def _do(commands: _Commands) -> None:
    text = _("start, stop, save, edit or delete guests: {deeds}").format(deeds=", ".join(DEEDS))
    do = _command(commands, "do", text)
    do.add_argument("deed", metavar="ACTION", choices=DEEDS)
    do.add_argument("guests", metavar="GUEST", nargs="+", help=_("number, name or CLUSTER/NUMBER"))
    do.add_argument("--to", metavar="NAME", default="", help=_("which storage, or which snapshot"))
    do.add_argument("--way", metavar="WAY", default="", help=_("another way, as the plan has them"))
    do.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help=_("fill in what the plan asks for: name, timeout, notes, tags, cores, ..."),
    )
    do.add_argument(
        "--confirm",
        metavar="TEXT",
        default="",
        help=_("what a dangerous plan asks to be typed; --yes alone is not enough for one"),
    )
    _planned(do)


def _backups(commands: _Commands) -> None:
    found = _command(commands, "backups", _("the last backup of every guest, those without first"))
    found.add_argument("--none", action="store_true", help=_("only those without"))
    found.add_argument("-o", "--output", choices=OUTPUTS[:2], default="table")


def _evacuate(commands: _Commands) -> None:
    empty = _command(commands, "evacuate", _("move all guests of a node to others"))
    empty.add_argument("node", metavar="NODE", help=_("name or CLUSTER/NAME"))
    empty.add_argument(
        "--to", metavar="A,B", default="", help=_("only to these nodes; all when not given")
    )
    empty.add_argument(
        "--include-stopped", action="store_true", help=_("guests that are off and templates too")
    )
    empty.add_argument(
        "--no-interruption",
        action="store_true",
        help=_("leave those that would have to be stopped for a while"),
    )
    empty.add_argument(
        "--back", action="store_true", help=_("the other way: bring those back that left it")
    )
    empty.add_argument(
        "--anew",
        action="store_true",
        help=_("a new plan, where an interrupted one would be gone on with"),
    )
    empty.add_argument(
        "--limit",
        metavar="N",
        type=_count,
        default=2,
        help=_("how many at a time from a node, and to a node (default 2)"),
    )
    _planned(empty)


def _jobs(commands: _Commands) -> None:
    jobs = _command(commands, "jobs", _("the evacuations begun here; take an interrupted one up"))
    jobs.add_argument("verb", nargs="?", choices=JOB_VERBS, default="list")
    jobs.add_argument("id", nargs="?", default="", metavar="ID", help=_("as the list has it"))
    _planned(jobs, dry_run=False)


def _planned(command: argparse.ArgumentParser, *, dry_run: bool = True) -> None:
    """Options of commands that show a plan and carry it out."""
    if dry_run:
        command.add_argument("--dry-run", action="store_true", help=_("show the plan only"))
    command.add_argument("--yes", action="store_true", help=_("do not ask"))
    command.add_argument("-o", "--output", choices=OUTPUTS[:2], default="table")
    command.add_argument(
        "--reason",
        default="",
        metavar="TEXT",
        help=_("why, where the configuration wants elevation"),
    )


def _count(text: str) -> int:
    """A whole number from 1 on. Raises `ValueError`, which the parser tells."""
    count = int(text)
    if count < 1:
        raise ValueError
    return count


def _freeze(commands: _Commands) -> None:
    freeze = _command(commands, "freeze", _("stop the writes of every console until it is thawed"))
    freeze.add_argument("reason", nargs="*", metavar="REASON", help=_("why, for the others"))
    _command(commands, "thaw", _("let the writes go on"))


def _report(commands: _Commands) -> None:
    text = _("pack versions, configuration and log, without secrets, for a bug report")
    report = _command(commands, "report", text)
    report.add_argument("-o", "--output", metavar="FILE", default="", help=_("where to"))
    report.add_argument(
        "--snapshot", action="store_true", help=_("with the last known state, without names")
    )
