"""One literal call of a server: what a plan shows is what is sent."""

from __future__ import annotations

import msgspec

Params = tuple[tuple[str, str | int], ...]


SSH = "SSH"
ROUTER = "API"
"""The method of a sentence of a router's API, whose source is `routeros/NAME`."""
NETBOX = "netbox"
"""The source of calls of NetBox's API."""


class Call(msgspec.Struct, frozen=True):
    """One literal call of a server: what will be sent, and what the plan shows.

    With the method `SSH` it is a command: `path` is the shell (`ssh://root@10.0.0.1:22`) and the
    parameter `command` the exact words. With `ROUTER` it is a sentence of the binary API.
    """

    source: str
    method: str
    path: str
    params: Params = ()

    @property
    def sent(self) -> dict[str, str | int]:
        """The parameters as they are sent. Values of a name that stands several times (a list) have
        a zero byte between them, which is what the server itself makes of a repeated name
        (`PVE/APIServer/AnyEvent.pm`, `decode_urlencoded`).
        """
        found: dict[str, str | int] = {}
        for name, value in self.params:
            found[name] = f"{found[name]}\0{value}" if name in found else value
        return found

    def __str__(self) -> str:
        if self.method == SSH:
            return f"ssh {self.path} {dict(self.params).get('command', '')}"
        if self.method == ROUTER:
            router = self.source.partition("/")[2]
            return " ".join(
                (router, self.path, *(f"={name}={value}" for name, value in self.params))
            )
        return " ".join(
            (self.method, self.path, *(f"{name}={value}" for name, value in self.params))
        )
