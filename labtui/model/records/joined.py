"""What a join is: which record belongs to an object of the lab, by what, and how sure that is."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

import msgspec

Sure = Literal["certain", "likely", "ambiguous"]
By = Literal["vmid", "mac", "name", "serial", "ends", "network", "email", ""]
R = TypeVar("R")


class Joined(msgspec.Struct, Generic[R], frozen=True):
    """One join. `record` is None where there is none, or where several would do: `candidates`.

    `certain`: by a key that names one object; `likely`: by one that people use twice now and then.
    """

    record: R | None = None
    by: By = ""
    sure: Sure = "certain"
    candidates: tuple[R, ...] = ()


def settled(candidates: tuple[R, ...], by: By, sure: Sure) -> Joined[R]:
    """One candidate is the record; several are none."""
    if len(candidates) == 1:
        return Joined(candidates[0], by, sure)
    return Joined(None, by, "ambiguous", candidates) if candidates else Joined()
