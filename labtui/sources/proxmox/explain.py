"""What Proxmox VE's own refusals mean and what helps: texts of `die`, sent with status 500.

Each text was seen in an answer of 8.4 or 9.2, or stands in the source of qemu-server, pve-cluster
or pve-guest-common.
"""

from __future__ import annotations

import re

from labtui.locale import N_, _

_QUORUM = N_("the cluster has no quorum")
_QUORUM_HELP = N_(
    "bring nodes back; running guests can still be stopped, but nothing can be started or moved"
)
_CHANGED = N_("somebody else changed it in the meantime")

# (pattern, why, what helps); groups of the pattern fill the why.
_KNOWN: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), why, remedy)
    for pattern, why, remedy in (
        (r"no quorum", _QUORUM, _QUORUM_HELP),
        # What a write of a guest's configuration gives on a read-only pmxcfs.
        (r"unable to open file '/etc/pve/.*Permission denied", _QUORUM, _QUORUM_HELP),
        (
            r"(?:VM|CT) is locked \((?P<lock>[^)]*)\)",
            N_("the guest is locked ({lock})"),
            N_("wait for the running task; a lock left behind goes with `qm unlock` on the node"),
        ),
        (
            r"can't lock file .*got timeout",
            N_("another task is working on the guest"),
            N_("wait for that task, then try again"),
        ),
        (
            r"Configuration file 'nodes/(?P<node>[^/']*)/[^/']*/(?P<id>\d+)\.conf' does not exist",
            N_("guest {id} is not on {node}"),
            N_("it was moved or removed; look it up again"),
        ),
        (
            r"QEMU guest agent is not running",
            N_("the guest agent does not run in the guest"),
            N_("start qemu-guest-agent in the guest"),
        ),
        (
            r"No QEMU guest agent configured",
            N_("the guest agent is not enabled"),
            N_("enable it in the guest's options and restart the guest"),
        ),
        (
            r"(?:VM|CT) (?P<id>\d+) (?:is )?not running",
            N_("guest {id} is not running"),
            N_("start it first"),
        ),
        (
            r"checksum mismatch|detected modified configuration",
            _CHANGED,
            N_("look at it again, then decide"),
        ),
        (
            r"Can't use an undefined value as an ARRAY reference",
            N_("the guest uses a PCI mapping that does not exist"),
            N_("correct its hostpci lines"),
        ),
        (
            r"only root can set '(?P<key>hostpci\d+)' config for non-mapped devices",
            N_("{key} without a mapping can be set by root@pam only"),
            N_("use a PCI resource mapping"),
        ),
        (
            r"binary not installed: (?P<path>\S+)",
            N_("{path} is not installed on the node"),
            "",
        ),
        (
            r"protection mode enabled",
            N_("the guest is protected"),
            N_("switch protection off in its options first"),
        ),
        (
            r"hostname lookup '(?P<node>[^']*)' failed",
            N_("no node is called {node}"),
            "",
        ),
        (
            r"storage '(?P<storage>[^']*)' is not available on node '(?P<node>[^']*)'",
            N_("storage {storage} is not available on {node}"),
            N_("choose another target, or a target storage"),
        ),
        (
            r"can't migrate running VM without --online",
            N_("the guest is running"),
            N_("move it online, or shut it down first"),
        ),
    )
)


def explain(status: int, said: str) -> tuple[str, str]:
    """(why, what helps) for the first line of a refusal; others are passed on as they are."""
    if status == 501:
        return (
            said or _("this version does not know the call"),
            _("the server may be older than the console expects"),
        )
    for pattern, why, remedy in _KNOWN:
        match = pattern.search(said)
        if match:
            return _(why).format(**match.groupdict()), _(remedy)
    return said or _("refused with status {status}").format(status=status), ""
