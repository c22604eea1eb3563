"""Every rule of the console, by family."""

from __future__ import annotations

from labtui.findings.absence import ABSENCE_RULES
from labtui.findings.announced import ANNOUNCED_RULES
from labtui.findings.card_tools import CARD_TOOL_RULES
from labtui.findings.cluster import CLUSTER_RULES
from labtui.findings.console import CONSOLE_RULES
from labtui.findings.gpu_use import GPU_USE_RULES
from labtui.findings.gpus import GPU_RULES
from labtui.findings.guests import GUEST_RULES
from labtui.findings.host_build import BUILD_RULES
from labtui.findings.hosts import HOST_RULES
from labtui.findings.leases import LEASE_RULES
from labtui.findings.lines import LINE_RULES
from labtui.findings.narrow import NARROW_RULES
from labtui.findings.neighbours import NEIGHBOUR_RULES
from labtui.findings.records import RECORD_RULES
from labtui.findings.routers import ROUTER_RULES
from labtui.findings.rule import Rule
from labtui.findings.safeguards import SAFEGUARD_RULES
from labtui.findings.sessions import SESSION_RULES
from labtui.findings.shifts import SHIFT_RULES
from labtui.findings.sites import SITE_RULES
from labtui.findings.sources import SOURCE_RULES
from labtui.findings.storage import STORAGE_RULES
from labtui.findings.tunnels import TUNNEL_RULES

RULES: tuple[Rule, ...] = (
    *SITE_RULES,
    *ROUTER_RULES,
    *TUNNEL_RULES,
    *SESSION_RULES,
    *SHIFT_RULES,
    *NARROW_RULES,
    *LINE_RULES,
    *NEIGHBOUR_RULES,
    *ANNOUNCED_RULES,
    *ABSENCE_RULES,
    *CLUSTER_RULES,
    *HOST_RULES,
    *BUILD_RULES,
    *STORAGE_RULES,
    *SAFEGUARD_RULES,
    *GUEST_RULES,
    *GPU_RULES,
    *LEASE_RULES,
    *GPU_USE_RULES,
    *CARD_TOOL_RULES,
    *RECORD_RULES,
    *SOURCE_RULES,
    *CONSOLE_RULES,
)
