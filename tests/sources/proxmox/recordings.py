"""The recorded answers, as bytes and as Python values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from labtui.sources.proxmox.errors import Question

DATA = Path(__file__).parents[2] / "data" / "proxmox"
ASKED = Question("asking", "127.0.0.1:8006")


def files(pattern: str) -> list[str]:
    """Names, relative to the data, of the recorded files that match; there must be some."""
    found = sorted(str(path.relative_to(DATA)) for path in DATA.glob(pattern))
    assert found, pattern
    return found


def load(name: str) -> dict[str, Any]:
    """One recorded answer."""
    recorded: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return recorded


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of a recorded list."""
    data = load(name)["body"]["data"]
    assert isinstance(data, list)
    return data


def body(name: str) -> bytes:
    """The body of a recorded answer, empty for none."""
    recorded = load(name)
    return b"" if recorded["body"] is None else as_body(recorded["body"])


def as_body(value: Any) -> bytes:
    """A body as a server sends it."""
    return json.dumps(value).encode()


def series(name: str) -> Iterator[dict[str, Any]]:
    """The samples of a time series that were answered with 200."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    for line in lines[1:]:
        sample = json.loads(line)
        if sample.get("status") == 200:
            yield sample
