"""The NetBox of a running lab: its records, its tokens, and how it behaves when it is unwell."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from labtui.demo.clock import Clock
from labtui.demo.lab import Lab
from labtui.demo.netbox.changes import Editor
from labtui.demo.netbox.listing import Lister
from labtui.demo.netbox.releases import CURRENT, Release
from labtui.demo.netbox.render import View
from labtui.demo.netbox.schema import Row
from labtui.demo.netbox.store import Store
from labtui.demo.netbox.tokens import Token

BGP_PLUGIN = "netbox_bgp"
_NO_BASE = "http://netbox"


@dataclass
class RateLimit:
    """At most `requests` in `seconds` of world time; what comes above that is a 429."""

    requests: int
    seconds: float = 60.0
    _began: float = 0.0
    _served: int = 0

    def wait(self, now: float) -> float:
        """Count a request: 0 when it may pass, else the seconds until the next may."""
        if now - self._began >= self.seconds:
            self._began, self._served = now, 0
        self._served += 1
        return 0.0 if self._served <= self.requests else self._began + self.seconds - now


@dataclass(frozen=True)
class Change:
    """A record before and after: whole rows, or the fields that changed; None: not there."""

    label: str
    number: int
    before: Row | None
    after: Row | None


@dataclass
class NetBox:
    """The handle of the server; scenarios and faults change it while it serves.

    `tokens` are found by their whole text. `trouble` is a kind of `troubles.ANSWERS`, empty when
    all is well; `delay` are real seconds before each answer; `plugins` are packages with versions.
    """

    lab: Lab
    clock: Clock
    tokens: dict[str, Token]
    plugins: dict[str, str] = field(default_factory=dict)
    release: Release = CURRENT
    store: Store = field(default_factory=Store)
    lister: Lister = field(default_factory=Lister)
    view: View | None = None
    delay: float = 0.0
    trouble: str = ""
    rate_limit: RateLimit | None = None
    read_only: bool = False
    struck: dict[str, list[Change]] = field(default_factory=dict)
    """What was changed on purpose, under the name it will be taken back by; see `drift`."""

    def __post_init__(self) -> None:
        self._dice = random.Random(self.lab.seed)

    def seen_under(self, base: str) -> View:
        """The records with addresses that begin with `base`."""
        if self.view is None or self.view.base != base:
            self.view = View(self.store, base, self.release)
        return self.view

    def request_id(self) -> str:
        """The next `X-Request-ID`; the same ones for the same seed."""
        return str(UUID(int=self._dice.getrandbits(128), version=4))

    def editor(self, username: str = "admin") -> Editor:
        """A pen for changes that no request made: they stand in the change log like any other."""
        found = self.view or self.seen_under(_NO_BASE)
        return Editor(found, self.clock, self.request_id(), username=username)

    def token(self, text: str) -> Token:
        """What a token may do. Raises KeyError for an unknown one."""
        return self.tokens[text]

    def expire(self, text: str) -> None:
        """Let a token expire now."""
        self.tokens[text].expires = self.clock.now()

    def revoke(self, text: str) -> None:
        """Disable a token."""
        self.tokens[text].enabled = False

    def renew(self, text: str) -> None:
        """Take `expire` and `revoke` back."""
        self.tokens[text].enabled, self.tokens[text].expires = True, None


def as_tokens(tokens: Mapping[str, bool | Token]) -> dict[str, Token]:
    """Tokens by their text; a flag says whether a superuser's token may write."""
    return {
        text: Token(write_enabled=each) if isinstance(each, bool) else each
        for text, each in tokens.items()
    }
