"""The faults of a router itself: power, clock, load, and too many sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.demo.faults.fault import Fault, Options
from labtui.demo.faults.strikes import Undo, change, fault, number_of, together, write
from labtui.demo.overlay.world import OverlayWorld

if TYPE_CHECKING:
    from labtui.demo.service import RunningLab

_NTP = "/system/ntp/client"
_MOST_SESSIONS = 20


def _routers(lab: RunningLab) -> list[str]:
    return list(lab.overlay.routers)


def _power_off(world: OverlayWorld, target: str, _options: Options) -> Undo:
    world.set_router(target, up=False)
    return lambda: world.set_router(target, up=True)


def _reboot(world: OverlayWorld, target: str, _options: Options) -> Undo:
    """It comes back by itself."""
    world.restart(target)
    return lambda: None


def _clock_off(world: OverlayWorld, target: str, options: Options) -> Undo:
    router = world.routers[target]
    offset = number_of(options, "seconds", -1e9, 1e9)
    return together(
        change(router, "clock_offset", offset), write(router.single[_NTP], "enabled", "false")
    )


def _busy(world: OverlayWorld, target: str, options: Options) -> Undo:
    delay = number_of(options, "seconds", 0, 60)
    return change(world.routers[target], "answer_delay", delay)


def _sessions_full(world: OverlayWorld, target: str, _options: Options) -> Undo:
    """Others hold every session the service allows; those open now are cut."""
    router = world.routers[target]
    router.line += 1
    return change(router, "strangers", _MOST_SESSIONS)


ROUTER_FAULTS: tuple[Fault, ...] = (
    fault(
        "router-power-off",
        "router",
        "router",
        "The router has no power.",
        _routers,
        _power_off,
    ),
    fault(
        "router-reboot",
        "router",
        "router",
        "The router restarts; it is back after a while.",
        _routers,
        _reboot,
    ),
    fault(
        "router-clock-off",
        "router",
        "router",
        "The router's clock is wrong and NTP is off.",
        _routers,
        _clock_off,
        seconds=-7200.0,
    ),
    fault(
        "router-busy",
        "router",
        "router",
        "The processor is at its limit; answers take long.",
        _routers,
        _busy,
        seconds=2.0,
    ),
    fault(
        "router-sessions-full",
        "router",
        "router",
        "Others hold all sessions of the router's API.",
        _routers,
        _sessions_full,
    ),
)
