"""`xpu-smi`: `discovery` for the addresses, `dump` for one line of measurements per card.

The forms are those of intel/xpumanager, `doc/smi_user_guide.md`.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence

from labtui.model.text import clean
from labtui.model.use import CardUse
from labtui.sources.gpu.nvidia import MOST_CARDS, Told
from labtui.sources.proxmox.hostpci import Unreadable, address

DISCOVERY = ("xpu-smi", "discovery", "-j")
# Utilisation, power, core temperature, memory in use; once, of all cards.
DUMP = ("xpu-smi", "dump", "-d", "-1", "-m", "0,1,3,18", "-n", "1")
_COLUMNS = {
    "utilisation": "GPU Utilization",
    "power": "GPU Power",
    "temperature": "GPU Core Temperature",
    "memory": "GPU Memory Used",
}
_NUMBER = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,9})?")
_MIB = 1 << 20


def parse(texts: Sequence[str]) -> Told:
    """The cards: `discovery -j`, then `dump`. Raises `Unreadable`."""
    try:
        data = json.loads(texts[0])
    except (ValueError, RecursionError):
        raise Unreadable(clean(texts[0][:80])) from None
    rows = data.get("device_list") if isinstance(data, dict) else None
    measured = _measured(texts[1])
    cards = []
    for row in rows[:MOST_CARDS] if isinstance(rows, list) else []:
        if not isinstance(row, dict):
            continue
        try:
            bus = address(str(row.get("pci_bdf_address") or ""))
        except Unreadable:
            continue
        now = measured.get(str(row.get("device_id")), {})
        used, share = now.get("memory"), now.get("utilisation")
        cards.append(
            CardUse(
                bus,
                clean(str(row.get("device_name") or "")),
                clean(str(row.get("uuid") or ""), 80),
                utilisation=None if share is None else share / 100,
                memory_used=None if used is None or used < 0 else int(used * _MIB),
                temperature=now.get("temperature"),
                power=now.get("power"),
            )
        )
    if not cards:
        raise Unreadable(clean(texts[0][:80]))
    return Told(tuple(cards))


def _measured(text: str) -> dict[str, dict[str, float]]:
    """Device number -> what was measured; `N/A` is left out. The last line of a card counts."""
    lines = [line for line in text.splitlines() if "," in line]
    if not lines:
        return {}
    rows = csv.reader(lines, skipinitialspace=True)
    header = [name.strip() for name in next(rows)]
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
        values = {}
        for key, title in _COLUMNS.items():
            name = next((column for column in header if column.startswith(title)), "")
            cell = cells.get(name, "")
            if _NUMBER.fullmatch(cell):
                values[key] = float(cell)
        found[cells.get("DeviceId", "")] = values
    return found
