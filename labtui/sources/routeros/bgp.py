"""BGP rows of RouterOS 7 and 6 as structs of the overlay, and the fields to ask for. Pure.

A connection is configuration; a session exists only where there once was a TCP connection. On
RouterOS 6 one row of `/routing/bgp/peer` is both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labtui.model.overlay import BgpConnection, BgpSession
from labtui.sources.routeros import values
from labtui.sources.routeros.notification import in_words
from labtui.sources.routeros.read import Complaints, needed, plain
from labtui.sources.routeros.sentences import Row

CONNECTION = (
    "name",
    "remote.address",
    "remote.as",
    "local.address",
    "local.role",
    "as",
    "instance",
    "templates",
    "disabled",
    "inactive",
    "listen",
    "output.filter-chain",
    "output.network",
    "comment",
    ".about",
    "about",
)
SESSION = (
    "name",
    "remote.address",
    "remote.as",
    "local.address",
    "local.as",
    "established",
    "uptime",
    "prefix-count",
    "hold-time",
    "stopped",
    "limit-exceeded",
    "last-stopped",
    "input.last-notification",
    "output.last-notification",
)
PEER6 = (
    "name",
    "remote-address",
    "remote-as",
    "local-address",
    "update-source",
    "disabled",
    "established",
    "state",
    "uptime",
    "prefix-count",
    "used-hold-time",
    "out-filter",
    "comment",
)
# Where the AS of a connection without one comes from: its instance (7.20) or template (before).
AS_OF = ("name", "as")


def connection(router: str, row: Row, shared: Mapping[str, int]) -> BgpConnection:
    """A row of `/routing/bgp/connection`; `shared` maps instances and templates to their AS."""
    own = values.as_number(row.get("as"))
    if own is None:
        own = next((shared[name] for name in shares(row) if name in shared), None)
    return BgpConnection(
        router=router,
        name=needed(row, "name"),
        remote_address=values.bare_address(row.get("remote.address")),
        remote_as=values.as_number(row.get("remote.as")),
        local_address=values.bare_address(row.get("local.address")),
        local_as=own,
        role=plain(row, "local.role"),
        disabled=values.boolean(row.get("disabled")),
        inactive=values.boolean(row.get("inactive")),
        listen=values.boolean(row.get("listen")),
        about=plain(row, ".about") or plain(row, "about"),
        comment=plain(row, "comment"),
        output_filter=plain(row, "output.filter-chain"),
        output_network=plain(row, "output.network"),
    )


def shares(row: Row) -> tuple[str, ...]:
    """Where a connection without an AS of its own may have it from: instance, then templates."""
    if row.get("as"):
        return ()
    instance = plain(row, "instance")
    return (
        (f"instance {instance}",)
        if instance
        else tuple(
            f"template {name}" for name in values.listed(row.get("templates")) or ("default",)
        )
    )


def shared_as(kind: str, rows: Sequence[Row], complaints: Complaints) -> dict[str, int]:
    """The AS of every `/routing/bgp/instance` or `template`, under the names that `shares` gives.

    One that can't be read is complained of: the connections are worth reading without it.
    """
    shared: dict[str, int] = {}
    for row in rows:
        try:
            own = values.as_number(row.get("as"))
            name = needed(row, "name")
        except ValueError as error:
            complaints.say(f"/routing/bgp/{kind}: {error}")
            continue
        if own is not None:
            shared[f"{kind} {name}"] = own
    return shared


def session(router: str, row: Row, at: float) -> BgpSession:
    """A row of `/routing/bgp/session` answered at `at`.

    Absent and false `established` are alike: no recording shows which of them a session that is
    down has.
    """
    established = values.boolean(row.get("established"))
    uptime = values.optional_duration(row.get("uptime"))
    return BgpSession(
        router=router,
        name=needed(row, "name"),
        remote_address=values.bare_address(row.get("remote.address")),
        remote_as=values.as_number(row.get("remote.as")),
        local_address=values.bare_address(row.get("local.address")),
        local_as=values.as_number(row.get("local.as")),
        established=established,
        established_at=at - uptime if established and uptime is not None else None,
        prefixes=values.optional_number(row.get("prefix-count")),
        hold_time=values.optional_duration(row.get("hold-time")),
        stopped=values.switch(row.get("stopped")),
        limit_exceeded=values.switch(row.get("limit-exceeded")),
        last_stopped=plain(row, "last-stopped"),
        received=in_words(row.get("input.last-notification")),
        sent=in_words(row.get("output.last-notification")),
    )


def peer6(router: str, row: Row, at: float) -> tuple[BgpConnection, BgpSession]:
    """A row of RouterOS 6's `/routing/bgp/peer`, which is there whatever its state."""
    name = needed(row, "name")
    remote = values.bare_address(row.get("remote-address"))
    remote_as = values.as_number(row.get("remote-as"))
    local = values.bare_address(row.get("local-address")) or plain(row, "update-source")
    established = values.boolean(row.get("established")) or row.get("state") == "established"
    uptime = values.optional_duration(row.get("uptime"))
    return (
        BgpConnection(
            router=router,
            name=name,
            remote_address=remote,
            remote_as=remote_as,
            local_address=local,
            disabled=values.boolean(row.get("disabled")),
            comment=plain(row, "comment"),
            output_filter=plain(row, "out-filter"),
        ),
        BgpSession(
            router=router,
            name=name,
            remote_address=remote,
            remote_as=remote_as,
            local_address=local,
            established=established,
            established_at=at - uptime if established and uptime is not None else None,
            prefixes=values.optional_number(row.get("prefix-count")),
            hold_time=values.optional_duration(row.get("used-hold-time")),
        ),
    )
