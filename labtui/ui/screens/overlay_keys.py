"""Keys of the overlay: the sides of the map, latencies, diagnoses, route checks.

Loaded when first used.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from labtui.locale import _
from labtui.ui.commands import DIAGNOSED

if TYPE_CHECKING:
    from labtui.ui.screens.main import MainScreen


def commands(screen: MainScreen) -> dict[str, Callable[[], None]]:
    """What each of these commands does."""
    return {
        "map.left": partial(_sideways, screen, -1),
        "map.right": partial(_sideways, screen, 1),
        "map.measure": partial(_measure, screen),
        **{f"diagnose.{noun}": partial(_diagnose, screen) for noun in DIAGNOSED},
        **{f"route.{noun}": partial(_check, screen) for noun in (*DIAGNOSED, "prefix")},
    }


def _sideways(screen: MainScreen, steps: int) -> None:
    """To the nearest place on the left or right."""
    from labtui.ui.panes.map import MapPane

    if isinstance(screen.pane, MapPane) and screen.desk.details is None:
        screen.pane.sideways(steps)
    else:
        screen.notice.say(_("left and right move on the map"))


def _measure(screen: MainScreen) -> None:
    """Ping through all links that stand."""
    from labtui.ui.panes.map import MapPane

    if isinstance(screen.pane, MapPane):
        screen.pane.measure()
        screen.notice.say(_("pinging through every link that stands"))
    else:
        screen.notice.say(_("latencies are measured on the map"))


def _diagnose(screen: MainScreen) -> None:
    from labtui.ui.screens.diagnosis_dialog import open_diagnosis

    open_diagnosis(screen)


def _check(screen: MainScreen) -> None:
    from labtui.ui.screens.route_dialog import open_checks

    open_checks(screen)
