"""From rows of the API to interfaces, calls, IPsec and VXLAN, and the fields to ask for. Pure.

Never asked for: `password`, `ipsec-secret` of calls; `secret`, `password`, `key` of identities;
`ppk-secret` of peers; `auth-key`, `enc-key` of associations.
"""

from __future__ import annotations

from collections.abc import Sequence

from labtui.model.interfaces import (
    ActivePeer,
    Association,
    Call,
    Interface,
    IpsecPeer,
    IpsecPolicy,
    Vxlan,
)
from labtui.sources.routeros import values
from labtui.sources.routeros.read import needed, plain
from labtui.sources.routeros.sentences import Row

INTERFACE = (
    "name",
    "type",
    "mtu",
    "actual-mtu",
    "running",
    "disabled",
    "dynamic",
    "rx-byte",
    "tx-byte",
    "link-downs",
    "comment",
)
CLIENT = ("name", "connect-to", "user", "use-ipsec", "disabled", "max-mtu", "comment")
SERVER = ("name", "user", "client-address", "uptime", "mtu", "running", "disabled", "comment")
PEER = (
    "name",
    "address",
    "local-address",
    "passive",
    "responder",
    "disabled",
    "dynamic",
    "comment",
)
IDENTITY = ("peer", "disabled")
ACTIVE = ("local-address", "remote-address", "state", "side", "uptime", "ph2-total")
POLICY = (
    "peer",
    "src-address",
    "dst-address",
    "sa-src-address",
    "sa-dst-address",
    "ph2-state",
    "active",
    "disabled",
    "dynamic",
    "invalid",
    "template",
)
SA = ("src-address", "dst-address", "state", "current-bytes")
VXLAN = ("name", "vni", "port", "mtu", "local-address", "running", "disabled", "comment")
VTEP = ("interface", "remote-ip", "disabled")
_NOBODY = ("", "::", "0.0.0.0")  # noqa: S104 - the empty address, nothing is bound to it


def interface(router: str, row: Row) -> Interface:
    """A row of `/interface`; rates are for `history.Flows`."""
    return Interface(
        router=router,
        name=needed(row, "name"),
        kind=plain(row, "type"),
        mtu=values.optional_number(row.get("mtu")),
        actual_mtu=values.optional_number(row.get("actual-mtu")),
        running=values.boolean(row.get("running")),
        disabled=values.boolean(row.get("disabled")),
        dynamic=values.boolean(row.get("dynamic")),
        rx=values.optional_size(row.get("rx-byte")),
        tx=values.optional_size(row.get("tx-byte")),
        link_downs=values.optional_number(row.get("link-downs")),
        comment=plain(row, "comment"),
    )


def client(router: str, row: Row) -> Call:
    """A row of `/interface/l2tp-client` with what its monitor said at `read-at`: `monitor.NAME`."""
    uptime = values.optional_duration(row.get("monitor.uptime"))
    at = float(row.get("read-at", "0"))
    return Call(
        router=router,
        name=needed(row, "name"),
        role="client",
        user=plain(row, "user"),
        peer_address=values.bare_address(row.get("connect-to")),
        running=values.boolean(row.get("running")),
        disabled=values.boolean(row.get("disabled")),
        ipsec=row.get("use-ipsec") in ("true", "yes", "required"),
        mtu=values.optional_number(row.get("monitor.mtu") or row.get("max-mtu")),
        since=None if uptime is None else at - uptime,
        status=plain(row, "monitor.status"),
        local=values.bare_address(row.get("monitor.local-address")),
        remote=values.bare_address(row.get("monitor.remote-address")),
        comment=plain(row, "comment"),
    )


def caller(router: str, row: Row) -> Call:
    """A row of `/interface/l2tp-server`: somebody who is connected. `read-at` is when it was read.

    One that was bound by hand stands there without its caller: it is not running.
    """
    uptime = values.optional_duration(row.get("uptime"))
    at = float(row.get("read-at", "0"))
    return Call(
        router=router,
        name=needed(row, "name"),
        role="server",
        user=plain(row, "user"),
        peer_address=values.bare_address(row.get("client-address")),
        running=values.boolean(row.get("running")),
        disabled=values.boolean(row.get("disabled")),
        mtu=values.optional_number(row.get("mtu")),
        since=None if uptime is None else at - uptime,
        comment=plain(row, "comment"),
    )


