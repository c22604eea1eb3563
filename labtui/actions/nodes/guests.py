"""What becomes of the guests of a node that ends: by HA's policy, by `onboot`. Pure.

The policies are those of `ha: shutdown_policy=` in datacenter.cfg (`pve-ha-manager`, LRM): freeze
keeps services where they are, failover has them recovered elsewhere, migrate moves them first and
waits for that, conditional freezes for a reboot and fails over for a shutdown.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from labtui.locale import _
from labtui.model.guests import Guest

Verb = Literal["reboot", "shutdown", "wake"]
Policy = Literal["conditional", "freeze", "failover", "migrate"]
Fate = Literal["frozen", "failover", "moved", "back", "off", "starts"]
_POLICIES: tuple[Policy, ...] = ("conditional", "freeze", "failover", "migrate")


class Tenant(msgspec.Struct, frozen=True):
    """A guest of the node. `onboot` is None where its configuration could not be read."""

    guest: Guest
    running: bool
    onboot: bool | None = None
    cards: bool = False
    managed: bool = False


def policy_of(options: Any) -> Policy:
    """The shutdown policy in the cluster's options; the default is conditional."""
    told = options.get("ha") if isinstance(options, dict) else None
    if isinstance(told, str):
        told = dict(part.partition("=")[::2] for part in told.split(","))
    word = told.get("shutdown_policy") if isinstance(told, dict) else None
    return next((policy for policy in _POLICIES if policy == word), "conditional")


def fate(tenant: Tenant, verb: Verb, policy: Policy) -> Fate | None:
    """What becomes of it; None: it is off and stays so."""
    if tenant.managed:
        if not tenant.running:
            return None
        if policy == "conditional":
            policy = "freeze" if verb == "reboot" else "failover"
        fates: dict[Policy, Fate] = {"freeze": "frozen", "failover": "failover", "migrate": "moved"}
        return fates[policy]
    if tenant.running:
        return "back" if tenant.onboot else "off"
    return "starts" if tenant.onboot else None


def fate_text(kind: Fate, verb: Verb) -> str:
    """What becomes of such guests, in words."""
    return {
        "frozen": _("HA: stopped, kept for this node, started when it is back"),
        "failover": _("HA: stopped, started on another node after two minutes or so"),
        "moved": _("HA: moved to another node first, and back later"),
        "back": _("stopped, and started again when the node starts (on boot)")
        if verb == "reboot"
        else _("stopped, until the node is switched on again (on boot)"),
        "off": _("stopped, and NOT started again: not on boot"),
        "starts": _("off now, and started when the node starts (on boot)"),
    }[kind]
