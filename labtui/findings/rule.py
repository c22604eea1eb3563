"""What a rule is: a look at the lab that finds what is wrong in one respect."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from labtui.findings.finding import Finding
from labtui.findings.sight import Sight
from labtui.model.snapshot import Part

Family = Literal["cluster", "guests", "gpus", "overlay", "ipam", "sources", "console"]
Look = Callable[[Sight], Iterable[Finding]]


class Rule(msgspec.Struct, frozen=True):
    """A rule. `needs` are the parts without any of which it cannot say anything.

    All findings of a rule have its id; of more than `most` only their number is told.
    """

    id: str
    family: Family
    needs: tuple[type[Part], ...]
    look: Look
    most: int = 12
