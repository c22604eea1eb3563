"""Guests: what runs where, whose it is, and what cannot be believed because its node is away."""

from __future__ import annotations

from collections.abc import Sequence

from labtui.locale import N_, _
from labtui.model.cluster import Membership, Resources
from labtui.model.devices import Hardware
from labtui.model.guests import GuestConfigs
from labtui.model.inventory import Inventory
from labtui.views.guest_details import details
from labtui.views.guest_row import (
    TROUBLED,
    GuestRow,
    aged,
    cpu_cell,
    cpu_used,
    gpus_cell,
    guest_rows,
    live,
    memory_cell,
    state_cell,
    uptime_cell,
)
from labtui.views.view import Cell, Column, Summary, View


def _trouble(row: GuestRow, now: float) -> int:
    if row.guest.template:
        return -1
    if row.seen.node_online is not True:
        return 2
    if row.guest.status in TROUBLED or row.guest.ha_state in ("error", "fence"):
        return 3
    return 1 if row.guest.lock or row.clash else 0


def _summary(rows: Sequence[GuestRow], now: float) -> Summary:
    running = sum(row.seen.running for row in rows)
    ran = [row.seen.node_online for row in rows if row.guest.status == "running"]
    lost, unsure = ran.count(False), ran.count(None)
    text = _("{n} running of {all}").format(n=running, all=len(rows))
    if lost:
        text += _(", {n} on nodes that are away").format(n=lost)
    if unsure:
        text += _(", {n} on nodes that nobody sees").format(n=unsure)
    return Summary(text, "bad" if lost else "warn" if unsure else "")


GUESTS: View[GuestRow] = View(
    id="guests",
    key="2",
    title=N_("guests"),
    noun="guest",
    needs=(Resources, Membership, Hardware, GuestConfigs, Inventory),
    columns=(
        Column(
            "id",
            N_("id"),
            5,
            lambda r, n: Cell(str(r.guest.vmid)),
            lambda r: r.guest.vmid,
            right=True,
        ),
        Column(
            "name",
            N_("name"),
            14,
            lambda r, n: Cell(r.guest.name),
            lambda r: r.guest.name,
            grow=True,
        ),
        Column("node", N_("node"), 8, lambda r, n: Cell(r.guest.node), lambda r: r.guest.node),
        Column("state", N_("state"), 12, state_cell, lambda r: r.state, timed=True),
        Column(
            "cpu",
            N_("cpu"),
            5,
            cpu_cell,
            cpu_used,
            right=True,
            descending=True,
            unit="share",
        ),
        Column(
            "memory",
            N_("mem"),
            5,
            memory_cell,
            lambda r: r.guest.memory if live(r) else None,
            right=True,
            descending=True,
            unit="bytes",
        ),
        Column(
            "gpus",
            N_("gpu"),
            3,
            gpus_cell,
            lambda r: r.gpus,
            right=True,
            descending=True,
            priority=1,
            part=Hardware,
        ),
        Column(
            "owner",
            N_("owner"),
            12,
            lambda r, n: Cell(r.owner),
            lambda r: r.owner,
            priority=1,
            part=Inventory,
        ),
        Column(
            "uptime",
            N_("up"),
            4,
            uptime_cell,
            lambda r: r.guest.uptime if live(r) else None,
            right=True,
            priority=3,
            descending=True,
            unit="seconds",
        ),
        Column(
            "address",
            N_("address"),
            15,
            lambda r, n: Cell(r.address),
            lambda r: r.address,
            priority=3,
            part=Inventory,
        ),
        Column(
            "kind",
            N_("kind"),
            4,
            lambda r, n: Cell(r.guest.kind, "dim"),
            lambda r: r.guest.kind,
            priority=4,
        ),
        Column(
            "ha",
            N_("HA"),
            8,
            lambda r, n: Cell(r.guest.ha_state),
            lambda r: r.guest.ha_state,
            priority=4,
        ),
        Column(
            "tags",
            N_("tags"),
            12,
            lambda r, n: Cell(" ".join(r.guest.tags), "dim"),
            lambda r: " ".join(r.guest.tags),
            priority=5,
        ),
        Column(
            "cluster",
            N_("cluster"),
            8,
            lambda r, n: Cell(r.guest.cluster, "dim"),
            lambda r: r.guest.cluster,
            priority=6,
        ),
    ),
    rows=guest_rows,
    row_key=lambda row: row.guest.key,
    trouble=_trouble,
    summary=_summary,
    details=details,
    empty=N_("No guests, or none that the account may see (VM.Audit)."),
    sort="id",
    aged=aged,
    wants=frozenset(("safeguards",)),
)
