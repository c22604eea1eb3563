"""Users, groups and realms: reading and writing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from labtui.demo.cluster.datacenter import file_digest
from labtui.demo.proxmox.answers_access import REALMS
from labtui.demo.proxmox.errors import ApiError, died, forbidden
from labtui.demo.proxmox.identities import Details, Group, Token, User
from labtui.demo.proxmox.site import Answer, Call, Routes

Row = dict[str, Any]

_TEXTS = ("comment", "email", "firstname", "lastname")


def _names(text: Any) -> list[str]:
    return [name for name in re.split(r"[,; ]+", str(text or "")) if name]


def changed(call: Call) -> None:
    """Answers made for the rights of before must not be given to those of now."""
    call.site.accounts.changes.revision += 1
    call.site.caches.clear()


def user_of(call: Call, userid: str, prefix: str = "") -> User:
    """The user of that id; 500 when there is none."""
    found = next((u for u in call.site.accounts.all_users() if u.userid == userid), None)
    if found is None:
        raise died(f"{prefix}no such user ('{userid}')")
    return found


def _facts(call: Call, user: User) -> Row:
    details = call.site.accounts.changes.details.get(user.userid, Details())
    row: Row = {"enable": int(details.enable), "expire": details.expire}
    comment = user.comment if details.comment is None else details.comment
    for key, value in (
        ("comment", comment),
        ("email", details.email),
        ("firstname", details.firstname),
        ("lastname", details.lastname),
    ):
        if value:
            row[key] = value
    return row


def token_row(call: Call, token: Token) -> Row:
    """What is told of a token: never its secret."""
    details = call.site.accounts.changes.details.get(token.id, Details())
    row: Row = {"privsep": int(token.privsep), "expire": details.expire}
    if details.comment:
        row["comment"] = details.comment
    return row


def tokens_of(call: Call, userid: str) -> dict[str, Row]:
    """The tokens of a user by name."""
    return {
        token.name: token_row(call, token)
        for token in call.site.accounts.all_tokens()
        if token.userid == userid
    }


def users(call: Call) -> Answer:
    """GET /access/users: all with Sys.Audit on /access/groups, else only oneself."""
    everyone = call.allowed("/access/groups", "User.Modify", "Sys.Audit")
    rows = []
    for user in call.site.accounts.all_users():
        if not everyone and user.userid != call.who.userid:
            continue
        realm = user.userid.rsplit("@", 1)[1]
        row: Row = {"userid": user.userid, "realm-type": realm} | _facts(call, user)
        if call.params.get("full"):
            row["groups"] = ",".join(call.site.accounts.groups_of(user.userid))
            mine = tokens_of(call, user.userid)
            row["tokens"] = [{"tokenid": name} | item for name, item in mine.items()] or None
        rows.append(row)
    return Answer(rows)


def user(call: Call) -> Answer:
    """GET /access/users/{userid}."""
    found = user_of(call, str(call.params["userid"]))
    row = _facts(call, found) | {"groups": call.site.accounts.groups_of(found.userid)}
    tokens = tokens_of(call, found.userid)
    if tokens:
        row["tokens"] = tokens
    return Answer(row)


def _write_details(call: Call, who: str) -> None:
    details, given = call.site.accounts.changes.of(who), call.params
    for name in _TEXTS:
        if name in given:
            setattr(details, name, str(given[name]))
    details.enable = bool(given.get("enable", details.enable))
    details.expire = int(given.get("expire", details.expire))


def _write_groups(call: Call, userid: str) -> None:
    if "groups" not in call.params:
        return
    groups = call.site.accounts.changes.groups
    wanted = _names(call.params["groups"])
    for name in wanted:
        if name not in groups:
            raise died(f"update user failed: group '{name}' does not exist")
    for name, group in groups.items():
        if name in wanted:
            group.members.add(userid)
        elif not call.params.get("append"):
            group.members.discard(userid)


def create_user(call: Call) -> Answer:
    """POST /access/users."""
    userid, accounts = str(call.params["userid"]), call.site.accounts
    if any(known.userid == userid for known in accounts.all_users()):
        raise died(f"create user failed: user '{userid}' already exists")
    realm = userid.rpartition("@")[2]
    if realm not in {row["realm"] for row in REALMS}:
        raise died(f"create user failed: domain '{realm}' does not exist")
    accounts.changes.removed.discard(userid)
    accounts.changes.users[userid] = User(userid, str(call.params.get("password", "")))
    _write_details(call, userid)
    _write_groups(call, userid)
    changed(call)
    return Answer(None)


def update_user(call: Call) -> Answer:
    """PUT /access/users/{userid}."""
    found = user_of(call, str(call.params["userid"]), "update user failed: ")
    _write_groups(call, found.userid)
    _write_details(call, found.userid)
    changed(call)
    return Answer(None)


def delete_user(call: Call) -> Answer:
    """DELETE /access/users/{userid}: tokens, memberships and rules go with it."""
    userid = str(call.params["userid"])
    user_of(call, userid, "delete user failed: ")
    if userid == call.who.userid:
        raise died("delete user failed: you cannot delete yourself")
    changes = call.site.accounts.changes
    for rule in call.site.accounts.all_rules():
        if rule.who == userid or rule.who.startswith(f"{userid}!"):
            changes.rules.pop((rule.path, rule.who, rule.role), None)
            changes.removed_rules.add((rule.path, rule.who, rule.role))
    for group in changes.groups.values():
        group.members.discard(userid)
    changes.users.pop(userid, None)
    changes.details.pop(userid, None)
    changes.removed.add(userid)
    changed(call)
    return Answer(None)


def groups(call: Call) -> Answer:
    """GET /access/groups: those that the caller may see."""
    rows = []
    for name, group in call.site.accounts.changes.groups.items():
        if call.allowed(f"/access/groups/{name}", "User.Modify", "Group.Allocate", "Sys.Audit"):
            row = {"groupid": name, "users": ",".join(sorted(group.members))}
            rows.append(row | ({"comment": group.comment} if group.comment else {}))
    return Answer(rows)


def _group(call: Call, prefix: str = "") -> tuple[str, Group]:
    name = str(call.params["groupid"])
    found = call.site.accounts.changes.groups.get(name)
    if found is None:
        raise died(f"{prefix}group '{name}' does not exist")
    return name, found


def group(call: Call) -> Answer:
    """GET /access/groups/{groupid}."""
    _, found = _group(call)
    row: Row = {"members": sorted(found.members)}
    return Answer(row | ({"comment": found.comment} if found.comment else {}))


def create_group(call: Call) -> Answer:
    """POST /access/groups."""
    name = str(call.params["groupid"])
    known = call.site.accounts.changes.groups
    if name in known:
        raise died(f"create group failed: group '{name}' already exists")
    known[name] = Group(str(call.params.get("comment", "")))
    changed(call)
    return Answer(None)


def update_group(call: Call) -> Answer:
    """PUT /access/groups/{groupid}."""
    _, found = _group(call, "update group failed: ")
    found.comment = str(call.params.get("comment", found.comment))
    return Answer(None)


def delete_group(call: Call) -> Answer:
    """DELETE /access/groups/{groupid}."""
    name, _ = _group(call, "delete group failed: ")
    del call.site.accounts.changes.groups[name]
    changed(call)
    return Answer(None)


def realm(call: Call) -> Answer:
    """GET /access/domains/{realm}."""
    name = str(call.params["realm"])
    for row in REALMS:
        if row["realm"] == name:
            rest = {key: value for key, value in row.items() if key != "realm"}
            return Answer(rest | {"digest": file_digest([])})
    raise died(f"domain '{name}' does not exist")


def password(call: Call) -> Answer:
    """PUT /access/password: by ticket only."""
    found = user_of(call, str(call.params["userid"]))
    if call.who.userid != "root@pam":
        given = str(call.params.get("confirmation-password", ""))
        own = user_of(call, call.who.userid)
        if given != own.password:
            raise ApiError(401, "authentication failure")
    if found.userid.endswith("@pam") and call.who.userid != "root@pam":
        raise forbidden("")
    changed = replace(found, password=str(call.params["password"]))
    call.site.accounts.changes.users[found.userid] = changed
    return Answer(None)


_USER = "/access/users/{userid}"
ROUTES: Routes = {
    ("GET", "/access/users"): users,
    ("POST", "/access/users"): create_user,
    ("GET", _USER): user,
    ("PUT", _USER): update_user,
    ("DELETE", _USER): delete_user,
    ("GET", "/access/groups"): groups,
    ("POST", "/access/groups"): create_group,
    ("GET", "/access/groups/{groupid}"): group,
    ("PUT", "/access/groups/{groupid}"): update_group,
    ("DELETE", "/access/groups/{groupid}"): delete_group,
    ("GET", "/access/domains/{realm}"): realm,
    ("PUT", "/access/password"): password,
}
