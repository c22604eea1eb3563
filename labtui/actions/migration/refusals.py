"""Why a guest can't be moved at all, each reason with what would remove it. Pure.

The refusals are those of `PVE/QemuMigrate.pm`, `PVE/QemuMigrate/Helpers.pm`, `PVE/API2/Qemu.pm` and
pve-container's `Migrate.pm`; here they are told before anything is sent.
"""

from __future__ import annotations

from collections.abc import Iterable

from labtui.actions.migration.answers import MigrationFacts
from labtui.actions.migration.disks import EXPORTED, copied, sources
from labtui.locale import N_, _

# What the names in `local_resources` stand for, by their letters, and what would free the guest.
_DEVICES = {
    "hostpci": N_("a card passed through by address: give it by a mapping, or take it out"),
    "usb": N_("a USB device of the node: give it by a mapping, or take it out"),
    "hostusb": N_("a USB device of the node: take it out"),
    "serial": N_("a serial port of the node: make it a socket, or take it out"),
    "parallel": N_("a parallel port of the node: take it out"),
    "virtiofs": N_("a folder of the node: take it out"),
    "ivshmem": N_("memory shared with the node: take it out"),
    "amd-sev": N_("memory encrypted by the node's processor: switch that off"),
    "intel-tdx": N_("memory encrypted by the node's processor: switch that off"),
    "clipboard": N_("a clipboard of VNC: it wants machine 10.1 or newer"),
}


def refusals(facts: MigrationFacts) -> list[str]:
    """What speaks against moving this guest anywhere."""
    live = facts.running and facts.guest.kind == "qemu"
    return [*_now(facts), *_tied(facts), *of_disks(facts, live=live)]


def _now(facts: MigrationFacts) -> Iterable[str]:
    """What may be otherwise in a moment."""
    guest = facts.guest
    yield from facts.standing.blockers
    if facts.own_job:
        yield _("a job of this console works on it: wait until that ends")
    if guest.lock:
        yield _("locked ({lock}): wait until that ends").format(lock=guest.lock)
    if why := stuck_in_ha(facts):
        yield why
    if why := unasked(facts):
        yield why


def stuck_in_ha(facts: MigrationFacts) -> str:
    """Why the HA manager does nothing with it, empty when it does."""
    if facts.managed and facts.ha_error:
        return _("HA has it in the state error: disable it there first, then start it again")
    return ""


def unasked(facts: MigrationFacts) -> str:
    """Why the server could not check it, empty when it could or never does (containers on 8.4)."""
    if not facts.unasked or facts.guest.kind != "qemu":
        return ""
    if facts.unmapped:
        # The server dies of it (qemu-server, QemuMigrate/Helpers.pm), so its words help nobody.
        text = _("a mapping of its configuration does not exist ({names}): make it or edit it")
        return text.format(names=", ".join(facts.unmapped))
    return _("the server's check failed: {why}").format(why=facts.unasked)


def _tied(facts: MigrationFacts) -> Iterable[str]:
    """What ties it to its node: devices, media, folders."""
    node = facts.guest.node
    if facts.local_resources:
        names = ", ".join(facts.local_resources)
        yield _("passed-through or local devices ({names}) tie it to {node}").format(
            names=names, node=node
        )
        for name in facts.local_resources:
            if text := device_text(name):
                yield f"{name}: {text}"
    if facts.running and facts.pinned_mappings:
        yield _("can't go live with {names}: shut it down first, then it moves offline").format(
            names=", ".join(facts.pinned_mappings)
        )
    if facts.media and facts.wishes.eject != "1":
        names = ", ".join(disk.volume for disk in facts.media)
        yield _("a local CD image is in the drive ({names}): eject it").format(names=names)
    if facts.binds:
        yield _("folders of {node} are mounted in it ({names})").format(
            node=node, names=", ".join(facts.binds)
        )


def device_text(name: str) -> str:
    """What a local device is and what would free the guest of it, empty when nobody knows."""
    word = name.partition("=")[0].rstrip("0123456789")
    return _(_DEVICES[word]) if word in _DEVICES else ""


def of_disks(facts: MigrationFacts, *, live: bool) -> Iterable[str]:
    """What its local volumes do not allow. `live`: it runs while they go over."""
    volumes = [disk for disk in copied(facts) if not disk.cdrom]
    linked = [disk.volume for disk in volumes if "/" in disk.volume and ":base-" in disk.volume]
    if linked:
        text = _("linked to a template of this node ({names}): make full copies of its disks first")
        yield text.format(names=", ".join(linked))
    if live and facts.snapshots and volumes and not facts.replicas:
        yield _(
            "it has snapshots, and its local disks can't go along while it runs: delete those, or "
            "shut it down first"
        )
    fixed = [s.name for s in sources(facts) if s.kind and s.kind not in EXPORTED]
    if fixed and not live:
        text = _("disks on {names} can't be copied while it is off")
        yield text.format(names=", ".join(fixed))
