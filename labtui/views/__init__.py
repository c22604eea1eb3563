"""The views, one file each, and their register: titles, keys, `labtui get` come from here."""

from __future__ import annotations

from typing import Any

from labtui.views.bgp import BGP
from labtui.views.gpus import GPUS
from labtui.views.guests import GUESTS
from labtui.views.jobs import JOBS
from labtui.views.nodes import NODES
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
    JOBS,
    TASKS,
    STORAGE,
    SOURCES,
)
