"""What a fault of the lab is: a name, what it strikes, how it begins and how it ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labtui.demo.service import RunningLab

Value = str | float | int | bool
Options = Mapping[str, Value]
Change = Callable[["RunningLab", str, Options], Awaitable[None] | None]
Targets = Callable[["RunningLab"], list[str]]


@dataclass(frozen=True)
class Fault:
    """One way in which the lab can break.

    `begin` and `end` are given the lab, the target's name and the options. Both may be called
    twice; the second call changes nothing. KeyError means that there is no such target, ValueError
    that an option is wrong, each with a sentence for the person who typed it. `layer` is the layer
    of the truth that is struck: underlay, tunnel, routing, router, cluster, node, guest, storage,
    gpu, record, server, account, ssh.
    """

    name: str
    layer: str
    noun: str
    says: str
    targets: Targets
    begin: Change
    end: Change
    options: Options = field(default_factory=dict)
    """The options with their defaults; the type of a default is the type asked for."""
