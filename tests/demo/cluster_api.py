"""The cluster alone behind its real HTTP servers: a still clock and no other world."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import aiohttp

from labtui.demo.faults.fault import Fault, Value
from labtui.demo.proxmox.identities import Accounts, Rule, Token, User
from labtui.demo.proxmox.server import make_site, node_application
from tests.demo.cluster_stage import ClusterStage
from tests.demo.promised import check_answer

ADMIN = "labtui@pve!console"
PASSWORD = "a password of tests"
SECRET = "a-secret-of-tests"


@dataclass(frozen=True)
class Reply:
    """One answer; `data` is what stands under `data`."""

    status: int
    reason: str
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        """What is under `data`."""
        return json.loads(self.body)["data"]

    @property
    def message(self) -> str:
        """The text of a refusal."""
        return str(json.loads(self.body).get("message", "")).rstrip()


class ApiStage(ClusterStage):
    """A stage that answers requests; it stands in for the running lab where faults want one."""

    def __init__(self, version: str = "9.2", *, delay_scale: float = 0.0) -> None:
        super().__init__(version)
        user, _, name = ADMIN.partition("!")
        accounts = Accounts(
            (User("root@pam", PASSWORD), User(user, PASSWORD)),
            (Token(user, name, SECRET),),
            (Rule("/", user, "Administrator"),),
        )
        self.cluster = self.world
        self.site = make_site(self.world, accounts, auth_delay=0.0, delay_scale=delay_scale)
        self.authority = None
        self.certificates: dict[str, Any] = {}
        self.ports: dict[str, int] = {}
        self.session: aiohttp.ClientSession | None = None

    async def power(self, node: str, *, on: bool) -> None:
        """As the running lab does."""
        self.world.set_power(node, on=on)

    async def ask(
        self,
        path: str,
        verb: str = "GET",
        *,
        via: str = "pve1",
        headers: dict[str, str] | None = None,
        **params: Any,
    ) -> Reply:
        """One request to the node `via`."""
        assert self.session is not None
        sent = {"Authorization": f"PVEAPIToken={ADMIN}={SECRET}"} if headers is None else headers
        url = f"http://127.0.0.1:{self.ports[via]}/api2/json{path}"
        where = "params" if verb in ("GET", "DELETE") else "data"
        texts = {name: str(value) for name, value in params.items()}
        async with self.session.request(
            verb, url, headers=sent, **cast("Any", {where: texts})
        ) as found:
            body = await found.read()
            if found.status == 200:
                check_answer(self.world.state.version, verb, path, body)
            return Reply(found.status, found.reason or "", dict(found.headers), body)

    async def get(self, path: str, via: str = "pve1", **params: Any) -> Any:
        """`data` of a GET that succeeds."""
        reply = await self.ask(path, via=via, **params)
        assert reply.status == 200, (path, reply.status, reply.reason)
        return reply.data

    async def row(self, path: str, key: str, value: Any, node: str = "pve1") -> dict[str, Any]:
        """The row of a list in which `key` is `value`."""
        rows = await self.get(path, node)
        return next(row for row in rows if row.get(key) == value)

    async def begin(self, fault: Fault, target: str, **options: Value) -> None:
        """Begin a fault, as the lab does: with all options."""
        await self._change(fault.begin, target, dict(fault.options) | options)

    async def end(self, fault: Fault, target: str) -> None:
        """End a fault."""
        await self._change(fault.end, target, dict(fault.options))

    async def _change(self, change: Any, target: str, options: dict[str, Value]) -> None:
        found = change(self, target, options)
        if inspect.isawaitable(found):
            await found


@asynccontextmanager
async def api_stage(version: str = "9.2", *, delay_scale: float = 0.0) -> AsyncIterator[ApiStage]:
    """A stage with its servers for the time of the block."""
    stage = ApiStage(version, delay_scale=delay_scale)
    loop = asyncio.get_running_loop()
    servers = []
    try:
        for name in stage.state.nodes:
            application = node_application(stage.site, name)
            server = await loop.create_server(application, "127.0.0.1", 0)
            servers.append((application, server))
            stage.ports[name] = server.sockets[0].getsockname()[1]
        async with aiohttp.ClientSession() as stage.session:
            yield stage
    finally:
        for application, server in servers:
            server.close()
            await application.shutdown(0.0)
