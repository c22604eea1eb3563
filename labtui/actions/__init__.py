"""The actions and their register: keys, footer, help, palette and commands come from here."""

from __future__ import annotations

from labtui.actions.action import Action
from labtui.actions.backup import BACKUP
from labtui.actions.edit import EDIT
from labtui.actions.evacuate import EVACUATE, RETURN
from labtui.actions.life import CLONE, DELETE, TEMPLATE
from labtui.actions.migrate import MIGRATE
from labtui.actions.power import REBOOT, RESET, RESUME, SHUTDOWN, START, STOP, SUSPEND
from labtui.actions.snapshot import DELETE_SNAPSHOT, ROLLBACK, SNAPSHOT

ACTIONS: tuple[Action, ...] = (
    MIGRATE,
    START,
    SHUTDOWN,
    STOP,
    REBOOT,
    RESET,
    SUSPEND,
    RESUME,
    SNAPSHOT,
    ROLLBACK,
    DELETE_SNAPSHOT,
    BACKUP,
    EDIT,
    CLONE,
    TEMPLATE,
    DELETE,
    EVACUATE,
    RETURN,
)
