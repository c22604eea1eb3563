"""`nvidia-smi -q -x`: the XML document of all cards a driver sees.

One form for all drivers: what moved between versions is looked for in each place. R470 to R530 say
`power_readings/power_draw`, R535 `gpu_power_readings/power_draw`, from R550 on
`instant_power_draw` (DTDs nvsmi_device_v11 to v13). What a card does not tell is `N/A`, or a
sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from labtui.model.text import clean
from labtui.model.use import CardPart, CardUse, UseProcess
from labtui.sources.proxmox.hostpci import Unreadable, address

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

COMMAND = ("nvidia-smi", "-q", "-x")
_MIB = 1 << 20
_UNITS = {"": 1.0, "%": 0.01, "MiB": _MIB, "GiB": _MIB << 10, "KiB": 1 << 10, "C": 1.0, "W": 1.0}
_VALUE = re.compile(r"(-?[0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([A-Za-z%]{0,3})")
_POWERS = ("gpu_power_readings", "power_readings")
_DRAWS = ("instant_power_draw", "power_draw", "average_power_draw")
_LIMITS = ("current_power_limit", "power_limit", "enforced_power_limit")
MOST_CARDS, MOST_PROCESSES = 64, 200


class Told(NamedTuple):
    """What a tool said: its cards, and the driver's version."""

    cards: tuple[CardUse, ...]
    driver: str = ""


def parse(text: str) -> Told:
    """The cards. Raises `Unreadable` for what is no such document.

    The text is of a guest, whom nobody trusts: one that declares entities is refused unread.
    """
    from xml.etree.ElementTree import ParseError, fromstring

    start = text.find("<?xml")
    body = text[max(start, 0) :].strip()
    if "<!ENTITY" in body or "<nvidia_smi_log" not in body:
        raise Unreadable(clean(body[:80]))
    try:
        root = fromstring(body)  # noqa: S314 - without entities there is nothing to expand
    except (ParseError, ValueError) as error:
        raise Unreadable(clean(str(error), 80)) from None
    cards = [_card(gpu) for gpu in root.findall("gpu")[:MOST_CARDS]]
    return Told(tuple(card for card in cards if card is not None), _text(root, "driver_version"))


def _card(gpu: Element) -> CardUse | None:
    try:
        bus = address(gpu.get("id") or _text(gpu, "pci/pci_bus_id"))
    except Unreadable:
        return None
    split = _text(gpu, "mig_mode/current_mig") == "Enabled"
    power = [reading for name in _POWERS if (reading := gpu.find(name)) is not None]
    return CardUse(
        bus,
        _text(gpu, "product_name"),
        _text(gpu, "uuid"),
        _ids(_text(gpu, "pci/pci_device_id")),
        _value(gpu, "utilization/gpu_util"),
        _size(gpu, "fb_memory_usage/used"),
        _size(gpu, "fb_memory_usage/total"),
        _value(gpu, "temperature/gpu_temp"),
        next(_known(power, _DRAWS), None),
        next(_known(power, _LIMITS), None),
        tuple(_processes(gpu)),
        split,
        tuple(_parts(gpu)) if split else (),
    )


def _known(places: list[Element], names: tuple[str, ...]) -> Iterator[float]:
    """The values that are told, in the order of the names."""
    for place in places:
        for name in names:
            value = _value(place, name)
            if value is not None:
                yield value


def _parts(gpu: Element) -> Iterator[CardPart]:
    for part in gpu.findall("mig_devices/mig_device"):
        name = f"{_text(part, 'gpu_instance_id')}/{_text(part, 'compute_instance_id')}"
        used = _size(part, "fb_memory_usage/used")
        yield CardPart(name, used, _size(part, "fb_memory_usage/total"))


def _processes(gpu: Element) -> Iterator[UseProcess]:
    for process in gpu.findall("processes/process_info")[:MOST_PROCESSES]:
        pid = _text(process, "pid")
        if not re.fullmatch(r"[0-9]{1,10}", pid):
            continue
        instance = _text(process, "gpu_instance_id")
        part = ""
        if re.fullmatch(r"[0-9]{1,4}", instance):
            part = f"{instance}/{_text(process, 'compute_instance_id')}"
        yield UseProcess(
            int(pid),
            _text(process, "process_name"),
            _size(process, "used_memory"),
            _text(process, "type"),
            part,
        )


def _ids(text: str) -> str:
    """`20B210DE` -> `10de:20b2`; nothing for what can't be one."""
    match = re.fullmatch(r"(?:0x)?([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})", text)
    return f"{match[2]}:{match[1]}".lower() if match and int(match[1], 16) else ""


def _text(place: Element, path: str) -> str:
    return clean((place.findtext(path) or "").strip(), 200)


def _value(place: Element, path: str) -> float | None:
    """A number in the unit that the model has; None for `N/A`, sentences and unknown units."""
    match = _VALUE.fullmatch(_text(place, path))
    return float(match[1]) * _UNITS[match[2]] if match and match[2] in _UNITS else None


def _size(place: Element, path: str) -> int | None:
    value = _value(place, path)
    return None if value is None or value < 0 else int(value)
