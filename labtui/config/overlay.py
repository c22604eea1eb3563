"""`[overlay]`: which AS numbers are of somebody else, and what they are called."""

from __future__ import annotations

import re

from labtui.config.mistakes import shown
from labtui.config.schema import OverlayConfig
from labtui.config.table import Table
from labtui.locale import _
from labtui.model.overlay import Realm

_RANGE = re.compile(r"([0-9]{1,10})(?:-([0-9]{1,10}))?(?: +(\w(?:.{0,30}\S)?))?")
_LAST = 0xFFFFFFFF


def read_overlay(table: Table) -> OverlayConfig:
    """`outside = ["64496-64511 exchange", "4242420000-4242423999 DN42"]`."""
    if not table.has("outside"):
        return OverlayConfig()
    expected = _("AS numbers and a name, like 4242420000-4242423999 DN42")
    realms = []
    for where, text in table.texts("outside", expected):
        found = _RANGE.fullmatch(text.strip())
        low = int(found[1]) if found else 0
        high = int(found[2] or found[1]) if found else 0
        if found and 0 < low <= high <= _LAST:
            realms.append(Realm(low, high, found[3] or ""))
        else:
            table.mistakes.note(where, expected, shown(text))
    return OverlayConfig(tuple(realms))
