"""The command line: which commands and options there are."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from labtui.cli.asking import add_overlay_commands
from labtui.cli.card_arguments import add_card_commands
from labtui.cli.demo_arguments import add_demo_commands
from labtui.cli.guest_arguments import add_guest_commands, confirmed, planned
from labtui.cli.history_arguments import add_history_commands, add_status_options
from labtui.cli.link_arguments import add_link_command
from labtui.cli.options import common, options
from labtui.cli.record_arguments import add_record_commands
from labtui.locale import _

OUTPUTS = ("table", "json", "csv")
SHELLS = ("bash", "zsh", "fish")
# What `labtui do` does: the actions on guests, and on nodes, by the last part of their ids.
DEEDS = (
    *("start", "shutdown", "stop", "reboot", "reset", "suspend", "resume"),
    *("snapshot", "rollback", "delsnapshot", "backup", "restore"),
    *("edit", "clone", "template", "delete", "unlock"),
)
# Those on tunnels and sessions, with `session-` before a word that guests have as well.
OVERLAY_DEEDS = (
    *("off", "on", "bounce", "face-off", "face-on"),
    *("refresh", "resend", "session-stop", "session-clear"),
)
NODE_DEEDS = ("reboot", "shutdown", "wake", "maintenance", "maintenance-off")


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = options()
    commands = top.add_subparsers(dest="command", metavar=_("command"))
    _check(commands)
    _status(commands)
    _get(commands)
    add_history_commands(partial(_command, commands), OUTPUTS)
    add_guest_commands(partial(_command, commands))
    add_record_commands(partial(_command, commands))
    add_overlay_commands(partial(_command, commands))
    add_card_commands(partial(_command, commands))
    add_link_command(partial(_command, commands))
    _do(commands)
    _entry(commands)
    _audit(commands)
    _freeze(commands)
    _report(commands)
    add_demo_commands(commands)
    completion = commands.add_parser("completion", help=_("print completion for a shell"))
    completion.add_argument("shell", choices=SHELLS)
    return top


if TYPE_CHECKING:
    # The class has no public name, and is generic for type checkers only.
    _Commands: TypeAlias = argparse._SubParsersAction[Any]  # noqa: SLF001


def _command(commands: _Commands, name: str, text: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    # SUPPRESS: given before the command, an option must not be undone by this default.
    common(command, default=argparse.SUPPRESS)
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
    add_status_options(status)


def _get(commands: _Commands) -> None:
    get = _command(commands, "get", _("print a view: nodes, guests, bgp, findings, ..."))
    get.add_argument("view", metavar="VIEW")
    get.add_argument("-o", "--output", choices=OUTPUTS, default="table")
    get.add_argument("--filter", default="", metavar="TEXT", help=_("as / in the console"))
    get.epilog = _(
        "JSON and CSV are for scripts: times are ISO 8601 in UTC, ages and spans seconds, sizes "
        "bytes, shares fractions of 1; what is not known is null or empty."
    )


def _do(commands: _Commands) -> None:
    text = _("start, stop, save, edit or delete guests: {deeds}").format(deeds=", ".join(DEEDS))
    text += _("; of a node: {deeds}").format(deeds=", ".join(NODE_DEEDS))
    overlay = ", ".join(OVERLAY_DEEDS)
    text += _("; of a tunnel or session: {deeds}").format(deeds=overlay)
    do = _command(commands, "do", text)
    do.add_argument("deed", metavar="ACTION", choices=every_deed())
    names = _(
        "a guest's number, name or CLUSTER/NUMBER; a node's name or CLUSTER/NAME; ROUTER/INTERFACE "
        "of a tunnel or ROUTER/CONNECTION of a session"
    )
    do.add_argument("guests", metavar="NAME", nargs="+", help=names)
    do.add_argument("--to", metavar="NAME", default="", help=_("which storage, or which snapshot"))
    do.add_argument("--way", metavar="WAY", default="", help=_("another way, as the plan has them"))
    do.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help=_("fill in what the plan asks for: name, timeout, notes, tags, cores, ..."),
    )
    confirmed(do)
    planned(do)


def every_deed() -> tuple[str, ...]:
    """All words of `labtui do`, each once."""
    return tuple(dict.fromkeys(DEEDS + NODE_DEEDS + OVERLAY_DEEDS))


def _entry(commands: _Commands) -> None:
    texts = {
        "ssh": _("a shell on a guest, node or router, where the lab knows its address"),
        "console": _("the console of a guest or node through Proxmox VE, without its network"),
    }
    for name, text in texts.items():
        door = _command(commands, name, text)
        if name == "ssh":
            door.epilog = _(
                "Exit status: that of ssh once it runs; before that as for every command."
            )
        door.add_argument("name", metavar="NAME", help=_("name, number or CLUSTER/NUMBER"))
        door.add_argument("--user", default="", metavar="USER", help=_("who to be there, for ssh"))
        door.add_argument(
            "--reason",
            default="",
            metavar="TEXT",
            help=_("why, where the configuration wants elevation"),
        )


def _audit(commands: _Commands) -> None:
    audit = _command(commands, "audit", _("what was done from here: who, from where, what, result"))
    audit.add_argument(
        "--since", metavar="WHEN", default="", help=_("2h, 7d, or a day like 2026-11-21")
    )
    audit.add_argument("-o", "--output", choices=OUTPUTS[:2], default="table")


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
