"""WireGuard keys of the demo lab: 32 bytes in base64, the same in every run."""

from __future__ import annotations

import base64
import hashlib


def private_key(owner: str) -> str:
    """The private key of `owner` ('rt-836 wg-835'), in the form WireGuard prints it."""
    return _encode("private", owner)


def public_key(owner: str) -> str:
    """The public key of `owner`. It is not computed from the private one: nothing here encrypts."""
    return _encode("public", owner)


def _encode(kind: str, owner: str) -> str:
    return base64.b64encode(
        hashlib.sha256(f"labtui demo {kind} {owner}".encode()).digest()
    ).decode()
