"""Storages: how full, and where they cannot be reached."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from labtui.locale import N_, _
from labtui.model.cluster import Membership, Resources, Storage
from labtui.model.presence import NodePresence, presences
from labtui.model.snapshot import Snapshot
from labtui.views import aging
from labtui.views.figures import bar, of, percent, share, size
from labtui.views.view import Cell, Column, Role, Section, Summary, View


class StorageRow(msgspec.Struct, frozen=True):
    """A storage of one node, or a shared one once with all the nodes that have it."""

    storage: Storage
    nodes: tuple[str, ...]
    away: tuple[str, ...] = ()

    @property
    def used(self) -> float | None:
        return share(self.storage.used, self.storage.size)


def _rows(snapshot: Snapshot, now: float) -> Sequence[StorageRow]:
    there = presences(snapshot)
    groups: dict[tuple[str, str, str], list[Storage]] = {}
    for cluster, resources in snapshot.of(Resources):
        for storage in resources.storages:
            node = "" if storage.shared else storage.node
            groups.setdefault((cluster, storage.name, node), []).append(storage)
    rows = []
    for group in groups.values():
        # A shared storage has a row per node; the one of a node that is there counts.
        online = [s for s in group if _online(there, s)]
        away = tuple(s.node for s in online if s.status != "available")
        best = next((s for s in online if s.status == "available"), group[0])
        rows.append(StorageRow(best, tuple(sorted(s.node for s in group)), away))
    return rows


def _online(there: dict[tuple[str, str], NodePresence], storage: Storage) -> bool:
    presence = there.get((storage.cluster, storage.node))
    return presence is None or presence.online is True


def _fill(row: StorageRow, now: float) -> Cell:
    if row.used is None:
        return Cell("")
    role: Role = "bad" if row.used >= 0.95 else "warn" if row.used >= 0.85 else ""
    return Cell(f"{bar(row.used)} {percent(row.used):>4}", role)


def _state(row: StorageRow, now: float) -> Cell:
    if row.away:
        return Cell(_("away on {nodes}").format(nodes=" ".join(row.away)), "bad")
    if row.storage.status == "available":
        return Cell(_("available"), "good")
    return Cell(row.storage.status, "stale")


def _aged(row: StorageRow, snapshot: Snapshot, now: float) -> float | None:
    cluster = row.storage.cluster
    return aging.age_of(snapshot, now, (Resources, cluster), (Membership, cluster))


def _trouble(row: StorageRow, now: float) -> int:
    if row.away:
        return 3
    return 2 if (row.used or 0) >= 0.95 else 1 if (row.used or 0) >= 0.85 else 0


def _summary(rows: Sequence[StorageRow], now: float) -> Summary:
    bad = sum(_trouble(row, now) > 1 for row in rows)
    if bad:
        return Summary(_("{n} of {all} in trouble").format(n=bad, all=len(rows)), "bad")
    return Summary(_("{n} storages").format(n=len(rows)))


def _details(row: StorageRow, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    storage = row.storage
    return (
        aging.section(
            _("Storage"),
            (
                (_("name"), Cell(storage.name)),
                (_("kind"), Cell(storage.kind)),
                (_("shared"), Cell(_("yes") if storage.shared else _("no"))),
                (_("nodes"), Cell(" ".join(row.nodes))),
                (_("state"), _state(row, now)),
                (_("in use"), Cell(of(storage.used, storage.size))),
                (_("holds"), Cell(" ".join(storage.content))),
            ),
            _aged(row, snapshot, now),
        ),
    )


STORAGE: View[StorageRow] = View(
    id="storage",
    key="",
    title=N_("storage"),
    noun="storage",
    needs=(Resources, Membership),
    columns=(
        Column("name", N_("name"), 12, lambda r, n: Cell(r.storage.name), lambda r: r.storage.name),
        Column(
            "nodes",
            N_("nodes"),
            16,
            lambda r, n: Cell(" ".join(r.nodes), "dim"),
            lambda r: " ".join(r.nodes),
            grow=True,
        ),
        Column("state", N_("state"), 12, _state, lambda r: r.storage.status),
        Column("used", N_("in use"), 14, _fill, lambda r: r.used, descending=True, unit="share"),
        Column(
            "size",
            N_("size"),
            5,
            lambda r, n: Cell(size(r.storage.size)),
            lambda r: r.storage.size,
            right=True,
            unit="bytes",
        ),
        Column(
            "kind",
            N_("kind"),
            9,
            lambda r, n: Cell(r.storage.kind),
            lambda r: r.storage.kind,
            priority=1,
        ),
    ),
    rows=_rows,
    row_key=lambda row: row.storage.key,
    trouble=_trouble,
    summary=_summary,
    details=_details,
    empty=N_("No storages, or none that the account may see (Datastore.Audit)."),
    sort="name",
    aged=_aged,
)
