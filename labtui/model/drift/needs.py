"""What drift is made from; light, so that a register can name it without loading the rest."""

from __future__ import annotations

from labtui.model.cluster import Membership, Resources
from labtui.model.guests import GuestConfigs
from labtui.model.inventory import Inventory
from labtui.model.overlay import Bgp, RouterFacts, WireGuard
from labtui.model.routes import Routes
from labtui.model.safeguards import Agents
from labtui.model.snapshot import Part

NEEDS: tuple[type[Part], ...] = (
    *(Inventory, Resources, Membership, GuestConfigs, Agents),
    *(RouterFacts, WireGuard, Bgp, Routes),
)
"""The parts that drift is made from; the first is the one without which there is none."""
