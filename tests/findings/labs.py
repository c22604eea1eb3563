"""Labs for tests of findings: three sites in a triangle, a cluster over them, and their records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from labtui.findings import Triage, Watch
from labtui.model.cluster import (
    HaStatus,
    Member,
    Membership,
    Resources,
    Rights,
    Storage,
    Task,
    Tasks,
)
from labtui.model.errors import Problem, ProblemKind
from labtui.model.guests import Guest
from labtui.model.inventory import (
    DeviceRecord,
    Inventory,
    MachineRecord,
    PrefixRecord,
    SiteRecord,
)
from labtui.model.overlay import (
    Bgp,
    BgpConnection,
    BgpSession,
    RouterAddress,
    RouterFacts,
    WireGuard,
    WireGuardInterface,
    WireGuardPeer,
)
from labtui.model.snapshot import Part, Snapshot
from labtui.model.witnesses import Witness
from tests.snapshots import GIB, NOW, guest, node, snapshot

SITES = "abc"
LINKS = ("ab", "ac", "bc")
Over = Mapping[tuple[str, str], Mapping[str, Any]]
Shots = list[tuple[float, Snapshot]]
_NONE: Over = {}


def _end(site: str, link: str) -> int:
    return link.index(site)


def overlay(
    now: float = NOW,
    *,
    peers: Over = _NONE,
    interfaces: Over = _NONE,
    connections: Over = _NONE,
    sessions: Mapping[tuple[str, str], Mapping[str, Any] | None] = {},
    facts: Mapping[str, Mapping[str, Any]] = {},
    leave: Iterable[str] = (),
) -> list[tuple[str, Part]]:
    """Routers `rt-a` to `rt-c`; changes by (site, link), or by site for facts."""
    parts: list[tuple[str, Part]] = []
    for site in SITES:
        if site in leave:
            continue
        name = f"rt-{site}"
        mine = [link for link in LINKS if site in link]
        addresses = [RouterAddress("lan", f"10.{_number(site)}.0.1/24"),
                     RouterAddress("wan", f"192.0.2.{_number(site)}/24")]  # fmt: skip
        wg, ps, cs, ss = [], [], [], []
        for link in mine:
            far = link.replace(site, "")
            net, here = f"10.255.0.{LINKS.index(link) * 2 + _end(site, link)}", (site, link)
            remote = f"10.255.0.{LINKS.index(link) * 2 + _end(far, link)}"
            addresses.append(RouterAddress(f"wg-{link}", f"{net}/31"))
            wg.append(_with(WireGuardInterface(name, f"wg-{link}", f"key-{link}-{site}", 51820),
                            interfaces.get(here)))  # fmt: skip
            peer = WireGuardPeer(
                name, f"wg-{link}", f"key-{link}-{far}", endpoint=f"192.0.2.{_number(far)}:51820",
                current_endpoint=f"192.0.2.{_number(far)}:51820", keepalive=25.0,
                handshake_at=now - 60, rx=int(now) * 1000, tx=int(now) * 1000, rx_rate=1e3,
                tx_rate=1e3,
            )  # fmt: skip
            ps.append(_with(peer, peers.get(here)))
            connection = BgpConnection(
                name, f"to-{far}", remote, 65000 + _number(far), net, 65000 + _number(site)
            )
            cs.append(_with(connection, connections.get(here)))
            row = BgpSession(name, f"to-{far}-1", remote, established=True, prefixes=6)
            change = sessions.get(here, {})
            if change is not None:
                ss.append(_with(row, change))
        about = RouterFacts(name, site, name, "7.20", uptime=1e6, addresses=tuple(addresses))
        parts += [
            (name, _with(about, facts.get(site))),
            (name, WireGuard(tuple(wg), tuple(ps))),
            (name, Bgp(tuple(cs), tuple(ss))),
        ]
    return parts


def _number(site: str) -> int:
    return SITES.index(site) + 1


def _with(row: Any, change: Mapping[str, Any] | None) -> Any:
    return msgspec.structs.replace(row, **change) if change else row


def ended(now: float, *links: str, site: str = "") -> dict[tuple[str, str], dict[str, Any]]:
    """Peers of links over which nothing has passed for ten minutes; only the end at `site`."""
    dead = {"handshake_at": now - 600, "rx_rate": 0.0, "tx_rate": 30.0}
    return {(end, link): dead for link in links for end in link if site in ("", end)}


def down(*links: str) -> dict[tuple[str, str], dict[str, Any] | None]:
    """No session rows at either end of these links."""
    return {(end, link): None for link in links for end in link}


def cluster(
    *guests: Guest,
    away: Iterable[str] = (),
    since: float | None = NOW - 120,
    quorate: bool | None = True,
    tasks: Iterable[Task] = (),
    ha: HaStatus | None = None,
    storages: Iterable[Storage] = (),
    witnesses: Iterable[Witness] = (),
    nodes: Mapping[str, Mapping[str, Any]] = {},
) -> list[tuple[str, Part]]:
    """Nodes pve1 to pve3, one at each site; those `away` are so since then."""
    gone = set(away)
    names = ("pve1", "pve2", "pve3")
    members = tuple(
        Member(name, name not in gone, f"10.{number}.0.11", since=since if name in gone else None)
        for number, name in enumerate(names, 1)
    )
    rows = tuple(
        _with(node(name, "offline" if name in gone else "online"), nodes.get(name))
        for name in names
    )
    shared = tuple(
        Storage("lab", name, "ceph", "rbd", "available", True, GIB, 100 * GIB) for name in names
    )
    return [
        ("lab", Resources(rows, guests or default_guests(), tuple(storages) or shared)),
        ("lab", Membership("lab", quorate, members, tuple(witnesses))),
        ("lab", Tasks(tuple(tasks))),
        ("lab", ha or HaStatus(True)),
        ("lab", Rights("me@pve!t", "9.2", {"/": frozenset(("VM.Audit", "VM.Migrate"))})),
    ]  # fmt: skip


def default_guests() -> tuple[Guest, ...]:
    """Two guests per node, one of which is NetBox on pve1."""
    return tuple(
        guest(100 + n, f"pve{n // 2 + 1}", name="netbox" if n == 0 else f"vm-{100 + n}")
        for n in range(6)
    )


def records(*left_out: int, **more: Any) -> list[tuple[str, Part]]:
    """NetBox as it should be; guests of these numbers are not in it."""
    machines = tuple(
        MachineRecord(n, each.name, "active", "lab", each.vmid, each.node, f"tenant {n % 2}",
                      f"10.{n // 2 + 1}.0.{each.vmid}")
        for n, each in enumerate(default_guests())
        if each.vmid not in left_out
    )  # fmt: skip
    values: dict[str, Any] = {
        "machines": machines,
        "sites": tuple(SiteRecord(n, s, s, (65000 + n,)) for n, s in enumerate(SITES, 1)),
        "devices": tuple(
            DeviceRecord(n, f"pve{n}", "node", "active", site) for n, site in enumerate(SITES, 1)
        ),
        "prefixes": tuple(
            PrefixRecord(n, f"10.{n}.0.0/24", "active", site) for n, site in enumerate(SITES, 1)
        ),
    }
    return [("netbox", Inventory("4.6", **{**values, **more}))]


def lab(now: float = NOW, *parts: list[tuple[str, Part]]) -> Snapshot:
    """All these parts, read now."""
    return snapshot(*(pair for each in parts for pair in each), read_at=now)


def well(now: float = NOW) -> Snapshot:
    """A lab in which nothing is wrong."""
    return lab(now, overlay(now), cluster(), records())


def failing(
    shot: Snapshot,
    source: str,
    since: float,
    *,
    kind: ProblemKind = "timed-out",
    topics: Iterable[str] = (),
) -> Snapshot:
    """The same with a source that has failed since then, or only these topics of it."""
    wanted = set(topics)
    freshness = dict(shot.freshness)
    for feed, fresh in shot.freshness.items():
        if feed.source == source and (not wanted or feed.topic in wanted):
            freshness[feed] = msgspec.structs.replace(
                fresh, read_at=since, failing_since=since,
                problem=Problem(kind, "reading", source, "no answer"),
            )  # fmt: skip
    return msgspec.structs.replace(shot, freshness=freshness)


def watched(*shots: tuple[float, Snapshot]) -> Triage:
    """The triage after the last of these looks."""
    watch, seen = Watch(), Triage()
    for now, shot in shots:
        watch, seen = watch.look(shot, now)
    return seen


def twice(shot: Snapshot, now: float = NOW) -> Shots:
    """Two looks at one snapshot, far enough apart to confirm what is not certain."""
    return [(now, shot), (now + 10.0, shot)]


def rules_of(seen: Triage) -> set[str]:
    """Ids of the rules that found something."""
    return {finding.rule for finding in seen.findings}
