"""One proxmoxer client to one endpoint: TLS, time-outs, credential, and knowing what was sent.

proxmoxer's own pieces are put together here instead of `ProxmoxAPI(...)`, because that posts a
password past the session, and so past a pinned certificate, and keeps only the first line of an
error. requests, urllib3 and proxmoxer are loaded inside functions: only in worker threads.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import quote, unquote

from labtui.config.schema import Address, Tls
from labtui.config.tls import client_context
from labtui.locale import _
from labtui.model.errors import TimedOut, Unexpected
from labtui.sources import limits
from labtui.sources.https import Cut, adapter, no_cookies
from labtui.sources.proxmox.errors import Dropped, Question, from_exception, from_status
from labtui.sources.proxmox.login import Login, Ticket, Token
from labtui.sources.trace import note

CONNECT_LIMIT = limits.CLUSTER.connect
_SHORTEST = 0.05
# At INFO they write what is sent, passwords included.
_LOGGERS = ("proxmoxer", "proxmoxer.core", "proxmoxer.backends.https", "urllib3", "requests")

Params = Mapping[str, str | int]


class Gate:
    """Whether a write has gone out. Once `shut`, it can't go any more; once out, it stays so."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state = "waiting"

    def go_out(self) -> None:
        """Called as the last thing before the request is sent; raises when it is too late."""
        with self._lock:
            if self._state == "shut":
                raise TimedOut(_("a write that was given up before it was sent"))
            self._state = "out"

    def came_back(self) -> None:
        """The server answered that it did not do it: nothing is out."""
        with self._lock:
            if self._state == "out":
                self._state = "waiting"

    def shut(self) -> bool:
        """True when the request was not sent and never will be."""
        with self._lock:
            if self._state == "waiting":
                self._state = "shut"
            return self._state == "shut"

    @property
    def out(self) -> bool:
        """True when the request was sent, as a whole or in part."""
        with self._lock:
            return self._state == "out"


class _Bodies:
    """In place of proxmoxer's serializer: bodies as they come, read later and with types."""

    accept: ClassVar[str] = "application/json"

    def loads(self, response: Any) -> bytes:
        return bytes(response.content)

    def loads_errors(self, response: Any) -> bytes:
        return bytes(response.content[:65536])


class TicketAuth:
    """What proxmoxer's session asks of an authentication, for a ticket; or for nobody yet."""

    verify_ssl: ClassVar[bool] = True

    def __init__(self, ticket: Ticket | None, timeout: tuple[float, float]) -> None:
        self._ticket = ticket
        self.timeout = timeout

    def get_cookies(self) -> dict[str, str]:
        return {"PVEAuthCookie": self._ticket.ticket} if self._ticket else {}

    def __call__(self, request: Any) -> Any:
        if self._ticket and request.method != "GET":
            request.headers["CSRFPreventionToken"] = self._ticket.csrf
        return request


