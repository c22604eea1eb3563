"""The HTTP side: one application per node, with the order of checks of the real server.

Credentials, method, token refusal, privileges, forwarding to the node of the path, parameters, and
only then the work. Connections close after every status of 400 or more and after calls that the
real server hands to its privileged daemon; forwarded ones stay open.
"""

from __future__ import annotations

import asyncio
import gzip
import inspect
import json
from collections.abc import Coroutine
from email.utils import formatdate
from typing import Any
from weakref import WeakKeyDictionary

from aiohttp import web

from labtui.demo.cluster.world import ClusterWorld
from labtui.demo.proxmox import (
    actions,
    answers_access,
    answers_cluster,
    answers_guests,
    answers_ha,
    answers_ha_config,
    answers_ha_rules,
    answers_health,
    answers_jobs,
    answers_nodes,
    answers_replication,
    answers_shared,
    answers_storages,
    answers_tasks,
    changes,
    history,
    resources,
    terminal,
)
from labtui.demo.proxmox.contract import Method
from labtui.demo.proxmox.contract_cluster import full_contract
from labtui.demo.proxmox.errors import ApiError, unreachable
from labtui.demo.proxmox.forwarding import HOP_SECONDS, forward_to
from labtui.demo.proxmox.identities import Accounts, Identity
from labtui.demo.proxmox.login import ASKED_CLOCK, Login
from labtui.demo.proxmox.parameters import check_parameters
from labtui.demo.proxmox.readonly import refuse_writes
from labtui.demo.proxmox.requests import api_path, read_parameters
from labtui.demo.proxmox.rights import Rights
from labtui.demo.proxmox.routes import ROUTES as MORE_ROUTES
from labtui.demo.proxmox.routes import joined
from labtui.demo.proxmox.site import Answer, Call, Dump, Handler, Routes, Site

KEEP_ALIVE_REQUESTS = 100
GZIP_ABOVE = 1_024
SHORTEST_HOP = 0.5
"""Real seconds that another node is given at least, however fast the world runs."""

ROUTES: Routes = joined(
    answers_access.ROUTES,
    answers_shared.ROUTES,
    answers_nodes.ROUTES,
    answers_guests.ROUTES,
    answers_tasks.ROUTES,
    actions.ROUTES,
    changes.ROUTES,
    history.ROUTES,
    answers_cluster.ROUTES,
    answers_ha.ROUTES,
    answers_ha_config.ROUTES,
    answers_ha_rules.ROUTES,
    answers_health.ROUTES,
    answers_jobs.ROUTES,
    answers_replication.ROUTES,
    answers_storages.ROUTES,
    resources.ROUTES,
    MORE_ROUTES,
)


def make_site(
    world: ClusterWorld,
    accounts: Accounts,
    *,
    auth_delay: float = 3.0,
    delay_scale: float = 1.0,
) -> Site:
    """The shared part of all nodes' servers; delays are explained at `Site`."""
    state = world.state
    contract = full_contract("9.2" if state.modern else "8.4")

    def pool_of(vmid: int) -> str | None:
        guest = state.guests.get(vmid)
        return (guest.pool or None) if guest is not None else None

    rights = Rights(accounts, contract, pool_of)
    login = Login(accounts, world.clock)
    site = Site(world, accounts, contract, rights, login, auth_delay, delay_scale)
    site.dice.seed(state.seed)
    return site


