"""The demo's NetBox over HTTP, in the manner of NetBox 4.6.8.

Every answer carries `API-Version` and `X-Request-ID`, refusals included. What answers what was
recorded from the real server: a missing final slash is a redirect for GET and a 404 page for
writes, all failures of authentication are 403, details carry an `ETag`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import web

from labtui.demo.clock import Clock
from labtui.demo.lab import Lab
from labtui.demo.netbox import allocation, writing
from labtui.demo.netbox.changes import Editor
from labtui.demo.netbox.content import fill
from labtui.demo.netbox.failures import Failure, detail, forbidden, not_found
from labtui.demo.netbox.listing import LARGEST_PAGE, PAGE, Lister, Query, selection
from labtui.demo.netbox.pages import not_found_page, options, root, server_status, user
from labtui.demo.netbox.render import View, etag
from labtui.demo.netbox.schema import Model, Row
from labtui.demo.netbox.store import MODELS, Store
from labtui.demo.netbox.tokens import may_write

VERSION = "4.6"
_LARGEST_BODY = 4 << 20
_READING = ("GET", "HEAD", "OPTIONS")
_LIST_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_DETAIL_METHODS = ("GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_POOL_METHODS = ("GET", "POST", "HEAD", "OPTIONS")
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class NetBox:
    """The state of the server; scenarios of the demo may change `store`."""

    clock: Clock
    tokens: Mapping[str, bool]
    store: Store = field(default_factory=Store)
    lister: Lister = field(default_factory=Lister)
    view: View | None = None

    def seen_under(self, base: str) -> View:
        """The records with addresses that begin with `base`."""
        if self.view is None or self.view.base != base:
            self.view = View(self.store, base)
        return self.view


@dataclass
class Target:
    """What a request is about; `allow` are the methods that may be used there."""

    allow: tuple[str, ...] = ()
    model: Model | None = None
    number: int = 0
    pool: str = ""


NETBOX = web.AppKey("netbox", NetBox)
_ID = web.RequestKey("id", str)
_TARGET = web.RequestKey("target", Target)


def netbox_app(lab: Lab, clock: Clock, tokens: Mapping[str, bool]) -> web.Application:
    """The application. `tokens` maps each token (v1 or v2) to whether it may write."""
    netbox = NetBox(clock, dict(tokens))
    fill(netbox.store, lab, clock.now())
    app = web.Application(middlewares=[_frame], client_max_size=_LARGEST_BODY)
    app[NETBOX] = netbox
    app.router.add_route("*", "/{path:.*}", _answer)
    return app


@web.middleware
async def _frame(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Turn refusals into answers and give every answer its headers."""
    request[_ID] = str(uuid4())
    request[_TARGET] = Target()
    try:
        answer = await handler(request)
    except Failure as failure:
        answer = _json(failure.body, status=failure.status, headers=failure.headers)
    answer.headers["API-Version"] = VERSION
    answer.headers["X-Request-ID"] = request[_ID]
    if answer.content_type != "text/html" and request[_TARGET].allow:
        answer.headers["Allow"] = ", ".join(request[_TARGET].allow)
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
    netbox = request.app[NETBOX]
    writes = may_write(netbox.tokens, request.headers.get("Authorization", ""))
    if request.method not in _READING and not writes:
        raise forbidden()
    if request.method not in request[_TARGET].allow:
        raise detail(405, f'Method "{request.method}" not allowed.')
    return await handler(request)


def _route(request: web.Request, path: str) -> _Handler | None:
    """Who answers that path; notes what it is about."""
    parts = path.strip("/").split("/")
    if not path.endswith("/") or parts[0] != "api":
        return None
    fixed = _FIXED.get("/".join(parts[1:]))
    if fixed is not None:
        request[_TARGET] = Target(_READING)
        return fixed
    model = _BY_PATH.get("/".join(parts[1:3]))
    if model is None:
        return None
    if len(parts) == 3:
        request[_TARGET] = Target(_READING if model.read_only else _LIST_METHODS, model)
        return _list
    if not (parts[3].isascii() and parts[3].isdigit()):
        return None
    number = int(parts[3])
    if len(parts) == 4:
        allowed = _READING if model.read_only else _DETAIL_METHODS
        request[_TARGET] = Target(allowed, model, number)
        return _detail
    if len(parts) == 5 and (model.path, parts[4]) in allocation.POOLS:
        request[_TARGET] = Target(_POOL_METHODS, model, number, parts[4])
        return _pool
    return None


