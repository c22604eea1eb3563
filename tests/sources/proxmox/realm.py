"""A server that signs people in, and the endpoints that are read with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from labtui.config.schema import ProxmoxConfig
from labtui.sources.proxmox.connect import Endpoints
from labtui.sources.proxmox.decode import plain
from tests.sources.proxmox.server import (
    SECRET,
    Reply,
    Request,
)

CHALLENGE = "PVE:!tfa!console@pve:1"


class Realm:
    """A server's side of logging in."""

    def __init__(self, code: str = "") -> None:
        self.code = code
        self.password = SECRET
        self.count = 0
        self.valid: set[str] = set()
        self.logins: list[dict[str, str]] = []

    def __call__(self, request: Request) -> Reply:
        if request.path == "/access/ticket":
            return self._login(request.params)
        ticket = request.headers.get("cookie", "").removeprefix("PVEAuthCookie=")
        if ticket not in self.valid:
            return Reply(status=401, reason="Authentication failed!", body=b"")
        if request.method != "GET" and request.headers.get("csrfpreventiontoken") != f"c-{ticket}":
            reason = "Permission denied - invalid csrf token"
            return Reply(status=401, reason=reason, body=b"")
        # A proxy in between that sets cookies of its own.
        return Reply(ticket, headers={"Set-Cookie": "sticky=1; Path=/"})

    def _login(self, params: dict[str, str]) -> Reply:
        self.logins.append(params)
        refused = Reply(status=401, reason="authentication failure")
        challenged = params.get("tfa-challenge")
        if challenged:
            if challenged != CHALLENGE or params["password"] != f"totp:{self.code}":
                return refused
        elif params["password"] not in self.valid | {self.password}:
            return refused
        elif self.code and params["password"] == self.password:
            return Reply({"ticket": CHALLENGE, "CSRFPreventionToken": "x", "NeedTFA": 1})
        self.count += 1
        ticket = f"T{self.count}"
        self.valid.add(ticket)
        return Reply({"ticket": ticket, "CSRFPreventionToken": f"c-{ticket}", "cap": {}})


class Clock:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def endpoints(
    config: ProxmoxConfig, clock: Clock, totp: Callable[[], str] | None = None
) -> AsyncIterator[Endpoints]:
    made = Endpoints(config, totp, clock)
    try:
        yield made
    finally:
        await made.close()


async def read(lab: Endpoints) -> object:
    return (await lab.read("/version", "asking", plain, 10)).value
