"""As much of a running lab as the faults of NetBox touch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from labtui.demo.lab import Lab
from labtui.demo.netbox.handle import NetBox
from labtui.demo.netbox.store import MODELS

IGNORED = ("core.objectchange",)


@dataclass
class NetboxStage:
    """Stands in for the lab where a fault asks for its NetBox and the lab's facts."""

    netbox: NetBox
    lab: Lab


def picture(netbox: NetBox) -> dict[str, Any]:
    """All that a client could see, without the times and the log of changes."""
    records = {
        (label, row["id"]): {name: value for name, value in row.items() if name != "last_updated"}
        for label in MODELS
        if label not in IGNORED
        for row in netbox.store.rows(label)
    }
    rate = netbox.rate_limit.requests if netbox.rate_limit else None
    return {
        "records": records,
        "server": (netbox.trouble, netbox.delay, netbox.read_only, rate),
    }
