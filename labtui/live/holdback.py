"""What holds the writes of this console back: read-only, frozen, or not elevated just now.

The one place that knows; `live.wire` asks it before every write and looks at the freeze file anew
for that. A console that runs looks at the file every two seconds, in a thread of its own: the file
may be on a disk that hangs, and then everything counts as frozen.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from labtui.config.safety import everybody_sees, freeze_file
from labtui.config.schema import Config
from labtui.live import freeze as freezing
from labtui.live.freeze import LONGEST_REASON, Freeze
from labtui.live.journal import Journal, origin, user
from labtui.locale import _
from labtui.model.errors import LabError, Rejected
from labtui.model.spans import counted_down
from labtui.model.text import clean
from labtui.sources.threads import Threads

_log = logging.getLogger(__name__)
_PAUSE = 2.0
_LIMIT = 2.0


class Held(msgspec.Struct, frozen=True):
    """The state for the screen. `until`: elevated until then (epoch seconds)."""

    read_only: bool = False
    freeze: Freeze | None = None
    until: float | None = None


class Word(NamedTuple):
    """What became of a wish, in a sentence; when not all is `well`, `trouble` is the reason."""

    text: str
    well: bool = True
    trouble: str = ""


class Holdback:
    """The gate of one console. `elevation`: the longest time it may write in seconds, 0 for ever.

    `path` is the freeze file, None for none; `private`: only this user's consoles see that;
    `audited`: nothing is elevated without a journal.
    """

    def __init__(
        self,
        *,
        read_only: bool = False,
        path: Path | None = None,
        private: bool = False,
        trouble: str = "",
        elevation: float = 0,
        journal: Journal | None = None,
        audited: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._read_only = read_only
        self.path = path
        self._private = private
        self._longest = elevation
        self._journal = journal or Journal(None)
        self._audited = audited
        self._clock = clock
        # Without a place for the file nobody can say whether all is frozen.
        self._trouble = Freeze(problem=trouble) if trouble else None
        self._shared: Freeze | None = self._trouble
        self._own: Freeze | None = None
        self._span: tuple[float, float] | None = None
        self._threads = Threads(str(path or ""), lambda: None, size=1)
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    def of(
        cls, config: Config, *, read_only: bool, journal: Journal, clock: Callable[[], float]
    ) -> Holdback:
        """That of a configuration. Raises nothing: without a place for the file all is frozen."""
        path, trouble = None, ""
        try:
            path = freeze_file(config)
        except LabError as error:
            trouble = str(error)
        return cls(
            read_only=read_only or config.read_only,
            path=path,
            private=not everybody_sees(config),
            trouble=trouble,
            elevation=config.safety.elevation,
            journal=journal,
            audited=not config.demo,
            clock=clock,
        )

    @property
    def held(self) -> Held:
        """What the top line says; as of the last look at the file."""
        now = self._clock()
        until = self._span[1] if self._span and self._elevated(now) else None
        return Held(
            self._read_only or (self._longest > 0 and until is None),
            self._own or self._shared,
            until,
        )

    @property
    def longest(self) -> float:
        """For how many seconds it may be elevated at most; 0 when it may write all the time."""
        return self._longest

    def start(self) -> None:
        """Begin to watch the file; call it on the running event loop."""
        self._watching = asyncio.create_task(self._watch(), name="freeze file")

    def close(self) -> None:
        """Stop watching. An elevation ends with its console."""
        if self._watching is not None:
            self._watching.cancel()
        if self._span is not None:
            self._ended("left")
        self._threads.close()

    async def look(self) -> None:
        """See what the file says now; one that does not answer counts as a freeze."""
        path, before = self.path, self._shared
        if path is None:
            return
        try:
            self._shared = await self._threads.run(
                lambda _client: freezing.read(path), _LIMIT, _("looking at the freeze file")
            )
        except LabError as error:
            self._shared = Freeze(problem=error.why or error.what)
        if self._shared != before:
            now = self._shared
            _log.warning("%s", freezing.told(now, path) if now else "the freeze file is gone")

    def why_not(self, *, begun: bool = False) -> Rejected | None:
        """Why nothing may be written, as of the last look; None when it may.

        `begun`: for a job that started while it might; the end of an elevation does not cut it.
        """
        freeze = self._own or self._shared
        if self._read_only:
            return _no(_("this console is read-only"), _("start it without --read-only"))
        if freeze is not None:
            return _no(freezing.told(freeze, self.path), freezing.remedy(freeze))
        if self._longest and not begun and not self._elevated(self._clock()):
            most = counted_down(self._longest)
            return _no(
                _("this console is read-only until it is elevated"),
                _("`:write 10m WHY` does that, for {most} at most").format(most=most),
            )
        return None

    async def reason(self) -> str:
        """Why nothing may be sent now, the file looked at anew; empty when it may."""
        await self.look()
        against = self.why_not()
        return "" if against is None else against.why

    def sentence(self) -> str:
        """Why nothing may be written, for the screen; empty when it may."""
        against = self.why_not()
        if against is None:
            return ""
        text = _("{why}: nothing is sent. To go on: {remedy}")
        return text.format(why=against.why, remedy=against.remedy)

    async def freeze(self, reason: str) -> Word:
        """Stop all writes of this console at once, and of every other through the file."""
        why = clean(" ".join(reason.split()), LONGEST_REASON)
        wanted = Freeze(user(), origin(), self._clock(), why, here=True)
        self._own = wanted
        path, trouble = self.path, self._trouble.problem if self._trouble else ""
        if path is not None:
            try:
                await self._threads.run(
                    lambda _client: freezing.make(path, wanted),
                    _LIMIT,
                    _("writing the freeze file"),
                )
            except LabError as error:
                trouble = error.why or error.what
        await self.look()
        if not trouble and self._shared is not None:
            self._own = None
        self._journal.note(self._clock(), "frozen", why=why, file=str(path or ""), trouble=trouble)
        return self._told_frozen(wanted, trouble)

    def _told_frozen(self, wanted: Freeze, trouble: str) -> Word:
        if trouble:
            text = _("only this console is frozen: {path} can't be written ({why})")
            told = text.format(path=self.path or "", why=trouble)
            return Word(told, well=False, trouble=trouble)
        shared = self._shared
        if shared is not None and (shared.by, shared.at) != (wanted.by, wanted.at):
            return Word(_("it was so before: {what}").format(what=freezing.told(shared, self.path)))
        if self.path is None:
            return Word(_("this console is frozen; :thaw ends that"))
        if self._private:
            text = _("frozen: all consoles of this user, until :thaw (make {path} for all users)")
            return Word(text.format(path="/var/lib/labtui"))
        return Word(_("frozen: every console that sees {path}, until :thaw").format(path=self.path))

    async def thaw(self) -> Word:
        """Let writes go on, here and everywhere."""
        path, before = self.path, self._own or self._shared
        if path is not None:
            try:
                gone = await self._threads.run(
                    lambda _client: freezing.take_away(path), _LIMIT, _("removing the freeze file")
                )
            except LabError as error:
                await self.look()
                return Word(_("not thawed: {why}").format(why=error), well=False)
            before = before or (Freeze() if gone else None)
        self._own = None
        await self.look()
        if self._shared is not None:
            told = freezing.told(self._shared, self.path)
            return Word(_("not thawed: {why}").format(why=told), well=False)
        if before is None:
            return Word(_("nothing was frozen"))
        self._journal.note(self._clock(), "thawed", frozen_by=before.by, frozen_why=before.why)
        return Word(_("thawed: writes go on"))

    def elevate(self, seconds: float, reason: str) -> Word:
        """Let this console write for so many seconds. Raises `Rejected` when it may not."""
        why = clean(" ".join(reason.split()), LONGEST_REASON)
        what = _("not elevated")
        if self._read_only:
            raise Rejected(
                what,
                why=_("this console is read-only"),
                remedy=_("start it without --read-only"),
            )
        if not self._longest:
            remedy = _("[safety] elevation in the configuration changes that")
            raise Rejected(what, why=_("this console may write all the time"), remedy=remedy)
        if not 0 < seconds <= self._longest:
            most = _("for {most} at most").format(most=counted_down(self._longest))
            raise Rejected(what, why=most, remedy=_("choose a shorter time"))
        if not why:
            raise Rejected(what, why=_("no reason"), remedy=_(":write 10m WHY"))
        now = self._clock()
        # What is not written down is not allowed: the journal is what this is for.
        trouble = self._journal.note(now, "elevated", seconds=seconds, why=why)
        if self._audited and not self._journal.keeps:
            trouble = _("there is none")
        if trouble:
            raise Rejected(what, why=_("the journal can't be written: {why}").format(why=trouble))
        self._span = (now, now + seconds)
        return Word(_("may write for {time}: {why}").format(time=counted_down(seconds), why=why))

    def lower(self) -> Word:
        """End the elevation. What runs goes on."""
        if not self._longest:
            return Word(_("this console is not one that is elevated: see --read-only"), well=False)
        if self._span is None:
            return Word(_("it was read-only already"))
        self._ended("readonly")
        return Word(_("read-only again; what runs goes on"))

    def _elevated(self, now: float) -> bool:
        """A clock that was put back ends it too."""
        return self._span is not None and self._span[0] <= now < self._span[1]

    def _ended(self, how: str) -> None:
        self._span = None
        self._journal.note(self._clock(), "elevation ended", how=how)

    async def _watch(self) -> None:
        while True:
            await self.look()
            if self._span is not None and not self._elevated(self._clock()):
                self._ended("time")
            await asyncio.sleep(_PAUSE)


def _no(why: str, remedy: str) -> Rejected:
    return Rejected(_("not sent"), why=why, remedy=remedy)
