"""The actions and their register: keys, footer, help, palette and commands come from here."""

from __future__ import annotations

from labtui.actions.action import Action
from labtui.actions.migrate import MIGRATE

ACTIONS: tuple[Action, ...] = (MIGRATE,)
