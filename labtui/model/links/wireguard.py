"""WireGuard tunnels as links: joined by their keys, judged by handshakes (`model.tunnels`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labtui.model.interfaces import Interfaces
from labtui.model.links.link import Link, LinkEnd, LinkState, Said
from labtui.model.links.where import Where
from labtui.model.snapshot import Snapshot
from labtui.model.tunnels import Judgement, Tunnel, TunnelEnd, Verdict

_STATES: dict[Verdict, LinkState] = {
    "up": "up",
    "dead": "down",
    "one-way": "one-way",
    "never": "never",
    "idle": "idle",
    "off": "off",
    "unknown": "unknown",
}


def wireguard(
    snapshot: Snapshot, where: Where, tunnels: Sequence[tuple[Tunnel, Judgement]]
) -> Iterator[Link]:
    """One link per tunnel; two ends of different MTU are degraded though they are up."""
    parts = dict(snapshot.of(Interfaces))
    for tunnel, judgement in tunnels:
        ends = tuple(_end(end, where, parts.get(end.router)) for end in tunnel.ends)
        said = Said(_STATES[judgement.verdict], judgement.reason)
        near = tunnel.near
        host = near.peer.endpoint.rpartition(":")[0].strip("[]") or near.peer.endpoint
        yield Link(
            "wireguard",
            f"wireguard/{tunnel.key}",
            ends,
            said,
            tunnel.far_name,
            tunnel.far.router if tunnel.far else where.hosts.get(host, ""),
            ends[0].address,
        )


def _end(end: TunnelEnd, where: Where, part: Interfaces | None) -> LinkEnd:
    peer, interface = end.peer, end.interface
    face = part.interface(interface.name) if part is not None else None
    return LinkEnd(
        router=end.router,
        site=end.site,
        interface=interface.name,
        address=where.address(end.router, interface.name),
        endpoint=peer.current_endpoint or peer.endpoint,
        mtu=(face.actual_mtu if face is not None else None) or interface.mtu,
        handshake_at=peer.handshake_at,
        rx_rate=peer.rx_rate,
        tx_rate=peer.tx_rate,
        off=end.off,
        stale=end.stale,
        told=(
            ("peer", peer.name or peer.comment),
            ("key", peer.public_key),
            ("port", str(interface.listen_port or "")),
            ("keepalive", f"{peer.keepalive:g}s" if peer.keepalive else ""),
            ("allowed", " ".join(peer.allowed)),
        ),
    )
