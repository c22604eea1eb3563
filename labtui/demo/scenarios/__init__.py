"""Outages with the truth behind them: one file each, and the register of all."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from pathlib import Path

from labtui.demo.scenarios.scenario import Scenario, read_scenario

SCENARIOS: tuple[str, ...] = (
    "single-tunnel",
    "site-cut-off",
    "uplink-down",
    "building-702-dark",
    "node-dead",
    "netbox-host-dead",
    "quorum-lost",
    "partition",
    "statistics-hung",
    "key-mismatch",
    "port-filtered",
    "endpoint-wrong",
    "peer-disabled",
    "session-stopped",
    "asn-mismatch",
    "prefix-lost",
    "prefix-stolen",
    "flapping-line",
    "lossy-line",
    "narrow-path",
    "backup-line-lost",
    "router-clock",
    "ha-gives-up",
    "root-full",
    "storage-full",
    "card-gone",
    "card-claimed-twice",
    "guest-stuck",
    "backups-failing",
    "netbox-lies",
    "netbox-upgrade",
    "token-expired",
    "right-revoked",
    "front-node-hangs",
    "ssh-key-changed",
    "two-at-once",
    "worst-day",
)
"""All that come with the lab, from the plainest to the worst day."""

_FOLDER = Path(__file__).parent


@cache
def scenario_named(name: str) -> Scenario:
    """A scenario of the register, or of a file when a path to one is given.

    KeyError for an unknown name, ValueError for a wrong file, each with a sentence.
    """
    if name in SCENARIOS:
        return read_scenario(_FOLDER / f"{name}.toml")
    if name.endswith(".toml"):
        return read_scenario(Path(name))
    found = get_close_matches(name, SCENARIOS, 1, 0.5)
    hint = f"; did you mean {found[0]}?" if found else ""
    raise KeyError(f"there is no scenario {name!r}{hint}")
