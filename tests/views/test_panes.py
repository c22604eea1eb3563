"""What the panes say about a lab."""

from __future__ import annotations

from typing import Any

from labtui.model.cluster import Resources
from labtui.model.devices import Hardware
from labtui.model.errors import Problem
from labtui.model.feed import Feed, Freshness
from labtui.model.snapshot import Snapshot
from labtui.views.bgp import BGP
from labtui.views.gpus import GPUS
from labtui.views.guests import GUESTS
from labtui.views.nodes import NODES
from labtui.views.sources import SOURCES, chips
from labtui.views.view import View
from labtui.views.wireguard import WIREGUARD
from tests.snapshots import (
    GIB,
    NOW,
    Bgp,
    BgpConnection,
    DeviceRecord,
    HostPci,
    Inventory,
    MachineRecord,
    WireGuard,
    WireGuardInterface,
    WireGuardPeer,
    cluster_lab,
    config,
    configs,
    feed_of,
    gpu,
    guest,
    membership,
    node,
    snapshot,
)


def shown(view: View[Any], lab: Snapshot, row: int, column: str) -> str:
    rows = view.arranged(view.rows(lab, NOW), NOW)
    return str(view.column(column).cell(rows[row], NOW).text)


def test_a_dead_node_comes_first_and_its_guests_are_last_seen() -> None:
    lab = cluster_lab(guest(104, "pve1"), guest(105, "pve2"), pve2=True, pve1=False)
    assert shown(NODES, lab, 0, "node") == "pve1"
    assert shown(NODES, lab, 0, "state") == "DOWN"
    assert shown(NODES, lab, 0, "cpu") == "last seen 60s"
    assert NODES.summary(NODES.rows(lab, NOW), NOW).text == "1/2 up"
    assert shown(GUESTS, lab, 0, "id") == "104"
    assert shown(GUESTS, lab, 0, "state") == "seen 60s ago"
    summary = GUESTS.summary(GUESTS.rows(lab, NOW), NOW)
    assert (summary.text, summary.role) == ("1 running of 2, 1 on nodes that are away", "bad")


def test_scripts_and_filters_get_what_the_screen_says() -> None:
    lab = cluster_lab(guest(104, "pve1"), pve2=True, pve1=False)
    (row,) = GUESTS.rows(lab, NOW)
    values = {column.id: column.value(row) for column in GUESTS.columns}
    assert (values["state"], values["cpu"], values["uptime"]) == ("away", None, None)
    peer = WireGuardPeer("rt", "wg1", "b", handshake_at=NOW - 900, keepalive=25.0)
    (tunnel,) = WIREGUARD.rows(snapshot(("rt", WireGuard((), (peer,)))), NOW)
    assert WIREGUARD.column("state").value(tunnel) == "dead"


def test_guest_figures_owner_and_lock() -> None:
    lab = snapshot(
        ("lab", Resources((node("pve1"),), (guest(104, lock="migrate"),))),
        (
            "netbox",
            Inventory("4.6", (), (), (MachineRecord(1, "x", "active", "lab", 104, tenant="Amy"),)),
        ),
    )
    assert shown(GUESTS, lab, 0, "cpu") == "200%"
    assert shown(GUESTS, lab, 0, "memory") == "2.0G"
    assert shown(GUESTS, lab, 0, "owner") == "Amy"
    assert shown(GUESTS, lab, 0, "state") == "migrate"


def test_owner_by_name_needs_the_same_cluster() -> None:
    records = (MachineRecord(1, "VM-104", "active", "lab", tenant="Amy"),)
    lab = snapshot(
        ("lab", Resources((node("pve1"),), (guest(104),))),
        ("other", Resources((), (guest(104, cluster="other"),))),
        ("netbox", Inventory("4.6", machines=records)),
    )
    owners = {row.guest.cluster: row.owner for row in GUESTS.rows(lab, NOW)}
    assert owners == {"lab": "Amy", "other": ""}


