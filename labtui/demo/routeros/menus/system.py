"""/system/identity, /system/resource, /system/clock, /system/health: the singletons."""

from __future__ import annotations

import math

from labtui.demo.overlay.devices import Router
from labtui.demo.routeros.menu import Context, Field, Menu, always, text, write_text
from labtui.demo.routeros.values import ZONE_NAME, date, duration, local_time

_MIB = 1 << 20
_TOTAL_MEMORY = 1024 * _MIB
_TOTAL_DISK = 127 * _MIB
# The month-name form is what 7.12 was recorded with, the other what later versions show.
_BUILD_TIMES = {
    (7, 20): "2025-11-05 08:12:41",
    (7, 19): "2025-09-08 09:10:22",
    (7, 16): "2024-11-26 12:09:40",
    (7, 12): "Dec/20/2023 08:41:00",
}


def _self(context: Context) -> list[Router]:
    return [context.router]


def _uptime(context: Context, router: Router) -> str:
    return duration(context.world.now - router.booted)


def _build_time(context: Context, _router: Router) -> str:
    return _BUILD_TIMES.get((context.version[0], context.version[1]), "2025-11-05 08:12:41")


def _cpu_load(context: Context, router: Router) -> str:
    """A few per cent that wander."""
    if router.answer_delay > 0:
        return str(98 + int(context.world.now) % 3)
    wave = math.sin(context.world.now / 41.0 + len(router.connections))
    return str(round(4 + 3 * wave + 2 * math.sin(context.world.now / 7.3)) + 2)


def _free_memory(context: Context, router: Router) -> str:
    swing = 6 * math.sin(context.world.now / 311.0)
    return str(int((712 - 9 * len(router.connections) + swing) * _MIB) // 4096 * 4096)


def _written_sectors(context: Context, router: Router) -> str:
    return str(int((context.world.now - router.booted) / 37))


def _date(context: Context, _router: Router) -> str:
    return date(context.router.clock(context.world.now), context.version)


def _time(context: Context, _router: Router) -> str:
    return f"{local_time(context.router.clock(context.world.now)):%H:%M:%S}"


IDENTITY: Menu[Router] = Menu(
    "/system/identity",
    _self,
    (Field("name", text("identity"), write_text("identity")),),
    ident=None,
)

RESOURCE: Menu[Router] = Menu(
    "/system/resource",
    _self,
    (
        Field("uptime", _uptime),
        Field("version", text("version")),
        Field("build-time", _build_time),
        Field("free-memory", _free_memory),
        Field("total-memory", always(str(_TOTAL_MEMORY))),
        Field("cpu", always("QEMU")),
        Field("cpu-count", always("2")),
        Field("cpu-frequency", always("2794")),
        Field("cpu-load", _cpu_load),
        Field("free-hdd-space", always(str(_TOTAL_DISK - 41 * _MIB))),
        Field("total-hdd-space", always(str(_TOTAL_DISK))),
        Field("write-sect-since-reboot", _written_sectors),
        Field("write-sect-total", _written_sectors),
        Field("architecture-name", always("x86_64")),
        Field("board-name", always("CHR")),
        Field("platform", always("MikroTik")),
    ),
    ident=None,
)

CLOCK: Menu[Router] = Menu(
    "/system/clock",
    _self,
    (
        Field("time", _time),
        Field("date", _date),
        Field("time-zone-autodetect", always("true")),
        Field("time-zone-name", always(ZONE_NAME)),
        Field("gmt-offset", always("+08:00")),
        Field("dst-active", always("false")),
    ),
    ident=None,
)

# A CHR has no sensors.
HEALTH: Menu[Router] = Menu("/system/health", lambda _context: [], (), ident=None, since=(7,))

# RouterOS 6 has one row with a field per sensor, units inside of the values.
OLD_HEALTH: Menu[Router] = Menu(
    "/system/health",
    _self,
    (
        Field("voltage", lambda context, _router: f"{24.1 + context.world.now % 0.4:.1f}V"),
        Field("temperature", lambda context, _router: f"{41 + int(context.world.now / 900) % 5}C"),
    ),
    ident=None,
    until=(6, 999),
)

# Dynamic DNS is off, so that nothing else is known of it.
CLOUD: Menu[Router] = Menu(
    "/ip/cloud",
    _self,
    (
        Field("ddns-enabled", always("false")),
        Field("ddns-update-interval", always("none")),
        Field("update-time", always("true")),
    ),
    ident=None,
)
