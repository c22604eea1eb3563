"""What is broken now: every fault that was begun and not yet ended, and how one begins and ends."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labtui.demo.faults import chosen_options, chosen_target, fault_named
from labtui.demo.faults.fault import Change, Value

if TYPE_CHECKING:
    from labtui.demo.running import RunningLab


@dataclass(frozen=True)
class Outbreak:
    """A fault that is on: `since` is world time, seconds since the epoch."""

    fault: str
    target: str
    options: Mapping[str, Value]
    since: float

    def as_json(self) -> dict[str, Any]:
        """For the control listener."""
        return {
            "fault": self.fault,
            "target": self.target,
            "options": dict(self.options),
            "since": self.since,
        }


class Outbreaks:
    """The faults that are on, oldest first."""

    def __init__(self, lab: RunningLab) -> None:
        self._lab = lab
        self._on: dict[tuple[str, str], Outbreak] = {}

    @property
    def on(self) -> list[Outbreak]:
        """All of them."""
        return list(self._on.values())

    async def begin(
        self, name: str, target: str = "", options: Mapping[str, Value] | None = None
    ) -> Outbreak:
        """Begin a fault; one that is on already begins anew with the new options.

        KeyError for an unknown fault or target, ValueError for a wrong option, each with a
        sentence.
        """
        lab = self._lab
        fault = fault_named(name)
        target = chosen_target(fault, lab, target)
        values = chosen_options(fault, options or {})
        before = self._on.get((name, target))
        if before is not None:
            await self._end(before)
        lab.advance()
        try:
            await self._change(fault.begin, target, values)
        except (KeyError, ValueError):
            if before is not None:
                await self._change(fault.begin, target, before.options)
                self._on[name, target] = before
            raise
        outbreak = Outbreak(name, target, values, lab.now)
        self._on[name, target] = outbreak
        await lab.refresh()
        return outbreak

    async def end(self, name: str, target: str = "") -> list[Outbreak]:
        """End a fault at a target, or at every one; those that have ended.

        KeyError for an unknown fault or target, ValueError when it is not on, each with a sentence.
        """
        fault = fault_named(name)
        if target and (name, target) not in self._on:
            target = chosen_target(fault, self._lab, target)
        ending = [each for each in self.on if each.fault == name and target in ("", each.target)]
        if not ending:
            where = f" at {target}" if target else ""
            raise ValueError(f"{name} is not on{where}")
        return await self._end_these(ending)

    async def end_all(self) -> list[Outbreak]:
        """End everything, the youngest first; those that have ended."""
        return await self._end_these(self.on[::-1])

    async def _end_these(self, ending: list[Outbreak]) -> list[Outbreak]:
        for outbreak in ending:
            await self._end(outbreak)
        await self._lab.refresh()
        return ending

    async def _end(self, outbreak: Outbreak) -> None:
        self._lab.advance()
        await self._change(fault_named(outbreak.fault).end, outbreak.target, outbreak.options)
        self._on.pop((outbreak.fault, outbreak.target), None)

    async def _change(self, change: Change, target: str, options: Mapping[str, Value]) -> None:
        waiting = change(self._lab, target, options)
        if inspect.isawaitable(waiting):
            await waiting
