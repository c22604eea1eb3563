"""The actions: what can be done to the lab, a folder each. `ACTIONS` are all, in order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from labtui.actions.action import Action


class _Registered(Sequence["Action"]):
    """The register, loaded when it is first looked into: the first frame does without it."""

    @cached_property
    def _all(self) -> tuple[Action, ...]:
        from labtui.actions.register import REGISTER

        return REGISTER

    @overload
    def __getitem__(self, index: int) -> Action: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Action, ...]: ...

    def __getitem__(self, index: int | slice) -> Action | tuple[Action, ...]:
        return self._all[index]

    def __len__(self) -> int:
        return len(self._all)


ACTIONS: Sequence[Action] = _Registered()
