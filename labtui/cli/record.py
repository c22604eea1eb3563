"""`labtui record`: reads the lab without a screen, writes its history, tells of causes.

It has no actions, no journal and no account that writes; its gate is read-only from the start.
"""

from __future__ import annotations

import asyncio
import signal
import sys

import msgspec

from labtui.cli.exits import Exit
from labtui.cli.reading import asker, quiet_logs
from labtui.cli.sd_notify import ServiceManager
from labtui.config.schema import Config
from labtui.live.history.election import Election
from labtui.live.history.keeper import Keeper
from labtui.live.history.opening import history_file
from labtui.live.lab import LiveLab
from labtui.live.notify.courier import Courier
from labtui.live.notify.hooks import CauseHook
from labtui.live.upkeep import upkeep_of
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.snapshot import TOPICS

_LEAVING = 3.0
_TICK = 1.0
_STUCK = 60.0


def record(config: Config) -> int:
    """Record until SIGTERM or SIGINT; 1 when there is a recorder already or nothing to write to."""
    if not config.history.keep:
        sys.stderr.write(_("labtui: the configuration keeps no history ([history] keep)\n"))
        return Exit.USAGE
    try:
        path = history_file(config)
        election = Election(path.parent)
        first = election.stand_as_recorder()
    except (LabError, OSError) as error:
        sys.stderr.write(_("labtui: the history is not kept: {why}\n").format(why=error))
        return Exit.FAILED
    if not first:
        text = _("labtui: a recorder of {lab} runs already; it holds {file}\n")
        sys.stderr.write(text.format(lab=config.lab, file=path.parent / "recorder.lock"))
        return Exit.FAILED
    codes = asker(config)
    hooks = [CauseHook(hook, config.lab) for hook in config.notify]
    keeper = Keeper(path, config.history.keep, election=election, hooks=hooks)
    couriers = [Courier(hook, path) for hook in config.notify]
    keeper.on_notices = lambda: _wake(couriers)
    with quiet_logs():
        asyncio.run(_recorded(reading_only(config), codes, keeper, couriers))
    return Exit.DONE


def reading_only(config: Config) -> Config:
    """The configuration without what could write."""
    replace = msgspec.structs.replace
    routers = tuple(
        replace(router, write_username="", write_password=None) for router in config.routers
    )
    return replace(config, routers=routers, read_only=True)


def _wake(couriers: list[Courier]) -> None:
    for courier in couriers:
        courier.wake()


async def _recorded(
    config: Config, codes: dict[str, str], keeper: Keeper, couriers: list[Courier]
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(each, stop.set)
    manager = ServiceManager()
    beside = tuple(filter(None, (upkeep_of(config),)))
    lab = LiveLab(config, (), read_only=True, codes=codes, history=keeper, beside=beside)
    lab.wish(frozenset(TOPICS))
    lab.start()
    for courier in couriers:
        courier.start()
    try:
        await lab.opened()
        manager.tell("READY=1", f"STATUS={config.lab}")
        await _alive(manager, keeper, stop)
    finally:
        manager.tell("STOPPING=1")
        await lab.close()
        await asyncio.to_thread(keeper.finish, _LEAVING)
        for courier in couriers:
            await asyncio.to_thread(courier.leave, _LEAVING)


async def _alive(manager: ServiceManager, keeper: Keeper, stop: asyncio.Event) -> None:
    """Until it is to stop; the watchdog hears of us while both loop and thread come round."""
    tick = min(_TICK, manager.watchdog / 3) if manager.watchdog else _TICK
    loop = asyncio.get_running_loop()
    rounds, moved, word = keeper.rounds, loop.time(), ""
    while not stop.is_set():
        try:
            async with asyncio.timeout(tick):
                await stop.wait()
        except TimeoutError:
            if keeper.rounds != rounds:
                rounds, moved = keeper.rounds, loop.time()
            if manager.watchdog and loop.time() - moved < _STUCK:
                manager.tell("WATCHDOG=1")
        if keeper.word != word:
            word = keeper.word
            manager.tell(f"STATUS={word}")
            if word:
                sys.stderr.write(f"labtui: {word}\n")
