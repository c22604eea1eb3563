"""A guest's row: the guest joined with its node, owner and GPUs, and what its cells say."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from labtui.locale import _
from labtui.model.claims import Card, card_table
from labtui.model.cluster import Membership, Resources
from labtui.model.derived import Derived
from labtui.model.devices import Hardware
from labtui.model.guests import Guest, GuestConfigs
from labtui.model.inventory import Inventory
from labtui.model.owners import registry
from labtui.model.presence import SeenGuest, seen_guests
from labtui.model.snapshot import Snapshot
from labtui.views import aging
from labtui.views.figures import percent, share, size, span
from labtui.views.view import Cell, Role

TROUBLED = frozenset(("internal-error", "io-error", "error", "unknown"))


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

    @property
    def state(self) -> str:
        """`away` with its node, `unsure` on one that nobody can see, its lock, `template`, else the
        server's word.
        """
        if self.seen.node_online is not True:
            return "away" if self.seen.node_online is False else "unsure"
        return self.guest.lock or ("template" if self.guest.template else self.guest.status)


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
    """Cards a guest takes: each certain one, and one per line that has alternatives."""
    certain: set[str] = set()
    pooled: set[int] = set()
    for card in cards:
        for claim in card.claims:
            if claim.guest.key == key and claim.alternatives == 1:
                certain.add(card.key)
            elif claim.guest.key == key:
                pooled.add(claim.line)
    return len(certain) + len(pooled)


def guest_rows(snapshot: Snapshot, now: float) -> Sequence[GuestRow]:
    """Every guest."""
    return _guest_rows(snapshot)


def aged(row: GuestRow, snapshot: Snapshot, now: float) -> float | None:
    """How old the statistics are, or who is there, when that is old."""
    cluster = row.guest.cluster
    return aging.age_of(snapshot, now, (Resources, cluster), (Membership, cluster))


def state_cell(row: GuestRow, now: float) -> Cell:
    """What the guest does, or since when nobody can say."""
    guest = row.guest
    if row.seen.node_online is not True:
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
    role: Role = "bad" if guest.status in TROUBLED else roles.get(guest.status, "warn")
    return Cell(texts.get(guest.status, guest.status), role)


def live(row: GuestRow) -> bool:
    """True when its figures are of now."""
    return row.seen.running


def cpu_used(row: GuestRow) -> float | None:
    """Cores in use, as `top` counts; None when not known."""
    guest = row.guest
    return guest.cpu * (guest.cpus or 1) if live(row) and guest.cpu is not None else None


def cpu_cell(row: GuestRow, now: float) -> Cell:
    """Processor use in hundredths of one core."""
    used = cpu_used(row)
    if used is None:
        return Cell("")
    return Cell(percent(used), "warn" if (row.guest.cpu or 0) >= 0.95 else "")


def memory_cell(row: GuestRow, now: float) -> Cell:
    """Memory in use; all it may have while it is off."""
    guest = row.guest
    used = share(guest.memory, guest.memory_max)
    if not live(row):
        return Cell(size(guest.memory_max), "dim")
    return Cell(size(guest.memory), "warn" if used is not None and used >= 0.95 else "")


def gpus_cell(row: GuestRow, now: float) -> Cell:
    """How many cards it takes, marked when another claims one of them."""
    if not row.gpus:
        return Cell("")
    return Cell(f"{row.gpus}!" if row.clash else str(row.gpus), "bad" if row.clash else "")


def uptime_cell(row: GuestRow, now: float) -> Cell:
    """How long it has been up."""
    return Cell(span(row.guest.uptime) if live(row) and row.guest.uptime else "")
