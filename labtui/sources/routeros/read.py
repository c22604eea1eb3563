"""From rows of the API to the structs of the overlay, and the fields to ask for. Pure.

Every field is read by its type in the menu's schema. A row that can't be read is left out and
named in the complaints; an answer of which no row can be read raises `Unexpected`. Keys and other
secrets are never asked for, so they never get this far.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from labtui.locale import _
from labtui.model.errors import Unexpected
from labtui.model.overlay import (
    RouterAddress,
    RouterFacts,
    Sensor,
    WireGuardInterface,
    WireGuardPeer,
)
from labtui.model.text import clean
from labtui.sources.routeros import values
from labtui.sources.routeros.sentences import Row

IDENTITY = ("name",)
RESOURCE = ("uptime", "version", "board-name", "cpu-load", "free-memory", "total-memory")
ADDRESS = ("interface", "address", "network", "disabled")
CLOCK = ("date", "time", "gmt-offset")
HEALTH = ("name", "value", "type", "voltage", "temperature", "cpu-temperature")
ADDRESS6 = ("interface", "address", "disabled", "link-local")
WIREGUARD = ("name", "public-key", "listen-port", "mtu", "disabled", "comment")
PEER = (
    "interface",
    "public-key",
    "name",
    "comment",
    "disabled",
    "responder",
    "is-responder",
    "endpoint-address",
    "endpoint-port",
    "current-endpoint-address",
    "current-endpoint-port",
    "allowed-address",
    "persistent-keepalive",
    "last-handshake",
    "rx",
    "tx",
)

_T = TypeVar("_T")
_MOST_COMPLAINTS = 20


class Complaints:
    """The rows of one reading that were left out, in words fit for the screen."""

    def __init__(self, router: str) -> None:
        self.router = router
        self._said: list[str] = []
        self._more = 0

    def say(self, text: str) -> None:
        """Note one; beyond the first twenty they are only counted."""
        if len(self._said) < _MOST_COMPLAINTS:
            self._said.append(clean(text, 300))
        else:
            self._more += 1

    @property
    def all(self) -> tuple[str, ...]:
        """All of them, the last one counting those that are not listed."""
        if not self._more:
            return tuple(self._said)
        return (*self._said, _("and {count} more rows").format(count=self._more))


def each(
    menu: str, rows: Sequence[Row], parse: Callable[[Row], _T], complaints: Complaints
) -> list[_T]:
    """Every row parsed, those that can't be are complained of; `Unexpected` when none can."""
    kept: list[_T] = []
    why = ""
    for number, row in enumerate(rows, 1):
        try:
            kept.append(parse(row))
        except ValueError as error:
            name = row.get("name") or row.get("interface") or str(number)
            why = clean(str(error), 100)
            complaints.say(
                _("{menu}: row {name} left out: {why}").format(menu=menu, name=name[:60], why=why)
            )
    if rows and not kept:
        raise Unexpected(
            _("{menu}: the answer can't be read").format(menu=menu),
            where=complaints.router,
            why=why,
        )
    return kept


def needed(row: Row, field: str) -> str:
    """The cleaned text of a field without which a row means nothing; raises `ValueError`."""
    text = clean(row.get(field, ""))
    if not text:
        raise ValueError(_("{field} is missing").format(field=field))
    return text


def plain(row: Row, field: str) -> str:
    """The cleaned text of a field, empty when absent."""
    return clean(row.get(field, ""))


def facts(
    router: str,
    site: str,
    identity: Sequence[Row],
    resource: Sequence[Row],
    addresses: Sequence[RouterAddress],
    complaints: Complaints,
) -> RouterFacts:
    """What a router says of itself; a single field that can't be read is complained of."""
    if not resource or not resource[0].get("version"):
        raise Unexpected(
            _("{menu}: the answer can't be read").format(menu="/system/resource"),
            where=router,
            why=_("{field} is missing").format(field="version"),
        )
    row = resource[0]

    def one(field: str, parse: Callable[[str | None], _T | None]) -> _T | None:
        try:
            return parse(row.get(field))
        except ValueError as error:
            complaints.say(f"/system/resource: {field}: {error}")
            return None

    return RouterFacts(
        router=router,
        site=site,
        identity=plain(identity[0], "name") if identity else "",
        version=short_version(row),
        board=plain(row, "board-name"),
        uptime=one("uptime", values.optional_duration),
        cpu_load=one("cpu-load", values.optional_number),
        memory_free=one("free-memory", values.optional_size),
        memory_total=one("total-memory", values.optional_size),
        addresses=tuple(addresses),
    )


