"""A whole demo lab in a thread of its own, so that blocking foreign clients can talk to it."""

from __future__ import annotations

import asyncio
import http.client
import json
import ssl
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from labtui.demo.listeners import Mode
from labtui.demo.service import RunningLab, start_lab
from tests.demo.promised import check_answer

T = TypeVar("T")


@dataclass(frozen=True)
class Reply:
    """One raw HTTP answer."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes
    closed: bool

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        """What is under `data`."""
        return self.json["data"]

    def all(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


class LabThread:
    """The running lab and ways to use it from another thread."""

    def __init__(self, lab: RunningLab, loop: asyncio.AbstractEventLoop) -> None:
        self.lab = lab
        self._loop = loop
        self.context = ssl.create_default_context(cafile=str(lab.ca_file))

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the lab's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def run(self, work: Callable[[], T]) -> T:
        """Run a function in the lab's loop."""

        async def call() -> T:
            return work()

        return self.wait(call())

    def token(self, token_id: str) -> dict[str, str]:
        """The header of an API token."""
        secret = self.lab.accounts.token_secret(token_id)
        return {"Authorization": f"PVEAPIToken={token_id}={secret}"}

    @property
    def admin(self) -> dict[str, str]:
        """The header of the console's token."""
        return self.token("labtui@pve!console")

    def ask(
        self,
        path: str,
        verb: str = "GET",
        *,
        node: str = "pve1",
        headers: dict[str, str] | None = None,
        params: dict[str, Any] | None = None,
        body: bytes | None = None,
        watch: bool = False,
    ) -> Reply:
        """One request on a connection of its own; with `watch`, see whether the server ends it."""
        port = self.lab.ports.proxmox[node]
        connection = http.client.HTTPSConnection(
            "127.0.0.1", port, context=self.context, timeout=20
        )
        sent = dict(self.admin if headers is None else headers)
        url = "/api2/json" + quote(path, safe="/?=&:!@")
        text = urlencode(params or {})
        if verb in ("POST", "PUT") and body is None:
            body = text.encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        elif text:
            url += f"?{text}"
        try:
            connection.request(verb, url, body, sent)
            response = connection.getresponse()
            content = response.read()
            closed = watch and _ended(connection)
            found = response.getheaders()
        finally:
            connection.close()
        if response.status == 200:
            check_answer(self.lab.cluster.state.version, verb, path, content)
        return Reply(response.status, response.reason, found, content, closed)

    def get(self, path: str, **params: Any) -> Any:
        """`data` of a GET by the console's token; fails unless it is 200."""
        reply = self.ask(path, params=params)
        assert reply.status == 200, (path, reply.status, reply.reason)
        return reply.data

    def control(self, path: str, body: object, token: str | None = None) -> tuple[int, Any]:
        """Status and answer of the control listener; a GET where there is no body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.lab.ports.control, timeout=5)
        word = self.lab.control_token if token is None else token
        verb = "GET" if body is None else "POST"
        text = None if body is None else json.dumps(body)
        connection.request(verb, path, text, {"Authorization": f"Bearer {word}"})
        response = connection.getresponse()
        found = json.loads(response.read())
        connection.close()
        return response.status, found

    def mend(self) -> None:
        """Take every fault away again."""
        self.wait(self.lab.fault("*", Mode.OK))
        self.wait(self.lab.mend_all())

    def until(self, done: Callable[[], bool], limit: float = 15.0) -> None:
        """Poll until `done`; fails after `limit` real seconds."""
        end = time.monotonic() + limit
        while not done():
            assert time.monotonic() < end, "did not happen in time"
            time.sleep(0.02)

    def settle(self, world_seconds: float) -> None:
        """Let that much world time pass."""
        clock = self.lab.cluster.clock
        end = clock.now() + world_seconds
        while clock.now() < end:
            time.sleep(0.02)
        self.run(self.lab.cluster.advance)


def _ended(connection: http.client.HTTPSConnection) -> bool:
    sock = connection.sock
    if sock is None:
        return True
    sock.settimeout(0.05)
    try:
        return sock.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


@contextmanager
def lab_thread(**options: Any) -> Iterator[LabThread]:
    """A lab for the time of the block; options are those of `start_lab`."""
    ready = threading.Event()
    found: list[LabThread] = []
    failed: list[BaseException] = []
    stop = asyncio.Event()
    loop = asyncio.new_event_loop()

    async def live() -> None:
        async with start_lab(**options) as lab:
            found.append(LabThread(lab, loop))
            ready.set()
            await stop.wait()

    def work() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(live())
            loop.run_until_complete(loop.shutdown_default_executor())
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            ready.set()
            loop.close()

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait(20)
    try:
        assert not failed, failed
        yield found[0]
    finally:
        if not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)
        thread.join(20)
    assert not failed, failed
