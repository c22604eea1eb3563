"""The answers about records: lists, single ones, and what a pool has to hand out."""

from __future__ import annotations

from aiohttp import web

from labtui.demo.netbox import allocation, writing
from labtui.demo.netbox.exchange import (
    ACCESS,
    ACTIONS,
    NETBOX,
    TARGET,
    body_of,
    context,
    editor_of,
    query_of,
    record_of,
    reply,
)
from labtui.demo.netbox.failures import Failure
from labtui.demo.netbox.listing import LARGEST_PAGE, PAGE, selection
from labtui.demo.netbox.pages import options
from labtui.demo.netbox.render import View, etag
from labtui.demo.netbox.schema import Model, Row
from labtui.demo.netbox.store import MODELS


async def records(request: web.Request) -> web.StreamResponse:
    netbox, model, view = context(request)
    if request.method == "OPTIONS":
        return reply(options(model, f"{model.verbose.title()} List", _verbs(request, model)))
    if request.method in ("GET", "HEAD"):
        visible = request[ACCESS].test(model.label, "view")
        return reply(netbox.lister.page(view, model, query_of(request), visible))
    body = await body_of(request)
    editor = editor_of(request)
    if request.method == "POST":
        made = writing.create(editor, model, body)
        if isinstance(made, list):
            return reply([view.full(model, row) for row in made], status=201)
        place = {"Location": f"{view.base}/api/{model.path}/{made['id']}/"}
        headers = {**place, **_tag(view, made)}
        return reply(view.full(model, made), status=201, headers=headers)
    if request.method == "DELETE":
        writing.delete_many(editor, model, body)
        return web.Response(status=204)
    rows = writing.update_many(editor, model, body)
    return reply([view.full(model, row) for row in rows])


async def record(request: web.Request) -> web.StreamResponse:
    netbox, model, view = context(request)
    row = record_of(netbox, model, request)
    if request.method == "OPTIONS":
        return reply(options(model, f"{model.verbose.title()} Instance", _verbs(request, model)))
    if request.method in ("GET", "HEAD"):
        names = selection(view, model, query_of(request))
        shown = view.full(model, row, names)
        return reply(shown, headers=_tag(view, row))
    body = await body_of(request)
    # Looked up again: the body took its time, and nothing waits from here on.
    row = record_of(netbox, model, request, ACTIONS[request.method])
    wanted = request.headers.get("If-Match")
    if view.release.etags and wanted not in (None, "*", etag(row)):
        raise Failure(412, {"detail": "Precondition failed."}, {"ETag": etag(row)})
    editor = editor_of(request)
    if request.method == "DELETE":
        writing.delete(editor, model, row, body)
        return web.Response(status=204)
    changed = writing.update(editor, model, row, body, whole=request.method == "PUT")
    return reply(view.full(model, changed), headers=_tag(view, changed))


def _verbs(request: web.Request, model: Model) -> tuple[str, ...]:
    """The writes that the token may make in a list, constraints aside, as OPTIONS names them."""
    token, netbox = request[ACCESS].token, request.app[NETBOX]
    if netbox.read_only or not token.write_enabled:
        return ()
    wanted = (("POST", "add"), ("PUT", "change"))
    return tuple(verb for verb, action in wanted if token.permits(model.label, action) != ())


def _tag(view: View, row: Row) -> dict[str, str]:
    """The `ETag` header, since 4.6."""
    return {"ETag": etag(row)} if view.release.etags else {}


async def pool(request: web.Request) -> web.StreamResponse:
    netbox, model, view = context(request)
    label, offer, taker = allocation.POOLS[model.path, request[TARGET].pool]
    parent = record_of(netbox, model, request)
    if request.method == "OPTIONS":
        return reply(options(MODELS[label], f"Available {request[TARGET].pool}"))
    if request.method in ("GET", "HEAD"):
        wanted = request.query.get("limit", "")
        limit = int(wanted) if wanted.isascii() and wanted.isdigit() else PAGE
        return reply(allocation.shown(offer, view, parent, min(limit, LARGEST_PAGE)))
    body = await body_of(request)
    parent = record_of(netbox, model, request)
    editor = editor_of(request)
    rows = allocation.take(editor, taker, parent, {} if body is None else body)
    shown = [view.full(MODELS[label], row) for row in rows]
    return reply(shown if isinstance(body, list) else shown[0], status=201)
