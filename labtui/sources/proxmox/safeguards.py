"""Backup coverage, HA rules, Ceph and the file systems of guests: answers to the model."""

from __future__ import annotations

from typing import Any

import msgspec

from labtui.locale import _
from labtui.model.agent_words import disks_of, is_answer, nics_of
from labtui.model.safeguards import AgentDisk, Ceph, CephCheck, GuestNic, HaRule
from labtui.sources.proxmox.decode import Rows, Unfit, flag, plain
from labtui.sources.proxmox.errors import Question, unexpected
from labtui.sources.proxmox.values import table, whole, word, words

Complaints = tuple[str, ...]


class _GuestRow(msgspec.Struct):
    vmid: Any = None


class _RuleRow(msgspec.Struct):
    rule: Any = None
    group: Any = None
    type: Any = None
    resources: Any = None
    nodes: Any = None
    affinity: Any = None
    strict: Any = None
    restricted: Any = None
    disable: Any = None
    comment: Any = None


_GUESTS = Rows(_GuestRow)
_RULES = Rows(_RuleRow)


def read_uncovered(body: bytes, question: Question) -> tuple[frozenset[int], Complaints]:
    """`GET /cluster/backup-info/not-backed-up`: numbers of the guests that are in no job."""

    def row(row: _GuestRow) -> int:
        vmid = whole(row.vmid)
        if vmid is None:
            raise Unfit(_("number of the guest missing"))
        return vmid

    made, complaints = _GUESTS.read(body, question, row)
    return frozenset(made), complaints


def read_rules(body: bytes, question: Question) -> tuple[tuple[HaRule, ...], Complaints]:
    """`GET /cluster/ha/rules` of 9.x, or `/cluster/ha/groups` of 8.x, by name.

    `nodes` are like `pve1:2,pve2`, with a priority behind the colon.
    """

    def row(row: _RuleRow) -> HaRule:
        name = word(row.rule, 80) or word(row.group, 80)
        if not name:
            raise Unfit(_("name of the rule missing"))
        return HaRule(
            name,
            "group" if row.group is not None else word(row.type, 40),
            words(row.resources),
            words(row.nodes),
            word(row.affinity, 20),
            flag(_plainly(row.strict)) or flag(_plainly(row.restricted)),
            flag(_plainly(row.disable)),
            word(row.comment),
        )

    made, complaints = _RULES.read(body, question, row)
    return tuple(sorted(made, key=lambda rule: rule.name)), complaints


def read_ceph(body: bytes, question: Question) -> Ceph:
    """`GET /cluster/ceph/status`, which is the JSON of `ceph status`. Raises `Unexpected`."""
    data = plain(body, question)
    health = table(table(data).get("health"))
    status = word(health.get("status"), 40)
    if not status:
        raise unexpected(question, _("the answer lacks parts, or has others"))
    osds, groups, monitors = (table(data.get(name)) for name in ("osdmap", "pgmap", "monmap"))
    # Older releases of Ceph wrap the map once more.
    osds = table(osds.get("osdmap")) or osds
    known = monitors.get("mons")
    return Ceph(
        status,
        _checks(table(health.get("checks"))),
        whole(osds.get("num_osds")) or 0,
        whole(osds.get("num_up_osds")) or 0,
        whole(osds.get("num_in_osds")) or 0,
        whole(groups.get("bytes_used")) or 0,
        whole(groups.get("bytes_total")) or 0,
        _states(groups.get("pgs_by_state")),
        words(data.get("quorum_names")),
        len(known) if isinstance(known, list) else whole(monitors.get("num_mons")) or 0,
    )


def _checks(given: dict[str, Any]) -> tuple[CephCheck, ...]:
    """Those that are muted are left out; errors stand first."""
    found = [
        CephCheck(
            word(name, 80),
            word(table(check).get("severity"), 40),
            word(table(table(check).get("summary")).get("message"), 400),
        )
        for name, check in given.items()
        if not flag(_plainly(table(check).get("muted")))
    ]
    return tuple(sorted(found, key=lambda check: (check.severity != "HEALTH_ERR", check.name)))


def _states(given: Any) -> tuple[tuple[str, int], ...]:
    rows = [table(each) for each in given] if isinstance(given, list) else []
    return tuple((word(row.get("state_name"), 80), whole(row.get("count")) or 0) for row in rows)


def read_file_systems(body: bytes, question: Question) -> tuple[AgentDisk, ...]:
    """`GET .../agent/get-fsinfo`: what of a guest's file systems can fill. Raises `Unexpected`."""
    data = plain(body, question)
    if not is_answer(data):
        raise unexpected(question, _("the answer lacks parts, or has others"))
    return disks_of(data)


def read_nics(body: bytes, question: Question) -> tuple[GuestNic, ...]:
    """`GET .../agent/network-get-interfaces`: what addresses a guest has. Raises `Unexpected`."""
    data = plain(body, question)
    if not is_answer(data):
        raise unexpected(question, _("the answer lacks parts, or has others"))
    return nics_of(data)


def _plainly(value: Any) -> Any:
    return value if isinstance(value, bool | int | str) else None