def test_gpu_rows_tell_who_and_clashes_come_first() -> None:
    lab = snapshot(
        ("lab", Resources((node("pve1"),), (guest(104), guest(105)))),
        ("lab", membership(pve1=True)),
        ("lab", Hardware({"pve1": (gpu("pve1", "0000:01:00", 1), gpu("pve1", "0000:02:00", 2))})),
        (
            "lab",
            configs(
                config(104, HostPci(0, ("0000:02:00",))), config(105, HostPci(0, ("0000:02:00",)))
            ),
        ),
    )
    assert shown(GPUS, lab, 0, "address") == "02:00"
    assert shown(GPUS, lab, 0, "state") == "CLAIMED TWICE"
    assert shown(GPUS, lab, 0, "model") == "RTX 4090"
    assert shown(GPUS, lab, 0, "claims") == "104 vm-104, 105 vm-105"
    assert GPUS.summary(GPUS.rows(lab, NOW), NOW).text == "1/2 given, 1 free, 1 claimed twice"
    assert shown(GUESTS, lab, 0, "gpus") == "1!"


def test_node_site_comes_from_netbox() -> None:
    lab = snapshot(
        ("lab", Resources((node("pve1"),), ())),
        ("netbox", Inventory("4.6", devices=(DeviceRecord(1, "PVE1", "node", "active", "836"),))),
    )
    assert shown(NODES, lab, 0, "site") == "836"


def test_wireguard_row() -> None:
    part = WireGuard(
        (WireGuardInterface("rt", "wg1", "a"),),
        (WireGuardPeer("rt", "wg1", "b", "roaming", handshake_at=NOW - 12, rx_rate=1234567.0),),
    )
    lab = snapshot(("rt", part))
    assert shown(WIREGUARD, lab, 0, "link") == "rt > roaming"
    assert shown(WIREGUARD, lab, 0, "handshake") == "12s"
    assert shown(WIREGUARD, lab, 0, "rx") == "1.2M"


def test_bgp_row_without_session() -> None:
    lab = snapshot(("rt", Bgp((BgpConnection("rt", "dn42", "172.20.53.1", 4242421234),), ())))
    assert shown(BGP, lab, 0, "state") == "NO SESSION"
    assert shown(BGP, lab, 0, "as") == "4242421234 x"


def test_source_chips_say_down_and_since_when() -> None:
    problem = Problem(
        "unreachable", "no connection", "10.0.0.1:8729", "refused", "look at the router"
    )
    lab = snapshot(("lab", Resources()), ("rt", WireGuard()))
    failing = Freshness(5.0, NOW - 840, sequence=2, problem=problem, failing_since=NOW - 835)
    freshness = {**lab.freshness, Feed("routeros", "rt", "wireguard"): failing}
    lab = Snapshot(parts=lab.parts, freshness=freshness)
    assert [(chip.source, chip.text, chip.role) for chip in chips(lab, NOW)] == [
        ("lab", "0s", "dim"),
        ("rt", "DOWN 14m", "bad"),
    ]
    assert shown(SOURCES, lab, 0, "state") == "refused · no connection (10.0.0.1:8729)"


def test_every_detail_can_be_drawn() -> None:
    lab = snapshot(
        ("lab", Resources((node("pve1"),), (guest(104),))),
        ("lab", membership(pve1=True)),
        ("lab", Hardware({"pve1": (gpu("pve1", "0000:01:00"),)})),
        ("lab", configs(config(104, HostPci(0, ("0000:01:00",))))),
        ("rt", WireGuard((), (WireGuardPeer("rt", "wg1", "b"),))),
        ("rt", Bgp((BgpConnection("rt", "dn42"),), ())),
    )
    every: tuple[View[Any], ...] = (NODES, GUESTS, GPUS, WIREGUARD, BGP, SOURCES)
    for view in every:
        rows = view.rows(lab, NOW)
        assert rows
        sections = view.details(rows[0], lab, NOW)
        assert sections
        assert all(section.lines for section in sections)


def test_memory_of_ten_thousand_guests_sorts() -> None:
    guests = tuple(guest(vmid, memory=(vmid % 97) * GIB) for vmid in range(100, 10100))
    lab = cluster_lab(*guests)
    rows = GUESTS.arranged(GUESTS.rows(lab, NOW), NOW, "memory")
    memories = [row.guest.memory for row in rows]
    assert memories == sorted(memories, key=lambda m: m or 0, reverse=True)
    assert feed_of(Resources(), "lab").topic == "resources"
