"""A good configuration as a document, and what is said about a changed one."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from labtui.config.file import ConfigError, parse
from labtui.config.schema import Config

PIN = "ab" * 32
OTHER_PIN = "cd" * 32
PATH = Path("/etc/lab/config.toml")
GOOD: dict[str, Any] = {
    "lab": {"name": "lsalab"},
    "proxmox": [
        {
            "name": "pve",
            "endpoints": ["pve1", "https://pve2:443/", "[2001:db8::1]"],
            "token_id": "labtui@pve!console",
            "token_secret": {"env": "PVE"},
        }
    ],
    "router": [
        {
            "name": "836",
            "addresses": ["10.121.250.1", "[2001:db8::2]:8730"],
            "username": "ro",
            "password": {"env": "ROUTER"},
        }
    ],
    "netbox": {"url": "https://netbox.example/", "token": {"env": "NETBOX"}},
}


def changed(place: str, **values: Any) -> dict[str, Any]:
    """GOOD with these keys set in that table; None takes a key out."""
    raw = copy.deepcopy(GOOD)
    table = raw.setdefault(place, {})
    entry = table[0] if isinstance(table, list) else table
    for key, value in values.items():
        if value is None:
            entry.pop(key, None)
        else:
            entry[key] = value
    return raw


def mistakes(raw: dict[str, Any]) -> list[str]:
    """The sentences that this document earns."""
    try:
        parse(raw, PATH)
    except ConfigError as error:
        return [mistake.sentence for mistake in error.mistakes]
    return []


def only(raw: dict[str, Any]) -> str:
    """The one sentence that this document earns."""
    (sentence,) = mistakes(raw)
    return sentence


def good(raw: dict[str, Any]) -> Config:
    return parse(raw, PATH)