def clock_ahead(rows: Sequence[Row], at: float, complaints: Complaints) -> float | None:
    """Seconds by which the clock of `/system/clock` is before ours, `at` when it was answered.

    It tells whole seconds, so the middle of that second is taken.
    """
    row = rows[0] if rows else {}
    if not row.get("date") or not row.get("time"):
        return None
    try:
        told = values.moment(f"{row['date']} {row['time']}", row.get("gmt-offset") or "+00:00")
    except ValueError as error:
        complaints.say(f"/system/clock: {error}")
        return None
    return told + 0.5 - at


def sensors(rows: Sequence[Row]) -> tuple[Sensor, ...]:
    """`/system/health`: a row per sensor in RouterOS 7, one row of fields in 6."""
    if rows and rows[0].get("value"):
        return tuple(
            Sensor(plain(row, "name"), plain(row, "value"), plain(row, "type"))
            for row in rows[:32]
            if row.get("name") and row.get("value")
        )
    units = {"voltage": "V", "temperature": "C", "cpu-temperature": "C"}
    return tuple(
        Sensor(name, plain(rows[0], name).removesuffix(unit), unit)
        for name, unit in units.items()
        if rows and rows[0].get(name)
    )


def short_version(row: Row) -> str:
    """The version without its channel: `7.12.2` of `7.12.2 (stable)`."""
    return plain(row, "version").partition(" ")[0]


def address(row: Row) -> RouterAddress:
    """A row of `/ip/address` or `/ipv6/address`."""
    return RouterAddress(
        interface=needed(row, "interface"),
        address=needed(row, "address"),
        disabled=values.boolean(row.get("disabled")),
        network=values.bare_address(row.get("network")),
    )


def link_local(row: Row) -> bool:
    """True for an IPv6 address that every interface makes for itself."""
    return row.get("link-local") in ("true", "yes")


def interface(router: str, row: Row) -> WireGuardInterface:
    """A row of `/interface/wireguard`."""
    return WireGuardInterface(
        router=router,
        name=needed(row, "name"),
        public_key=plain(row, "public-key"),
        listen_port=values.port(row.get("listen-port")),
        mtu=values.optional_number(row.get("mtu")),
        disabled=values.boolean(row.get("disabled")),
        comment=plain(row, "comment"),
    )


def peer(router: str, row: Row, at: float) -> WireGuardPeer:
    """A row of `/interface/wireguard/peers` that was answered at `at` (seconds since the epoch).

    The flag is `responder` from 7.17, `is-responder` in 7.15 and 7.16, absent before. A peer that
    never had a handshake has no `last-handshake`. Rates are for `history.Peers`.
    """
    age = values.optional_duration(row.get("last-handshake"))
    keepalive = values.optional_duration(row.get("persistent-keepalive"))
    return WireGuardPeer(
        router=router,
        interface=needed(row, "interface"),
        public_key=needed(row, "public-key"),
        name=plain(row, "name"),
        comment=plain(row, "comment"),
        disabled=values.boolean(row.get("disabled")),
        responder=values.boolean(row.get("responder", row.get("is-responder"))),
        endpoint=values.endpoint(row.get("endpoint-address"), row.get("endpoint-port")),
        current_endpoint=values.endpoint(
            row.get("current-endpoint-address"), row.get("current-endpoint-port")
        ),
        allowed=values.listed(row.get("allowed-address")),
        keepalive=keepalive or None,
        handshake_at=None if age is None else at - age,
        rx=values.optional_size(row.get("rx")) or 0,
        tx=values.optional_size(row.get("tx")) or 0,
    )


def counted(row: Row) -> bool:
    """True when a peer's row has its counters: absent ones are not zero."""
    return bool(row.get("rx")) and bool(row.get("tx"))
