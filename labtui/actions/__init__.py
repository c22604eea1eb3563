"""The actions and their register: keys, footer, help, palette and commands come from here."""

from __future__ import annotations

from labtui.actions.action import Action
from labtui.actions.backups.action import BACKUP
from labtui.actions.edit.action import EDIT
from labtui.actions.evacuation.action import EVACUATE, RETURN
from labtui.actions.life.action import CLONE, DELETE, TEMPLATE
from labtui.actions.migration.action import MIGRATE
from labtui.actions.power.action import REBOOT, RESET, RESUME, SHUTDOWN, START, STOP, SUSPEND
from labtui.actions.snapshots.action import DELETE_SNAPSHOT, ROLLBACK, SNAPSHOT

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