def peer(router: str, row: Row, identities: Sequence[Row]) -> IpsecPeer:
    """A row of `/ip/ipsec/peer` with the number of identities that are for it.

    A peer for everybody (`0.0.0.0/0`, `::/0`) has no address here.
    """
    name = needed(row, "name")
    address = values.bare_address(row.get("address"))
    return IpsecPeer(
        router=router,
        name=name,
        address="" if "/" in address or address in _NOBODY else address,
        local_address=values.bare_address(row.get("local-address")),
        passive=values.boolean(row.get("passive")) or values.boolean(row.get("responder")),
        disabled=values.boolean(row.get("disabled")),
        dynamic=values.boolean(row.get("dynamic")),
        identities=sum(
            each.get("peer") == row.get("name") and not values.boolean(each.get("disabled"))
            for each in identities
        ),
        comment=plain(row, "comment"),
    )


def active(router: str, row: Row, at: float) -> ActivePeer:
    """A row of `/ip/ipsec/active-peers` answered at `at`."""
    uptime = values.optional_duration(row.get("uptime"))
    return ActivePeer(
        router=router,
        local_address=values.bare_address(needed(row, "local-address")),
        remote_address=values.bare_address(needed(row, "remote-address")),
        state=plain(row, "state"),
        side=plain(row, "side"),
        since=None if uptime is None else at - uptime,
        phase2=values.optional_number(row.get("ph2-total")),
    )


def policy(router: str, row: Row) -> IpsecPolicy:
    """A row of `/ip/ipsec/policy`."""
    return IpsecPolicy(
        router=router,
        peer=plain(row, "peer"),
        source=values.bare_address(row.get("src-address")),
        destination=values.bare_address(row.get("dst-address")),
        sa_source=values.bare_address(row.get("sa-src-address")),
        sa_destination=values.bare_address(row.get("sa-dst-address")),
        state=plain(row, "ph2-state"),
        active=values.boolean(row.get("active")),
        disabled=values.boolean(row.get("disabled")),
        dynamic=values.boolean(row.get("dynamic")),
        invalid=values.boolean(row.get("invalid")),
    )


def association(row: Row) -> tuple[str, str, str, int | None]:
    """Source, destination, state and bytes of a row of `/ip/ipsec/installed-sa`."""
    return (
        values.bare_address(needed(row, "src-address")),
        values.bare_address(needed(row, "dst-address")),
        plain(row, "state"),
        values.optional_size(row.get("current-bytes")),
    )


def summed(
    router: str, rows: Sequence[tuple[str, str, str, int | None]]
) -> tuple[Association, ...]:
    """One per direction: a rekeying has two of each for a while."""
    found: dict[tuple[str, str], Association] = {}
    for source, destination, state, octets in rows:
        known = found.get((source, destination)) or Association(router, source, destination)
        total = None if octets is None else (known.octets or 0) + octets
        found[source, destination] = Association(
            router,
            source,
            destination,
            known.mature + (state == "mature"),
            known.dying + (state == "dying"),
            known.octets if total is None else total,
        )
    return tuple(found.values())


def vxlan(router: str, row: Row, ends: Sequence[Row]) -> Vxlan:
    """A row of `/interface/vxlan` with its rows of `/interface/vxlan/vteps`."""
    name = needed(row, "name")
    remotes = (
        values.bare_address(end.get("remote-ip"))
        for end in ends
        if end.get("interface") == row.get("name") and not values.boolean(end.get("disabled"))
    )
    return Vxlan(
        router=router,
        name=name,
        vni=values.optional_number(row.get("vni")),
        port=values.port(row.get("port")),
        mtu=values.optional_number(row.get("mtu")),
        local_address=values.bare_address(row.get("local-address")),
        running=values.boolean(row.get("running")),
        disabled=values.boolean(row.get("disabled")),
        remotes=tuple(remote for remote in remotes if remote not in _NOBODY),
        comment=plain(row, "comment"),
    )
