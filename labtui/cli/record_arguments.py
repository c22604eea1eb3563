"""The command line of the record beside the truth: `drift`, `lookup`. Nothing heavy is imported."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from labtui.cli.guest_arguments import confirmed, planned
from labtui.locale import _


def add_record_commands(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add them; `command` makes the parser of one with that name and help."""
    found = command("drift", _("what NetBox and the lab say differently"))
    text = _("end those whose key fits (`*`, `interface*`, a key of -o json), with a plan")
    found.add_argument("--mend", action="append", default=[], metavar="KEY", help=text)
    found.add_argument(
        "--in",
        dest="side",
        choices=("record", "lab"),
        default="record",
        help=_("what is changed for it: NetBox, or the lab"),
    )
    found.add_argument("--choose", default="", metavar="N", help=_("where there are several ways"))
    found.add_argument("--why", default="", metavar="TEXT", help=_("for the change log"))
    confirmed(found)
    planned(found, outputs=("table", "json", "md"))
    found.epilog = _("Exit status: 0 nothing differs, 1 something does, 3 nobody can say.")
    text = _("what an address, MAC, name, VLAN, AS number or prefix is, whose, and where now")
    sought = command("lookup", text)
    sought.add_argument("what", metavar="WHAT", help=_("10.0.0.5, vlan 170, AS65001, a name, ..."))
    sought.add_argument("-o", "--output", choices=("table", "json"), default="table")
    sought.epilog = _("Exit status: 0 found, 1 not found, 3 a part of the lab could not be read.")
    given = command("allocate", _("have NetBox hand out what is free"))
    given.add_argument("kind", choices=("address", "prefix", "asn"))
    given.add_argument("pool", metavar="POOL", help=_("a prefix, or a range of AS numbers by name"))
    given.add_argument("--for", dest="about", default="", metavar="TEXT", help=_("its description"))
    given.add_argument("--length", default="", metavar="N", help=_("the mask of a prefix"))
    planned(given)
