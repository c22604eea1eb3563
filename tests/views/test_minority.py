"""What is shown when only a side without quorum answers: nothing of the others is known."""

from __future__ import annotations

from typing import Any

from labtui.model.devices import Hardware
from labtui.model.snapshot import Snapshot
from labtui.views import aging
from labtui.views.gpus import GPUS
from labtui.views.guests import GUESTS
from labtui.views.nodes import NODES
from labtui.views.storage import STORAGE
from labtui.views.view import Cell, View
from tests.snapshots import NOW, cluster_lab, configs, gpu, guest, snapshot


def lab(*, quorate: bool = False) -> Snapshot:
    base = cluster_lab(
        guest(104, "pve2"), guest(105, "pve1"), quorate=quorate, pve1=True, pve2=False, pve3=False
    )
    parts = [(feed.source, part) for feed, part in base.parts.items()]
    cards = Hardware({name: (gpu(name, "0000:01:00"),) for name in ("pve1", "pve2")})
    return snapshot(*parts, ("lab", cards), ("lab", configs()))


def cells(view: View[Any], key: str, *, quorate: bool = False) -> dict[str, Cell]:
    made = lab(quorate=quorate)
    row = next(row for row in view.rows(made, NOW) if view.row_key(row) == key)
    return aging.row_cells(view, row, made, NOW)


def test_nodes_that_are_not_seen_are_unknown() -> None:
    unseen = cells(NODES, "lab/pve2")
    assert unseen["state"] == Cell("unknown", "warn")
    assert unseen["cpu"] == Cell("last seen 60s", "dim")
    assert unseen["guests"].role == "stale"
    assert cells(NODES, "lab/pve1")["state"] == Cell("up", "good")
    assert cells(NODES, "lab/pve2", quorate=True)["state"] == Cell("DOWN", "bad")


def test_their_guests_look_stale() -> None:
    made = lab()
    assert cells(GUESTS, "lab/104")["state"] == Cell("seen 60s ago", "stale")
    assert cells(GUESTS, "lab/105")["state"] == Cell("running", "good")
    rows = {row.guest.vmid: row for row in GUESTS.rows(made, NOW)}
    assert rows[104].state == "unsure"
    assert GUESTS.trouble is not None
    assert GUESTS.trouble(rows[104], NOW) == 2
    told = GUESTS.summary(tuple(rows.values()), NOW)
    assert (told.text, told.role) == ("1 running of 2, 1 on nodes that nobody sees", "warn")


def test_their_cards_and_storages_are_no_facts() -> None:
    made = lab()
    cards = {row.card.device.node: row.card for row in GPUS.rows(made, NOW)}
    assert (cards["pve2"].state, cards["pve2"].node_online) == ("unknown", False)
    assert cards["pve1"].node_online
    shared = next(row for row in STORAGE.rows(made, NOW) if row.storage.name == "ceph")
    assert shared.storage.node == "pve1"
