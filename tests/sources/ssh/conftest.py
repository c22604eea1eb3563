"""A client's files for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.ssh.server import Client


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A key of ours that the servers accept."""
    return Client(tmp_path)
