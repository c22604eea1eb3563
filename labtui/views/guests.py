"""Guests: what runs where, whose it is, and what cannot be believed because its node is away."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from labtui.locale import N_, _
from labtui.model.claims import Card, card_table
from labtui.model.cluster import Membership, Resources
from labtui.model.derived import Derived
from labtui.model.devices import Hardware
from labtui.model.guests import Guest, GuestConfig, GuestConfigs
from labtui.model.inventory import Inventory
from labtui.model.owners import registry
from labtui.model.presence import SeenGuest, seen_guests
from labtui.model.snapshot import Snapshot
from labtui.views.figures import exact_span, percent, share, size, span
from labtui.views.view import Cell, Column, Role, Section, Summary, View

_TROUBLED = frozenset(("internal-error", "io-error", "error", "unknown"))


class GuestRow(msgspec.Struct, frozen=True, gc=False):
    """A guest with its presence, owner and the GPUs it claims."""

    seen: SeenGuest
    owner: str = ""
    address: str = ""
    gpus: int = 0
    clash: bool = False

    @property
    def guest(self) -> Guest:
        return self.seen.guest


def _joined(snapshot: Snapshot) -> tuple[GuestRow, ...]:
    known = registry(snapshot)
    by_guest = card_table(snapshot).by_guest
    rows = []
    for key, seen in seen_guests(snapshot).items():
        owned = known.of_guest(seen.guest)
        cards = by_guest.get(key, ())
        rows.append(
            GuestRow(
                seen,
                owned.record.tenant if owned else "",
                owned.record.address.split("/")[0] if owned else "",
                _count(cards, key),
                any(card.state in ("clash", "clash-at-boot") for card in cards),
            )
        )
    return tuple(rows)


_guest_rows = Derived((Resources, Membership, Hardware, GuestConfigs, Inventory), _joined)


def _count(cards: tuple[Card, ...], key: str) -> int:
    """Cards a guest takes: each certain one, and one of each set of alternatives."""
    certain = pooled = 0
    for card in cards:
        claim = next(claim for claim in card.claims if claim.guest.key == key)
        if claim.alternatives == 1:
            certain += 1
        else:
            pooled = 1
    return certain + pooled


def _rows(snapshot: Snapshot, now: float) -> Sequence[GuestRow]:
    return _guest_rows(snapshot)


def _state(row: GuestRow, now: float) -> Cell:
    guest = row.guest
    if row.seen.node_online is False:
        since = row.seen.gone_since
        text = _("seen {span} ago").format(span=span(now - since)) if since else _("last seen")
        return Cell(text, "stale")
    if guest.lock:
        return Cell(guest.lock, "warn")
    if guest.template:
        return Cell(_("template"), "dim")
    roles: dict[str, Role] = {"running": "good", "stopped": "dim", "paused": "warn"}
    texts = {
        "running": _("running"),
        "stopped": _("stopped"),
        "paused": _("paused"),
        "unknown": _("no data"),
    }
    role: Role = "bad" if guest.status in _TROUBLED else roles.get(guest.status, "warn")
    return Cell(texts.get(guest.status, guest.status), role)


def _live(row: GuestRow) -> bool:
    return row.seen.running


def _cpu(row: GuestRow, now: float) -> Cell:
    guest = row.guest
    if not _live(row) or guest.cpu is None:
        return Cell("")
    used = guest.cpu * (guest.cpus or 1)
    return Cell(percent(used), "warn" if guest.cpu >= 0.95 else "")


def _memory(row: GuestRow, now: float) -> Cell:
    guest = row.guest
    used = share(guest.memory, guest.memory_max)
    if not _live(row):
        return Cell(size(guest.memory_max), "dim")
    return Cell(size(guest.memory), "warn" if used is not None and used >= 0.95 else "")


def _gpus(row: GuestRow, now: float) -> Cell:
    if not row.gpus:
        return Cell("")
    return Cell(f"{row.gpus}!" if row.clash else str(row.gpus), "bad" if row.clash else "")


def _uptime(row: GuestRow, now: float) -> Cell:
    return Cell(span(row.guest.uptime) if _live(row) and row.guest.uptime else "")


def _trouble(row: GuestRow, now: float) -> int:
    if row.guest.template:
        return -1
    if row.seen.node_online is False:
        return 2
    if row.guest.status in _TROUBLED or row.guest.ha_state in ("error", "fence"):
        return 3
    return 1 if row.guest.lock or row.clash else 0


def _summary(rows: Sequence[GuestRow], now: float) -> Summary:
    running = sum(row.seen.running for row in rows)
    lost = sum(row.seen.node_online is False and row.guest.status == "running" for row in rows)
    text = _("{n} running of {all}").format(n=running, all=len(rows))
    if lost:
        text += _(", {n} on nodes that are away").format(n=lost)
    return Summary(text, "bad" if lost else "")


def _configured(config: GuestConfig | None, now: float) -> Section:
    if config is None:
        return Section(_("Configuration"), ((_("not read yet"), Cell("")),))
    lines: list[tuple[str, Cell]] = [
        (_("read"), Cell(_("{span} ago").format(span=span(now - config.read_at)), "dim")),
        (_("machine"), Cell(config.machine)),
        (_("starts with its node"), Cell(_("yes") if config.onboot else _("no"))),
        (_("protected"), Cell(_("yes") if config.protection else _("no"))),
    ]
    for line in config.hostpci:
        text = line.mapping or ";".join(line.addresses)
        lines.append((f"hostpci{line.index}", Cell(text)))
    for net in config.nets:
        tag = f" vlan {net.tag}" if net.tag is not None else ""
        lines.append((f"net{net.index}", Cell(f"{net.bridge}{tag}  {net.mac}  {net.address}")))
    lines.extend((_("disk"), Cell(disk)) for disk in config.disks)
    if config.description:
        lines.extend(("", Cell(line, "dim")) for line in config.description.splitlines()[:20])
    return Section(_("Configuration"), tuple(lines))


def _details(row: GuestRow, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    guest = row.guest
    configs = snapshot.one(GuestConfigs, guest.cluster)
    owned = registry(snapshot).of_guest(guest)
    about = Section(
        _("Guest"),
        (
            (_("number"), Cell(str(guest.vmid))),
            (_("name"), Cell(guest.name)),
            (_("kind"), Cell(_("virtual machine") if guest.kind == "qemu" else _("container"))),
            (_("node"), Cell(f"{guest.node} ({guest.cluster})")),
            (_("state"), _state(row, now)),
            (_("up for"), Cell(exact_span(guest.uptime) if guest.uptime else "")),
            (_("processors"), Cell(f"{guest.cpus:g}" if guest.cpus else "")),
            (_("cpu in use"), _cpu(row, now)),
            (_("memory"), Cell(f"{size(guest.memory)} / {size(guest.memory_max)}")),
            (_("disk"), Cell(size(guest.disk_max))),
            (_("tags"), Cell(" ".join(guest.tags))),
            (_("pool"), Cell(guest.pool)),
            (_("HA"), Cell(guest.ha_state)),
        ),
    )
    record = Section(
        "NetBox",
        (
            (_("owner"), Cell(row.owner)),
            (_("address"), Cell(row.address)),
            (_("status"), Cell(owned.record.status if owned else _("not recorded"))),
            (
                _("joined by"),
                Cell({"vmid": _("number"), "name": _("name")}[owned.by] if owned else ""),
            ),
        ),
    )
    cards = Section(
        _("GPUs"),
        tuple(
            (card.device.address, Cell(f"{card.device.model}  {card.state}"))
            for card in card_table(snapshot).by_guest.get(guest.key, ())
        ),
    )
    configured = _configured(configs.configs.get(guest.vmid) if configs else None, now)
    return tuple(section for section in (about, record, cards, configured) if section.lines)


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
        Column("state", N_("state"), 12, _state, lambda r: r.guest.status),
        Column("cpu", N_("cpu"), 5, _cpu, lambda r: r.guest.cpu, right=True, descending=True),
        Column(
            "memory", N_("mem"), 5, _memory, lambda r: r.guest.memory, right=True, descending=True
        ),
        Column(
            "gpus", N_("gpu"), 3, _gpus, lambda r: r.gpus, right=True, descending=True, priority=1
        ),
        Column("owner", N_("owner"), 12, lambda r, n: Cell(r.owner), lambda r: r.owner, priority=1),
        Column(
            "uptime",
            N_("uptime"),
            6,
            _uptime,
            lambda r: r.guest.uptime,
            right=True,
            priority=3,
            descending=True,
        ),
        Column(
            "address",
            N_("address"),
            15,
            lambda r, n: Cell(r.address),
            lambda r: r.address,
            priority=3,
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
    rows=_rows,
    row_key=lambda row: row.guest.key,
    trouble=_trouble,
    summary=_summary,
    details=_details,
    empty=N_("No guests, or none that the account may see (VM.Audit)."),
    sort="id",
    ticks=True,
)
