"""What a request asks for: its path and its parameters, from query, form or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from labtui.demo.proxmox.errors import ApiError
from labtui.demo.proxmox.parameters import LIST_SEPARATOR

PREFIX = "/api2/json"


def api_path(request: web.BaseRequest) -> str:
    """The path below the prefix. Raises `ApiError` 404 for anything else."""
    raw = request.rel_url.raw_path
    if raw != PREFIX and not raw.startswith(f"{PREFIX}/"):
        raise ApiError(404, f"no such file '{raw}'")
    return unquote(raw[len(PREFIX) :]) or "/"


async def read_parameters(request: web.BaseRequest) -> dict[str, str]:
    """Parameters of the query, or of a form or JSON body. Raises `ApiError` 500 and 506."""
    given = _joined(request.query.items())
    if request.method not in ("POST", "PUT") or not request.can_read_body:
        return given
    kind = request.content_type
    if kind == "application/json":
        return given | _from_json(await request.text())
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise ApiError(506, f"upload 'Content-Type '{kind}' not implemented")
    form = await request.post()
    texts = [(name, value) for name, value in form.items() if isinstance(value, str)]
    return given | _joined(texts)


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Values by name; those of a name that is there more than once are joined."""
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]}{LIST_SEPARATOR}{value}" if name in found else value
    return found


def _from_json(text: str) -> dict[str, str]:
    if not text.strip():
        return {}
    try:
        data = json.loads(text)
    except ValueError as error:
        raise ApiError(500, f"malformed JSON string, {error}") from None
    if not isinstance(data, dict):
        raise ApiError(500, "malformed JSON string, an object is needed")
    return {name: _as_text(value) for name, value in data.items() if value is not None}


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, list):
        return LIST_SEPARATOR.join(_as_text(part) for part in value)
    return str(value)
