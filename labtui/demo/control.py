"""The control listener: a small HTTP server on loopback that breaks and mends the lab.

`GET /faults` says what can break and where, `POST /break {"fault", "target", "options"}` breaks it,
`POST /mend {"fault", "target"}` mends it (without a target wherever it is on, without a fault all),
`GET /state` says what is on and what the truth is. Directly on the worlds act `POST /fault
{"server", "mode"}`, `POST /power {"node", "on"}` and `POST /link {"number", "up"}`. All of it with
`Authorization: Bearer TOKEN`. Wrong input is 400 with one sentence.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from labtui.demo.faults import FAULTS, described
from labtui.demo.listeners import Mode
from labtui.demo.outbreaks import Outbreak

if TYPE_CHECKING:
    from labtui.demo.running import RunningLab

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_MODES = [mode.value for mode in Mode if mode is not Mode.DEAD]


def control_application(lab: RunningLab, token: str) -> web.Application:
    """The application of the control listener."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return web.json_response({"error": "wrong or missing token"}, status=401)
        try:
            return await handler(request)
        except KeyError as error:
            # A bare name comes from the worlds, a sentence from the faults.
            told = str(error.args[0])
            return _wrong(told if " " in told else f"unknown name or missing key: {told}")
        except (ValueError, TypeError) as error:
            return _wrong(str(error))

    app = web.Application(middlewares=[guard])
    app.router.add_routes([*_fault_routes(lab), *_world_routes(lab)])
    return app


def _fault_routes(lab: RunningLab) -> list[web.RouteDef]:
    """What is played with: the register of faults."""

    async def faults(_: web.Request) -> web.Response:
        return web.json_response([described(fault, lab) for fault in FAULTS])

    async def begin(request: web.Request) -> web.Response:
        body = await _body(request)
        options = body.get("options", {})
        if not isinstance(options, dict):
            raise TypeError("options must be a JSON object")
        outbreak = await lab.break_(_text(body, "fault"), _text(body, "target", ""), **options)
        return web.json_response(_as_json([outbreak])[0])

    async def end(request: web.Request) -> web.Response:
        body = await _body(request)
        name = _text(body, "fault", "")
        if name:
            return web.json_response(_as_json(await lab.mend(name, _text(body, "target", ""))))
        return web.json_response(_as_json(await lab.mend_all()))

    async def state(_: web.Request) -> web.Response:
        return web.json_response(lab.summary())

    return [
        web.get("/faults", faults),
        web.post("/break", begin),
        web.post("/mend", end),
        web.get("/state", state),
    ]


def _world_routes(lab: RunningLab) -> list[web.RouteDef]:
    """What acts on servers, nodes and links without being kept as a fault."""

    async def fault(request: web.Request) -> web.Response:
        body = await _body(request)
        mode = body["mode"]
        if mode not in _MODES:
            return _wrong(f"mode must be one of {', '.join(_MODES)}")
        await lab.fault(str(body["server"]), Mode(mode))
        return web.json_response({"ok": True})

    async def power(request: web.Request) -> web.Response:
        body = await _body(request)
        await lab.power(str(body["node"]), on=_flag(body, "on"))
        return web.json_response({"ok": True})

    async def link(request: web.Request) -> web.Response:
        body = await _body(request)
        lab.link(int(body["number"]), up=_flag(body, "up"))
        return web.json_response({"ok": True})

    return [
        web.post("/fault", fault),
        web.post("/power", power),
        web.post("/link", link),
    ]


def _as_json(outbreaks: list[Outbreak]) -> list[dict[str, Any]]:
    return [outbreak.as_json() for outbreak in outbreaks]


def _text(body: dict[str, Any], name: str, default: str | None = None) -> str:
    value = body.get(name, default)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text")
    return value


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
