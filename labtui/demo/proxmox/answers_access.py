"""Answers under /access, and /version."""

from __future__ import annotations

from typing import Any

from labtui.demo.proxmox.errors import ApiError, forbidden
from labtui.demo.proxmox.identities import Identity
from labtui.demo.proxmox.site import Answer, Call, Routes

_CAPS = {
    "vms": ("VM.", "Permissions.Modify", "Pool."),
    "storage": ("Datastore.", "Permissions.Modify"),
    "access": ("User.", "Group.", "Permissions.Modify"),
    "dc": ("Sys.Audit", "Sys.Modify", "SDN.", "Permissions.Modify"),
    "nodes": ("Sys.", "Permissions.Modify"),
    "sdn": ("SDN.", "Permissions.Modify"),
    "mapping": ("Mapping.", "Permissions.Modify"),
}
_CAP_PATHS = {
    "vms": "/vms",
    "storage": "/storage",
    "access": "/access/groups",
    "dc": "/",
    "nodes": "/nodes",
    "sdn": "/sdn",
    "mapping": "/mapping",
}

REALMS = (
    {"realm": "pam", "type": "pam", "comment": "Linux PAM standard authentication"},
    {"realm": "pve", "type": "pve", "comment": "Proxmox VE authentication server"},
)


def version(call: Call) -> Answer:
    """GET /version and GET /nodes/{node}/version."""
    exact = "9.2.11" if call.state.modern else "8.4.21"
    return Answer({"release": exact[:3], "version": exact, "repoid": "43df2e01f27a1a19"})


def ticket_page(_: Call) -> Answer:
    """GET /access/ticket: a dummy for pretty login pages."""
    return Answer(None)


async def ticket(call: Call) -> Answer:
    """POST /access/ticket."""
    given = call.params
    name = str(given["username"])
    if "@" not in name:
        name = f"{name}@{given.get('realm', 'pam')}"
    try:
        answer = call.site.login.sign_on(
            name,
            str(given["password"]),
            given.get("tfa-challenge"),
            quorate=call.quorate,
        )
    except ApiError:
        call.state.tasks.note(call.node, "root@pam", f"authentication failure; user={name}")
        raise
    if "NeedTFA" in answer:
        return Answer(answer)
    call.state.tasks.note(call.node, "root@pam", f"successful auth for user '{name}'")
    caps = {
        area: {
            privilege: 1
            for privilege in call.site.rights.privileges(Identity(name), path)
            if privilege.startswith(_CAPS[area])
        }
        for area, path in _CAP_PATHS.items()
    }
    return Answer(answer | {"cap": caps, "clustername": call.state.lab.name})


def domains(_: Call) -> Answer:
    """GET /access/domains; needs no login."""
    return Answer([dict(realm) for realm in REALMS])


def permissions(call: Call) -> Answer:
    """GET /access/permissions: path to privilege to propagate."""
    who = call.who
    other = call.params.get("userid")
    if other is not None and other != who.owner:
        call.need("/access", "Sys.Audit")
        userid, _, token = str(other).partition("!")
        known = call.site.accounts.token(str(other))
        who = Identity(userid, token, privsep=bool(known and known.privsep))
    if "path" in call.params:
        path = str(call.params["path"])
        return Answer({path: call.site.rights.privileges(who, path)})
    found: dict[str, Any] = {}
    for path in call.site.rights.known_paths(who, _pool_members(call)):
        held = call.site.rights.privileges(who, path)
        if held:
            found[path] = held
    return Answer(found)


def _pool_members(call: Call) -> dict[str, list[int]]:
    members: dict[str, list[int]] = {pool: [] for pool in call.state.pools}
    # Every guest of this lab is in a pool; naming ten thousand paths would say nothing new to
    # somebody whose rights come from above.
    if not call.site.rights.sees_all_guests(call.who):
        for guest in call.state.guests.values():
            if guest.pool:
                members[guest.pool].append(guest.vmid)
    return members


def refuse_token(path: str) -> ApiError:
    """403 for methods that no API token may call."""
    return forbidden(f"URI '{path}' not available with API token, need proper ticket.\n")


ROUTES: Routes = {
    ("GET", "/version"): version,
    ("GET", "/nodes/{node}/version"): version,
    ("GET", "/access/ticket"): ticket_page,
    ("POST", "/access/ticket"): ticket,
    ("GET", "/access/domains"): domains,
    ("GET", "/access/permissions"): permissions,
}
