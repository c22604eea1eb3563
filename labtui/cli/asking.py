"""Commands of the record and of the overlay: which module does what each of them wants."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from labtui.config.schema import Config
from labtui.locale import _


def ask(options: argparse.Namespace, config: Config) -> int:
    """Carry the command out; returns the exit status."""
    if options.command == "drift" and options.mend:
        from labtui.cli.mending import mend, wanted_of

        return mend(config, wanted_of(options), read_only=options.read_only)
    if options.command == "allocate":
        from labtui.cli.allocate import allocate
        from labtui.cli.mending import wanted_of

        wanted = wanted_of(options)
        return allocate(config, options.kind, options.pool, wanted, read_only=options.read_only)
    if options.command == "drift":
        from labtui.cli.drift import drift

        return drift(config, output=options.output)
    if options.command == "lookup":
        from labtui.cli.lookup import lookup

        return lookup(config, options.what, output=options.output)
    if options.command == "link":
        from labtui.cli.link import link

        return link(options, config)
    if options.command == "route":
        from labtui.cli.route import route

        return route(config, options.address, options.start, output=options.output)
    if options.command == "prefixes":
        from labtui.cli.prefix_counts import prefix_counts

        return prefix_counts(config, options.name, since=options.since, output=options.output)
    if options.command == "map":
        from labtui.cli.map import draw_map

        return draw_map(
            config,
            to_svg=options.svg,
            as_dot=options.dot,
            between=tuple(options.between or ()),
            measured=options.latency,
        )
    from labtui.cli.diagnose import diagnose

    return diagnose(config, options.one, options.other, output=options.output)


def add_overlay_commands(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add those of the overlay; `command` makes the parser of one with that name and help."""
    drawn = command("map", _("sites and links, drawn as text, SVG or for Graphviz"))
    kind = drawn.add_mutually_exclusive_group()
    kind.add_argument("--svg", metavar="FILE", default="", help=_("write SVG there; - for here"))
    kind.add_argument("--dot", action="store_true", help=_("print it for Graphviz"))
    drawn.add_argument(
        "--between", nargs=2, metavar="SITE", help=_("the way that packets take now, both ways")
    )
    drawn.add_argument(
        "--latency", action="store_true", help=_("ping through every link that stands")
    )
    _add_routes(command)
    drawn.epilog = _("Exit status: 0 drawn, 1 not written, 3 no router could be read.")
    text = _("layer by layer: what is broken of a link, a router, or between two sites")
    for name in ("diagnose", "ping"):
        found = command(name, text)
        found.add_argument("one", metavar="A", help=_("a site, router, or link (`836 = 702`)"))
        found.add_argument("other", metavar="B", nargs="?", default="", help=_("the other site"))
        found.add_argument("-o", "--output", choices=("table", "json"), default="table")
        found.epilog = _(
            "Exit status: 0 nothing is broken, 1 something is, 2 no such thing, "
            "3 nothing could be looked at."
        )


def _add_routes(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Which way packets go, and what sessions brought."""
    route = command("route", _("which way a packet for an address goes at each router, now"))
    route.add_argument("address", metavar="ADDRESS")
    route.add_argument(
        "--from", dest="start", metavar="ROUTER", default="", help=_("at that router alone")
    )
    route.add_argument("-o", "--output", choices=("table", "json"), default="table")
    route.epilog = _(
        "Exit status: 0 every router that answered has a way, 1 one has none, 2 wrong usage, "
        "3 no router answered."
    )
    counted = command("prefixes", _("how many prefixes BGP sessions brought, from the history"))
    counted.add_argument(
        "name", metavar="NAME", nargs="?", default="", help=_("ROUTER, or ROUTER/CONNECTION")
    )
    counted.add_argument(
        "--since", metavar="WHEN", default="24h", help=_("a span like 2h, or a date or time")
    )
    counted.add_argument("-o", "--output", choices=("table", "json", "csv"), default="table")
