"""What a node answers to a write while its copy of the configuration cannot be written.

Without quorum the cluster file system is read-only; with a full root file system its database
refuses (input/output error). Texts and waits of the former are recorded: starting, creating and
moving guests at once, a configuration by its temporary file, everything that takes a cluster lock
after ten seconds. What only ends or pauses guests works.
"""

from __future__ import annotations

import re

from labtui.demo.proxmox.errors import NO_QUORUM, died
from labtui.demo.proxmox.site import Call

LOCK_SECONDS = 9.8

_AT_ONCE = re.compile(
    r"POST /nodes/\{node\}/(?:qemu|lxc)(?:/\{vmid\}/(?:clone|template|move_disk|move_volume))?$"
)
_CONFIG = re.compile(
    r"PUT /nodes/\{node\}/(?P<kind>qemu|lxc)/\{vmid\}/(?:config|resize|firewall/.*)$"
)
_LOCKS = (
    ("/access/acl", "file-user_cfg", "ACL update failed: "),
    ("/access/users", "file-user_cfg", "{verb} user failed: "),
    ("/access/groups", "file-user_cfg", "{verb} group failed: "),
    ("/access/roles", "file-user_cfg", "{verb} role failed: "),
    ("/access/domains", "file-domains_cfg", "{verb} auth server failed: "),
    ("/pools", "file-user_cfg", "{verb} pool failed: "),
    ("/storage", "file-storage_cfg", "{verb} storage failed: "),
    ("/cluster/backup", "file-jobs_cfg", ""),
    ("/cluster/replication", "file-replication_cfg", ""),
    ("/cluster/ha", "domain-ha", ""),
    ("/cluster/mapping", "file-mapping_pci_cfg", ""),
    ("/cluster/options", "file-datacenter_cfg", ""),
    ("/cluster/sdn", "file-sdn_running_cfg", ""),
    ("/cluster/firewall", "file-firewall_cluster_fw", ""),
)
_VERBS = {"POST": "create", "PUT": "update", "DELETE": "delete"}


async def refuse_writes(call: Call, template: str) -> None:
    """Raise what a write gets when nothing can be written; return for everything else."""
    if call.verb == "GET":
        return
    quorate = call.quorate
    full = call.state.nodes[call.node].root_full
    if quorate and not full:
        return
    line = f"{call.verb} {template}"
    if not quorate and _AT_ONCE.match(line):
        raise died(NO_QUORUM)
    found = _CONFIG.match(line)
    if found:
        # Who may not touch the key, and whether the guest is here, is looked at before writing.
        guest = call.guest(found["kind"])
        why = "Permission denied" if not quorate else "Input/output error"
        raise died(f"unable to open file '/etc/pve/{guest.config_path}.tmp.1200' - {why}")
    for start, lock, prefix in _LOCKS:
        if template.startswith(start):
            await call.site.pause(LOCK_SECONDS)
            call.site.world.advance()
            if call.quorate and not call.state.nodes[call.node].root_full:
                return
            why = "no quorum!" if not call.quorate else "got lock request timeout"
            text = prefix.format(verb=_VERBS.get(call.verb, "update"))
            raise died(f"{text}cfs-lock '{lock}' error: {why}")
