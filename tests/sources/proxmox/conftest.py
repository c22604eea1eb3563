"""One certificate for all tests of this folder, and the client libraries loaded once."""

from __future__ import annotations

import asyncio

import pytest

from tests.sources.proxmox.asking import always, ask
from tests.sources.proxmox.server import Certificate, Reply, serving, with_token


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A self-signed certificate for 127.0.0.1."""
    return Certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session")
def warm(certificate: Certificate) -> None:
    """Load the libraries once, so that no short limit is spent on it."""
    with serving(always(Reply({})), certificate) as server:
        asyncio.run(ask(with_token(certificate.pin, server.address), deadline=20))
