"""Nodes: who is there, how loaded, how many of the GPUs are taken."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from labtui.locale import N_, _
from labtui.model.card_choice import taken
from labtui.model.claims import Card, card_table
from labtui.model.cluster import Membership, Node, Resources
from labtui.model.devices import Hardware
from labtui.model.guests import GuestConfigs
from labtui.model.inventory import Inventory
from labtui.model.owners import registry
from labtui.model.presence import NodePresence, presences
from labtui.model.snapshot import Snapshot
from labtui.views import aging
from labtui.views.figures import bar, exact_span, of, percent, share, size, span
from labtui.views.view import Cell, Column, Role, Section, Summary, View


class NodeRow(msgspec.Struct, frozen=True):
    """A node with its presence, its cards and the guests on it."""

    node: Node
    presence: NodePresence
    cards: tuple[Card, ...] = ()
    site: str = ""
    running: int = 0
    guests: int = 0

    @property
    def online(self) -> bool:
        return self.presence.online is True

    @property
    def state(self) -> str:
        """`up`, `DOWN`, `starting` (there, but no statistics yet), `unknown`."""
        if self.presence.online is False:
            return "DOWN"
        if self.presence.online is None:
            return "unknown"
        return "starting" if self.node.status == "unknown" else "up"


def _rows(snapshot: Snapshot, now: float) -> Sequence[NodeRow]:
    there = presences(snapshot)
    cards: dict[tuple[str, str], list[Card]] = {}
    for card in card_table(snapshot).cards:
        cards.setdefault((card.device.cluster, card.device.node), []).append(card)
    known = registry(snapshot)
    rows: list[NodeRow] = []
    for cluster, resources in snapshot.of(Resources):
        counts: dict[str, list[int]] = {}
        for guest in resources.guests:
            count = counts.setdefault(guest.node, [0, 0])
            count[0] += guest.status == "running"
            count[1] += not guest.template
        for node in resources.nodes:
            running, guests = counts.get(node.name, (0, 0))
            rows.append(
                NodeRow(
                    node,
                    there.get((cluster, node.name), NodePresence(cluster, node.name, None)),
                    tuple(cards.get((cluster, node.name), ())),
                    known.site_of(node.name),
                    running,
                    guests,
                )
            )
    return rows


def _state(row: NodeRow, now: float) -> Cell:
    roles: dict[str, Role] = {"up": "good", "DOWN": "bad", "starting": "warn", "unknown": "warn"}
    texts = {"up": _("up"), "DOWN": _("DOWN"), "starting": _("starting"), "unknown": _("unknown")}
    return Cell(texts[row.state], roles[row.state])


def _loaded(fraction: float | None, row: NodeRow) -> Cell:
    if fraction is None:
        return Cell("")
    role: Role = "bad" if fraction >= 0.95 else "warn" if fraction >= 0.85 else ""
    return Cell(f"{bar(fraction)} {percent(fraction):>4}", role if row.online else "stale")


def _cpu(row: NodeRow, now: float) -> Cell:
    if not row.online and (row.presence.online is False or row.presence.since):
        gone = span(now - row.presence.since) if row.presence.since else ""
        return Cell(_("last seen {span}").format(span=gone) if gone else _("away"), "dim")
    return _loaded(row.node.cpu, row)


def _memory(row: NodeRow, now: float) -> Cell:
    return _loaded(share(row.node.memory, row.node.memory_max), row)


def _gpus(row: NodeRow, now: float) -> Cell:
    if not row.cards:
        return Cell("")
    if not row.online:
        return Cell(f"?/{len(row.cards)}", "stale")
    clash = any(card.state in ("clash", "clash-at-boot") for card in row.cards)
    return Cell(f"{_taken(row)}/{len(row.cards)}" + ("!" if clash else ""), "bad" if clash else "")


def _taken(row: NodeRow) -> int:
    return taken(row.cards)


def _uptime(row: NodeRow, now: float) -> Cell:
    return Cell(span(row.node.uptime) if row.online and row.node.uptime else "")


def _aged(row: NodeRow, snapshot: Snapshot, now: float) -> float | None:
    cluster = row.node.cluster
    return aging.age_of(snapshot, now, (Resources, cluster), (Membership, cluster))


def _trouble(row: NodeRow, now: float) -> int:
    return {"DOWN": 3, "unknown": 2, "starting": 1}.get(row.state, 0)


def _summary(rows: Sequence[NodeRow], now: float) -> Summary:
    up = sum(row.online for row in rows)
    role: Role = "good" if up == len(rows) else "bad"
    return Summary(_("{up}/{all} up").format(up=up, all=len(rows)), role if rows else "")


def _guests_on(row: NodeRow) -> Cell:
    """How many run there; of a node that is away only how many did."""
    text = _("{n} running of {all}")
    if not row.online:
        text = _("{all}, {n} of them ran when it was last seen")
    return Cell(text.format(n=row.running, all=row.guests), "" if row.online else "warn")


def _details(row: NodeRow, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    node = row.node
    membership = snapshot.one(Membership, node.cluster)
    member = membership.member(node.name) if membership else None
    since = row.presence.since
    changed = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(since)) if since else ""
    about = aging.section(
        _("Node"),
        (
            (_("name"), Cell(node.name)),
            (_("cluster"), Cell(node.cluster)),
            (_("state"), _state(row, now)),
            (_("so since at least"), Cell(changed)),
            (_("address"), Cell(member.address if member else "")),
            (_("site"), Cell(row.site)),
            (_("up for"), Cell(exact_span(node.uptime))),
            (_("processors"), Cell(str(node.cpus or ""))),
            (_("cpu in use"), Cell(percent(node.cpu))),
            (_("memory"), Cell(of(node.memory, node.memory_max))),
            (_("root disk"), Cell(of(node.disk, node.disk_max))),
            (_("guests"), _guests_on(row)),
        ),
        _aged(row, snapshot, now),
    )
    cards = aging.section(
        _("GPUs"),
        tuple(
            (
                card.device.address,
                Cell(
                    f"{card.device.model}  " + ", ".join(claim.guest.label for claim in card.claims)
                ),
            )
            for card in row.cards
        ),
        aging.hardware_age(snapshot, now, node.cluster, node.name),
    )
    from labtui.views.node_details import sections

    found = sections(node, snapshot, now, there=row.online)
    told = tuple(section for section in found if section.lines)
    return (about, *told, cards) if cards.lines else (about, *told)


NODES: View[NodeRow] = View(
    id="nodes",
    key="1",
    title=N_("nodes"),
    noun="node",
    needs=(Resources, Membership, Hardware, GuestConfigs, Inventory),
    columns=(
        Column("node", N_("node"), 10, lambda r, n: Cell(r.node.name), lambda r: r.node.name),
        Column("state", N_("state"), 8, _state, lambda r: r.state),
        Column(
            "cpu",
            N_("cpu"),
            14,
            _cpu,
            lambda r: r.node.cpu,
            descending=True,
            unit="share",
            timed=True,
        ),
        Column(
            "memory",
            N_("mem"),
            14,
            _memory,
            lambda r: share(r.node.memory, r.node.memory_max),
            descending=True,
            unit="share",
        ),
        Column("gpus", N_("gpu"), 4, _gpus, _taken, right=True, part=Hardware),
        Column(
            "guests",
            N_("guests"),
            6,
            lambda r, n: Cell(f"{r.running}/{r.guests}", "" if r.online else "stale"),
            lambda r: r.guests,
            priority=1,
            right=True,
        ),
        Column(
            "uptime",
            N_("up"),
            4,
            _uptime,
            lambda r: r.node.uptime,
            priority=1,
            right=True,
            unit="seconds",
        ),
        Column(
            "site",
            N_("site"),
            6,
            lambda r, n: Cell(r.site),
            lambda r: r.site,
            priority=2,
            part=Inventory,
        ),
        Column(
            "memory_max",
            N_("ram"),
            5,
            lambda r, n: Cell(size(r.node.memory_max)),
            lambda r: r.node.memory_max,
            priority=3,
            right=True,
            unit="bytes",
        ),
        Column(
            "cluster",
            N_("cluster"),
            8,
            lambda r, n: Cell(r.node.cluster, "dim"),
            lambda r: r.node.cluster,
            priority=4,
        ),
    ),
    rows=_rows,
    row_key=lambda row: row.node.key,
    trouble=_trouble,
    summary=_summary,
    details=_details,
    empty=N_("This cluster has no nodes that the account may see."),
    sort="node",
    aged=_aged,
    wants=frozenset(("health", "build")),
)
