"""What systemd wants to hear of a service: READY, WATCHDOG, STOPPING (`sd_notify(3)`)."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress


class ServiceManager:
    """Tells the manager that started us; says nothing where there is none."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # An abstract socket is written with an @ in place of the zero byte.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog = _watchdog(environment)

    def tell(self, *words: str) -> None:
        """`READY=1`, `STATUS=...`; what can't be sent is dropped."""
        if not self._address:
            return
        data = "\n".join(words).encode("utf-8", "replace")
        with (
            suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out,
        ):
            out.settimeout(0.0)
            out.sendto(data, self._address)


def _watchdog(environment: Mapping[str, str]) -> float:
    """Seconds within which it wants to hear of us, 0 for never."""
    who = environment.get("WATCHDOG_PID", "")
    text = environment.get("WATCHDOG_USEC", "")
    if not text.isdecimal() or (who and who != str(os.getpid())):
        return 0.0
    return int(text) / 1e6
