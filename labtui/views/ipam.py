"""IPAM: the prefixes of NetBox as a tree, how full they are, and their VLANs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from labtui.locale import N_, _
from labtui.model.inventory import Inventory
from labtui.model.snapshot import Snapshot
from labtui.views import aging
from labtui.views.figures import bar, percent
from labtui.views.view import Cell, Column, Section, Summary, View

if TYPE_CHECKING:
    from labtui.model.inventory import AddressRecord, VlanRecord
    from labtui.model.records.index import RecordIndex
    from labtui.model.records.refs import Ref
    from labtui.model.records.usage import Use

_MOST = 256
_TIGHT = 0.9


class IpamRow(msgspec.Struct, frozen=True):
    """A prefix with its use, or a VLAN that no prefix belongs to. `order` is its place."""

    order: int
    use: Use | None = None
    vlan: VlanRecord | None = None

    @property
    def ref(self) -> Ref:
        """The object of NetBox."""
        from labtui.model.records import refs
        from labtui.model.records.refs import Ref

        if self.use is not None:
            return Ref(refs.PREFIXES, self.use.record.id, self.use.record.prefix)
        vlan = self.vlan
        return Ref(refs.VLANS, vlan.id if vlan else 0, vlan.name if vlan else "")


def _rows(snapshot: Snapshot, now: float) -> Sequence[IpamRow]:
    # Counting is loaded with the first rows: the first frame is drawn without it.
    from labtui.model.records.index import first_inventory
    from labtui.model.records.usage import prefix_uses

    inventory = first_inventory(snapshot)
    if inventory is None:
        return ()
    uses = prefix_uses(snapshot)
    rows = [IpamRow(number, use, use.vlan) for number, use in enumerate(uses)]
    held = {use.record.vlan for use in uses}
    alone = sorted((v for v in inventory.vlans if v.id not in held), key=lambda v: (v.vid, v.id))
    rows += [IpamRow(len(rows) + number, vlan=vlan) for number, vlan in enumerate(alone)]
    return rows


def _prefix(row: IpamRow, now: float) -> Cell:
    if row.use is None:
        return Cell("-", "dim")
    return Cell("  " * min(row.use.depth, 6) + row.use.record.prefix)


def _counts(row: IpamRow) -> bool:
    return row.use is not None and row.use.record.status != "container"


def _use(row: IpamRow, now: float) -> Cell:
    if row.use is None or not _counts(row):
        return Cell("")
    # A network of two is full when it is in use, as it should be.
    tight = row.use.share >= _TIGHT and row.use.size > 2
    return Cell(f"{bar(row.use.share, 6)} {percent(row.use.share)}", "warn" if tight else "")


def _used(row: IpamRow, now: float) -> Cell:
    if row.use is None or not _counts(row):
        return Cell("")
    size = row.use.size
    return Cell(f"{row.use.used}/{size}" if size < 100_000 else str(row.use.used))


def _vlan(row: IpamRow, now: float) -> Cell:
    return Cell(f"{row.vlan.vid} {row.vlan.name}" if row.vlan is not None else "")


def _status(row: IpamRow) -> str:
    return row.use.record.status if row.use is not None else row.vlan.status if row.vlan else ""


def _state(row: IpamRow, now: float) -> Cell:
    return Cell(_status(row), "good" if _status(row) == "active" else "dim")


def _site(row: IpamRow) -> str:
    return row.use.record.site if row.use is not None else row.vlan.site if row.vlan else ""


def _tenant(row: IpamRow) -> str:
    return row.use.record.tenant if row.use is not None else row.vlan.tenant if row.vlan else ""


def _about(row: IpamRow) -> str:
    if row.use is not None:
        return row.use.record.description
    return row.vlan.description if row.vlan else ""


def _trouble(row: IpamRow, now: float) -> int:
    use = row.use
    return int(use is not None and _counts(row) and use.size > 2 and use.share >= _TIGHT)


def _summary(rows: Sequence[IpamRow], now: float) -> Summary:
    prefixes = sum(row.use is not None for row in rows)
    tight = sum(_trouble(row, now) for row in rows)
    text = _("{n} prefixes").format(n=prefixes)
    if tight:
        text += _(", {n} nearly full").format(n=tight)
    return Summary(text, "warn" if tight else "")


def _aged(row: IpamRow, snapshot: Snapshot, now: float) -> float | None:
    return aging.age_of_any(snapshot, now, Inventory)


def _holder(index: RecordIndex, record: AddressRecord) -> str:
    name, interface = index.holder(record)
    where = f"{name} {interface}".strip()
    return "  ".join(text for text in (where, record.dns_name, record.status) if text)


def _details(row: IpamRow, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    from labtui.model.records.index import record_index
    from labtui.model.records.usage import within

    index = record_index(snapshot)
    lines = [
        (_("prefix"), _prefix(row, now)),
        (_("status"), Cell(_status(row))),
        (_("use"), _use(row, now)),
        (_("addresses"), _used(row, now)),
        ("VLAN", _vlan(row, now)),
        (_("site"), Cell(_site(row))),
        (_("tenant"), Cell(_tenant(row))),
        (_("about"), Cell(_about(row))),
        (_("in NetBox"), Cell(row.ref.page(index.inventory.url))),
    ]
    use = row.use
    if use is not None:
        lines.insert(1, ("VRF", Cell(use.record.vrf)))
        ranged = _("{n} addresses lie in ranges").format(n=use.ranged) if use.ranged else ""
        lines.append((_("ranges"), Cell(ranged)))
    sections = [Section("NetBox", tuple(line for line in lines if line[1].text.strip()))]
    if use is not None and use.record.status != "container":
        inside = within(index.inventory, use.record)
        shown = tuple((each.address, Cell(_holder(index, each))) for each in inside[:_MOST])
        if len(inside) > _MOST:
            more = Cell(_("and {count} more").format(count=len(inside) - _MOST), "dim")
            shown = (*shown, ("", more))
        sections.append(Section(_("Addresses"), shown))
    return aging.sections(tuple(sections), _aged(row, snapshot, now))


IPAM: View[IpamRow] = View(
    id="ipam",
    key="8",
    title=N_("ipam"),
    noun="prefix",
    needs=(Inventory,),
    columns=(
        Column("prefix", N_("prefix"), 24, _prefix, lambda r: r.order, grow=True),
        Column(
            "use", N_("use"), 11, _use,
            lambda r: r.use.share if r.use is not None and _counts(r) else None, unit="share",
        ),
        Column(
            "used", N_("used"), 9, _used,
            lambda r: r.use.used if r.use is not None else None, right=True,
        ),
        Column("vlan", N_("vlan"), 14, _vlan, lambda r: r.vlan.vid if r.vlan else None),
        Column("site", N_("site"), 8, lambda r, n: Cell(_site(r)), _site),
        Column("state", N_("status"), 10, _state, _status),
        Column("tenant", N_("tenant"), 12, lambda r, n: Cell(_tenant(r)), _tenant, priority=1),
        Column(
            "vrf", N_("vrf"), 8,
            lambda r, n: Cell(r.use.record.vrf if r.use is not None else "", "dim"),
            lambda r: r.use.record.vrf if r.use is not None else "",
            priority=1,
        ),
        Column("about", N_("about"), 24, lambda r, n: Cell(_about(r), "dim"), _about, priority=2),
    ),
    rows=_rows,
    row_key=lambda row: f"{row.ref.path}/{row.ref.id}",
    trouble=_trouble,
    summary=_summary,
    details=_details,
    empty=N_("NetBox was not read, or has no prefixes that the token may see."),
    sort="prefix",
    aged=_aged,
)  # fmt: skip