class NodeServer:
    """Answers for one node."""

    def __init__(self, site: Site, node: str) -> None:
        self._site = site
        self._node = node
        self._served: WeakKeyDictionary[object, int] = WeakKeyDictionary()
        self._loose: set[asyncio.Future[Answer]] = set()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request, whatever it is."""
        await self._site.workers(self._node).accept()
        try:
            path = api_path(request)
            self._site.world.advance()
            ASKED_CLOCK.set(self._site.state.nodes[self._node].clock_offset)
            found = self._site.contract.find(request.method, path)
            who = await self._identify(request, found[0] if found else None)
            method, values = _known(found, request.method, path)
            given = await read_parameters(request)
            if terminal.is_upgrade(request, method.template):
                self._check_rights(method, who, given | values)
                return await terminal.serve(request, self._site, self._node, given | values)
            answer, forwarded = await self._answer(
                request.method, path, method, who, given | values
            )
        except ApiError as error:
            return await self._refuse(error)
        close = method.protected and not forwarded
        response = self._respond(request, answer)
        if forwarded:
            response.headers.add("Connection", "Keep-Alive")
        elif close:
            response.headers.popall("Connection")
            response.headers.add("Connection", "close")
            response.headers.add("Connection", "Keep-Alive")
        connection = request.transport
        served = 1
        # Whoever asked may have gone meanwhile.
        if connection is not None:
            served += self._served.get(connection, 0)
            self._served[connection] = served
        if close or served >= KEEP_ALIVE_REQUESTS:
            response.force_close()
        return response

    async def _identify(self, request: web.BaseRequest, method: Method | None) -> Identity:
        headers = {name.lower(): value for name, value in request.headers.items()}
        token = headers.get("authorization", "").startswith("PVEAPIToken")
        if method is not None and method.permissions.get("user") == "world" and not token:
            return Identity("")
        return self._site.login.identify(headers, request.method)

    async def _answer(
        self, verb: str, path: str, method: Method, who: Identity, given: dict[str, str]
    ) -> tuple[Answer, bool]:
        """The answer and whether another node gave it."""
        site, node = self._site, self._node
        if who.token and not method.token_allowed:
            raise answers_access.refuse_token(path)
        self._check_rights(method, who, given)
        wanted = given.get("node") if method.proxied else given.get("check-node")
        forwarded = wanted not in (None, node, "localhost")
        if forwarded and wanted is not None:
            await forward_to(site, wanted, node)
            node = wanted
        params = check_parameters(method.parameters, given)
        handler = ROUTES.get((verb, method.template))
        if handler is None:
            raise ApiError(501, f"Method '{verb} {path}' not implemented")
        call = Call(site, node, who, verb, path, params)
        work = self._work(handler, call, method)
        return (await self._patiently(work, node) if forwarded else await work), forwarded

    async def _work(self, handler: Handler, call: Call, method: Method) -> Answer:
        """The answer of a worker of the node that answers."""
        async with self._site.workers(call.node).one():
            await refuse_writes(call, method.template)
            result = handler(call)
            return await result if inspect.isawaitable(result) else result

    async def _patiently(self, work: Coroutine[Any, Any, Answer], node: str) -> Answer:
        """An answer of another node, which is waited for no longer than thirty seconds.

        What was begun there goes on; what no worker has taken yet is dropped.
        """
        task = asyncio.ensure_future(work)
        self._loose.add(task)
        task.add_done_callback(self._loose.discard)
        limit = HOP_SECONDS * self._site.delay_scale
        done, _ = await asyncio.wait({task}, timeout=max(limit, SHORTEST_HOP))
        if not done:
            task.add_done_callback(_look_at)
            if self._site.workers(node).seized:
                task.cancel()
            raise unreachable("Connection timed out", 596)
        return task.result()

    def _check_rights(self, method: Method, who: Identity, given: dict[str, str]) -> None:
        rule = method.permissions.get("check")
        if rule is None or method.permissions.get("user") == "all":
            return
        self._site.rights.check(who, rule, given)

    async def _refuse(self, error: ApiError) -> web.Response:
        if error.status == 401:
            await asyncio.sleep(self._site.auth_delay)
        if error.empty:
            response = web.Response(status=error.status, reason=error.reason)
            response.headers.popall("Content-Type", None)
        else:
            body = _encode(self._shuffled(error.body()))
            response = web.Response(status=error.status, reason=error.reason, body=body)
            response.headers["Content-Type"] = "application/json;charset=UTF-8"
        self._stamp(response)
        response.headers["Connection"] = "close"
        response.force_close()
        return response

    def _respond(self, request: web.BaseRequest, answer: Answer) -> web.Response:
        dump = answer.dump or Dump(self._body(answer))
        packed = len(dump.body) > GZIP_ABOVE and "gzip" in request.headers.get(
            "Accept-Encoding", ""
        )
        if packed and dump.packed is None:
            dump.packed = gzip.compress(dump.body, compresslevel=1)
        response = web.Response(body=dump.packed if packed else dump.body)
        response.headers["Connection"] = "Keep-Alive"
        response.headers["Content-Type"] = "application/json;charset=UTF-8"
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        self._stamp(response)
        return response

    def _body(self, answer: Answer) -> bytes:
        data = answer.data
        if isinstance(data, list) and not answer.ordered:
            data = self._site.dice.sample(data, len(data))
        body: dict[str, Any] = {"data": self._shuffled(data)}
        if answer.total is not None:
            body["total"] = answer.total
        return _encode(self._shuffled(body))

    def _shuffled(self, data: Any) -> Any:
        """The same data with the keys of its objects in another order, two levels deep."""
        dice = self._site.dice
        if isinstance(data, list):
            return [self._shuffled(row) if isinstance(row, dict) else row for row in data]
        if isinstance(data, dict):
            return dict(dice.sample(list(data.items()), len(data)))
        return data

    def _stamp(self, response: web.Response) -> None:
        response.headers["Server"] = "pve-api-daemon/3.0"
        response.headers["Cache-Control"] = "max-age=0"
        response.headers["Pragma"] = "no-cache"
        node = self._site.state.nodes[self._node]
        moment = formatdate(self._site.state.now + node.clock_offset, usegmt=True)
        response.headers["Date"] = response.headers["Expires"] = moment


def _look_at(task: asyncio.Future[Answer]) -> None:
    """Take note of how an answer ended that nobody waits for any more."""
    if not task.cancelled():
        task.exception()


def _known(
    found: tuple[Method, dict[str, str]] | None, verb: str, path: str
) -> tuple[Method, dict[str, str]]:
    if found is None:
        raise ApiError(501, f"Method '{verb} {path}' not implemented")
    return found


def _encode(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def node_application(site: Site, node: str) -> web.Server:
    """The low-level server of a node, to be given to `loop.create_server`."""
    if node not in site.state.nodes:
        raise KeyError(node)
    return web.Server(NodeServer(site, node).handle, access_log=None)
