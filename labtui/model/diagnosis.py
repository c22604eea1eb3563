"""What a layered diagnosis is: steps from the router up, and the first layer that is broken."""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.model.links import Link

StepName = Literal[
    "router", "settings", "underlay", "handshake", "tunnel", "size", "routing", "route", "beyond"
]
Verdict = Literal["good", "warn", "bad", "unknown", "none"]
Layer = Literal["router", "underlay", "tunnel", "routing", "beyond"]
STEPS: tuple[StepName, ...] = (
    "router",
    "settings",
    "underlay",
    "handshake",
    "tunnel",
    "size",
    "routing",
    "route",
    "beyond",
)


class Subject(msgspec.Struct, frozen=True):
    """What is diagnosed: a link (its key), a router (its name), or the way between two sites."""

    kind: Literal["link", "router", "pair"]
    one: str
    other: str = ""


class Checked(msgspec.Struct, frozen=True):
    """One step: what was looked at, how it is, the name of the reason and its values.

    `about` is the router or link that it is about. `layers` are broken where the verdict is `bad`:
    more than one where nothing that can be asked tells them apart. `took` is in seconds.
    """

    step: StepName
    verdict: Verdict
    reason: str
    values: tuple[tuple[str, str], ...] = ()
    about: str = ""
    layers: tuple[Layer, ...] = ()
    took: float = 0.0

    def value(self, name: str) -> str:
        """A value by its name; empty for none."""
        return dict(self.values).get(name, "")


class Diagnosis(msgspec.Struct, frozen=True):
    """The steps so far; `done` when no more will come. Times in seconds since the epoch."""

    subject: Subject
    title: str
    began: float
    steps: tuple[Checked, ...] = ()
    done: bool = False
    ended: float | None = None
    doing: str = ""

    @property
    def broken(self) -> Checked | None:
        """The first step that is broken."""
        return next((step for step in self.steps if step.verdict == "bad"), None)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The broken layer; several where they can't be told apart, none where all is well."""
        return self.broken.layers if self.broken is not None else ()


def link_named(every: tuple[Link, ...], noun: str, key: str) -> Link | None:
    """The link of a row: of links, WireGuard tunnels (`tunnel`) or BGP sessions (`session`)."""
    by_key = {link.key: link for link in every}
    if noun == "tunnel":
        found = by_key.get(f"wireguard/{key}")
        if found is None:
            _router, _slash, rest = key.partition("/")
            face = rest.partition("/")[0]
            ends = [
                link
                for link in every
                if link.kind == "wireguard"
                and any((end.router, end.interface) == (_router, face) for end in link.ends)
            ]
            found = ends[0] if len(ends) == 1 else None
        return found
    if noun == "session":
        router, _slash, rest = key.partition("/")
        name = rest.partition("/")[0]
        for link in every:
            mine = [end for end in link.ends if end.router == router]
            if link.kind == "bgp" and any(("connection", name) in end.told for end in mine):
                return link
        return None
    return by_key.get(key)
