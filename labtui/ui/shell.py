"""The keys that leave the screen for a while: a shell by SSH, a console through Proxmox VE.

Whether one can get in, and how, `link.entry` knows; here it is asked, a way is chosen, the app is
suspended, and what became of it is said. The event loop goes on all the time, so the panes are of
the present when one comes back.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from labtui.live.entry.entry import Ways
from labtui.locale import _
from labtui.model.entry import Door, Place, Way, place_of
from labtui.model.errors import LabError
from labtui.model.jobs import JobState
from labtui.ui.candidates import Candidate, Target
from labtui.ui.shell_child import Ended, run_ssh
from labtui.ui.shell_sitting import sit
from labtui.ui.shell_tty import Terminal
from labtui.ui.shell_words import (
    FAILED,
    console_head,
    ended_how,
    heading,
    origin_of,
    sat_how,
    wanted,
)

if TYPE_CHECKING:
    from labtui.ui.screens.main import MainScreen


class Shell:
    """Gets into what is selected."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._terminal = Terminal()

    def place(self) -> Place | None:
        """What the selected row is, or is on."""
        pane = self._screen.pane
        if pane.selection.row is None:
            return None
        snapshot = self._screen.link.store.snapshot
        return place_of(pane.view.noun, pane.selection.key, snapshot)

    def against(self, door: Door) -> str:
        """Why that door of what is selected can't be opened; empty when it may."""
        place = self.place()
        if place is None:
            return _("choose a guest, a node or a router: there is nothing to get into here")
        return self._screen.link.entry.against(door, place)

    def open(self, door: Door) -> None:
        """Open it, or say why not."""
        screen, place = self._screen, self.place()
        reason = self.against(door)
        if place is None or reason:
            screen.notice.say(reason, "warn")
            return
        if door == "ssh":
            screen.notice.say(wanted(place), "warn" if place.away else "info")
            screen.run_worker(self._look(place), group="shell", exclusive=True)
        else:
            screen.notice.say(_("opening the console of {label}").format(label=place.label))
            screen.run_worker(self._console(place), group="shell", exclusive=True)

    async def _look(self, place: Place) -> None:
        try:
            found = await self._screen.link.entry.ways(place)
        except LabError as error:
            self._screen.notice.tell(error.problem)
            return
        if not self._free():
            return
        if found.chosen == 1:
            await self._ssh(place, found.ways[0], found.missing)
        else:
            self._choose(place, found)

    def _choose(self, place: Place, found: Ways) -> None:
        from labtui.ui.screens.finder import Finder

        screen = self._screen
        entries = [
            Candidate(str(way), origin_of(way), Target("object", "way", str(number)))
            for number, way in enumerate(found.ways)
        ]

        def chosen(candidate: Candidate | None) -> None:
            if candidate is not None:
                way = found.ways[int(candidate.target.key)]
                work = self._ssh(place, way, found.missing)
                screen.run_worker(work, group="shell", exclusive=True)

        screen.notice.say("")
        title = _("shell on {label}").format(label=place.label)
        screen.open(Finder(title, "@", entries, ""), chosen)

    def _free(self) -> bool:
        """Nobody began something else meanwhile, which must not be torn from under his fingers."""
        screen = self._screen
        if screen.overlay is None and not screen.filtering.active:
            return True
        screen.notice.say(_("not opened: something else was begun meanwhile"), "warn")
        return False

    async def _ssh(self, place: Place, way: Way, missing: tuple[str, ...]) -> None:
        entry, notice = self._screen.link.entry, self._screen.notice
        try:
            order = entry.order(way, place)
        except LabError as error:
            notice.tell(error.problem)
            return
        job = await entry.opened("ssh", place, str(way))
        ended, note = Ended(FAILED), ""
        try:
            with self._suspended(heading(place, way, missing)):
                ended = await run_ssh(entry.ssh, order, self._terminal)
        except SuspendNotSupported:
            note = _no_terminal()
            notice.say(note, "warn")
        except OSError as error:
            why = error.strerror or type(error).__name__
            note = _("ssh can't be run: {why}").format(why=why)
            notice.say(note, "bad")
        else:
            note, well = ended_how(ended, place.label)
            notice.say(f"{note} ({way}, {origin_of(way)})", "good" if well else "bad")
        finally:
            await entry.closed(job, "failed" if ended.status == FAILED else "done", note)

    async def _console(self, place: Place) -> None:
        entry, notice = self._screen.link.entry, self._screen.notice
        try:
            line = await entry.console(place)
        except LabError as error:
            notice.tell(error.problem)
            return
        if not self._free():
            await line.close()
            return
        key, byte = entry.escape
        job = await entry.opened("console", place, line.where)
        state: JobState = "failed"
        note = ""
        try:
            with self._suspended():
                sitting = await sit(line, self._terminal, byte, console_head(place, key))
        except SuspendNotSupported:
            await line.close()
            note = _no_terminal()
            notice.say(note, "warn")
        else:
            note, role = sat_how(sitting, place.label)
            notice.say(note, role)
            state = "failed" if sitting.how == "lost" else "done"
        finally:
            await entry.closed(job, state, note)

    @contextmanager
    def _suspended(self, line: str = "") -> Iterator[None]:
        """The terminal as it was before labtui, with a line on it. Raises `SuspendNotSupported`."""
        if not self._terminal.there and not self._screen.app.is_headless:
            raise SuspendNotSupported
        with self._screen.app.suspend():
            if line and sys.__stdout__ is not None:
                sys.__stdout__.write(f"{line}\n")
                sys.__stdout__.flush()
            yield
        self._screen.paint()


def _no_terminal() -> str:
    return _("not possible here: the screen is not on a terminal of its own")
