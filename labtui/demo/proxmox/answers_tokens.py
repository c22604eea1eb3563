"""API tokens of users: reading and writing."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from labtui.demo.proxmox.answers_users import changed, token_row, tokens_of, user_of
from labtui.demo.proxmox.errors import bad_parameters, died
from labtui.demo.proxmox.identities import Token
from labtui.demo.proxmox.site import Answer, Call, Routes

Row = dict[str, Any]


def tokens(call: Call) -> Answer:
    """GET /access/users/{userid}/token."""
    mine = tokens_of(call, str(call.params["userid"]))
    return Answer([{"tokenid": name} | row for name, row in mine.items()])


def _token(call: Call) -> Token:
    userid, name = str(call.params["userid"]), str(call.params["tokenid"])
    for token in call.site.accounts.all_tokens():
        if token.userid == userid and token.name == name:
            return token
    raise died(f"no such token '{name}' for user '{userid}'")


def token(call: Call) -> Answer:
    """GET /access/users/{userid}/token/{tokenid}."""
    return Answer(token_row(call, _token(call)))


def _secret(call: Call) -> str:
    return str(uuid.UUID(int=call.site.dice.getrandbits(128), version=4))


def create_token(call: Call) -> Answer:
    """POST /access/users/{userid}/token/{tokenid}: the only answer with the secret."""
    given, accounts = call.params, call.site.accounts
    userid, name = str(given["userid"]), str(given["tokenid"])
    user_of(call, userid)
    if name in tokens_of(call, userid):
        raise bad_parameters({"tokenid": "Token already exists."})
    made = Token(userid, name, _secret(call), privsep=bool(given.get("privsep", 1)))
    accounts.changes.removed.discard(made.id)
    accounts.changes.tokens[made.id] = made
    details = accounts.changes.of(made.id)
    info: Row = {"privsep": str(int(made.privsep))}
    for key in ("comment", "expire"):
        if key in given:
            info[key] = given[key]
            setattr(details, key, given[key])
    changed(call)
    return Answer({"full-tokenid": made.id, "info": info, "value": made.secret})


def update_token(call: Call) -> Answer:
    """PUT /access/users/{userid}/token/{tokenid}."""
    old, given, changes = _token(call), call.params, call.site.accounts.changes
    fresh = replace(
        old,
        privsep=bool(given.get("privsep", old.privsep)),
        secret=_secret(call) if given.get("regenerate") else old.secret,
    )
    changes.tokens[old.id] = fresh
    details = changes.of(old.id)
    for key in ("comment", "expire"):
        if key in given:
            setattr(details, key, given[key])
    changed(call)
    row = token_row(call, fresh)
    if given.get("regenerate"):
        row |= {"full-tokenid": fresh.id, "value": fresh.secret}
    return Answer(row)


def delete_token(call: Call) -> Answer:
    """DELETE /access/users/{userid}/token/{tokenid}."""
    changes, found = call.site.accounts.changes, _token(call)
    changes.tokens.pop(found.id, None)
    changes.details.pop(found.id, None)
    changes.removed.add(found.id)
    changed(call)
    return Answer(None)


_TOKEN = "/access/users/{userid}/token/{tokenid}"  # noqa: S105 - a path, not a secret
ROUTES: Routes = {
    ("GET", "/access/users/{userid}/token"): tokens,
    ("GET", _TOKEN): token,
    ("POST", _TOKEN): create_token,
    ("PUT", _TOKEN): update_token,
    ("DELETE", _TOKEN): delete_token,
}
