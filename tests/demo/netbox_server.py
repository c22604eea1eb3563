"""The demo's NetBox on a loopback port, and the recordings it is held against."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web

from labtui.demo.clock import Clock
from labtui.demo.lab import Lab
from labtui.demo.netbox.handle import NetBox
from labtui.demo.netbox.server import NETBOX, netbox_app
from labtui.demo.netbox.store import Store
from labtui.demo.netbox.tokens import Token
from labtui.demo.standard_lab import default_lab

DATA = Path(__file__).parent.parent / "data" / "netbox"
WRITER = "nbt_abcdefghijkl." + "w" * 40
READER = "nbt_mnopqrstuvwx." + "r" * 40
OLD_WRITER = "76543210fedcba9876543210fedcba9876543210"
OLD_READER = "0123456789abcdef0123456789abcdef01234567"
TOKENS = {WRITER: True, READER: False, OLD_READER: False}


@dataclass
class Answer:
    """A response, read."""

    status: int
    headers: dict[str, str]
    body: Any


@dataclass
class Server:
    """A running NetBox of the demo, with a client."""

    base: str
    handle: NetBox
    session: ClientSession
    asked: list[str]

    @property
    def store(self) -> Store:
        """Its records."""
        return self.handle.store

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = WRITER,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request to a path under `/api/`; redirects are not followed."""
        given = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.session.request(
            method,
            f"{self.base}/api/{path}",
            json=body,
            headers={**given, **(headers or {})},
            allow_redirects=False,
        ) as answer:
            raw = await answer.read()
            is_json = answer.content_type == "application/json"
            return Answer(
                answer.status,
                dict(answer.headers),
                json.loads(raw) if is_json and raw else raw.decode(),
            )

    async def get(self, path: str) -> Any:
        """The body of a successful GET."""
        answer = await self.ask("GET", path)
        assert answer.status == 200, answer
        return answer.body


@asynccontextmanager
async def serving(
    lab: Lab | None = None,
    tls: ssl.SSLContext | None = None,
    *,
    tokens: Mapping[str, bool | Token] | None = None,
    bgp_plugin: bool = False,
    release: str = "4.6",
) -> AsyncIterator[Server]:
    """A server on a free loopback port, stopped at the end; it notes what it is asked.

    `tokens` come in addition to `TOKENS`.
    """
    known: dict[str, bool | Token] = {**TOKENS, **(tokens or {})}
    app = netbox_app(lab or default_lab(), Clock(), known, bgp_plugin=bgp_plugin, release=release)
    asked: list[str] = []

    async def note(request: web.Request, _answer: web.StreamResponse) -> None:
        asked.append(f"{request.method} {request.path_qs}")

    app.on_response_prepare.append(note)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        port = runner.addresses[0][1]
        async with ClientSession() as session:
            scheme = "https" if tls else "http"
            yield Server(f"{scheme}://127.0.0.1:{port}", app[NETBOX], session, asked)
    finally:
        await runner.cleanup()


@cache
def contract() -> dict[str, Any]:
    """The cut-down OpenAPI document of NetBox 4.6.8."""
    found: dict[str, Any] = json.loads((DATA / "openapi.json").read_text())
    return found


@cache
def _schemas() -> dict[str, Any]:
    """All components as JSON schemas that allow no unknown keys."""
    found = {name: _strict(value) for name, value in contract()["components"]["schemas"].items()}
    # The description promises whole ASNs inside a site, the server sends the short form.
    found["Site"]["properties"]["asns"]["items"] = {
        **found["ASN"],
        "required": ["id", "url", "display", "asn", "description"],
        "maxProperties": 5,
    }
    # ... and a number of ASNs in each range, which lists do not have (see the recording).
    found["ASNRange"]["required"].remove("asn_count")
    return found


def schema_of(component: str) -> dict[str, Any]:
    """The JSON schema of one component."""
    return {"$ref": f"#/components/schemas/{component}", "components": {"schemas": _schemas()}}


def _strict(schema: Any) -> Any:
    """OpenAPI 3.0 to JSON schema: records are closed, choices may be null."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    dropped = ("nullable", "exclusiveMaximum", "exclusiveMinimum")
    found = {
        # An empty text is a text as well: "one of" would refuse it.
        ("anyOf" if key == "oneOf" else key): _strict(value)
        for key, value in schema.items()
        if key not in dropped
    }
    properties = schema.get("properties")
    is_choice = isinstance(properties, dict) and set(properties) == {"value", "label"}
    if isinstance(properties, dict) and schema.get("type") == "object":
        found["additionalProperties"] = False
    if schema.get("nullable") or is_choice:
        return {"anyOf": [found, {"type": "null"}]}
    return found


def sample(name: str) -> dict[str, Any]:
    """A recorded exchange of NetBox 4.6.8."""
    found: dict[str, Any] = json.loads((DATA / "samples" / f"{name}.json").read_text())
    return found


def records(path: str) -> Iterator[dict[str, Any]]:
    """Every record in the recorded GETs of that list and its details, whole ones only."""
    for file in sorted((DATA / "samples").glob("*.json")):
        exchange = json.loads(file.read_text())
        request, body = exchange.get("request", {}), exchange["response"].get("body")
        asked = request.get("path", "")
        if request.get("method") != "GET" or not asked.startswith(f"/api/{path}/"):
            continue
        if any(word in asked for word in ("fields=", "omit=", "brief=", "exclude=", "available-")):
            continue
        rows = body.get("results", [body]) if isinstance(body, dict) else []
        yield from (row for row in rows if isinstance(row, dict) and "id" in row)
