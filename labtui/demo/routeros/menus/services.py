"""Services, people, the log, the history of changes, certificates, NTP, packages, netwatch."""

from __future__ import annotations

from collections.abc import Callable

from labtui.demo.overlay.devices import Record
from labtui.demo.overlay.reach import Question
from labtui.demo.routeros.menu import FIRST, Context, Menu
from labtui.demo.routeros.records import record_menu, single_menu
from labtui.demo.routeros.values import boolean, duration, stamp

_DAY = 86400.0
_CERTIFICATE_DAYS = 825.0
# One look every ten seconds: netwatch's own pace.
_WATCH = 10.0


def _log(context: Context) -> list[Record]:
    return [
        Record(
            entry.number,
            {
                "time": stamp(entry.moment, context.version),
                "topics": entry.topics,
                "message": entry.message,
                "buffer": "memory",
            },
        )
        for entry in context.router.log
    ]


def _history(context: Context) -> list[Record]:
    """The newest first, as the manual prints them."""
    return [
        Record(
            action.number,
            {
                "action": action.text,
                "by": action.user,
                "policy": "write",
                "time": stamp(action.moment, context.version),
                "undoable": "true",
                "floating-undo": boolean(context.router.safe is not None),
            },
        )
        for action in reversed(context.router.history)
    ]


def _active_people(context: Context) -> list[Record]:
    router = context.router
    rows = []
    for session in router.sessions:
        values = {
            "when": stamp(router.clock(session.since), context.version),
            "name": session.user,
            "address": session.address,
            "via": session.via,
            "radius": "false",
        }
        rows.append(Record(session.number, values))
    for number in range(router.strangers):
        values = {
            "when": stamp(router.clock(router.booted + 300.0 * number), context.version),
            "name": "monitoring",
            "address": f"192.0.2.{150 + number}",
            "via": "api",
            "radius": "false",
        }
        rows.append(Record(0x1000 + number, values))
    return rows


def _valid(context: Context, record: Record) -> tuple[float, float]:
    """When a certificate began and ends, in the world's time."""
    share = context.world.underlay.chance("certificate", context.router.name, record.number)
    # The same day in every run: the boot is long before any look.
    began = context.router.booted - share * 30 * _DAY
    return began, began + _CERTIFICATE_DAYS * _DAY


def _moment(index: int) -> Callable[[Context, Record], str]:
    return lambda context, record: stamp(_valid(context, record)[index], context.version)


def _expires(context: Context, record: Record) -> str:
    left = _valid(context, record)[1] - context.router.clock(context.world.now)
    return duration(left)


def _synchronised(context: Context, record: Record) -> str:
    on = record.get("enabled") == "true" and context.world.underlay.uplink(context.router.site).up
    return "synchronized" if on else "waiting"


def _if_synchronised(value: str) -> Callable[[Context, Record], str | None]:
    def read(context: Context, record: Record) -> str | None:
        return value if _synchronised(context, record) == "synchronized" else None

    return read


def _packages(context: Context) -> list[Record]:
    version = context.router.version.partition(" ")[0]
    rows = [{"name": "routeros", "version": version, "build-time": "2025-11-05 08:12:41"}]
    if context.version < (7,):
        names = ("system", "routing", "ppp", "security", "dhcp", "wireless")
        rows = [{"name": name, "version": version, "scheduled": ""} for name in names]
    return [Record(number, row | {"disabled": "false"}) for number, row in enumerate(rows, start=1)]


def _watched(context: Context, record: Record) -> float | None:
    answer = context.world.reach.ask(context.router, Question(record.get("host")))
    gateway = context.router.public_address.rpartition(".")[0] + ".1"
    if record.get("host") == gateway and context.router.online:
        up = context.world.underlay.uplink(context.router.site).up
        return 0.0017 if up else None
    return answer.seconds


def _watch_status(context: Context, record: Record) -> str:
    if record.disabled:
        return "unknown"
    return "down" if _watched(context, record) is None else "up"


def _watch_time(context: Context, record: Record) -> str | None:
    seconds = None if record.disabled else _watched(context, record)
    return None if seconds is None else duration(seconds, "us")


def _watch_since(context: Context, _record: Record) -> str:
    return stamp(context.router.clock(context.router.booted + _WATCH), context.version)


SERVICES: tuple[Menu[Record], ...] = (
    record_menu("/ip/service", since=FIRST),
    record_menu("/user", since=FIRST),
    record_menu("/user/group", since=FIRST),
    record_menu("/user/active", rows=_active_people, since=FIRST),
    record_menu("/log", rows=_log, since=FIRST, key="message"),
    record_menu("/system/history", rows=_history, since=FIRST, key="action"),
    record_menu(
        "/certificate",
        living={
            "invalid-before": _moment(0),
            "invalid-after": _moment(1),
            "expires-after": _expires,
            "private-key": lambda _context, _record: "true",
        },
        since=FIRST,
    ),
    single_menu(
        "/system/ntp/client",
        living={
            "status": _synchronised,
            "synced-server": _if_synchronised("192.0.2.123"),
            "synced-stratum": _if_synchronised("2"),
            "system-offset": _if_synchronised("0.314 ms"),
        },
    ),
    record_menu("/system/package", rows=_packages, since=FIRST),
    record_menu(
        "/tool/netwatch",
        living={"status": _watch_status, "rtt-avg": _watch_time, "since": _watch_since},
        since=FIRST,
        key="host",
    ),
)
