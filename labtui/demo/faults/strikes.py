"""How a fault of the network is made: a strike inside a change, and what undoes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from labtui.demo.faults.fault import Fault, Options, Targets
from labtui.demo.overlay.devices import Record
from labtui.demo.overlay.world import OverlayWorld

if TYPE_CHECKING:
    from labtui.demo.service import RunningLab

Undo = Callable[[], None]
Strike = Callable[[OverlayWorld, str, Options], Undo]


def fault(
    name: str, layer: str, noun: str, says: str, targets: Targets, strike: Strike, **options: float
) -> Fault:
    """A fault that `strike` begins inside of a change and that what it answers ends."""

    def begin(lab: RunningLab, target: str, given: Options) -> None:
        if target not in targets(lab):
            raise KeyError(f"{name} has no target {target}")
        world = lab.overlay
        if (name, target) not in world.undo:
            with world.changing():
                world.undo[name, target] = strike(world, target, {**options, **given})

    def end(lab: RunningLab, target: str, _given: Options) -> None:
        if target not in targets(lab):
            raise KeyError(f"{name} has no target {target}")
        undo = lab.overlay.undo.pop((name, target), None)
        if undo is not None:
            with lab.overlay.changing():
                undo()

    return Fault(name, layer, noun, says, targets, begin, end, options)


def number_of(options: Options, name: str, low: float, high: float) -> float:
    """A number among the options. ValueError outside of its bounds."""
    value = float(options[name])
    if not low <= value <= high:
        raise ValueError(f"{name} must be from {low:g} to {high:g}")
    return value


def change(item: object, name: str, value: object) -> Undo:
    """Change an attribute; the answer changes it back."""
    before = getattr(item, name)
    setattr(item, name, value)
    return lambda: setattr(item, name, before)


def write(record: Record, name: str, value: str) -> Undo:
    """Change a value of a row; the answer changes it back."""
    before = record.values.get(name)
    record.values[name] = value

    def undo() -> None:
        if before is None:
            record.values.pop(name, None)
        else:
            record.values[name] = before

    return undo


def together(*steps: Undo) -> Undo:
    def undo() -> None:
        for step in reversed(steps):
            step()

    return undo
