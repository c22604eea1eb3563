"""Users, tokens and access rules as the server keeps them, and who is calling."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class User:
    """A user; `totp_secret` (base32) makes the login ask for a second factor."""

    userid: str
    password: str = field(repr=False)
    totp_secret: str | None = field(default=None, repr=False)
    comment: str = ""


@dataclass(frozen=True)
class Token:
    """An API token; with `privsep` it may do what both it and its user may."""

    userid: str
    name: str
    secret: str = field(repr=False)
    privsep: bool = False

    @property
    def id(self) -> str:
        """`user@realm!name`."""
        return f"{self.userid}!{self.name}"


@dataclass(frozen=True)
class Rule:
    """An access rule: `who` (a user or token id) has `role` on `path`."""

    path: str
    who: str
    role: str
    propagate: bool = True


@dataclass(frozen=True)
class Accounts:
    """Everything the server knows about who may log in and do what."""

    users: tuple[User, ...]
    tokens: tuple[Token, ...]
    rules: tuple[Rule, ...]
    extra_roles: dict[str, frozenset[str]] = field(default_factory=dict)

    def user(self, userid: str) -> User | None:
        """The user of that id."""
        return next((user for user in self.users if user.userid == userid), None)

    def token(self, token_id: str) -> Token | None:
        """The token of that id."""
        return next((token for token in self.tokens if token.id == token_id), None)


@dataclass(frozen=True)
class Identity:
    """Who calls: a user by ticket, or one of its tokens."""

    userid: str
    token: str = ""
    privsep: bool = False

    @property
    def owner(self) -> str:
        """As it stands in UPIDs and logs."""
        return f"{self.userid}!{self.token}" if self.token else self.userid

    @property
    def superuser(self) -> bool:
        """Whether no rule applies: root@pam and its tokens without privilege separation."""
        return self.userid == "root@pam" and not self.privsep
