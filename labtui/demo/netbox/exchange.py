"""One request and its answer: what it is about, whose it is, its body, and JSON back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from labtui.demo.netbox.access import Access
from labtui.demo.netbox.changes import Editor
from labtui.demo.netbox.failures import detail, not_found
from labtui.demo.netbox.handle import NetBox
from labtui.demo.netbox.listing import Query
from labtui.demo.netbox.render import View
from labtui.demo.netbox.schema import Model, Row

ACTIONS = {"POST": "add", "PUT": "change", "PATCH": "change", "DELETE": "delete"}
"""What the permission is called that a method needs; all others need `view`."""


@dataclass
class Target:
    """What a request is about; `allow` are the methods that may be used there."""

    allow: tuple[str, ...] = ()
    model: Model | None = None
    number: int = 0
    pool: str = ""


NETBOX = web.AppKey("netbox", NetBox)
"""Where the application keeps its handle."""

ID = web.RequestKey("id", str)
TARGET = web.RequestKey("target", Target)
ACCESS = web.RequestKey("access", Access)


def editor_of(request: web.Request) -> Editor:
    netbox, access = request.app[NETBOX], request[ACCESS]
    view = netbox.seen_under(base_of(request))
    return Editor(view, netbox.clock, request[ID], username=access.username, access=access)


def context(request: web.Request) -> tuple[NetBox, Model, View]:
    netbox, model = request.app[NETBOX], request[TARGET].model
    if model is None:
        raise AssertionError("a path without a kind of record has a handler of its own")
    return netbox, model, netbox.seen_under(base_of(request))


def base_of(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}"


def record_of(netbox: NetBox, model: Model, request: web.Request, action: str = "view") -> Row:
    """The record of the path. One that the token's constraints do not reach is a 404 as well."""
    row = netbox.store.get(model.label, request[TARGET].number)
    if row is None or not request[ACCESS].reaches(model.label, row, action):
        raise not_found(model.noun)
    return row


def query_of(request: web.Request) -> Query:
    return {name: request.query.getall(name) for name in request.query}


async def body_of(request: web.Request) -> Any:
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


def reply(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer in JSON, of the bare content type that NetBox sends."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")
