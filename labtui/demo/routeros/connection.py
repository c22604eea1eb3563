"""One client on one router: login, commands that run side by side, tags and their cancelling."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Iterable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass

from labtui.demo.overlay.devices import Router
from labtui.demo.overlay.memory import restore
from labtui.demo.overlay.past import Session
from labtui.demo.overlay.world import OverlayWorld
from labtui.demo.routeros.engine import handle, perform
from labtui.demo.routeros.menu import Context, Replies, Request, Trap
from labtui.demo.routeros.menus import ALL_MENUS, COMMANDS
from labtui.demo.routeros.values import parse_version
from labtui.demo.routeros.words import FramingError, encode_sentence, read_sentence

_LOG = logging.getLogger(__name__)
# After so many refusals the next command of the connection ends it.
_MOST_REFUSALS = 5
_ROWS_AT_ONCE = 16


@dataclass(frozen=True)
class RouterAccount:
    """A user of the routers; policies as RouterOS names them: api, read, write, test, sensitive."""

    password: str
    policies: frozenset[str]

    def __repr__(self) -> str:
        return f"RouterAccount(policies={sorted(self.policies)})"


@dataclass(eq=False)
class _Running:
    """A command under way."""

    tag: str | None
    task: asyncio.Task[None]


class _Ended(Exception):
    """The connection ends after what has been written."""


class Connection:
    """A conversation from login to the end."""

    def __init__(
        self,
        world: OverlayWorld,
        router: Router,
        accounts: Mapping[str, RouterAccount],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._world = world
        self._router = router
        self._accounts = accounts
        self._reader = reader
        self._writer = writer
        self._unsent = bytearray()
        self._account: RouterAccount | None = None
        self._refusals = 0
        self._running: set[_Running] = set()
        self._session: Session | None = None
        router.sessions_opened += 1
        self._number = router.sessions_opened

    async def serve(self) -> None:
        """Answer until the client leaves, misbehaves or is sent away."""
        try:
            while True:
                self._accept(await read_sentence(self._reader))
                await self._writer.drain()
        except (FramingError, asyncio.IncompleteReadError, ConnectionError, _Ended):
            return
        finally:
            self._leave()
            await self._stop_all()

    def _accept(self, words: list[str]) -> None:
        tag, attributes, queries = _take_apart(words[1:])
        command = words[0]
        if command == "/quit":
            self._fatal("session terminated on request")
        if command == "/login":
            self._login(tag, attributes)
        elif self._account is None:
            self._fatal("not logged in")
        elif command == "/cancel":
            self._cancel(tag, attributes)
        else:
            path, _, verb = command.rpartition("/")
            self._start(tag, Request(path, verb, attributes, queries))

    def _login(self, tag: str | None, attributes: Mapping[str, str]) -> None:
        if self._refusals >= _MOST_REFUSALS:
            self._fatal("too many commands before login")
        account = self._accounts.get(attributes.get("name", ""))
        given = attributes.get("password", "").encode("utf-8", "surrogateescape")
        wanted = (account.password if account is not None else "").encode()
        right = hmac.compare_digest(given, wanted)
        if account is not None and right and "api" in account.policies:
            self._account = account
            self._enter(attributes["name"])
        else:
            self._refusals += 1
            self._write(["!trap", "=message=invalid user name or password (6)"], tag)
        self._write(["!done"], tag)

    def _enter(self, user: str) -> None:
        """Somebody is logged in: a row of `/user/active` and a line in the log."""
        peer = self._writer.get_extra_info("peername") or ("127.0.0.1",)
        now = self._world.now
        self._leave()
        self._session = Session(self._number, user, str(peer[0]), "api", now)
        self._router.sessions.append(self._session)
        text = f"user {user} logged in from {peer[0]} via api"
        self._router.say(now, "system,info,account", text)

    def _leave(self) -> None:
        """The session is over; safe mode that it holds undoes what was changed."""
        router, session = self._router, self._session
        self._session = None
        if session is not None and session in router.sessions:
            router.sessions.remove(session)
            text = f"user {session.user} logged out from {session.address} via api"
            router.say(self._world.now, "system,info,account", text)
        if router.safe is not None and router.safe.connection == self._number:
            with self._world.changing():
                restore(router, router.safe.memory)
                router.safe = None

    def _cancel(self, tag: str | None, attributes: Mapping[str, str]) -> None:
        """The order is the recorded one: the target's trap, our own done, the target's done."""
        wanted = attributes.get("tag")
        targets = [running for running in self._running if wanted is None or running.tag == wanted]
        for running in targets:
            running.task.cancel()
            self._running.discard(running)
            self._write(["!trap", "=category=2", "=message=interrupted"], running.tag)
        self._write(["!done"], tag)
        for running in targets:
            self._write(["!done"], running.tag)

    def _start(self, tag: str | None, request: Request) -> None:
        task = asyncio.get_running_loop().create_task(self._run(tag, request))
        running = _Running(tag, task)
        self._running.add(running)
        task.add_done_callback(lambda _task: self._finished(running))

    def _finished(self, running: _Running) -> None:
        self._running.discard(running)
        if running.task.cancelled():
            return
        fault = running.task.exception()
        if fault is not None and not isinstance(fault, ConnectionError):
            _LOG.error("%s: a command failed", self._router.name, exc_info=fault)
            self._writer.transport.abort()

    async def _run(self, tag: str | None, request: Request) -> None:
        try:
            async with aclosing(self._replies(request)) as replies:
                number = 0
                async for words in replies:
                    self._write(words, tag)
                    number += 1
                    if number % _ROWS_AT_ONCE == 0:
                        # Long answers come in pieces, between those of other commands.
                        await asyncio.sleep(0)
                        await self._writer.drain()
        except Trap as trap:
            words = ["!trap", f"=message={trap.message}"]
            if trap.category is not None:
                words.insert(1, f"=category={trap.category}")
            self._write(words, tag)
            self._write(["!done"], tag)
        await self._writer.drain()

    async def _replies(self, request: Request) -> Replies:
        account = self._account
        if account is None:
            raise Trap("not logged in", 5)
        version = parse_version(self._router.version)
        if self._router.answer_delay > 0:
            speed = max(self._world.clock.speed, 0.001)
            await asyncio.sleep(self._router.answer_delay / speed)
        self._world.advance()
        user = self._session.user if self._session is not None else ""
        context = Context(self._world, self._router, version, account.policies, user, self._number)
        replies = _find(context, request)
        async with aclosing(replies) as sentences:
            async for words in sentences:
                yield words

    def _write(self, words: list[str], tag: str | None) -> None:
        """One whole sentence; the tag goes behind the reply word, as recorded."""
        if not self._unsent:
            # The rows of a table leave together: a record of TLS for each would cost more than it.
            asyncio.get_running_loop().call_soon(self._send)
        tagged = words if tag is None else [words[0], f".tag={tag}", *words[1:]]
        self._unsent += encode_sentence(tagged)

    def _send(self) -> None:
        if self._unsent and not self._writer.is_closing():
            self._writer.write(bytes(self._unsent))
        self._unsent.clear()

    def _fatal(self, reason: str) -> None:
        self._write(["!fatal", reason], None)
        raise _Ended

    async def _stop_all(self) -> None:
        tasks = [running.task for running in self._running]
        self._running.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._send()
        self._writer.close()
        with suppress(ConnectionError, TimeoutError):
            await self._writer.wait_closed()


def _find(context: Context, request: Request) -> Replies:
    command = COMMANDS.get(f"{request.path}/{request.verb}")
    if command is not None and command.since <= context.version <= command.until:
        return perform(context, command, request, None)
    for menu in ALL_MENUS:
        if menu.path == request.path and menu.exists(context.version):
            return handle(context, menu, request)
    raise Trap("no such command prefix", 0)


def _take_apart(
    words: Iterable[str],
) -> tuple[str | None, dict[str, str], tuple[str, ...]]:
    """Tag, attributes and query words of a sentence behind its command; the rest is ignored."""
    tag = None
    attributes: dict[str, str] = {}
    queries = []
    for word in words:
        if word.startswith("?"):
            queries.append(word)
        elif word.startswith(".tag="):
            tag = word.removeprefix(".tag=")
        elif word.startswith("="):
            name, _, value = word[1:].partition("=")
            attributes[name] = value
    return tag, attributes, tuple(queries)
