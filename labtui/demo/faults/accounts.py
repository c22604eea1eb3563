"""Faults of accounts: tokens that end, rights that go, passwords that somebody changed."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from labtui.demo.faults.fault import Fault, Options
from labtui.demo.proxmox.identities import Rule

if TYPE_CHECKING:
    from labtui.demo.running import RunningLab

HOUR = 3600.0
NETBOX_TOKENS = ("netbox-read", "netbox-write")


def _tokens(lab: RunningLab) -> list[str]:
    return [token.id for token in lab.accounts.proxmox.tokens] + list(NETBOX_TOKENS)


def _netbox_token(lab: RunningLab, target: str) -> str:
    accounts = lab.accounts
    return accounts.netbox_read if target == NETBOX_TOKENS[0] else accounts.netbox_write


def _expire(lab: RunningLab, target: str, _: Options) -> None:
    if target in NETBOX_TOKENS:
        lab.netbox.expire(_netbox_token(lab, target))
    else:
        # Before the lab began, as sign-on time runs slower than that of a fast world.
        lab.accounts.proxmox.changes.of(target).expire = int(lab.began - HOUR)


def _prolong(lab: RunningLab, target: str, _: Options) -> None:
    if target in NETBOX_TOKENS:
        lab.netbox.renew(_netbox_token(lab, target))
    else:
        lab.accounts.proxmox.changes.of(target).expire = 0


def _revoke(lab: RunningLab, target: str, _: Options) -> None:
    if target in NETBOX_TOKENS:
        lab.netbox.revoke(_netbox_token(lab, target))
    else:
        lab.accounts.proxmox.changes.removed.add(target)


def _give_back(lab: RunningLab, target: str, _: Options) -> None:
    if target in NETBOX_TOKENS:
        lab.netbox.renew(_netbox_token(lab, target))
    else:
        lab.accounts.proxmox.changes.removed.discard(target)


def _holders(lab: RunningLab) -> list[str]:
    return list(dict.fromkeys(rule.who for rule in lab.accounts.proxmox.rules))


def _lower(lab: RunningLab, target: str, options: Options) -> None:
    role, accounts = str(options["role"]), lab.accounts.proxmox
    if role and role not in lab.site.contract.roles.keys() | accounts.extra_roles.keys():
        raise ValueError(f"there is no role {role!r}")
    for rule in _own_rules(lab, target):
        accounts.changes.removed_rules.add((rule.path, rule.who, rule.role))
        if role:
            key = (rule.path, rule.who, role)
            accounts.changes.removed_rules.discard(key)
            accounts.changes.rules[key] = replace(rule, role=role)
    _enforce(lab)


def _raise(lab: RunningLab, target: str, options: Options) -> None:
    changes = lab.accounts.proxmox.changes
    for rule in _own_rules(lab, target):
        changes.rules.pop((rule.path, rule.who, str(options["role"])), None)
        changes.removed_rules.discard((rule.path, rule.who, rule.role))
    _enforce(lab)


def _own_rules(lab: RunningLab, who: str) -> list[Rule]:
    """The rules that somebody had at the start."""
    return [rule for rule in lab.accounts.proxmox.rules if rule.who == who]


def _enforce(lab: RunningLab) -> None:
    lab.accounts.proxmox.changes.revision += 1
    # Answers made for the rights of before must not be given to those of now.
    lab.site.caches.clear()


def _password_holders(lab: RunningLab) -> list[str]:
    users = [user.userid for user in lab.accounts.proxmox.users]
    return [*(site.router for site in lab.lab.sites), *users]


def _change_password(lab: RunningLab, target: str, options: Options) -> None:
    """Sessions that are open go on, as they do on a real router, unless they are ended."""
    if target not in lab.overlay.routers:
        proxmox = lab.accounts.proxmox
        user = next(each for each in proxmox.users if each.userid == target)
        proxmox.changes.users[target] = replace(user, password=secrets.token_urlsafe(15))
        return
    accounts = lab.accounts.at_router(target)
    for user_name, account in accounts.items():
        accounts[user_name] = replace(account, password=secrets.token_urlsafe(15))
    if options["sessions"]:
        for front in lab.fronts.get(target, ()):
            front.drop()


def _change_back(lab: RunningLab, target: str, _: Options) -> None:
    if target not in lab.overlay.routers:
        lab.accounts.proxmox.changes.users.pop(target, None)
        return
    accounts = lab.accounts.at_router(target)
    for user_name, account in accounts.items():
        words = lab.accounts.router_passwords
        accounts[user_name] = replace(account, password=words[user_name])


ACCOUNT_FAULTS: tuple[Fault, ...] = (
    Fault(
        "token-expired",
        "account",
        "token",
        "the day came that stands in the token",
        _tokens,
        _expire,
        _prolong,
    ),
    Fault(
        "token-revoked",
        "account",
        "token",
        "somebody took it away",
        _tokens,
        _revoke,
        _give_back,
    ),
    Fault(
        "right-revoked",
        "account",
        "account",
        "another role in place of each it had; an empty one takes all rights",
        _holders,
        _lower,
        _raise,
        {"role": "PVEAuditor"},
    ),
    Fault(
        "password-wrong",
        "account",
        "account",
        "the password was changed; at a router open sessions are ended unless sessions=no",
        _password_holders,
        _change_password,
        _change_back,
        {"sessions": True},
    ),
)