async def _list(request: web.Request) -> web.StreamResponse:
    netbox, model, view = _context(request)
    if request.method == "OPTIONS":
        return _json(options(model, f"{model.verbose.title()} List"))
    if request.method in ("GET", "HEAD"):
        return _json(netbox.lister.page(view, model, _query(request)))
    body = await _body(request)
    editor = Editor(view, netbox.clock, request[_ID])
    if request.method == "POST":
        made = writing.create(editor, model, body)
        if isinstance(made, list):
            return _json([view.full(model, row) for row in made], status=201)
        headers = {"Location": f"{view.base}/api/{model.path}/{made['id']}/", "ETag": etag(made)}
        return _json(view.full(model, made), status=201, headers=headers)
    if request.method == "DELETE":
        writing.delete_many(editor, model, body)
        return web.Response(status=204)
    rows = writing.update_many(editor, model, body)
    return _json([view.full(model, row) for row in rows])


async def _detail(request: web.Request) -> web.StreamResponse:
    netbox, model, view = _context(request)
    row = _found(netbox, model, request)
    if request.method == "OPTIONS":
        return _json(options(model, f"{model.verbose.title()} Instance"))
    if request.method in ("GET", "HEAD"):
        names = selection(model, _query(request))
        shown = view.full(model, row, names)
        return _json(shown, headers={"ETag": etag(row)})
    body = await _body(request)
    # Looked up again: the body took its time, and nothing waits from here on.
    row = _found(netbox, model, request)
    wanted = request.headers.get("If-Match")
    if wanted not in (None, "*", etag(row)):
        raise Failure(412, {"detail": "Precondition failed."}, {"ETag": etag(row)})
    editor = Editor(view, netbox.clock, request[_ID])
    if request.method == "DELETE":
        writing.delete(editor, model, row, body)
        return web.Response(status=204)
    changed = writing.update(editor, model, row, body, whole=request.method == "PUT")
    return _json(view.full(model, changed), headers={"ETag": etag(changed)})


async def _pool(request: web.Request) -> web.StreamResponse:
    netbox, model, view = _context(request)
    label, offer, taker = allocation.POOLS[model.path, request[_TARGET].pool]
    parent = _found(netbox, model, request)
    if request.method == "OPTIONS":
        return _json(options(MODELS[label], f"Available {request['pool']}"))
    if request.method in ("GET", "HEAD"):
        wanted = request.query.get("limit", "")
        limit = int(wanted) if wanted.isascii() and wanted.isdigit() else PAGE
        return _json(allocation.shown(offer, view, parent, min(limit, LARGEST_PAGE)))
    body = await _body(request)
    parent = _found(netbox, model, request)
    editor = Editor(view, netbox.clock, request[_ID])
    rows = allocation.take(editor, taker, parent, {} if body is None else body)
    shown = [view.full(MODELS[label], row) for row in rows]
    return _json(shown if isinstance(body, list) else shown[0], status=201)


def _context(request: web.Request) -> tuple[NetBox, Model, View]:
    netbox, model = request.app[NETBOX], request[_TARGET].model
    if model is None:
        raise AssertionError("a path without a kind of record has a handler of its own")
    return netbox, model, netbox.seen_under(_base(request))


def _base(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}"


def _found(netbox: NetBox, model: Model, request: web.Request) -> Row:
    row = netbox.store.get(model.label, request[_TARGET].number)
    if row is None:
        raise not_found(model.noun)
    return row


def _query(request: web.Request) -> Query:
    return {name: request.query.getall(name) for name in request.query}


async def _body(request: web.Request) -> Any:
    """The JSON body, None if it is empty. Raises `Failure` (400, 415)."""
    raw = await request.read()
    if not raw:
        return None if request.method == "DELETE" else {}
    if request.content_type != "application/json":
        raise detail(415, f'Unsupported media type "{request.content_type}" in request.')
    try:
        return json.loads(raw)
    except ValueError as error:
        raise detail(400, f"JSON parse error - {error}") from None


def _json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer in JSON, of the bare content type that NetBox sends."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


async def _root(request: web.Request) -> web.StreamResponse:
    return _json(root(_base(request)))


async def _status(_request: web.Request) -> web.StreamResponse:
    return _json(server_status())


async def _authentication_check(request: web.Request) -> web.StreamResponse:
    return _json(user(_base(request)))


_BY_PATH = {model.path: model for model in MODELS.values()}
_FIXED: dict[str, _Handler] = {
    "": _root,
    "status": _status,
    "authentication-check": _authentication_check,
}
