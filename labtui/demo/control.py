"""The control listener: a small HTTP server on loopback that breaks and mends the lab.

`POST /fault {"server", "mode"}`, `POST /power {"node", "on"}`, `POST /link {"number", "up"}` and
`GET /state`, all with `Authorization: Bearer TOKEN`. Wrong input is 400 with one sentence.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import web

from labtui.demo.listeners import Mode

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_MODES = [mode.value for mode in Mode if mode is not Mode.DEAD]


class Controlled(Protocol):
    """What the listener steers; unknown names raise KeyError."""

    async def fault(self, server: str, mode: Mode) -> None:
        """Break or mend one server, or all (`*`)."""

    async def power(self, node: str, *, on: bool) -> None:
        """Switch a node."""

    def link(self, number: int, *, up: bool) -> None:
        """Cut or join a tunnel's underlay."""

    def summary(self) -> dict[str, Any]:
        """What is on, off and broken."""


def control_application(lab: Controlled, token: str) -> web.Application:
    """The application of the control listener."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return web.json_response({"error": "wrong or missing token"}, status=401)
        try:
            return await handler(request)
        except KeyError as error:
            return _wrong(f"unknown name or missing key: {error.args[0]}")
        except (ValueError, TypeError) as error:
            return _wrong(str(error))

    async def fault(request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        mode = body["mode"]
        if mode not in _MODES:
            return _wrong(f"mode must be one of {', '.join(_MODES)}")
        await lab.fault(str(body["server"]), Mode(mode))
        return web.json_response({"ok": True})

    async def power(request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        await lab.power(str(body["node"]), on=_flag(body, "on"))
        return web.json_response({"ok": True})

    async def link(request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        lab.link(int(body["number"]), up=_flag(body, "up"))
        return web.json_response({"ok": True})

    async def state(_: web.Request) -> web.StreamResponse:
        return web.json_response(lab.summary())

    app = web.Application(middlewares=[guard])
    app.router.add_post("/fault", fault)
    app.router.add_post("/power", power)
    app.router.add_post("/link", link)
    app.router.add_get("/state", state)
    return app


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text())
    except ValueError:
        raise ValueError("the body must be JSON") from None
    if not isinstance(body, dict):
        raise TypeError("the body must be a JSON object")
    return body


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body[name]
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be true or false")
    return value


def _wrong(text: str) -> web.Response:
    return web.json_response({"error": text}, status=400)
