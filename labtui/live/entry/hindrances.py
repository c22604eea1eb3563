"""Why one can't get in, and what to do, said before anything is sent. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from labtui.actions.action import Right
from labtui.actions.interlock import granting
from labtui.live.entry.addresses import has_inventory
from labtui.locale import _
from labtui.model.cluster import Rights
from labtui.model.entry import Place
from labtui.model.errors import NotFound
from labtui.model.snapshot import Snapshot

# From which versions of pve-manager on a terminal server knows the owner of a token, by series: for
# shells of nodes (commit 49395b74) and for guests (qemu-server ac31f681 and c9ee34b5, of the day of
# these versions; libpve-access-control 9.0.4 and 8.2.3 brought the call that it asks).
_FOR_NODES = ((8, 4, 19), (9, 1, 0))
_FOR_GUESTS = ((8, 4, 19), (9, 1, 9))
_NUMBER = re.compile(r"\d{1,6}")


def of_ssh(place: Place, binary: str) -> str:
    """Why no shell; a node or guest that the cluster does not see may answer all the same."""
    if not binary:
        return _("there is no ssh on this machine: install the package openssh-client")
    return _off(place)


def of_console(place: Place, snapshot: Snapshot) -> str:
    """Why no console: no such thing, off, away, no right, a token that is not taken."""
    if place.kind == "router":
        return _("a router has no console in Proxmox VE; x opens a shell")
    if off := _off(place):
        return off
    if place.away:
        text = _("{node} is away: its consoles can't be reached until it is back")
        return text.format(node=place.node)
    held = snapshot.one(Rights, place.source)
    if held is None:
        return ""
    guest = place.kind == "guest"
    right = (
        Right("VM.Console", f"/vms/{place.vmid}")
        if guest
        else Right("Sys.Console", f"/nodes/{place.node}")
    )
    if not held.allows(right.privilege, right.path):
        text = _("{user} lacks {privilege} on {path}. An administrator gives it with: {command}")
        return text.format(
            user=held.user,
            privilege=right.privilege,
            path=right.path,
            command=granting(right, held),
        )
    return _token(held, _FOR_GUESTS if guest else _FOR_NODES)


def _off(place: Place) -> str:
    if place.stopped:
        return _("{label} is off: nobody is in there").format(label=place.label)
    return ""


def _token(held: Rights, since: Sequence[tuple[int, ...]]) -> str:
    """Older terminal servers refuse who signs in with a token, after the port was opened."""
    numbers = tuple(int(part) for part in _NUMBER.findall(held.version)[:3])
    if held.login != "token" or not numbers or _recent(numbers, since):
        return ""
    text = _(
        "Proxmox VE {version} takes no API token for this console (from {known} on it does): "
        "upgrade, sign in with username and password, or use x"
    )
    known = ", ".join(".".join(map(str, each)) for each in since)
    return text.format(version=held.version, known=known)


def _recent(numbers: tuple[int, ...], since: Sequence[tuple[int, ...]]) -> bool:
    """Whether a version is in a series from its place on, or in a later one.

    One of which only the first two numbers are known passes for the newest of them.
    """
    for known in since:
        if numbers[0] == known[0]:
            return numbers >= known[: len(numbers)]
    return numbers[0] > since[-1][0]


def of_serial(place: Place, config: Any) -> tuple[str, str] | None:
    """Why a machine with that configuration has no console, and what to do; None when it has."""
    if not isinstance(config, dict):
        return None
    if any(str(config.get(f"serial{n}", "")).strip() == "socket" for n in range(4)):
        return None
    remedy = _(
        "on a node: `qm set {vmid} --serial0 socket`, then stop and start it; in the guest: "
        "console=ttyS0 on the kernel's command line, or `systemctl enable --now "
        "serial-getty@ttyS0`"
    )
    return _("it has no serial port"), remedy.format(vmid=place.vmid)


def no_address(place: Place, missing: Sequence[str], snapshot: Snapshot) -> NotFound:
    """Nobody knows where it is."""
    asked = [*missing]
    if not has_inventory(snapshot):
        asked.append(_("NetBox: not read"))
    return NotFound(
        _("no address is known"),
        where=place.label,
        why="; ".join(asked),
        remedy=_('name one in the configuration: [ssh] hosts = {{ "{name}" = "..." }}').format(
            name=place.name or place.vmid
        ),
    )
