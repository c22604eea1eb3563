"""Two routers and NetBox of the demo behind their real servers; waiting moves the routers' clock.

Faults are injected at a numbered call: refused before it goes out, done with its answer lost, done
with the connection cut, or the console killed before or after it.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from labtui.actions.action import NETBOX, Call, LogLine, Outcome, Plan, Progress, TaskState
from labtui.actions.evacuation.book import Book, Header, Order, Record
from labtui.actions.link.facts import answer, survey
from labtui.config.schema import Address, RouterConfig, Tls
from labtui.config.secret import Secret
from labtui.demo.lab import Lab
from labtui.demo.netbox.equipment import LINK_POOL
from labtui.demo.overlay.memory import router_configuration
from labtui.demo.standard_lab import default_lab
from labtui.live.steps import Books
from labtui.model.errors import OutcomeUnknown, Rejected
from labtui.model.link_rules import LinkRules
from labtui.model.snapshot import Part, Snapshot
from labtui.sources.netbox.source import NetboxSource
from labtui.sources.routeros.source import RouterSource
from tests.demo.netbox_lab import picture
from tests.demo.netbox_server import WRITER, Server, serving
from tests.demo.router_client import ACCOUNTS, served
from tests.demo.still_clock import Stage
from tests.snapshots import snapshot
from tests.sources.netbox.canned import config as netbox_config

Fault = Literal["refused", "lost", "unheard", "cut", "killed", "killed-after"]
FAULTS: tuple[Fault, ...] = ("refused", "lost", "unheard", "cut", "killed", "killed-after")
RULES = LinkRules(
    pool=LINK_POOL,
    asn_range="private-16bit",
    filter="to-inside",
    filter_rule="if (dst in 10.0.0.0/8) { accept }",
    ports=(13836, 13850),
    group="wg-overlay",
    role="tunnel-p2p",
)
TOPICS = ("facts", "wireguard", "bgp")


class Killed(BaseException):
    """The console is gone; nothing of it goes on."""


class LinkStage:
    """Implements `Wire`, `KeepsBooks`, `KnowsRouters` and `LogsInAnew`."""

    def __init__(self, stage: Stage, server: Server, folder: Path, ports: dict[str, int]) -> None:
        self.stage = stage
        self.server = server
        self._folder = folder
        self._ports = ports
        self.snapshot = Snapshot()
        self.link_rules = RULES
        self.sent: list[Call] = []
        self.fault: tuple[int, Fault] | None = None
        self.stopped = False
        self._locks: list[int] = []
        self._begin()

    def _begin(self) -> None:
        self.sources = {name: self._router(name, port) for name, port in self._ports.items()}
        self.netbox = NetboxSource(netbox_config(self.server.base, token=WRITER), self.now)
        self.books = Books(self._folder)

    def _router(self, name: str, port: int) -> RouterSource:
        secret, writer = (Secret("plain", ACCOUNTS[user].password) for user in ("test", "rw"))
        way = (Address("127.0.0.1", port),)
        site = self.stage.world.routers[name].site
        config = RouterConfig(
            name, way, Tls("off"), "test", secret, site, write_username="rw", write_password=writer
        )
        return RouterSource(config, self.now)

    async def close(self) -> None:
        for source in self.sources.values():
            await source.close()
        await self.netbox.close()
        self.books.close()

    async def restart(self) -> None:
        """Another console: nothing of the first is left but the files."""
        for descriptor in self._locks:
            os.close(descriptor)
        self._locks.clear()
        await self.close()
        self.sent.clear()
        self.fault = None
        self._begin()
        await self.look()

    async def look(self) -> Snapshot:
        """Read everything again."""
        parts: list[tuple[str, Part]] = []
        for name, source in self.sources.items():
            for spec in source.feeds():
                if spec.feed.topic in TOPICS:
                    parts.append((name, (await spec.read(self.snapshot)).part))
        (feed,) = self.netbox.feeds()
        parts.append((NETBOX, (await feed.read(self.snapshot)).part))
        self.snapshot = snapshot(*parts, read_at=self.now())
        return self.snapshot

    def pictures(self) -> tuple[dict[str, str], Any]:
        """All that is configured, byte for byte, and all that NetBox holds."""
        routers = self.stage.world.routers
        records = picture(self.server.handle)["records"]
        return {name: router_configuration(routers[name]) for name in self._ports}, records

    # The wire

    @property
    def max_age(self) -> float:
        return 1e9

    def now(self) -> float:
        return self.stage.clock.now()

    async def sleep(self, seconds: float) -> None:
        self.stage.wait(seconds)

    def against_writing(self, router: str) -> str:
        return self.sources[router].against_writing

    async def log_in_anew(self, router: str) -> None:
        await self.sources[router].log_in_anew()

    def stop(self) -> None:
        self.stopped = True

    def _desk(self, source: str) -> RouterSource | NetboxSource:
        return self.netbox if source == NETBOX else self.sources[source.partition("/")[2]]

    async def read(self, source: str, path: str, **params: str | int) -> Any:
        return await self._desk(source).get(path, 10.0, **params)

    async def call(self, call: Call) -> Any:
        self.sent.append(call)
        fault = self.fault[1] if self.fault and self.fault[0] == len(self.sent) else ""
        if fault == "killed":
            raise Killed
        if fault == "refused":
            raise Rejected("refused by the test", where=call.source)
        if fault == "unheard":
            raise OutcomeUnknown("lost on the way there", where=call.source)
        answer_ = await self._desk(call.source).call(call.method, call.path, dict(call.params))
        if fault == "killed-after":
            raise Killed
        if fault == "cut" and call.source != NETBOX:
            self.sources[call.source.partition("/")[2]]._writer.hang_up()
        if fault in ("lost", "cut"):
            raise OutcomeUnknown("lost on the way back", where=call.source)
        return answer_

    async def task_state(self, source: str, upid: str) -> TaskState:
        raise NotImplementedError

    async def task_log(self, source: str, upid: str, after: int) -> tuple[LogLine, ...]:
        raise NotImplementedError

    # The journals

    async def new_book(self, header: Header) -> Book:
        book = await self.books.new_book(header)
        if self.fault and self.fault[1].startswith("killed"):
            # What a process that is gone lets go of.
            self._locks.append(book._descriptor)  # type: ignore[attr-defined]  # of a file
        return book

    async def reopen(self, book: str) -> tuple[Record, Book]:
        return await self.books.reopen(book)

    async def records(self, subject: str = "") -> tuple[Record, ...]:
        return await self.books.records(subject)

    async def give(self, book: str, order: Order) -> None:
        await self.books.give(book, order)

    # Short ways

    async def plan(self, one: str, other: str, **answers: str) -> Plan:
        from labtui.actions.link.draft import draft

        facts = await survey(f"{one},{other}", self)
        for name, value in answers.items():
            facts = answer(facts, name, value)
        return draft(facts, "", "")

    async def run(self, plan: Plan) -> tuple[Outcome, list[Progress]]:
        from labtui.actions.link.run import run

        news: list[Progress] = []
        return await run(plan, self, news.append), news


def lab_of(versions: tuple[str, str], *, nat: bool = False) -> tuple[Lab, tuple[str, str]]:
    """The demo lab with those versions on two routers that have no link yet, and their names."""
    lab = default_lab()
    names = ("835", "702") if nat else ("836", "835")
    by_site = dict(zip(names, versions, strict=True))
    sites = tuple(
        replace(site, router_version=by_site.get(site.name, site.router_version))
        for site in lab.sites
    )
    routers = {site.name: site.router for site in lab.sites}
    return replace(lab, sites=sites), (routers[names[0]], routers[names[1]])


@asynccontextmanager
async def link_stage(
    folder: Path, lab: Lab | None = None, routers: tuple[str, ...] = ("rt-836", "rt-835")
) -> AsyncIterator[LinkStage]:
    """The routers served, NetBox with a pool for links, everything read once."""
    lab = lab or default_lab()
    stage = Stage(speed=1e6, lab=lab)
    stage.wait(30)
    async with AsyncExitStack() as stack:
        ports = {name: await stack.enter_async_context(served(stage, name)) for name in routers}
        server = await stack.enter_async_context(serving(lab))
        wire = LinkStage(stage, server, folder, ports)
        stack.push_async_callback(wire.close)
        await wire.look()
        yield wire
