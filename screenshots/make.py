"""The pictures in this folder, taken from the console over the demo lab: `make screenshots`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from labtui.actions import ACTIONS
from labtui.config.file import load
from labtui.config.paths import theme_folders
from labtui.config.theme import load_themes
from labtui.live.lab import LiveLab
from labtui.locale import use_language
from labtui.model.overlay import WireGuard
from labtui.ui.app import LabtuiApp
from labtui.views import VIEWS
from tests.cli.running import control, demo_process

FOLDER = Path(__file__).parent
SIZES = ((80, 24), (120, 36), (200, 50))
_PATIENCE = 40.0
# The pictures fetch nothing: whoever looks at them has a monospaced font.
_FONTS = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)


class Camera:
    """Types into a running console and takes its picture."""

    def __init__(self, app: LabtuiApp, lab: LiveLab, pilot: Any, suffix: str = "") -> None:
        self._app, self._lab, self._pilot, self._suffix = app, lab, pilot, suffix

    async def type(self, *keys: str) -> None:
        """Press keys, with a moment for each to take effect."""
        for key in keys:
            await self._pilot.press(key)
            await self._pilot.pause(0.15)

    async def wait(self, told: Callable[[LiveLab], bool], patience: float = _PATIENCE) -> None:
        """Wait until the lab is as wished, and painted."""
        async with asyncio.timeout(patience):
            while not told(self._lab):
                await self._pilot.pause(0.1)
        await self._pilot.pause(1.2)

    def take(self, name: str) -> None:
        """Write the picture."""
        path = FOLDER / f"{name}{self._suffix}.svg"
        drawn = _FONTS.sub("", self._app.export_screenshot(title="labtui"))
        path.write_text(drawn.rstrip() + "\n")


def _filled(lab: LiveLab) -> bool:
    snapshot = lab.store.snapshot
    topics = {feed.topic for feed in snapshot.parts}
    everything = {"resources", "hardware", "configs", "wireguard", "bgp", "inventory", "membership"}
    routers = sum(feed.topic == "bgp" for feed in snapshot.parts)
    # A rate is known after the second reading.
    rates = [any(peer.rx_rate for peer in part.peers) for _router, part in snapshot.of(WireGuard)]
    return topics >= everything and routers == len(rates) == 4 and all(rates)


async def _shoot(
    told: dict[str, Any],
    size: tuple[int, int],
    work: Callable[[Camera], Awaitable[None]],
    suffix: str = "",
) -> None:
    config = load(Path(told["config"]))
    lab = LiveLab(config, ACTIONS)
    themes, _mistakes = load_themes(theme_folders(Path(config.path)))
    app = LabtuiApp(lab, VIEWS, ACTIONS, themes=themes)
    async with app.run_test(size=size, notifications=True) as pilot:
        camera = Camera(app, lab, pilot, suffix)
        await camera.wait(_filled)
        await work(camera)


async def _overview(camera: Camera) -> None:
    await camera.type("2")
    camera.take("overview")


async def _places(camera: Camera) -> None:
    """Every screen at one size."""
    for key, name in (
        ("1", "nodes"),
        ("2", "guests"),
        ("3", "gpus"),
        ("4", "wireguard"),
        ("5", "bgp"),
    ):
        # A second press of a pane's own key would toggle its size.
        await camera.type(*(("f",) if key == "1" else (key, "f")))
        camera.take(name)
        await camera.type("enter")
        camera.take(f"{name}-details")
        await camera.type("escape", "0")
    for name in ("tasks", "storage", "sources"):
        await camera.type("colon", *name, "enter")
        camera.take(name)
        await camera.type("0")
    await camera.type("question_mark")
    camera.take("help")
    await camera.type("escape")
    await camera.type("colon", *"web")
    camera.take("go-to")
    await camera.type("escape")
    await camera.type("ctrl+p")
    camera.take("palette")
    await camera.type("escape")


async def _migration(camera: Camera) -> None:
    """The plan, the job on its way, and its end."""
    await camera.type("colon", *"db-01", "enter", "m")
    await camera.wait(lambda lab: True)
    camera.take("migrate-plan")
    await camera.type("enter")
    await camera.wait(lambda lab: any(job.progress for job in lab.store.snapshot.jobs))
    await camera.type("0")
    camera.take("migrate-running")
    await camera.type("9")
    camera.take("jobs")


async def _evacuation(camera: Camera) -> None:
    """A node that is emptied: the plan, under way, paused, and what is left at the end."""
    await camera.type("1", "home", "E")
    await camera.wait(lambda lab: True)
    camera.take("evacuate-plan")
    # Who has to be shut down for it is asked for by the name of the node.
    await camera.type("enter", *"pve1", "enter")
    await camera.wait(lambda lab: any(_moved(lab)))
    await camera.type("9")
    camera.take("evacuate-running")
    await camera.type("p")
    await camera.wait(lambda lab: any(job.paused for job in lab.store.snapshot.jobs))
    camera.take("evacuate-paused")
    await camera.type("p")
    await camera.wait(lambda lab: not any(job.driven for job in lab.store.snapshot.jobs), 300.0)
    await camera.type("enter")
    await camera.wait(lambda lab: True)
    camera.take("evacuate-done")


def _moved(lab: LiveLab) -> list[bool]:
    jobs = lab.store.snapshot.jobs
    return [bool(job.book) and 0 < (job.progress or 0.0) < 1 for job in jobs]


async def _outage(camera: Camera, told: dict[str, Any]) -> None:
    """A node off and its site's router silent: what is dated, what is red, what still answers."""
    control(told, "/power", node="pve4", on=False)
    control(told, "/fault", server="rt-702", mode="hang")
    await camera.wait(lambda lab: any(_down(lab)))
    await asyncio.sleep(20)
    await camera.type("2")
    camera.take("outage")


def _down(lab: LiveLab) -> list[bool]:
    from labtui.model.cluster import Membership

    parts = [part for _name, part in lab.store.snapshot.of(Membership)]
    return [not member.online for part in parts for member in part.members]


def main() -> None:
    """Take all pictures."""
    use_language("en")
    with demo_process() as told:
        for columns, rows in SIZES:
            asyncio.run(_shoot(told, (columns, rows), _overview, f"-{columns}x{rows}"))
        asyncio.run(_shoot(told, (120, 36), _places))
        asyncio.run(_shoot(told, (120, 36), _migration))
        use_language("zh_TW")
        asyncio.run(_shoot(told, (120, 36), _overview, "-zh_TW"))
        use_language("en")
        asyncio.run(_shoot(told, (120, 36), _evacuation))
        asyncio.run(_shoot(told, (120, 36), partial(_outage, told=told)))


if __name__ == "__main__":
    main()
