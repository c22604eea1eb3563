"""The command line of moving guests, their backups and the jobs that do it."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from labtui.locale import _

JOB_VERBS = ("list", "resume", "pause", "go", "stop", "cancel", "retry")
BACKUP_VERBS = ("list", "restore")
_OUTPUTS = ("table", "json")
Add = Callable[[str, str], argparse.ArgumentParser]


def add_guest_commands(add: Add) -> None:
    """The commands; `add` makes one of a name and a text."""
    _migrate(add)
    _backups(add)
    _evacuate(add)
    _jobs(add)


def _migrate(add: Add) -> None:
    migrate = add("migrate", _("move guests to other nodes"))
    migrate.add_argument(
        "guests", metavar="GUEST", nargs="+", help=_("number, name or CLUSTER/NUMBER")
    )
    migrate.add_argument("--to", metavar="NODE", default="", help=_("the best one when not given"))
    migrate.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help=_("fill in what the plan asks for: storage.NAME, limit, conntrack, eject"),
    )
    migrate.add_argument(
        "--no-interruption",
        action="store_true",
        help=_("of several: leave those that would have to be stopped for a while"),
    )
    confirmed(migrate)
    planned(migrate)


def _backups(add: Add) -> None:
    found = add("backups", _("the last backup of every guest, those without first; restore one"))
    found.add_argument("verb", nargs="?", choices=BACKUP_VERBS, default="list")
    found.add_argument(
        "guest", nargs="?", default="", metavar="GUEST", help=_("restore: whose backup")
    )
    found.add_argument("--none", action="store_true", help=_("only those without"))
    found.add_argument(
        "--from",
        dest="archive",
        metavar="VOLUME",
        default="",
        help=_("restore: the youngest when not given"),
    )
    found.add_argument(
        "--over", action="store_true", help=_("restore: in place of the guest, not beside it")
    )
    found.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help=_("restore: newid, node, storage, unique, start"),
    )
    found.add_argument(
        "--confirm", metavar="NAME", default="", help=_("restore: the guest's name, with --over")
    )
    planned(found)


def _evacuate(add: Add) -> None:
    empty = add("evacuate", _("move all guests of a node to others"))
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
        "--maintenance",
        action=argparse.BooleanOptionalAction,
        help=_("HA maintenance of the node first (with --back: its end)"),
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
    empty.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help=_("fill in what the plan asks for: storage.NAME, limit, conntrack, eject"),
    )
    confirmed(empty)
    planned(empty)


def confirmed(command: argparse.ArgumentParser) -> None:
    """The option that a dangerous plan wants."""
    command.add_argument(
        "--confirm",
        metavar="TEXT",
        default="",
        help=_("what a dangerous plan asks to be typed; --yes alone is not enough for one"),
    )


def _jobs(add: Add) -> None:
    jobs = add("jobs", _("the jobs of several steps begun here; take an interrupted one up"))
    verbs = _(
        "resume: go on with an interrupted one, or take it back; pause, go (on), stop, retry: one "
        "that runs"
    )
    jobs.add_argument("verb", nargs="?", choices=JOB_VERBS, default="list", help=verbs)
    jobs.add_argument("id", nargs="?", default="", metavar="ID", help=_("as the list has it"))
    planned(jobs, dry_run=False)


def planned(
    command: argparse.ArgumentParser,
    *,
    dry_run: bool = True,
    outputs: tuple[str, ...] = _OUTPUTS,
) -> None:
    """Options of commands that show a plan and carry it out."""
    if dry_run:
        command.add_argument("--dry-run", action="store_true", help=_("show the plan only"))
    command.add_argument("--yes", action="store_true", help=_("do not ask"))
    command.add_argument("-o", "--output", choices=outputs, default="table")
    command.add_argument(
        "--reason",
        default="",
        metavar="TEXT",
        help=_("why, where the configuration wants elevation"),
    )


def _count(text: str) -> int:
    """A whole number from 1 on. Raises `ArgumentTypeError`, which the parser tells."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(_("a whole number from 1 on"))
    return int(text)
