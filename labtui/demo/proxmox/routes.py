"""The routes of the parts that change guests, nodes, access and what the cluster shares."""

from __future__ import annotations

from labtui.demo.proxmox import (
    answers_agent,
    answers_backups,
    answers_bulk,
    answers_ceph,
    answers_content,
    answers_datacenter,
    answers_files,
    answers_hardware,
    answers_lifecycle,
    answers_mappings,
    answers_pools,
    answers_rules,
    answers_sdn,
    answers_services,
    answers_snapshots,
    answers_tokens,
    answers_users,
    terminal,
)
from labtui.demo.proxmox.site import Routes


def joined(*tables: Routes) -> Routes:
    """All of them in one; ValueError when two answer the same call."""
    whole: Routes = {}
    for table in tables:
        if twice := whole.keys() & table.keys():
            raise ValueError(f"answered twice: {sorted(twice)}")
        whole |= table
    return whole


ROUTES: Routes = joined(
    answers_agent.ROUTES,
    answers_backups.ROUTES,
    answers_bulk.ROUTES,
    answers_ceph.ROUTES,
    answers_content.ROUTES,
    answers_datacenter.ROUTES,
    answers_files.ROUTES,
    answers_hardware.ROUTES,
    answers_lifecycle.ROUTES,
    answers_mappings.ROUTES,
    answers_pools.ROUTES,
    answers_rules.ROUTES,
    answers_sdn.ROUTES,
    answers_services.ROUTES,
    answers_snapshots.ROUTES,
    answers_tokens.ROUTES,
    answers_users.ROUTES,
    terminal.ROUTES,
)
