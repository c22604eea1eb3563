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


@dataclass
class Group:
    """A group of users."""

    comment: str = ""
    members: set[str] = field(default_factory=set)


@dataclass
class Details:
    """What else is known of a user or token; `expire` is an epoch second, 0 for never."""

    enable: bool = True
    expire: int = 0
    comment: str | None = None
    email: str = ""
    firstname: str = ""
    lastname: str = ""


@dataclass
class Changes:
    """What was written since the start, laid over the accounts of the start."""

    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    details: dict[str, Details] = field(default_factory=dict)
    rules: dict[tuple[str, str, str], Rule] = field(default_factory=dict)
    removed_rules: set[tuple[str, str, str]] = field(default_factory=set)
    groups: dict[str, Group] = field(default_factory=dict)
    revision: int = 0

    def of(self, who: str) -> Details:
        """The details of a user or token."""
        return self.details.setdefault(who, Details())


@dataclass(frozen=True)
class Accounts:
    """Everything the server knows about who may log in and do what.

    Groups stand in rules as `@name`.
    """

    users: tuple[User, ...]
    tokens: tuple[Token, ...]
    rules: tuple[Rule, ...]
    extra_roles: dict[str, frozenset[str]] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes, repr=False)

    def all_users(self) -> list[User]:
        """The users of now."""
        found = {user.userid: user for user in self.users} | self.changes.users
        return [user for user in found.values() if user.userid not in self.changes.removed]

    def all_tokens(self) -> list[Token]:
        """The tokens of now."""
        found = {token.id: token for token in self.tokens} | self.changes.tokens
        gone = self.changes.removed
        return [t for t in found.values() if t.id not in gone and t.userid not in gone]

    def all_rules(self) -> list[Rule]:
        """The access rules of now."""
        found = {(rule.path, rule.who, rule.role): rule for rule in self.rules}
        found |= self.changes.rules
        return [rule for key, rule in found.items() if key not in self.changes.removed_rules]

    def groups_of(self, userid: str) -> list[str]:
        """Names of the groups of a user."""
        return sorted(n for n, group in self.changes.groups.items() if userid in group.members)

    def user(self, userid: str) -> User | None:
        """The user of that id who may log in; None for one that was switched off."""
        details = self.changes.details.get(userid)
        if details is not None and not details.enable:
            return None
        return next((user for user in self.all_users() if user.userid == userid), None)

    def token(self, token_id: str) -> Token | None:
        """The token of that id; None for one of a user that was switched off."""
        details = self.changes.details.get(token_id.partition("!")[0])
        if details is not None and not details.enable:
            return None
        return next((token for token in self.all_tokens() if token.id == token_id), None)


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
