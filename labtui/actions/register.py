"""The register of actions: keys, footer, help, palette and commands come from here."""

from __future__ import annotations

from labtui.actions.action import Action
from labtui.actions.backups.action import BACKUP
from labtui.actions.backups.restore_action import RESTORE
from labtui.actions.cards.action import GIVE, GIVE_DEVICE, HAND_BACK, TAKE, TAKE_DEVICE
from labtui.actions.cards.paper_action import EDIT_LEASE, REQUEST, WITHDRAW
from labtui.actions.edit.action import EDIT
from labtui.actions.evacuation.action import EVACUATE, RETURN
from labtui.actions.life.action import CLONE, DELETE, TEMPLATE
from labtui.actions.link.action import NEW as NEW_LINK
from labtui.actions.link.action import REMOVE as REMOVE_LINK
from labtui.actions.maintenance.action import MAINTENANCE, MAINTENANCE_OFF
from labtui.actions.mappings.action import DELETE_MAPPING, MAP_CARD, MAP_DEVICE, MEND_MAPPING
from labtui.actions.migration.action import MIGRATE
from labtui.actions.nodes.action import REBOOT as REBOOT_NODE
from labtui.actions.nodes.action import SHUTDOWN as SHUT_DOWN_NODE
from labtui.actions.nodes.action import WAKE
from labtui.actions.overlay.action import OVERLAY
from labtui.actions.power.action import REBOOT, RESET, RESUME, SHUTDOWN, START, STOP, SUSPEND
from labtui.actions.records.action import MEND
from labtui.actions.records.allot_action import ALLOCATE
from labtui.actions.snapshots.action import DELETE_SNAPSHOT, ROLLBACK, SNAPSHOT
from labtui.actions.unlock.action import UNLOCK

REGISTER: tuple[Action, ...] = (
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
    RESTORE,
    EDIT,
    CLONE,
    TEMPLATE,
    DELETE,
    EVACUATE,
    RETURN,
    UNLOCK,
    WAKE,
    SHUT_DOWN_NODE,
    REBOOT_NODE,
    MAINTENANCE,
    MAINTENANCE_OFF,
    GIVE,
    TAKE,
    GIVE_DEVICE,
    TAKE_DEVICE,
    HAND_BACK,
    *OVERLAY,
    NEW_LINK,
    REMOVE_LINK,
    EDIT_LEASE,
    REQUEST,
    WITHDRAW,
    MAP_CARD,
    MAP_DEVICE,
    MEND_MAPPING,
    DELETE_MAPPING,
    MEND,
    ALLOCATE,
)
