"""Keys of the SSH side: one per host and generation, and the one that lets the console in."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from functools import lru_cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class KeyRing:
    """Keys of one run, made when they are asked for; no two runs share one."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._private = lru_cache(maxsize=None)(self._make)

    def private(self, name: str) -> bytes:
        """The private key of that name, in OpenSSH's form."""
        return self._private(name).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.OpenSSH,
            serialization.NoEncryption(),
        )

    def public(self, name: str) -> str:
        """The public key: `ssh-ed25519 AAAA...`."""
        return (
            self._private(name)
            .public_key()
            .public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
            .decode()
        )

    def fingerprint(self, name: str) -> str:
        """`SHA256:...` as `ssh-keygen -l` writes it."""
        digest = hashlib.sha256(b64decode(self.public(name).split()[1])).digest()
        return "SHA256:" + _base64(digest)

    def _make(self, name: str) -> Ed25519PrivateKey:
        seed = hmac.new(self._secret, name.encode(), hashlib.sha256).digest()
        return Ed25519PrivateKey.from_private_bytes(seed)


def _base64(data: bytes) -> str:
    return b64encode(data).decode().rstrip("=")
