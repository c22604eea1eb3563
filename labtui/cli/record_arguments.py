"""The command line of the record beside the truth: `drift`, `lookup`. Nothing heavy is imported."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from labtui.locale import _


def add_record_commands(command: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """Add them; `command` makes the parser of one with that name and help."""
    found = command("drift", _("what NetBox and the lab say differently"))
    found.add_argument("-o", "--output", choices=("table", "json", "md"), default="table")
    found.epilog = _("Exit status: 0 nothing differs, 1 something does, 3 nobody can say.")
    text = _("what an address, MAC, name, VLAN, AS number or prefix is, whose, and where now")
    sought = command("lookup", text)
    sought.add_argument("what", metavar="WHAT", help=_("10.0.0.5, vlan 170, AS65001, a name, ..."))
    sought.add_argument("-o", "--output", choices=("table", "json"), default="table")
    sought.epilog = _("Exit status: 0 found, 1 not found, 3 a part of the lab could not be read.")
