"""Card-hours: how long cards were given to guests, and how long they worked. Pure.

An hour's row is for one card, guest, person and project; spans are seconds. `given` counts from the
configuration, `told` while a tool said what the card does, `used` while it worked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import msgspec

from labtui.model.claims import Card, Claim, card_table
from labtui.model.devices import short_model
from labtui.model.guests import GuestConfigs
from labtui.model.leases import lease_of, leases_in
from labtui.model.owners import registry
from labtui.model.snapshot import Snapshot
from labtui.model.use_join import use_table

By = Literal["person", "project", "model", "guest", "card"]
DIMENSIONS: tuple[By, ...] = ("person", "project", "model", "guest", "card")
_OLD = 180.0


class Holding(msgspec.Struct, frozen=True):
    """A card that a guest has now. `person` is the lease's owner, else NetBox's tenant.

    `busy`: whether it works, None when nobody tells. Of a pool `card` is the mapping and the place
    of the guest's line in it.
    """

    card: str
    model: str
    guest: str
    person: str = ""
    project: str = ""
    busy: bool | None = None


class HourRow(msgspec.Struct, frozen=True):
    """What was counted of one holding in the hour that began at `hour`."""

    hour: int
    card: str
    model: str
    guest: str
    person: str
    project: str
    given: float
    told: float
    used: float


class Total(msgspec.Struct, frozen=True):
    """Card-seconds of one name; `share` is what worked of what was told, None when nothing was."""

    name: str
    given: float = 0.0
    told: float = 0.0
    used: float = 0.0
    cards: int = 0

    @property
    def share(self) -> float | None:
        return self.used / self.told if self.told else None


def totals(rows: Iterable[HourRow], by: By) -> tuple[Total, ...]:
    """Summed up by that, the most given first."""
    names: dict[By, Callable[[HourRow], str]] = {
        "person": lambda row: row.person,
        "project": lambda row: row.project,
        "model": lambda row: row.model,
        "guest": lambda row: row.guest,
        "card": lambda row: row.card,
    }
    found: dict[str, list[float]] = {}
    cards: dict[str, set[str]] = {}
    for row in rows:
        name = names[by](row)
        sums = found.setdefault(name, [0.0, 0.0, 0.0])
        for place, value in enumerate((row.given, row.told, row.used)):
            sums[place] += value
        cards.setdefault(name, set()).add(row.card)
    made = (
        Total(name, given, told, used, len(cards[name]))
        for name, (given, told, used) in found.items()
    )
    return tuple(sorted(made, key=lambda total: (-total.given, total.name)))


def holdings(snapshot: Snapshot, now: float) -> tuple[Holding, ...]:
    """Every card that a guest has: one that runs, or where none does, one that is off."""
    found: dict[str, Holding] = {}
    uses = use_table(snapshot)
    for card in card_table(snapshot).cards:
        if card.state == "unknown" or not card.node_online:
            continue
        running = [claim for claim in card.claims if claim.running]
        for claim in running or card.claims:
            if claim.path:
                # Used through the host's driver beside others, and given to nobody.
                continue
            name = _name(card, claim)
            seen = uses.any_of(card.key)
            # Of a part only its own guest can tell.
            mine = [each for each in seen if not claim.mdev or each.report.vmid == claim.guest.vmid]
            fresh = [each.use.busy for each in mine if now - (each.report.at or 0.0) <= _OLD]
            busy = fresh[0] if len(fresh) == 1 and claim.running else None
            if not claim.running:
                busy = False
            found.setdefault(name, _holding(snapshot, card, claim, name, busy))
    return tuple(found.values())


def _name(card: Card, claim: Claim) -> str:
    if claim.mdev:
        place = claim.mapping if claim.alternatives > 1 else card.device.slot
        return f"{card.device.node}/{place} ({claim.guest.vmid} {claim.mdev})"
    if claim.alternatives == 1:
        return f"{card.device.node}/{card.device.slot}"
    return f"{card.device.node}/{claim.mapping} ({claim.guest.vmid} hostpci{claim.line})"


def _holding(snapshot: Snapshot, card: Card, claim: Claim, name: str, busy: bool | None) -> Holding:
    guest = claim.guest
    configs = snapshot.one(GuestConfigs, guest.cluster)
    config = configs.configs.get(guest.vmid) if configs else None
    lease = lease_of(leases_in(config.description)[0], claim.line) if config else None
    owned = registry(snapshot).of_guest(guest)
    tenant = owned.record.tenant if owned else ""
    person = lease.owner if lease is not None else tenant
    project = lease.project if lease is not None else ""
    return Holding(name, short_model(card.device.model), guest.label, person, project, busy)


def split(since: float, until: float) -> Iterator[tuple[int, float]]:
    """(hour it began, seconds within it) of a span."""
    at = since
    while at < until:
        hour = int(at // 3600) * 3600
        end = min(until, float(hour + 3600))
        yield hour, end - at
        at = end
