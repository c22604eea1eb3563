"""One line per request, without what may be secret in it."""

from __future__ import annotations

import logging
import re
import time

import pytest

from labtui.sources.trace import note


def test_a_request_is_a_line_without_its_query(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "labtui.sources"):
        note("proxmox", "pve1:8006", "GET", "/access?password=x", time.monotonic() - 0.012, "200")
    (record,) = caplog.records
    assert record.name == "labtui.sources.proxmox"
    assert re.fullmatch(r"pve1:8006 GET /access \d+ms 200", record.getMessage())


def test_nothing_is_made_while_nobody_debugs(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "labtui.sources"):
        note("routeros", "836", "print", "/ip/address", time.monotonic(), "ok")
    assert caplog.records == []
