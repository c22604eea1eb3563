"""The command line of making and taking away a link."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from labtui.cli.guest_arguments import planned
from labtui.locale import _


def add_link_command(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """`labtui link A B`; `add` makes a command of a name and a text."""
    link = add("link", _("make a tunnel with its session between two routers, or remove one"))
    for name, metavar in (("one", "A"), ("other", "B")):
        link.add_argument(name, metavar=metavar, help=_("a router or its site"))
    link.add_argument(
        "--remove", action="store_true", help=_("the other way: off on both, then away")
    )
    link.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help=_("fill in what the plan asks for: subnet, port, bgp, endpoint.ROUTER, filter.ROUTER"),
    )
    link.add_argument(
        "--confirm", metavar="TEXT", default="", help=_("--remove: what the plan asks for")
    )
    planned(link)
