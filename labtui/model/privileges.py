"""Which right a call to Proxmox VE needs, so that a refusal is told before it is tried. Pure.

The server decides in the end: what stands here is for the calls that the console makes, as the API
declares them (`permissions` of the schema, 8.4 and 9.2), and a call that is not listed is thought
to be allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from labtui.model.cluster import Rights


class Lack(msgspec.Struct, frozen=True):
    """A right that is missing: any one of `privileges` on `path` would do."""

    privileges: tuple[str, ...]
    path: str


_GUEST = r"/nodes/(?P<node>[^/]+)/(?:qemu|lxc)/(?P<vmid>\d+)"
_NODE = r"/nodes/(?P<node>[^/]+)"
_POWER = ("VM.PowerMgmt",)

# (methods, path, any of these privileges, on this path)
_CALLS: tuple[tuple[str, re.Pattern[str], tuple[str, ...], str], ...] = tuple(
    (methods, re.compile(pattern), privileges, on)
    for methods, pattern, privileges, on in (
        ("GET POST", rf"{_GUEST}/migrate", ("VM.Migrate",), "/vms/{vmid}"),
        ("POST", rf"{_GUEST}/status/\w+", _POWER, "/vms/{vmid}"),
        ("GET", rf"{_GUEST}(?:/config|/pending|/status/current)?", ("VM.Audit",), "/vms/{vmid}"),
        (
            "POST",
            rf"{_GUEST}/snapshot/[^/]+/rollback",
            ("VM.Snapshot", "VM.Snapshot.Rollback"),
            "/vms/{vmid}",
        ),
        ("POST DELETE", rf"{_GUEST}/snapshot(?:/[^/]+)?", ("VM.Snapshot",), "/vms/{vmid}"),
        ("POST", rf"{_GUEST}/clone", ("VM.Clone",), "/vms/{vmid}"),
        ("POST", rf"{_GUEST}/(?:vncproxy|termproxy|spiceproxy)", ("VM.Console",), "/vms/{vmid}"),
        ("DELETE", _GUEST, ("VM.Allocate",), "/vms/{vmid}"),
        ("POST", rf"{_NODE}/status", ("Sys.PowerMgmt",), "/nodes/{node}"),
        ("POST", rf"{_NODE}/wakeonlan", ("Sys.PowerMgmt",), "/nodes/{node}"),
        ("GET", rf"{_NODE}/status", ("Sys.Audit",), "/nodes/{node}"),
        ("GET", rf"{_NODE}/(?:journal|syslog)", ("Sys.Syslog",), "/nodes/{node}"),
        ("POST", rf"{_NODE}/vzdump", ("VM.Backup",), "/vms"),
        ("POST PUT DELETE", r"/cluster/ha/.*", ("Sys.Console",), "/"),
        ("GET", r"/cluster/(?:status|ha/.*|options)", ("Sys.Audit",), "/"),
        ("GET", rf"{_NODE}/hardware/pci", ("Sys.Audit", "Sys.Modify"), "/"),
    )
)


def lacking(
    rights: Rights, method: str, path: str, params: Mapping[str, str | int] | None = None
) -> tuple[Lack, ...]:
    """The rights that the call needs and that are not held; none for a call that is not listed."""
    return tuple(
        need
        for need in _needs(method.upper(), path.rstrip("/"), params or {})
        if not any(rights.allows(privilege, need.path) for privilege in need.privileges)
    )


def _needs(method: str, path: str, params: Mapping[str, str | int]) -> Iterator[Lack]:
    for methods, pattern, privileges, on in _CALLS:
        found = pattern.fullmatch(path)
        if found is None or method not in methods.split():
            continue
        yield Lack(privileges, on.format(**found.groupdict()))
        storage = str(params.get("targetstorage") or params.get("target-storage") or "1")
        if path.endswith("/migrate") and method == "POST" and storage != "1":
            # Anything but storages of the same names: disks change place.
            yield Lack(("VM.Config.Disk",), f"/vms/{found['vmid']}")
            for part in storage.split(","):
                yield Lack(("Datastore.AllocateSpace",), f"/storage/{part.rpartition(':')[2]}")
        return
