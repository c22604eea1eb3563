"""Logging in: passwords, the second factor, tickets with their CSRF values, and API tokens.

Tickets are signed with one key of the cluster, so each node accepts those of all others; they live
two hours by the clock of the node that looks at them. Sign-on time passes one second per second
however fast the world runs: a faster demo world must not end a session early.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import struct
from contextvars import ContextVar
from typing import Any
from urllib.parse import quote, unquote

from labtui.demo.clock import Clock
from labtui.demo.proxmox.errors import ApiError, unauthorised
from labtui.demo.proxmox.identities import Accounts, Identity, User

TICKET_LIFETIME = 7_200
"""Seconds."""

TOTP_STEP = 30

ASKED_CLOCK: ContextVar[float] = ContextVar("asked_clock", default=0.0)
"""How many seconds the clock of the node that is being asked is ahead; one that is more than five
minutes off refuses the tickets of the others.
"""
_TOKEN = re.compile(r"^PVEAPIToken=([^\s:/!]+@[A-Za-z][\w.\-]+)!([A-Za-z][\w.\-]+)[=:](\S+)$")
_COOKIE = re.compile(r"(?:^|;\s*)PVEAuthCookie=\"?([^;\"]*)")


def totp(secret: str, at: float) -> str:
    """The six digits of RFC 6238 (SHA-1, 30 s) for a base32 secret at that epoch second."""
    key = base64.b32decode(secret, casefold=True)
    counter = struct.pack(">Q", int(at) // TOTP_STEP)
    mac = hmac.new(key, counter, hashlib.sha1).digest()
    place = mac[-1] & 15
    number = struct.unpack(">I", mac[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


class Login:
    """Issues and checks credentials for one cluster."""

    def __init__(self, accounts: Accounts, clock: Clock | None = None) -> None:
        self._accounts = accounts
        self._key = secrets.token_bytes(32)
        self._clock = clock or Clock()
        self._began = self._clock.now()

    def _now(self) -> float:
        """Sign-on time by the clock of the node that is asked, epoch seconds."""
        passed = (self._clock.now() - self._began) / self._clock.speed
        return self._began + passed + ASKED_CLOCK.get()

    def identify(self, headers: dict[str, str], verb: str) -> Identity:
        """Who sends a request, from its lower-cased headers. Raises 401 as the server does."""
        authorization = headers.get("authorization", "")
        if authorization.startswith("PVEAPIToken"):
            return self._by_token(authorization)
        cookie = _COOKIE.search(headers.get("cookie", ""))
        if cookie is None:
            raise unauthorised("No ticket")
        userid = self._verify_ticket(unquote(cookie[1]))
        if userid is None or self._accounts.user(userid) is None or not self._admitted(userid):
            raise unauthorised("Authentication failed!")
        if verb != "GET" and not self._csrf_ok(userid, headers.get("csrfpreventiontoken", "")):
            raise unauthorised("Permission denied - invalid csrf token")
        return Identity(userid)

    def sign_on(
        self, name: str, password: str, challenge: str | None, *, quorate: bool
    ) -> dict[str, Any]:
        """The answer of POST /access/ticket without `cap`: a full ticket or a second-factor one.

        Without quorum the second factor fails, because a used code has to be written down.
        Raises `ApiError` 401 with a body.
        """
        user = self._accounts.user(name)
        if user is None or not self._admitted(name):
            raise ApiError(401, "authentication failure")
        if challenge is not None:
            self._second_factor(user, password, challenge, quorate=quorate)
            return self._full(user)
        if self._verify_ticket(password) == name:
            return self._full(user)
        if not hmac.compare_digest(user.password.encode(), password.encode()):
            raise ApiError(401, "authentication failure")
        if user.totp_secret is None:
            return self._full(user)
        wanted = quote('{"totp":true,"recovery":"unavailable"}', safe="")
        return {
            "username": name,
            "ticket": self._sign(f"PVE:!tfa!{wanted}", aad=name),
            "CSRFPreventionToken": self._csrf(name),
            "NeedTFA": 1,
        }

    def _full(self, user: User) -> dict[str, Any]:
        return {
            "username": user.userid,
            "ticket": self._sign(f"PVE:{user.userid}"),
            "CSRFPreventionToken": self._csrf(user.userid),
        }

    def _by_token(self, header: str) -> Identity:
        match = _TOKEN.match(header)
        token = self._accounts.token(f"{match[1]}!{match[2]}") if match else None
        if match is None or token is None:
            raise unauthorised("Authentication failed!")
        if not hmac.compare_digest(token.secret.encode(), match[3].encode()):
            raise unauthorised("Authentication failed!")
        if not self._admitted(token.userid) or not self._admitted(token.id):
            raise unauthorised("Authentication failed!")
        return Identity(token.userid, token.name, token.privsep)

    def _admitted(self, who: str) -> bool:
        """Whether a user or token is enabled and has not expired."""
        details = self._accounts.changes.details.get(who)
        if details is None:
            return True
        return details.enable and not 0 < details.expire <= self._now()

    def _second_factor(self, user: User, answer: str, challenge: str, *, quorate: bool) -> None:
        valid = self._verify(challenge, aad=user.userid)
        kind, _, code = answer.partition(":")
        secret = user.totp_secret
        now = self._now()
        good = (
            quorate
            and valid is not None
            and valid.startswith("PVE:!tfa!")
            and kind == "totp"
            and secret is not None
            and any(code == totp(secret, now + step * TOTP_STEP) for step in (-1, 0, 1))
        )
        if not good:
            raise ApiError(401, "authentication failure")

    def _verify_ticket(self, ticket: str) -> str | None:
        body = self._verify(ticket)
        if body is None or not body.startswith("PVE:") or body.startswith("PVE:!"):
            return None
        return body[4:]

    def _sign(self, body: str, aad: str = "") -> str:
        stamped = f"{body}:{int(self._now()):08X}"
        return f"{stamped}::{self._mac(f'{stamped}|{aad}')}"

    def _verify(self, ticket: str, aad: str = "") -> str | None:
        stamped, _, signature = ticket.rpartition("::")
        body, _, stamp = stamped.rpartition(":")
        if not hmac.compare_digest(self._mac(f"{stamped}|{aad}").encode(), signature.encode()):
            return None
        try:
            age = self._now() - int(stamp, 16)
        except ValueError:
            return None
        return body if -300 < age < TICKET_LIFETIME else None

    def _csrf(self, userid: str) -> str:
        stamp = f"{int(self._now()):08X}"
        return f"{stamp}:{self._mac(f'csrf|{stamp}|{userid}')}"

    def _csrf_ok(self, userid: str, value: str) -> bool:
        stamp, _, mac = value.partition(":")
        return hmac.compare_digest(self._mac(f"csrf|{stamp}|{userid}").encode(), mac.encode())

    def _mac(self, text: str) -> str:
        mac = hmac.new(self._key, text.encode(), hashlib.sha256).digest()
        return binascii.b2a_base64(mac, newline=False).decode().rstrip("=")
