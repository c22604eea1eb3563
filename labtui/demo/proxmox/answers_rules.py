"""Roles and access rules: reading and writing."""

from __future__ import annotations

import re
from typing import Any

from labtui.demo.proxmox.errors import bad_parameters, died
from labtui.demo.proxmox.identities import Rule
from labtui.demo.proxmox.site import Answer, Call, Routes

_PATH = re.compile(
    r"/|/access(/groups(/[^/]+)?|/realm(/[^/]+)?)?|/nodes(/[^/]+)?|/pool(/.+)?"
    r"|/sdn(/(zones|controllers|dns|ipams|fabrics)(/[^/]+){0,3})?|/storage(/[^/]+)?"
    r"|/vms(/[1-9]\d{2,8})?|/mapping(/(dir|pci|usb)(/[^/]+)?)?"
)


def _names(text: Any) -> list[str]:
    return [name for name in re.split(r"[,; ]+", str(text or "")) if name]


def _changed(call: Call) -> None:
    call.site.accounts.changes.revision += 1
    call.site.caches.clear()


def roles(call: Call) -> Answer:
    """GET /access/roles."""
    rows = []
    for special, named in ((1, call.site.contract.roles), (0, call.site.accounts.extra_roles)):
        for name, privileges in named.items():
            text = ",".join(sorted(privileges))
            rows.append({"roleid": name, "special": special, "privs": text})
    return Answer(rows)


def role(call: Call) -> Answer:
    """GET /access/roles/{roleid}: privilege to 1."""
    name = str(call.params["roleid"])
    known = call.site.contract.roles | call.site.accounts.extra_roles
    if name not in known:
        raise died(f"role '{name}' does not exist")
    return Answer(dict.fromkeys(sorted(known[name]), 1))


def _privileges(call: Call, prefix: str) -> frozenset[str]:
    wanted = frozenset(_names(call.params.get("privs")))
    known = frozenset().union(*call.site.contract.roles.values())
    for name in sorted(wanted - known):
        raise died(f"{prefix}invalid privilege '{name}'")
    return wanted


def create_role(call: Call) -> Answer:
    """POST /access/roles."""
    name, start = str(call.params["roleid"]), "create role failed: "
    if name in call.site.contract.roles or name in call.site.accounts.extra_roles:
        raise died(f"{start}role '{name}' already exists")
    call.site.accounts.extra_roles[name] = _privileges(call, start)
    _changed(call)
    return Answer(None)


def _own_role(call: Call, verb: str) -> str:
    name = str(call.params["roleid"])
    if name in call.site.contract.roles:
        word = "modified" if verb == "update" else "deleted"
        raise died(f"{verb} role failed: auto-generated role '{name}' cannot be {word}")
    if name not in call.site.accounts.extra_roles:
        raise died(f"{verb} role failed: role '{name}' does not exist")
    return name


def update_role(call: Call) -> Answer:
    """PUT /access/roles/{roleid}."""
    name = _own_role(call, "update")
    wanted = _privileges(call, "update role failed: ")
    if call.params.get("append"):
        wanted |= call.site.accounts.extra_roles[name]
    call.site.accounts.extra_roles[name] = wanted
    _changed(call)
    return Answer(None)


def delete_role(call: Call) -> Answer:
    """DELETE /access/roles/{roleid}."""
    del call.site.accounts.extra_roles[_own_role(call, "delete")]
    _changed(call)
    return Answer(None)


def acl(call: Call) -> Answer:
    """GET /access/acl: what the caller may see of it."""
    rows = []
    for rule in call.site.accounts.all_rules():
        if not call.allowed(rule.path, "Permissions.Modify") and not call.allowed(
            "/access", "Sys.Audit"
        ):
            continue
        kind = "token" if "!" in rule.who else "user"
        if rule.who.startswith("@"):
            kind = "group"
        rows.append(
            {
                "path": rule.path,
                "type": kind,
                "ugid": rule.who.removeprefix("@"),
                "roleid": rule.role,
                "propagate": int(rule.propagate),
            }
        )
    return Answer(rows)


def _holders(call: Call) -> list[str]:
    accounts, start = call.site.accounts, "ACL update failed: "
    found = []
    for userid in _names(call.params.get("users")):
        if not any(user.userid == userid for user in accounts.all_users()):
            raise died(f"{start}user '{userid}' does not exist")
        found.append(userid)
    for group in _names(call.params.get("groups")):
        if group not in accounts.changes.groups:
            raise died(f"{start}group '{group}' does not exist")
        found.append(f"@{group}")
    for token in _names(call.params.get("tokens")):
        if not any(known.id == token for known in accounts.all_tokens()):
            raise died(f"{start}no such token '{token.partition('!')[2]}'")
        found.append(token)
    return found


def put_acl(call: Call) -> Answer:
    """PUT /access/acl: adds rules, or with `delete` removes them."""
    given, accounts = call.params, call.site.accounts
    path = str(given["path"]).rstrip("/") or "/"
    if not any(given.get(name) for name in ("users", "groups", "tokens")):
        text = "either 'users', 'groups' or 'tokens' is required."
        raise bad_parameters(dict.fromkeys(("users", "groups", "tokens"), text))
    if _PATH.fullmatch(path) is None:
        raise bad_parameters({"path": f"invalid ACL path '{path}'"})
    known = call.site.contract.roles | accounts.extra_roles
    holders = _holders(call)
    for role in _names(given["roles"]):
        if role not in known:
            raise died(f"ACL update failed: role '{role}' does not exist")
        for who in holders:
            key = (path, who, role)
            accounts.changes.rules.pop(key, None)
            if given.get("delete"):
                accounts.changes.removed_rules.add(key)
                continue
            accounts.changes.removed_rules.discard(key)
            accounts.changes.rules[key] = Rule(path, who, role, bool(given.get("propagate", 1)))
    _changed(call)
    return Answer(None)


ROUTES: Routes = {
    ("GET", "/access/roles"): roles,
    ("POST", "/access/roles"): create_role,
    ("GET", "/access/roles/{roleid}"): role,
    ("PUT", "/access/roles/{roleid}"): update_role,
    ("DELETE", "/access/roles/{roleid}"): delete_role,
    ("GET", "/access/acl"): acl,
    ("PUT", "/access/acl"): put_acl,
}
