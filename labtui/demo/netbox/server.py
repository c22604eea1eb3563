"""The demo's NetBox over HTTP, in the manner of NetBox 4.6.8.

Every answer carries `API-Version` and `X-Request-ID`, refusals included. What answers what was
recorded from the real server: a missing final slash is a redirect for GET and a 404 page for
writes, all failures of authentication are 403, details carry an `ETag`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from labtui.demo.clock import Clock
from labtui.demo.lab import Lab
from labtui.demo.netbox import allocation, handlers, troubles
from labtui.demo.netbox.access import Access
from labtui.demo.netbox.content import fill
from labtui.demo.netbox.exchange import ACCESS, ACTIONS, ID, TARGET, Target, base_of, reply
from labtui.demo.netbox.exchange import NETBOX as NETBOX
from labtui.demo.netbox.failures import Failure, detail, forbidden
from labtui.demo.netbox.handle import BGP_PLUGIN, as_tokens
from labtui.demo.netbox.handle import NetBox as NetBox
from labtui.demo.netbox.pages import (
    bgp_root,
    installed_plugins,
    not_found_page,
    root,
    server_status,
    user,
)
from labtui.demo.netbox.releases import RELEASES
from labtui.demo.netbox.store import MODELS
from labtui.demo.netbox.tokens import Token, identify

BGP_PLUGIN_VERSION = "0.19.0"
_LARGEST_BODY = 4 << 20
_READING = ("GET", "HEAD", "OPTIONS")
_LIST_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_DETAIL_METHODS = ("GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_POOL_METHODS = ("GET", "POST", "HEAD", "OPTIONS")
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def netbox_app(
    lab: Lab,
    clock: Clock,
    tokens: Mapping[str, bool | Token],
    *,
    bgp_plugin: bool = False,
    release: str = "4.6",
) -> web.Application:
    """The application. `tokens` maps each token (v1 or v2) to what it may, or to a flag: whether
    a superuser's token may write. `bgp_plugin` adds netbox-bgp and its sessions.
    `release` is a key of `releases.RELEASES`; KeyError for another one.
    """
    plugins = {BGP_PLUGIN: BGP_PLUGIN_VERSION} if bgp_plugin else {}
    netbox = NetBox(lab, clock, as_tokens(tokens), plugins, RELEASES[release])
    fill(netbox.store, lab, clock.now(), bgp_sessions=bgp_plugin)
    app = web.Application(middlewares=[_proxy, _frame], client_max_size=_LARGEST_BODY)
    app[NETBOX] = netbox
    app.router.add_route("*", "/{path:.*}", _answer)
    return app


@web.middleware
async def _proxy(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """What stands before NetBox: a proxy that may be slow, count requests, or answer itself."""
    netbox = request.app[NETBOX]
    if netbox.delay:
        await asyncio.sleep(netbox.delay)
    if netbox.rate_limit is not None:
        wait = netbox.rate_limit.wait(netbox.clock.now())
        if wait > 0:
            return troubles.too_many(wait)
    if netbox.trouble in troubles.FROM_PROXY:
        return troubles.FROM_PROXY[netbox.trouble]()
    return await handler(request)


@web.middleware
async def _frame(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Turn refusals into answers and give every answer its headers."""
    netbox = request.app[NETBOX]
    request[ID] = netbox.request_id()
    request[TARGET] = Target()
    try:
        broken = troubles.FROM_SERVER.get(netbox.trouble)
        answer = await handler(request) if broken is None else broken()
    except Failure as failure:
        answer = reply(failure.body, status=failure.status, headers=failure.headers)
    if netbox.release.tells_version or request.content_type == "application/json":
        answer.headers["API-Version"] = netbox.release.api
    answer.headers["X-Request-ID"] = request[ID]
    if answer.content_type != "text/html" and request[TARGET].allow:
        answer.headers["Allow"] = ", ".join(request[TARGET].allow)
    return answer


async def _answer(request: web.Request) -> web.StreamResponse:
    path = request.path
    handler = _route(request, path)
    if handler is None:
        if path.endswith("/") or request.method not in ("GET", "HEAD"):
            return not_found_page()
        if _route(request, f"{path}/") is None:
            return not_found_page()
        query = f"?{request.query_string}" if request.query_string else ""
        return web.Response(status=301, headers={"Location": f"{path}/{query}"})
    _admit(request)
    if request.method not in request[TARGET].allow:
        raise detail(405, f'Method "{request.method}" not allowed.')
    return await handler(request)


def _admit(request: web.Request) -> None:
    """Note whose request it is. Raises `Failure` (403)."""
    netbox, method = request.app[NETBOX], request.method
    header = request.headers.get("Authorization", "")
    token = identify(
        netbox.tokens,
        header,
        request.remote or "",
        netbox.clock.now(),
        new_tokens=netbox.release.new_tokens,
    )
    access = request[ACCESS] = Access(netbox.store, token)
    if method not in _READING and (netbox.read_only or not token.write_enabled):
        raise forbidden()
    target = request[TARGET]
    if target.model is not None:
        label = target.model.label
        if target.pool and method == "POST":
            label = allocation.POOLS[target.model.path, target.pool][0]
        access.need(label, ACTIONS.get(method, "view"))


def _route(request: web.Request, path: str) -> _Handler | None:
    """Who answers that path; notes what it is about."""
    parts = path.strip("/").split("/")
    if not path.endswith("/") or parts[0] != "api":
        return None
    plugins = request.app[NETBOX].plugins
    if "/".join(parts[1:3]) in request.app[NETBOX].release.missing:
        return None
    fixed = _FIXED.get("/".join(parts[1:]))
    if fixed is not None and (parts[1:] != ["plugins", "bgp"] or BGP_PLUGIN in plugins):
        request[TARGET] = Target(_READING)
        return fixed
    if parts[1] == "plugins":
        # `plugins/bgp/session` is one step longer than `ipam/vlans`.
        parts = ["api", "/".join(parts[1:3]), *parts[3:]]
    model = _BY_PATH.get("/".join(parts[1:3]))
    if model is None or (model.plugin and model.plugin not in plugins):
        return None
    if len(parts) == 3:
        request[TARGET] = Target(_READING if model.read_only else _LIST_METHODS, model)
        return handlers.records
    if not (parts[3].isascii() and parts[3].isdigit()):
        return None
    number = int(parts[3])
    if len(parts) == 4:
        allowed = _READING if model.read_only else _DETAIL_METHODS
        request[TARGET] = Target(allowed, model, number)
        return handlers.record
    if len(parts) == 5 and (model.path, parts[4]) in allocation.POOLS:
        request[TARGET] = Target(_POOL_METHODS, model, number, parts[4])
        return handlers.pool
    return None


async def _root(request: web.Request) -> web.StreamResponse:
    return reply(root(base_of(request)))


async def _status(request: web.Request) -> web.StreamResponse:
    return reply(server_status(request.app[NETBOX].plugins, request.app[NETBOX].release.version))


async def _plugins(request: web.Request) -> web.StreamResponse:
    return reply(installed_plugins(request.app[NETBOX].plugins))


async def _bgp(request: web.Request) -> web.StreamResponse:
    return reply(bgp_root(base_of(request)))


async def _authentication_check(request: web.Request) -> web.StreamResponse:
    return reply(user(base_of(request), request[ACCESS].username))


_BY_PATH = {path: model for model in MODELS.values() for path in (model.path, *model.twins)}
_FIXED: dict[str, _Handler] = {
    "": _root,
    "status": _status,
    "authentication-check": _authentication_check,
    "plugins/installed-plugins": _plugins,
    "plugins/bgp": _bgp,
}