class Client:
    """A client for one endpoint, for one thread at a time. Every failure is a `LabError`."""

    def __init__(self, address: Address, tls: Tls, login: Login) -> None:
        from proxmoxer.backends.https import ProxmoxHttpSession
        from proxmoxer.core import ProxmoxResource

        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        self.where = str(address)
        self._login = login
        self._on_send: Callable[[], None] = _nothing
        self._session = ProxmoxHttpSession()
        self._session.trust_env = False
        self._session.max_redirects = 0
        self._session.headers["accept"] = _Bodies.accept
        # A cookie of a proxy in between would make proxmoxer leave out the ticket.
        self._session.cookies.set_policy(no_cookies())
        self._cut = Cut()
        self._adapter = adapter(client_context(tls), self._cut, self._sending)
        self._session.mount("https://", self._adapter)
        self._root = ProxmoxResource(
            base_url=f"https://{address}/api2/json", session=self._session, serializer=_Bodies()
        )

    def get(self, question: Question, params: Params, limit: float) -> bytes:
        """The body of a GET, at most about `limit` seconds; a connection gone stale is renewed."""
        gate = Gate()
        try:
            return self._ask(question, "get", params, limit, gate)
        except Dropped:
            # An idle connection that the server closes just then tells nothing about the server.
            if not gate.out or self._cut.done:
                raise
        self._adapter.close()
        return self._ask(question, "get", params, limit, Gate())

    def write(
        self, question: Question, method: str, params: Params, limit: float, gate: Gate
    ) -> bytes:
        """The body of a POST, PUT or DELETE, sent once over a connection of its own."""
        # On an idle connection nobody could tell whether the server still read the request.
        self._adapter.close()
        return self._ask(question, method.lower(), params, limit, gate)

    def headers(self, question: Question, limit: float) -> dict[str, str]:
        """What signs a request of another library in, as headers. Raises `LabError`."""
        credential = self._sign(question, limit)
        if isinstance(credential, Token):
            secret = f"{credential.user}!{credential.name}={credential.value}"
            return {"Authorization": f"PVEAPIToken={secret}"}
        return {"Cookie": f"PVEAuthCookie={quote(credential.ticket, safe='')}"}

    def close(self) -> None:
        """Close the connections."""
        self._adapter.close()

    def abort(self) -> None:
        """End the connection in use, from whatever thread."""
        self._cut.cut()

    def _ask(
        self, question: Question, method: str, params: Params, limit: float, gate: Gate
    ) -> bytes:
        path = checked_path(question)
        credential = self._sign(question, limit)
        status, reason, body = self._exchange(question, method, path, params, gate)
        if status == 401:
            gate.came_back()
            self._login.forget(credential)
            if self._login.uses_ticket:
                # Refused means not done, so asking again with a fresh ticket repeats nothing.
                self._sign(question, limit)
                status, reason, body = self._exchange(question, method, path, params, gate)
        if status >= 300:
            raise from_status(question, status, reason, body)
        return body

    def _sign(self, question: Question, limit: float) -> Token | Ticket:
        """Give the session its credential for the next call."""
        timeout = (min(CONNECT_LIMIT, max(limit, _SHORTEST)), max(limit, _SHORTEST))
        # All clients wait for the one that signs in: a hung endpoint must not hold them for long.
        brief = (timeout[0], min(limits.LOGIN.silence, timeout[1]))

        def post(params: dict[str, str | int]) -> bytes:
            ask = Question(_("signing in"), question.where)
            # An answer of 401 closes the connection, and a login is too rare to lose to that.
            self._adapter.close()
            self._session.auth = TicketAuth(None, brief)
            status, reason, body = self._exchange(ask, "post", "access/ticket", params, None)
            if status >= 300:
                raise from_status(ask, status, reason, body)
            return body

        credential = self._login.credential(post, question.where)
        self._session.auth = _auth(credential, timeout)
        return credential

    def _exchange(
        self, question: Question, method: str, path: str, params: Params, gate: Gate | None
    ) -> tuple[int, str, bytes]:
        """Status, reason phrase and body of one request; status 200 for all that is well."""
        from proxmoxer.core import ResourceException
        from requests.exceptions import RequestException
        from urllib3.exceptions import HTTPError

        self._on_send = gate.go_out if gate else _nothing
        began, outcome = time.monotonic(), "failed"
        sent = {name: int(v) if isinstance(v, bool) else v for name, v in params.items()}
        try:
            body = getattr(self._root(path), method)(**sent)
            outcome = "200"
        except ResourceException as error:
            outcome = str(error.status_code)
            return int(error.status_code), str(error.content), bytes(error.errors or b"")
        except (RequestException, HTTPError, OSError, ValueError) as error:
            # Without the cause: a requests exception carries the request and its credential.
            found = from_exception(question, error, sent=bool(gate and gate.out))
            outcome = found.kind
            raise found from None
        finally:
            self._on_send = _nothing
            note("proxmox", self.where, method.upper(), f"/{path}", began, outcome)
        return (302, "", b"") if body is None else (200, "", body)

    def _sending(self) -> None:
        self._on_send()


def checked_path(question: Question) -> str:
    """The path without its first slash; `Unexpected` for one that would ask something else.

    Names from answers become parts of paths: one with `..` or `?` must not lead elsewhere, nor one
    with `%2e%2e`, which requests would decode.
    """
    path = question.path.strip("/")
    parts = path.split("/")
    if (
        not path.isprintable()
        or any(mark in path for mark in " ?#\\")
        or any(unquote(part) in ("", ".", "..") for part in parts)
    ):
        raise Unexpected(question.what, where=question.where, why=_("the path cannot be used"))
    return path


def _nothing() -> None:
    """Sent, and nobody wants to know."""


def _auth(credential: Token | Ticket, timeout: tuple[float, float]) -> Any:
    if isinstance(credential, Ticket):
        return TicketAuth(credential, timeout)
    from proxmoxer.backends.https import ProxmoxHTTPApiTokenAuth

    return ProxmoxHTTPApiTokenAuth(
        credential.user, credential.name, credential.value, verify_ssl=True, timeout=timeout
    )
