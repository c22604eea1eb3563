"""Who we are to the cluster: a token, or a ticket got with a password and shared by all clients.

Tickets are signed with a key of the whole cluster, so one is good for every endpoint. They live two
hours and are renewed with the ticket itself as password (pve-access-control `AccessControl.pm`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import msgspec

from labtui.config.schema import ProxmoxConfig
from labtui.locale import _
from labtui.model.cluster import LoginKind
from labtui.model.errors import Problem, Refused, Rejected, Unexpected

RENEW_AFTER = 3600.0
LASTS = 7000.0
_FIRST_PAUSE = 15.0
_LONGEST_PAUSE = 600.0
_NO_QUORUM_LASTS = 60.0

# POST /access/ticket with these parameters; returns the body.
Post = Callable[[dict[str, str | int]], bytes]


class Token(msgspec.Struct, frozen=True):
    """An API token: sent as a header with each call, nothing to renew."""

    user: str
    name: str
    value: str

    def __repr__(self) -> str:
        return f"Token({self.user}!{self.name}, ***)"


class Ticket(msgspec.Struct, frozen=True):
    """A session: cookie and write key.

    `since` is when it was got, on the monotonic clock, `wall` the same in seconds since the epoch:
    the monotonic clock stands still while a machine is suspended, the ticket's two hours do not.
    """

    ticket: str
    csrf: str
    since: float
    wall: float

    def __repr__(self) -> str:
        return "Ticket(***)"


class _Told(msgspec.Struct, rename={"csrf": "CSRFPreventionToken", "need_tfa": "NeedTFA"}):
    ticket: str = ""
    csrf: str = ""
    need_tfa: int | bool | str | None = None


class _Body(msgspec.Struct):
    data: _Told


class Login:
    """The credential of a cluster, for all threads. Never shows a secret.

    `ask_totp` gives the present code of a second factor; it is called in a worker thread. A refused
    password is not sent again for a growing while, so that no account is locked by a console.
    """

    def __init__(
        self,
        config: ProxmoxConfig,
        ask_totp: Callable[[], str] | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._no_quorum_until = 0.0
        self._wall = wall
        self._config = config
        self._ask_totp = ask_totp
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._ticket: Ticket | None = None
        self._password = ""
        self._used_code = ""
        self._refused: Problem | None = None
        self._refused_until = 0.0
        self._pause = _FIRST_PAUSE

    @property
    def user(self) -> str:
        """The user, with the token's name after `!`."""
        return self._config.token_id or self._config.username

    @property
    def uses_ticket(self) -> bool:
        """True when a refused ticket can be replaced by signing in again."""
        return not self._config.token_id

    def credential(self, post: Post, where: str) -> Token | Ticket:
        """What to send with a call; signs in with `post` when there is no good ticket. Blocks."""
        with self._lock:
            if not self.uses_ticket:
                return self._api_token()
            ticket = self._ticket
            age = self._age(ticket) if ticket else LASTS
            if ticket and age < RENEW_AFTER:
                return ticket
            if ticket and age < LASTS:
                return self._renewed(post, where, ticket)
            return self._signed_in(post, where)

    def note_quorum(self, quorate: bool | None) -> None:
        """Say whether the cluster has quorum.

        That there is none is believed for a minute only: who is not signed in hears no better.
        """
        self._no_quorum_until = self._clock() + _NO_QUORUM_LASTS if quorate is False else 0.0

    def forget(self, credential: Token | Ticket) -> None:
        """That credential was refused: get another before the next call."""
        with self._lock:
            if credential is self._ticket:
                self._ticket = None
            if credential is self._token:
                self._token = None

    def _age(self, ticket: Ticket) -> float:
        """By the clock that went on: one stands still in suspend, the other may be set back."""
        return max(self._clock() - ticket.since, self._wall() - ticket.wall)

    @property
    def kind(self) -> LoginKind:
        """How we sign in; a one-time code is what does not work without quorum."""
        if not self.uses_ticket:
            return "token"
        return "totp" if self._config.totp or self._used_code else "password"

    def _api_token(self) -> Token:
        if self._token is None:
            user, _mark, name = self._config.token_id.partition("!")
            secret = self._config.token_secret
            if secret is None or not name:
                raise Refused(
                    _("signing in"),
                    where=self._config.name,
                    why=_("the token is not complete"),
                    remedy=_("give token_id as user@realm!name, and token_secret"),
                )
            self._token = Token(user, name, secret.reveal())
        return self._token

    def _renewed(self, post: Post, where: str, ticket: Ticket) -> Ticket:
        try:
            told = self._post(post, where, ticket.ticket)
        except Refused:
            self._ticket = None
            return self._signed_in(post, where)
        return self._keep(told)

    def _signed_in(self, post: Post, where: str) -> Ticket:
        if self._refused and self._clock() < self._refused_until:
            raise _again(self._refused)
        try:
            if not self._password:
                secret = self._config.password
                self._password = secret.reveal() if secret else ""
            told = self._post(post, where, self._password)
            if told.need_tfa:
                told = self._second_step(post, where, told)
        except Refused as error:
            # A changed secret is read again, but a wrong one is not sent with every reading.
            self._password = ""
            self._refused = error.problem
            self._refused_until = self._clock() + self._pause
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
            raise
        self._refused, self._pause = None, _FIRST_PAUSE
        return self._keep(told)

    def _second_step(self, post: Post, where: str, told: _Told) -> _Told:
        if self._clock() < self._no_quorum_until:
            # The used code is written to a file of the cluster, which is read-only then.
            raise Refused(
                _("signing in"),
                where=where,
                why=_("without quorum the cluster cannot take a one-time code; none was sent"),
                remedy=_("use an API token, which needs no quorum"),
            )
        code = self._ask_totp().strip() if self._ask_totp else ""
        if not code or code == self._used_code:
            raise Refused(
                _("signing in"),
                where=where,
                why=_("a second factor is asked for")
                if not code
                else _("the code of the second factor was used already"),
                remedy=_("use an API token, or set totp = true and give a fresh code"),
            )
        self._used_code = code
        try:
            return self._post(post, where, f"totp:{code}", challenge=told.ticket)
        except (Refused, Rejected) as error:
            raise Refused(
                error.what,
                where=where,
                why=_("the one-time code was not accepted: {why}").format(why=error.why),
                remedy=_("check the clocks; without quorum no code is taken, only an API token"),
            ) from None

    def _post(self, post: Post, where: str, password: str, challenge: str = "") -> _Told:
        parameters: dict[str, str | int] = {
            "username": self._config.username,
            "password": password,
        }
        if challenge:
            parameters["tfa-challenge"] = challenge
        body = post(parameters)
        try:
            told = msgspec.json.decode(body, type=_Body, strict=False).data
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            told = _Told()
        if not told.ticket:
            # The error's own text could quote the answer, which may hold a ticket.
            raise Unexpected(
                _("signing in"),
                where=where,
                why=_("the answer holds no ticket"),
                remedy=_("check that this is a Proxmox VE node"),
            ) from None
        return told

    def _keep(self, told: _Told) -> Ticket:
        self._ticket = Ticket(told.ticket, told.csrf, self._clock(), self._wall())
        return self._ticket


def _again(problem: Problem) -> Refused:
    return Refused(problem.what, where=problem.where, why=problem.why, remedy=problem.remedy)
