"""WireGuard keys of the demo lab: real pairs of Curve25519, the same in every run."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey


def private_key(owner: str) -> str:
    """The private key of `owner` ('rt-836 wg-835'), in the form WireGuard prints it."""
    raw = bytearray(hashlib.sha256(f"labtui demo private {owner}".encode()).digest())
    # Clamped, as `wg genkey` does it.
    raw[0] &= 248
    raw[31] = (raw[31] & 127) | 64
    return base64.b64encode(bytes(raw)).decode()


def public_key(owner: str) -> str:
    """The public key of `owner`."""
    return public_of(private_key(owner))


@lru_cache(maxsize=4096)
def public_of(private: str) -> str:
    """The public key that belongs to a private one. ValueError for what is no key."""
    raw = base64.b64decode(private, validate=True)
    public = X25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()
    return base64.b64encode(public).decode()
