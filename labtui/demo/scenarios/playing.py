"""A scenario that runs: its steps at their world seconds, and the truth behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labtui.demo.faults import chosen_target, fault_named
from labtui.demo.scenarios.claims import holds
from labtui.demo.scenarios.scenario import Scenario, Step

if TYPE_CHECKING:
    from labtui.demo.running import RunningLab


class Player:
    """Carries out the steps of one scenario; nothing happens but in `play`."""

    def __init__(self, lab: RunningLab) -> None:
        self._lab = lab
        self.scenario: Scenario | None = None
        self.began = 0.0
        self.refused: list[str] = []
        """Why steps could not be done, when somebody has changed the lab in the meantime."""
        self._left: list[Step] = []

    def begin(self, scenario: Scenario) -> None:
        """Play it from now on; what is left of another one is dropped.

        KeyError with a sentence when this lab does not have what the scenario strikes.
        """
        for step in scenario.steps:
            chosen_target(fault_named(step.fault), self._lab, step.target)
        self.scenario = scenario
        self.refused.clear()
        self.began = self._lab.now
        self._left = list(scenario.steps)

    @property
    def due(self) -> float | None:
        """World time of the next step, seconds since the epoch; None when all are done."""
        return self.began + self._left[0].at if self._left else None

    @property
    def settled(self) -> bool:
        """Whether the time has passed after which the claims hold."""
        scenario = self.scenario
        return scenario is not None and self._lab.now >= self.began + scenario.settled_after

    async def play(self) -> None:
        """Carry out the steps that are due."""
        while self._left and self.began + self._left[0].at <= self._lab.now:
            step = self._left.pop(0)
            try:
                if step.mends:
                    await self._lab.mend(step.fault, step.target)
                else:
                    await self._lab.break_(step.fault, step.target, **step.options)
            except (KeyError, ValueError) as error:
                self.refused.append(str(error.args[0]))

    def as_json(self) -> dict[str, Any] | None:
        """The scenario with its truth, and which of its claims hold now; None without one."""
        if self.scenario is None:
            return None
        return self.scenario.as_json(self._lab.lab) | {
            "began": self.began,
            "settled": self.settled,
            "steps_left": len(self._left),
            "refused": list(self.refused),
            "holds": {claim.text: holds(self._lab, claim) for claim in self.scenario.claims},
        }
