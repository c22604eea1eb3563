"""The accounts of a demo lab: who may log in where, with secrets made anew for each run."""

from __future__ import annotations

import base64
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

from labtui.demo.proxmox.identities import Accounts, Rule, Token, User
from labtui.demo.routeros.connection import RouterAccount

CONSOLE_TOKEN = "labtui@pve!console"  # noqa: S105 - a name, not a secret
ROUTER_USER = "labtui-ro"
ROUTER_OPERATOR = "labtui-rw"
READ_POLICIES = frozenset({"read", "api", "rest-api", "sniff", "test"})
WRITE_POLICIES = READ_POLICIES | {"write"}


@dataclass(frozen=True)
class LabAccounts:
    """Accounts of all servers; secrets stay out of reprs."""

    proxmox: Accounts = field(repr=False)
    router_passwords: dict[str, str] = field(repr=False)
    netbox_read: str = field(repr=False)
    netbox_write: str = field(repr=False)
    routers: dict[str, dict[str, RouterAccount]] = field(default_factory=dict, repr=False)
    """What each router lets in, by router and user; the servers look here at every login."""

    def at_router(self, router: str) -> dict[str, RouterAccount]:
        """The users of a router, made on the first call."""
        words = self.router_passwords
        return self.routers.setdefault(
            router,
            {
                ROUTER_USER: RouterAccount(words[ROUTER_USER], READ_POLICIES),
                ROUTER_OPERATOR: RouterAccount(words[ROUTER_OPERATOR], WRITE_POLICIES),
            },
        )

    def token_secret(self, token_id: str) -> str:
        """The secret of a Proxmox token. Raises KeyError for an unknown one."""
        for token in self.proxmox.tokens:
            if token.id == token_id:
                return token.secret
        raise KeyError(token_id)

    def as_json(self) -> dict[str, Any]:
        """All of them in plain text, for the one who started the lab."""
        users = {
            user.userid: {"password": user.password}
            | ({"totp_secret": user.totp_secret} if user.totp_secret else {})
            for user in self.proxmox.users
        }
        return {
            "proxmox": {
                "users": users,
                "tokens": {token.id: token.secret for token in self.proxmox.tokens},
            },
            "routers": {name: {"password": word} for name, word in self.router_passwords.items()},
            "netbox": {"read": self.netbox_read, "write": self.netbox_write},
        }


def _word() -> str:
    return secrets.token_urlsafe(15)


def _netbox_token() -> str:
    """A v2 token: twelve characters of key, a dot, forty of secret."""
    return f"nbt_{secrets.token_hex(6)}.{secrets.token_hex(20)}"


def _proxmox() -> Accounts:
    second_factor = base64.b32encode(secrets.token_bytes(20)).decode()
    users = (
        User("root@pam", _word()),
        User("labtui@pve", _word(), comment="the console"),
        User("auditor@pve", _word(), comment="may look at everything"),
        User("amy@pve", _word(), comment="uses the guests of her pool"),
        User("ben@pve", _word(), comment="may move one guest"),
        User("dora@pve", _word(), second_factor, "has a second factor"),
        User("nobody@pve", _word(), comment="has no rights"),
    )
    tokens = (
        Token("labtui@pve", "console", str(uuid.uuid4())),
        Token("labtui@pve", "narrow", str(uuid.uuid4()), privsep=True),
        Token("auditor@pve", "watch", str(uuid.uuid4())),
        Token("amy@pve", "own", str(uuid.uuid4())),
        Token("ben@pve", "move", str(uuid.uuid4())),
        Token("nobody@pve", "none", str(uuid.uuid4())),
    )
    rules = (
        Rule("/", "labtui@pve", "Administrator"),
        Rule("/vms/110", "labtui@pve!narrow", "PVEVMAdmin"),
        Rule("/", "auditor@pve", "PVEAuditor"),
        Rule("/pool/amy", "amy@pve", "PVEVMUser"),
        Rule("/vms/111", "ben@pve", "Mover"),
        Rule("/", "dora@pve", "PVEAuditor"),
    )
    extra = {"Mover": frozenset({"VM.Audit", "VM.Migrate"})}
    return Accounts(users, tokens, rules, extra)


def new_accounts() -> LabAccounts:
    """Fresh accounts: an administrator token, narrower ones, a user with a second factor."""
    return LabAccounts(
        _proxmox(),
        {ROUTER_USER: _word(), ROUTER_OPERATOR: _word()},
        _netbox_token(),
        _netbox_token(),
    )
