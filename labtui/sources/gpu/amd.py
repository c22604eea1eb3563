"""`rocm-smi --json` and, where that is gone, `amd-smi`: two documents joined by the card's number.

rocm-smi names a value as a sentence, and has changed some from version to version; each is looked
for under all the names it had (recorded with ROCm 4.3 to 6.1). amd-smi (ROCm 7) writes a value as
`{"value": 62, "unit": "%"}` or `"N/A"`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from labtui.model.text import clean
from labtui.model.use import CardUse, UseProcess
from labtui.sources.gpu.nvidia import MOST_CARDS, MOST_PROCESSES, Told
from labtui.sources.proxmox.hostpci import Unreadable, address

ROCM = (
    *("rocm-smi", "--showbus", "--showid", "--showproductname", "--showuniqueid", "--showuse"),
    *("--showmeminfo", "vram", "--showtemp", "--showpower", "--showmaxpower", "--showpids"),
    *("--showdriverversion", "--json"),
)
STATIC = ("amd-smi", "static", "--asic", "--bus", "--driver", "--json")
METRIC = ("amd-smi", "metric", "--usage", "--power", "--temperature", "--mem-usage", "--json")
_POWER = (
    "Average Graphics Package Power (W)",
    "Current Socket Graphics Package Power (W)",
    "Graphics Package Power (W)",
)
_HEAT = ("Temperature (Sensor edge) (C)", "Temperature (Sensor junction) (C)")
_NAMES = ("Device Name", "Card Series", "Card series", "Card model")
_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,9})?")
_UNITS = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "MIB": 1 << 20, "GB": 1 << 30, "GIB": 1 << 30}


def parse_rocm(texts: Sequence[str]) -> Told:
    """The cards of rocm-smi. Raises `Unreadable`."""
    data = _document(texts[0])
    if not isinstance(data, dict):
        raise Unreadable(clean(texts[0][:80]))
    system = data.get("system")
    system = system if isinstance(system, dict) else {}
    rows = [row for key, row in data.items() if key.startswith("card") and isinstance(row, dict)]
    found = [card for row in rows[:MOST_CARDS] if (card := _rocm_card(row)) is not None]
    processes = tuple(_rocm_processes(system))
    if len(found) == 1 and processes:
        # It does not say which card a program is on.
        found = [msgspec.structs.replace(found[0], processes=processes)]
    return Told(tuple(found), clean(str(system.get("Driver version", "")), 80))


def _rocm_card(row: Mapping[str, Any]) -> CardUse | None:
    try:
        bus = address(str(row.get("PCI Bus", "")))
    except Unreadable:
        return None
    unique = clean(str(row.get("Unique ID", "")), 80)
    device = clean(str(row.get("Device ID") or row.get("GPU ID") or ""), 20).lower()
    return CardUse(
        bus,
        next((clean(str(row[name])) for name in _NAMES if name in row), ""),
        unique if unique not in ("", "N/A") else "",
        f"1002:{device.removeprefix('0x')}" if re.fullmatch(r"0x[0-9a-f]{4}", device) else "",
        _share(_first(row, ("GPU use (%)",))),
        _whole(_first(row, ("VRAM Total Used Memory (B)",))),
        _whole(_first(row, ("VRAM Total Memory (B)",))),
        _first(row, _HEAT),
        _first(row, _POWER),
        _first(row, ("Max Graphics Package Power (W)",)),
    )


def _rocm_processes(system: Mapping[str, Any]) -> Iterator[UseProcess]:
    """`PID4242`: `name, number of cards, bytes of VRAM, ...`."""
    rows = [(key, value) for key, value in system.items() if re.fullmatch(r"PID[0-9]{1,10}", key)]
    for key, value in rows[:MOST_PROCESSES]:
        parts = [part.strip() for part in str(value).split(",")]
        memory = _number(parts[2]) if len(parts) > 2 else None
        yield UseProcess(int(key[3:]), clean(parts[0]), _whole(memory), "C")


def parse_amd(texts: Sequence[str]) -> Told:
    """The cards of amd-smi: `static`, then `metric`. Raises `Unreadable`."""
    static, metric = _by_number(texts[0]), _by_number(texts[1])
    cards, driver = [], ""
    for number, row in list(static.items())[:MOST_CARDS]:
        card = _amd_card(row, metric.get(number, {}))
        if card is not None:
            cards.append(card)
            driver = driver or clean(str(_at(row, "driver", "version") or ""), 80)
    if not cards:
        raise Unreadable(clean(texts[0][:80]))
    return Told(tuple(cards), driver)


def _by_number(text: str) -> dict[int, Mapping[str, Any]]:
    data = _document(text)
    rows = data.get("gpu_data") if isinstance(data, dict) else data
    good = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return {row["gpu"]: row for row in good if isinstance(row.get("gpu"), int)}


def _amd_card(row: Mapping[str, Any], now: Mapping[str, Any]) -> CardUse | None:
    try:
        bus = address(str(_at(row, "bus", "bdf") or ""))
    except Unreadable:
        return None
    device = clean(str(_at(row, "asic", "device_id") or ""), 20).lower()
    heat = _measure(_at(now, "temperature", "edge"))
    return CardUse(
        bus,
        clean(str(_at(row, "asic", "market_name") or "")),
        clean(str(row.get("uuid") or ""), 80),
        f"1002:{device.removeprefix('0x')}" if re.fullmatch(r"0x[0-9a-f]{4}", device) else "",
        _share(_measure(_at(now, "usage", "gfx_activity"))),
        _size(_at(now, "mem_usage", "used_vram")),
        _size(_at(now, "mem_usage", "total_vram")),
        heat if heat is not None else _measure(_at(now, "temperature", "hotspot")),
        _measure(_at(now, "power", "socket_power")),
    )


def _document(text: str) -> Any:
    """The JSON in an answer; warnings may stand in front of it. Raises `Unreadable`."""
    starts = [place for place in (text.find("{"), text.find("[")) if place >= 0]
    try:
        return json.loads(text[min(starts) :]) if starts else None
    except (ValueError, RecursionError):
        raise Unreadable(clean(text[:80])) from None


def _at(row: Any, *path: str) -> Any:
    for name in path:
        row = row.get(name) if isinstance(row, dict) else None
    return row


def _measure(value: Any) -> float | None:
    """The number of `{"value": 62, "unit": "%"}`, or of the number alone."""
    return _number(value.get("value") if isinstance(value, dict) else value)


def _size(value: Any) -> int | None:
    number = _measure(value)
    unit = str(value.get("unit") or "MB").upper() if isinstance(value, dict) else "MB"
    if number is None or number < 0 or unit not in _UNITS:
        return None
    return int(number * _UNITS[unit])


def _first(row: Mapping[str, Any], names: Sequence[str]) -> float | None:
    found = (_number(row.get(name)) for name in names)
    return next((value for value in found if value is not None), None)


def _number(value: Any) -> float | None:
    text = str(value).strip()
    return float(text) if not isinstance(value, bool) and _NUMBER.fullmatch(text) else None


def _share(value: float | None) -> float | None:
    return None if value is None else value / 100


def _whole(value: float | None) -> int | None:
    return None if value is None or value < 0 else int(value)
