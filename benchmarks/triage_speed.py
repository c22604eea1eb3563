"""What one look costs in a lab of 10,000 guests and 60 routers, in time of the processor."""

from __future__ import annotations

import time

import msgspec

from benchmarks.table import Figure, middle, milliseconds, percentile
from labtui.findings import Watch
from labtui.model.cluster import Membership, Resources, Tasks
from labtui.model.guests import GuestConfigs
from labtui.model.inventory import Inventory, MachineRecord
from labtui.model.node_facts import NodeHealth, NodesHealth
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
from labtui.model.safeguards import AgentDisk, Agents, AgentWord, Safeguards
from labtui.model.snapshot import Snapshot
from tests.snapshots import GIB, NOW, config, feed_of, guest, membership, node, snapshot

GUESTS, NODES, ROUTERS, ROUNDS = 10_000, 64, 60, 30


def _overlay() -> list[tuple[str, Bgp | RouterFacts | WireGuard]]:
    """A ring of routers with chords: four tunnels each, a session over every one."""
    ends: dict[int, list[tuple[int, int]]] = {number: [] for number in range(ROUTERS)}
    links = [(a, (a + step) % ROUTERS) for a in range(ROUTERS) for step in (1, 7)]
    for number, (one, other) in enumerate(links):
        ends[one].append((number, other))
        ends[other].append((number, one))
    parts: list[tuple[str, Bgp | RouterFacts | WireGuard]] = []
    for router, mine in ends.items():
        name = f"rt-{router}"
        interfaces, peers, connections, sessions = [], [], [], []
        addresses = [RouterAddress("bridge", f"10.{router}.0.1/24")]
        for number, other in mine:
            low = links[number][0] == router
            here, there = (0, 1) if low else (1, 0)
            net = f"172.16.{number // 100}.{number % 100 * 2}"
            base = net.rpartition(".")[0] + "."
            last = number % 100 * 2
            interfaces.append(WireGuardInterface(name, f"wg{number}", f"k{number}-{router}"))
            peers.append(WireGuardPeer(name, f"wg{number}", f"k{number}-{other}", keepalive=25.0,
                                       handshake_at=NOW - 60, rx=10**9, tx=10**9, rx_rate=1e4,
                                       tx_rate=1e4))  # fmt: skip
            addresses.append(RouterAddress(f"wg{number}", f"{base}{last + here}/31"))
            remote = f"{base}{last + there}"
            connections.append(BgpConnection(name, f"to-{other}", remote, 65000 + other,
                                             f"{base}{last + here}", 65000 + router))  # fmt: skip
            sessions.append(BgpSession(name, f"to-{other}-1", remote, established=True,
                                       prefixes=ROUTERS))  # fmt: skip
        parts.append((name, RouterFacts(name, f"s{router}", name, "7.20", uptime=1e6,
                                        addresses=tuple(addresses))))  # fmt: skip
        parts.append((name, WireGuard(tuple(interfaces), tuple(peers))))
        parts.append((name, Bgp(tuple(connections), tuple(sessions))))
    return parts


def known_before() -> list[tuple[str, GuestConfigs | Inventory]]:
    """What is read by turns or once a minute: not each time that rows are."""
    names = [f"pve{number}" for number in range(NODES)]
    machines = tuple(
        MachineRecord(n, f"vm-{100 + n}", "active", "lab", 100 + n, names[n % NODES],
                      f"tenant {n % 200}") for n in range(GUESTS)
    )  # fmt: skip
    configs = {100 + n: config(100 + n, where=names[n % NODES]) for n in range(GUESTS)}
    return [
        ("lab", GuestConfigs(configs)),
        ("netbox", Inventory("4.6", machines=machines)),
    ]


def large(known: list[tuple[str, GuestConfigs | Inventory]], changed: int = 0) -> Snapshot:
    """The lab; `changed` makes another value of every guest's row, and all else is read anew."""
    names = [f"pve{number}" for number in range(NODES)]
    guests = tuple(
        guest(100 + n, names[n % NODES], memory=2 * GIB + changed + n) for n in range(GUESTS)
    )
    online = dict.fromkeys(names, True)
    read, disk = NOW + changed, AgentDisk("/", "ext4", 10**10, 10**11)
    words = {100 + n: AgentWord(read, answers=True, disks=(disk,), heard_at=read)
             for n in range(GUESTS)}  # fmt: skip
    return snapshot(
        ("lab", Resources(tuple(node(name) for name in names), guests)),
        ("lab", membership(**online)),
        ("lab", Tasks()),
        ("lab", NodesHealth({name: NodeHealth(read) for name in names})),
        ("lab", Safeguards(frozenset())),
        ("lab", Agents(words)),
        *known,
        *_overlay(),
        read_at=NOW + changed,
    )


def _struck(lab: Snapshot) -> Snapshot:
    """The same with a node gone, so that there is something to explain."""
    before = lab.one(Membership, "lab")
    assert before is not None
    gone = tuple(
        msgspec.structs.replace(member, online=member.name != "pve3") for member in before.members
    )
    part = msgspec.structs.replace(before, members=gone)
    return msgspec.structs.replace(lab, parts={**lab.parts, feed_of(part, "lab"): part})


def speed() -> list[Figure]:
    """A look when only ages moved, when every guest's row is new, and when a node is gone."""
    known = known_before()
    labs = [large(known, 0), large(known, 1)]
    watch, _triage = Watch().look(labs[0], NOW)
    still: list[float] = []
    fresh: list[float] = []
    struck: list[float] = []
    for number in range(1, ROUNDS + 1):
        # A snapshot keeps what was made of it, so each look has one of its own.
        for times in (fresh, still):
            lab = msgspec.structs.replace(labs[number % 2])
            began = time.thread_time()
            watch, _triage = watch.look(lab, NOW)
            times.append(time.thread_time() - began)
    for _ in range(ROUNDS):
        dark = _struck(labs[1])
        began = time.thread_time()
        _watch, _triage = watch.look(dark, NOW)
        struck.append(time.thread_time() - began)
    what = f"{GUESTS} guests, {NODES} nodes, {ROUTERS} routers"
    return [
        Figure(f"{what}: a look, nothing new, median", milliseconds(middle(still)), "50 ms"),
        Figure("the same, nine of ten", milliseconds(percentile(still, 0.9)), "50 ms"),
        Figure("every guest's row new, median", milliseconds(middle(fresh)), "50 ms"),
        Figure("the same, nine of ten", milliseconds(percentile(fresh, 0.9)), "50 ms"),
        Figure("a node with its guests gone, median", milliseconds(middle(struck)), "50 ms"),
    ]
