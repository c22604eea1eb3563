"""One tagged connection to a router: many commands at once, each with a deadline of its own.

librouteros brings transport, login and what is written. Its own reader is not used: it knows no
tags, and after a time-out it hands the rows of one command to the next. Here one task reads
everything and sorts it by tag. A connection in doubt is dropped, never reused.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labtui.locale import _
from labtui.model.errors import LabError, OutcomeUnknown, TimedOut, Unexpected, Unreachable
from labtui.model.text import clean
from labtui.sources.routeros.framing import Sentences
from labtui.sources.routeros.sentences import Garbled, Row, attributes, reason, wired, worded
from labtui.sources.routeros.traps import Trap, error_of, fatal, trap_of
from labtui.sources.trace import note

# Far above any menu that labtui reads; a stream of rubbish must not fill the memory.
MOST_ROWS = 100_000
_AT_ONCE = 32
# How long a router may take to confirm the end of a command that its caller has left.
_LEFT_BEHIND = 5.0


class _Ended(Exception):
    """The router has said that it ends the connection."""


@dataclass
class Reply:
    """Everything that came back for one command: rows, and the value of its `!done`."""

    rows: list[Row] = field(default_factory=list)
    ret: str | None = None


@dataclass
class _Waiting:
    """A command under way."""

    command: str
    done: asyncio.Future[None]
    reply: Reply = field(default_factory=Reply)
    traps: list[Trap] = field(default_factory=list)
    lost: LabError | None = None

    @property
    def outcome(self) -> str:
        """How it went, in a word."""
        if self.lost is not None:
            return self.lost.kind
        return "trap" if self.traps else "done" if self.done.done() else "given up"

    def finish(self) -> None:
        """Wake the caller, if there still is one."""
        if not self.done.done():
            self.done.set_result(None)


class Wire:
    """A connection that is logged in. `where` names its address in errors.

    Made by `labtui.sources.routeros.login`; `api` is librouteros' `AsyncApi`.
    """

    def __init__(self, api: Any, where: str) -> None:
        self._protocol = api.protocol
        # The library's limit is per sentence and would cancel the reader; deadlines are ours.
        self._protocol.timeout = None
        self._transport: asyncio.WriteTransport = api.protocol.transport.writer.transport
        self._sentences = Sentences(api.protocol.transport.reader)
        self.where = where
        self._tags = itertools.count(1)
        self._waiting: dict[str, _Waiting] = {}
        self._left: dict[str, asyncio.TimerHandle] = {}
        self._lost: LabError | None = None
        self._reader = asyncio.create_task(self._read(), name=f"routeros {where}")

    @property
    def closed(self) -> bool:
        """True when it can't be used any more."""
        return self._lost is not None

    async def ask(
        self,
        command: str,
        words: Mapping[str, str],
        deadline: float,
        changes: bool = False,
        queries: Sequence[str] = (),
    ) -> Reply:
        """Send a command, wait for the end of its answer, at most `deadline` seconds.

        `words` are attributes (`.proplist`, `name`), or queries when they begin with `?`; `queries`
        are such words in an order that matters. A missed deadline closes the connection. Raises
        `LabError`; for a command that `changes` something a lost answer is `OutcomeUnknown`.
        """
        if self._lost is not None:
            raise _again(self._lost)
        tag = str(next(self._tags))
        # Registered before it is sent: the answer may be faster than the return of the write.
        waiting = _Waiting(command, asyncio.get_running_loop().create_future())
        self._waiting[tag] = waiting
        began = time.monotonic()
        try:
            async with asyncio.timeout(deadline):
                await self._send(command, words, queries, tag)
                await waiting.done
        except TimeoutError:
            self._cancel(tag)
            waiting.lost = self._late(command, deadline)
            self._drop(waiting.lost)
        except asyncio.CancelledError:
            self._leave(tag)
            raise
        finally:
            self._waiting.pop(tag, None)
            verb = command.rpartition("/")[2]
            note("routeros", self.where, verb, command, began, waiting.outcome)
        return self._outcome(waiting, changes=changes)

    async def close(self) -> None:
        """End the connection at once; callers that wait get `Unreachable`."""
        self._drop(Unreachable(_("the connection was closed"), where=self.where))
        await asyncio.wait({self._reader}, timeout=1.0)

    def drop(self) -> None:
        """Like `close`, without waiting for the end of the reader."""
        self._drop(Unreachable(_("the connection was closed"), where=self.where))

    async def _send(
        self, command: str, words: Mapping[str, str], queries: Sequence[str], tag: str
    ) -> None:
        sentence = [worded(name, value) for name, value in words.items()]
        sentence += [wired(query) for query in queries]
        try:
            await self._protocol.writeSentence(wired(command), *sentence, f".tag={tag}")
        except TimeoutError:
            raise
        except Exception as error:  # noqa: BLE001 - the library's families have no common root
            self._drop(self._broken(error))

    def _outcome(self, waiting: _Waiting, *, changes: bool) -> Reply:
        if waiting.lost is not None:
            raise _unknown(waiting.lost, waiting.command) if changes else _again(waiting.lost)
        if waiting.traps:
            error = error_of(waiting.traps, waiting.command, self.where)
            halfway = all(trap.interrupted for trap in waiting.traps)
            raise _unknown(error, waiting.command) if changes and halfway else error
        return waiting.reply

    def _late(self, command: str, deadline: float) -> LabError:
        return TimedOut(
            _("{command}: no answer").format(command=clean(command)),
            where=self.where,
            why=_("no answer in {seconds:g} s").format(seconds=round(deadline, 1)),
            remedy=_("labtui connects anew at the next reading"),
        )

    # Reading

    async def _read(self) -> None:
        """Sort what comes in by tag until the connection ends; the only reader there is."""
        try:
            for taken in itertools.count(1):
                self._take(await self._sentences.next())
                if taken % _AT_ONCE == 0:
                    # A table of routes is there as a whole: others have their turn between.
                    await asyncio.sleep(0)
        except _Ended as end:
            self._drop(fatal(str(end), self.where))
        except Exception as error:  # noqa: BLE001 - callers would wait for ever
            self._drop(self._broken(error))

    def _take(self, words: list[str]) -> None:
        if not words:
            raise Garbled(_("an empty sentence"))
        kind = words[0]
        if kind == "!fatal":
            raise _Ended(reason(words[1:]))
        tag, row = attributes(words[1:])
        if tag is None:
            raise Garbled(row.get("message") or _("a reply without a tag"))
        if kind == "!done" and (timer := self._left.pop(tag, None)) is not None:
            timer.cancel()
        waiting = self._waiting.get(tag)
        if waiting is None:
            return  # late rows of a command that its caller has left, or the end of a /cancel
        if kind == "!re":
            if len(waiting.reply.rows) >= MOST_ROWS:
                raise Garbled(_("an answer without end"))
            waiting.reply.rows.append(row)
        elif kind == "!trap":
            waiting.traps.append(trap_of(row))
        elif kind == "!done":
            waiting.reply.ret = row.get("ret")
            waiting.finish()
        # `!empty` (7.18) says that there are no rows, and whatever comes after it in a later
        # version belongs to a command whose `!done` is still to come.

    # Ending

    def _leave(self, tag: str) -> None:
        """The caller has gone: end its command. A router that does not obey is dropped."""
        if self._lost is not None:
            return
        self._cancel(tag)
        late = self._late("/cancel", _LEFT_BEHIND)
        self._left[tag] = asyncio.get_running_loop().call_later(_LEFT_BEHIND, self._drop, late)

    def _cancel(self, tag: str) -> None:
        if self._lost is not None:
            return
        from librouteros.protocol import encode_sentence

        # Straight into the buffer: nothing here may wait, its caller is being cancelled itself.
        words = ("/cancel", f"=tag={tag}", f".tag={next(self._tags)}")
        self._transport.write(encode_sentence(*words, encoding="latin-1"))

    def _drop(self, error: LabError) -> None:
        if self._lost is not None:
            return
        self._lost = error
        self._transport.abort()
        for timer in self._left.values():
            timer.cancel()
        self._left.clear()
        for waiting in self._waiting.values():
            waiting.lost = error
            waiting.finish()

    def _broken(self, error: Exception) -> LabError:
        from librouteros.exceptions import ConnectionClosed

        if isinstance(error, ConnectionClosed | EOFError | OSError):
            text = clean(error.strerror or "") if isinstance(error, OSError) else ""
            return Unreachable(
                _("the connection broke off"),
                where=self.where,
                why=text or _("the router closed it"),
            )
        return Unexpected(
            _("this is not the RouterOS API"),
            where=self.where,
            why=clean(str(error), 200) if isinstance(error, Garbled) else type(error).__name__,
            remedy=_("check the port: 8728 for api, 8729 for api-ssl"),
        )


def _again(error: LabError) -> LabError:
    """The same error as a fresh exception: one may be raised for many callers."""
    return type(error)(error.what, where=error.where, why=error.why, remedy=error.remedy)


def _unknown(error: LabError, command: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        _("{command} was sent, its answer never came").format(command=clean(command)),
        where=error.where,
        why=error.why or error.what,
        remedy=_("look on the router whether it happened"),
    )
