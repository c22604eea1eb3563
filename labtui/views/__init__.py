"""The views, one file each, and their register: titles, keys, `labtui get` come from here."""

from __future__ import annotations

from typing import Any

from labtui.views.bgp import BGP
from labtui.views.devices import DEVICES
from labtui.views.drift import DRIFT
from labtui.views.events import EVENTS
from labtui.views.gpus import GPUS
from labtui.views.guests import GUESTS
from labtui.views.ipam import IPAM
from labtui.views.jobs import JOBS
from labtui.views.leases import LEASES
from labtui.views.links import LINKS
from labtui.views.map import MAP
from labtui.views.mappings import MAPPINGS
from labtui.views.nodes import NODES
from labtui.views.prefixes import PREFIXES
from labtui.views.requests import REQUESTS
from labtui.views.sources import SOURCES
from labtui.views.storage import STORAGE
from labtui.views.tasks import TASKS
from labtui.views.view import View
from labtui.views.wireguard import WIREGUARD

VIEWS: tuple[View[Any], ...] = (
    NODES,
    GUESTS,
    GPUS,
    WIREGUARD,
    BGP,
    LINKS,
    MAP,
    PREFIXES,
    IPAM,
    JOBS,
    TASKS,
    EVENTS,
    STORAGE,
    DEVICES,
    MAPPINGS,
    LEASES,
    REQUESTS,
    DRIFT,
    SOURCES,
)
