"""Values of NetBox's rows: guests' numbers, MAC addresses, selections."""

from __future__ import annotations

import re
from typing import Any

from labtui.model.inventory import MacRecord
from labtui.sources.netbox.wire import InterfaceRow

# Proxmox VE's own limits of a guest's number.
_LOWEST_VMID, _HIGHEST_VMID = 100, 999_999_999
_MAC = re.compile(r"[0-9a-f]{12}")


def mac_of(text: str) -> str:
    """A MAC address in lower case with colons, "" for what is none."""
    digits = re.sub(r"[^0-9a-f]", "", text.casefold()) if len(text) < 40 else ""
    if not _MAC.fullmatch(digits):
        return ""
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))


def vmid_of(value: Any) -> int | None:
    """A guest's number from a custom field: number or text; None where there is none.

    A selection reads as `{"value", "label"}` from NetBox 4.7 on.
    """
    value = plain(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and value.isascii() and value.strip().isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if _LOWEST_VMID <= value <= _HIGHEST_VMID else None


def plain(value: Any) -> Any:
    """The value of a selection, which is an object from 4.7 on."""
    return value.get("value") if isinstance(value, dict) else value


def macs_of(row: InterfaceRow) -> tuple[MacRecord, ...]:
    """The MAC addresses of an interface, the primary one first.

    Objects of their own from 4.2 on, where the text is that of the primary one; before it the text
    is all there is.
    """
    first = mac_of(row.mac_address or "")
    found = [MacRecord(mac_of(each.mac_address), each.id) for each in row.mac_addresses or ()]
    if not found and first:
        return (MacRecord(first),)
    found.sort(key=lambda each: (each.mac != first, each.mac, each.id))
    return tuple(each for each in found if each.mac)
