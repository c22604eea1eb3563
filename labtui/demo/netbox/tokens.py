"""Who may ask: NetBox tokens, and the sentences of a 403.

A v2 token is `nbt_<12 characters>.<40 characters>`, a v1 token 40 hexadecimal digits. NetBox has
no 401, and the prefix `nbt_` alone decides the version: the keyword before it is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest

from labtui.demo.netbox.failures import detail

_UNPARSABLE = (
    "Invalid authorization header: Could not parse key from v2 token. "
    "Did you mean to use 'Token' instead of 'Bearer'?"
)


def may_write(tokens: Mapping[str, bool], header: str) -> bool:
    """Whether the token of an `Authorization` header may write. Raises `Failure` (403)."""
    keyword, _, token = header.partition(" ")
    if keyword not in ("Token", "Bearer"):
        raise detail(403, "Authentication credentials were not provided.")
    token = token.strip()
    if not token or " " in token:
        raise detail(403, "Invalid authorization header: Error parsing token")
    version = 2 if token.startswith("nbt_") else 1
    if version == 2 and "." not in token:
        raise detail(403, _UNPARSABLE)
    for known, writes in tokens.items():
        if compare_digest(known.encode(), token.encode()):
            return writes
    raise detail(403, f"Invalid v{version} token")
