"""One line per request in the log, at debug: who was asked for what, how long it took, how it went.

A source calls `note` after each request. Of a path only what stands before the `?` is written, and
every line is redacted where it is written down; no caller has to think of either.
"""

from __future__ import annotations

import logging
import time
from typing import Literal

Backend = Literal["proxmox", "routeros", "netbox", "ssh"]


def note(backend: Backend, where: str, verb: str, path: str, began: float, outcome: str) -> None:
    """Log one request. Any thread may call; costs next to nothing while nobody debugs.

    `where` is the endpoint, `verb` the method or API word, `began` what `time.monotonic()` said
    before it was sent, `outcome` the status or the kind of the failure (`200`, `timed-out`).
    """
    log = logging.getLogger(f"labtui.sources.{backend}")
    if log.isEnabledFor(logging.DEBUG):
        took = (time.monotonic() - began) * 1000
        log.debug("%s %s %s %.0fms %s", where, verb, path.partition("?")[0], took, outcome)
