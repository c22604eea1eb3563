"""What can be claimed about servers, accounts and SSH hosts, and about the records of NetBox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from labtui.demo.listeners import Mode

if TYPE_CHECKING:
    from labtui.demo.lab import Guest
    from labtui.demo.netbox.schema import Row
    from labtui.demo.running import RunningLab

_MACHINE = "virtualization.virtualmachine"
_MIB = 1 << 20


def _server(lab: RunningLab, words: list[str]) -> bool:
    lost = lab.reach.without(words[0], "inside")
    if words[1] in ("reached", "lost"):
        return (lost is None) is (words[1] == "reached")
    if words[1] == "well":
        return lost is None and lab.wanted(words[0]) is Mode.OK
    return lab.wanted(words[0]).value == words[1]


def _token(lab: RunningLab, words: list[str]) -> bool:
    accounts = lab.accounts.proxmox
    expire = accounts.changes.of(words[0]).expire
    good = accounts.token(words[0]) is not None and not 0 < expire <= lab.now
    return good is (words[1] == "good")


def _account(lab: RunningLab, words: list[str]) -> bool:
    """Whether somebody still has every role of the start."""
    accounts = lab.accounts.proxmox
    had = {rule for rule in accounts.rules if rule.who == words[0]}
    return (had <= set(accounts.all_rules())) is (words[1] == "whole")


def _netbox(lab: RunningLab, words: list[str]) -> bool:
    netbox = lab.netbox
    found = {"down": bool(netbox.trouble), "slow": netbox.delay > 0}
    return not any(found.values()) if words[0] == "well" else found[words[0]]


def _record(lab: RunningLab, words: list[str]) -> bool:
    spec = next((guest for guest in lab.lab.guests if str(guest.vmid) == words[0]), None)
    if spec is None:
        raise KeyError(f"there is no guest {words[0]}")
    row = _row_of(lab, spec.vmid)
    if words[1] == "missing":
        return row is None
    return row is not None and _right(lab, spec, row) is (words[1] == "right")


def _row_of(lab: RunningLab, vmid: int) -> Row | None:
    rows = lab.netbox.store.rows(_MACHINE)
    return next((row for row in rows if row["custom_fields"].get("proxmox_vmid") == vmid), None)


def _right(lab: RunningLab, spec: Guest, row: Row) -> bool:
    """Whether a record says what was true when it was written."""
    store = lab.netbox.store
    device = store.get("dcim.device", row["device"])
    tenant = store.get("tenancy.tenant", row["tenant"])
    return bool(
        row["name"] == spec.name
        and row["status"] == ("active" if spec.running else "offline")
        and (row["vcpus"], row["memory"]) == (spec.cores, spec.memory // _MIB)
        and device is not None
        and device["name"] == spec.node
        and (tenant["slug"] if tenant else "") == spec.owner
    )


def _address(lab: RunningLab, words: list[str]) -> bool:
    """How often the address of a guest stands in NetBox."""
    spec = next((guest for guest in lab.lab.guests if str(guest.vmid) == words[0]), None)
    if spec is None:
        raise KeyError(f"there is no guest {words[0]}")
    rows = lab.netbox.store.rows("ipam.ipaddress")
    count: int = sum(row["address"].partition("/")[0] == spec.address for row in rows)
    return count == {"unrecorded": 0, "once": 1, "twice": 2}[words[2]]


def _network(lab: RunningLab, words: list[str]) -> bool:
    subnet = lab.lab.site(words[0]).subnet
    rows = lab.netbox.store.rows("ipam.prefix")
    return any(row["prefix"] == subnet for row in rows) is (words[1] == "recorded")


def _ssh(lab: RunningLab, words: list[str]) -> bool:
    host = lab.ssh.host(words[0])
    return {
        "known": host.key_generation == 0,
        "changed": host.key_generation != 0,
        "refusing": host.refuses_key,
        "hanging": bool(host.hangs),
    }[words[1]]


def _driver(lab: RunningLab, words: list[str]) -> bool:
    return bool(lab.ssh.host(words[0]).nvidia) is (words[1] == "broken")


_MODES = "|".join(mode.value for mode in Mode if mode not in (Mode.OK, Mode.DEAD))

NOUNS: Mapping[str, tuple[tuple[str, ...], Callable[[RunningLab, list[str]], bool]]] = {
    "server": ((f"NAME reached|lost|well|{_MODES}",), _server),
    "token": (("ID good|refused",), _token),
    "account": (("ID lowered|whole",), _account),
    "netbox": (("well|down|slow",), _netbox),
    "record": (("VMID right|wrong|missing",), _record),
    "address": (("VMID recorded once|twice|unrecorded",), _address),
    "network": (("SITE recorded|missing",), _network),
    "ssh": (("HOST known|changed|refusing|hanging",), _ssh),
    "driver": (("HOST well|broken",), _driver),
}
