"""/ip/firewall and /routing/filter: rules in an order, and lists of addresses."""

from __future__ import annotations

from labtui.demo.overlay.devices import Record
from labtui.demo.overlay.firewall import FILTER
from labtui.demo.overlay.policy import RULES
from labtui.demo.overlay.routing import LISTS
from labtui.demo.routeros.menu import FIRST, Context, Menu
from labtui.demo.routeros.records import record_menu

_RULE = {"action": "accept", "log": "false", "log-prefix": ""}
_LIVE = {"invalid": "false", "dynamic": "false"}


def _packets(context: Context, record: Record) -> str:
    """Counts that grow with the time, more for the first rules."""
    seconds = context.world.now - context.router.booted
    share = context.world.underlay.chance("rule", context.router.name, record.number)
    return str(int(seconds * share * 40 / (1 + record.number)))


def _bytes(context: Context, record: Record) -> str:
    return str(int(_packets(context, record)) * 612)


def _chains(context: Context) -> list[Record]:
    names = dict.fromkeys(row.get("chain") for row in context.router.table(RULES))
    return [
        Record(number, {"name": name, "dynamic": "true"})
        for number, name in enumerate(names, start=1)
    ]


def _connections(context: Context) -> list[Record]:
    """The connections of the router's own: tunnels, and what is spoken through them."""
    router, rows = context.router, list[dict[str, str]]()
    for tunnel in context.world.tunnels:
        for end, other in tunnel.sides:
            if end.router is router and tunnel.passing(context.world.now):
                port = end.peer.interface.listen_port
                far = f"{other.public_address}:{tunnel.seen_port(other)}"
                near = f"{end.public_address}:{port}"
                rows.append({"protocol": "udp", "src-address": near, "dst-address": far})
    for connection in router.connections:
        if connection.session is not None and connection.session.established:
            near = f"{connection.local_address}:{40000 + connection.number}"
            far = f"{connection.remote_address}:179"
            tcp = {"protocol": "tcp", "src-address": near, "dst-address": far}
            rows.append(tcp | {"tcp-state": "established"})
    common = {"timeout": "2m59s", "seen-reply": "true", "assured": "true", "confirmed": "true"}
    return [Record(number, row | common) for number, row in enumerate(rows, start=1)]


_COUNTED = {"bytes": _bytes, "packets": _packets}


def _empty(path: str) -> Menu[Record]:
    """A menu that every router has and nobody in this lab uses."""

    def nothing(_context: Context) -> list[Record]:
        return []

    def ident(context: Context, record: Record) -> str:
        return context.router.ident(record.number)

    return Menu(path, nothing, (), ident, print_also=("stats", "all"))


UNUSED: tuple[Menu[Record], ...] = tuple(
    _empty(path)
    for path in (
        "/interface/vlan",
        "/ip/firewall/mangle",
        "/ip/firewall/raw",
        "/ip/pool",
        "/ip/pool/used",
        "/queue/simple",
        "/queue/tree",
    )
)

FIREWALL: tuple[Menu[Record], ...] = (
    record_menu(FILTER, defaults=_RULE | _LIVE, living=_COUNTED, since=FIRST, key="comment"),
    record_menu(
        "/ip/firewall/nat", defaults=_RULE | _LIVE, living=_COUNTED, since=FIRST, key="comment"
    ),
    record_menu(LISTS, defaults={"dynamic": "false"}, since=FIRST, key="address"),
    record_menu(RULES, key="comment"),
    record_menu("/ip/firewall/connection", rows=_connections, since=FIRST, key="src-address"),
    record_menu("/routing/filter/chain", rows=_chains),
)
