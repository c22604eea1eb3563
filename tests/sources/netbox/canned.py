"""A NetBox client whose answers come out of a can instead of a socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from labtui.config.schema import NetboxConfig, Tls
from labtui.config.secret import Secret
from labtui.sources.netbox.connect import Client

DATA = Path(__file__).parent.parent.parent / "data" / "netbox"
TOKEN = "nbt_abcdefghijkl." + "w" * 40
EMPTY = json.dumps({"count": 0, "next": None, "previous": None, "results": []}).encode()


@dataclass
class Canned:
    """An answer: status, body and headers."""

    status: int = 200
    body: bytes = EMPTY
    headers: dict[str, str] = field(default_factory=lambda: {"API-Version": "4.6"})


Answering = Callable[[str, dict[str, list[str]]], Canned]


class CannedAdapter(BaseAdapter):
    """Stands where requests would open a connection; `asked` are the addresses."""

    def __init__(self, answer: Answering) -> None:
        super().__init__()
        self._answer = answer
        self.asked: list[str] = []

    def send(self, request: PreparedRequest, *_args: Any, **_options: Any) -> Response:
        """The answer to a request."""
        url = urlsplit(str(request.url))
        self.asked.append(str(request.url))
        path = url.path.removeprefix("/api/").strip("/")
        canned = self._answer(path, parse_qs(url.query))
        response = Response()
        response.status_code = canned.status
        response.headers.update(canned.headers)
        response.raw = BytesIO(canned.body)
        response.url = str(request.url)
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is open."""


def config(url: str, *, token: str = TOKEN, tls: Tls | None = None) -> NetboxConfig:
    """A configuration with that address."""
    return NetboxConfig(url, Secret("plain", token), tls or Tls("off"))


def client_of(answer: Answering) -> tuple[Client, CannedAdapter]:
    """A client whose every request is answered by `answer(path below /api/, query)`."""
    client = Client(config("http://netbox.test"))
    adapter = CannedAdapter(answer)
    client._session.mount("http://", adapter)
    return client, adapter


def recording(name: str, folder: str = "samples") -> dict[str, Any]:
    """A recorded exchange."""
    found: dict[str, Any] = json.loads((DATA / folder / f"{name}.json").read_text())
    return found


def canned(exchange: dict[str, Any]) -> Canned:
    """The answer of a recorded exchange."""
    response = exchange["response"]
    body = response.get("body")
    raw = json.dumps(body).encode() if body is not None else (response.get("text") or "").encode()
    return Canned(response["status"], raw, response.get("headers", {}))


def page(*rows: Any, count: int | None = None) -> Canned:
    """A list's answer."""
    total = len(rows) if count is None else count
    body = {"count": total, "next": None, "previous": None, "results": list(rows)}
    return Canned(body=json.dumps(body).encode())
