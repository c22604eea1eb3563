"""The options and commands of the demo lab on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from labtui.locale import _

DEMO_COMMANDS = ("list", "show", "faults", "break", "mend", "state")

if TYPE_CHECKING:
    # The class has no public name, and is generic for type checkers only.
    _Commands: TypeAlias = argparse._SubParsersAction[Any]  # noqa: SLF001


def add_demo_options(top: argparse.ArgumentParser) -> None:
    """`--demo` and what belongs to it."""
    top.add_argument("--demo", action="store_true", help=_("start a lab of its own and show that"))
    top.add_argument("--scenario", metavar="NAME", help=_("with --demo: let that outage happen"))
    sizes = (
        ("--demo-guests", 1, 20000, _("guests in the demo lab")),
        ("--demo-nodes", 4, 128, _("nodes in the demo lab")),
        ("--demo-routers", 4, 120, _("routers in the demo lab")),
    )
    for name, least, most, text in sizes:
        top.add_argument(name, type=_whole(least, most), metavar="N", help=text)
    top.add_argument("--demo-speed", type=_speed, metavar="X", help=_("how fast its time runs"))


def without_demo(options: argparse.Namespace) -> str:
    """An option that only a demo lab has, given without one; empty when there is none."""
    if options.demo:
        return ""
    names = ("scenario", "demo_guests", "demo_nodes", "demo_routers", "demo_speed")
    given = [name for name in names if getattr(options, name) is not None]
    return f"--{given[0].replace('_', '-')}" if given else ""


def add_demo_commands(commands: _Commands) -> None:
    """`labtui demo ...`: scenarios, faults, and breaking a lab that runs on another terminal."""
    text = _("the scenarios and faults of the demo lab; break and mend one that is running")
    demo: argparse.ArgumentParser = commands.add_parser("demo", help=text, description=text)
    inner = demo.add_subparsers(dest="demo_command", metavar=_("command"), required=True)
    _json(inner.add_parser("list", help=_("the scenarios there are")))
    show = inner.add_parser("show", help=_("the story of a scenario"))
    show.add_argument("name", metavar="NAME")
    _truth(show)
    _json(show)
    faults = inner.add_parser("faults", help=_("what can be broken, and how"))
    faults.add_argument("name", metavar="FAULT", nargs="?", default="")
    _demo_id(faults)
    _json(faults)
    breaking = inner.add_parser("break", help=_("break something in the running demo lab"))
    breaking.add_argument("fault", metavar="FAULT")
    breaking.add_argument(
        "words", metavar="TARGET|NAME=VALUE", nargs="*", help=_("what it strikes; its options")
    )
    _demo_id(breaking)
    mend = inner.add_parser("mend", help=_("mend one fault, or everything"))
    mend.add_argument("fault", metavar="FAULT", nargs="?", default="")
    mend.add_argument("target", metavar="TARGET", nargs="?", default="")
    _demo_id(mend)
    state = inner.add_parser("state", help=_("what is broken in the running demo lab"))
    _truth(state)
    _demo_id(state)
    _json(state)


def _demo_id(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--demo-id", type=int, metavar="PID", help=_("which demo lab, when several are running")
    )


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help=_("as JSON"))


def _truth(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--truth", action="store_true", help=_("tell the causes and what would mend them")
    )


def _whole(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number between two others."""

    def number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            told = _("between {least} and {most}")
            raise argparse.ArgumentTypeError(told.format(least=least, most=most))
        return int(text)

    return number


def _speed(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.1 <= number <= 1000:
        raise argparse.ArgumentTypeError(_("between 0.1 and 1000"))
    return number
