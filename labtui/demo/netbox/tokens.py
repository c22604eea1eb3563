"""Who may ask: NetBox tokens, and the sentences of a 403.

A v2 token is `nbt_<12 characters>.<40 characters>`, a v1 token 40 hexadecimal digits. NetBox has
no 401, and the prefix `nbt_` alone decides the version: the keyword before it is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from ipaddress import ip_address, ip_network

from labtui.demo.netbox.failures import detail
from labtui.demo.netbox.permissions import Permission

_UNPARSABLE = (
    "Invalid authorization header: Could not parse key from v2 token. "
    "Did you mean to use 'Token' instead of 'Bearer'?"
)


@dataclass
class Token:
    """What a token may do; scenarios of the demo may change it while it is in use.

    `permissions` are those of its user, None for a superuser. `expires` is world time in seconds.
    """

    write_enabled: bool = True
    username: str = "admin"
    permissions: tuple[Permission, ...] | None = None
    enabled: bool = True
    expires: float | None = None
    allowed_ips: tuple[str, ...] = ()
    user_active: bool = True

    def permits(self, label: str, action: str) -> tuple[Permission, ...] | None:
        """The permissions that allow `action` on that kind; None when nothing limits it."""
        if self.permissions is None:
            return None
        return tuple(each for each in self.permissions if each.covers(label, action))


def identify(
    tokens: Mapping[str, Token], header: str, remote: str, now: float, *, new_tokens: bool = True
) -> Token:
    """The token of an `Authorization` header. Raises `Failure` (403).

    Without `new_tokens` (before 4.5) `Bearer` is no keyword, and versions are not spoken of.

    `remote` is the client's address, `now` world time in seconds.
    """
    keyword, _, given = header.partition(" ")
    if keyword not in (("Token", "Bearer") if new_tokens else ("Token",)):
        raise detail(403, "Authentication credentials were not provided.")
    given = given.strip()
    if not given or " " in given:
        raise detail(403, "Invalid authorization header: Error parsing token")
    version = 2 if given.startswith("nbt_") else 1
    if version == 2 and "." not in given and new_tokens:
        raise detail(403, _UNPARSABLE)
    for known, token in tokens.items():
        if compare_digest(known.encode(), given.encode()):
            _refuse_unfit(token, remote, now)
            return token
    raise detail(403, f"Invalid v{version} token" if new_tokens else "Invalid token")


def _refuse_unfit(token: Token, remote: str, now: float) -> None:
    """The checks of a token that is known, in the order of the real server."""
    if token.allowed_ips and not any(
        ip_address(remote) in ip_network(network) for network in token.allowed_ips
    ):
        sentence = f"Source IP {remote} is not permitted to authenticate using this token."
        raise detail(403, sentence)
    if not token.enabled:
        raise detail(403, "Token disabled")
    if token.expires is not None and token.expires <= now:
        raise detail(403, "Token expired")
    if not token.user_active:
        raise detail(403, "User inactive")
