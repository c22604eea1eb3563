"""The interlock: what no action may pass. Asked for every plan, and again when its job starts.

Nothing is changed while the cluster has no quorum, while what is known of it is too old, while the
node of the object is away, while the account lacks the right, or while a task runs on the object.
The task list is read anew for that each time; the rest is judged by the snapshot. `judge` is pure.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from labtui.actions.action import Right, Scope, Wire
from labtui.locale import _
from labtui.model.cluster import Membership, Resources, Rights, Task
from labtui.model.errors import LabError
from labtui.model.presence import presences, quorum_lost
from labtui.model.snapshot import Part, Snapshot
from labtui.model.text import clean

# Somebody who looks at the object's console; it does not keep others from working on it.
LOOKING = frozenset(("vncproxy", "vncshell", "termproxy", "spiceproxy", "spiceshell"))
# Tasks of a node that work on all its guests, one after the other.
_BULK = frozenset(("startall", "stopall", "suspendall", "migrateall"))
# What an action rests on; who is allowed what changes too seldom to be read that often.
_ACTED_ON: tuple[type[Part], ...] = (Resources, Membership)


class Standing(msgspec.Struct, frozen=True):
    """How it stands for acting on an object: what forbids it, and what should be known."""

    blockers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


async def look(scope: Scope, wire: Wire) -> Standing:
    """Read the tasks anew and judge. Raises nothing: what can't be read is a blocker."""
    if scope.routers:
        # Loaded with the first plan for a router.
        from labtui.actions import interlock_routers

        return Standing(await interlock_routers.blockers(scope, wire))
    if scope.records:
        from labtui.actions import interlock_records

        return Standing(interlock_records.blockers(wire.snapshot, wire.now(), wire.max_age))
    try:
        rows = await wire.read(scope.cluster, "/cluster/tasks")
    except LabError as error:
        return judge(scope, wire.snapshot, wire.now(), wire.max_age, error.why or error.what)
    return judge(scope, wire.snapshot, wire.now(), wire.max_age, running(scope.cluster, rows))


def judge(
    scope: Scope, snapshot: Snapshot, now: float, max_age: float, tasks: Sequence[Task] | str
) -> Standing:
    """How it stands, with the running tasks, or why they could not be read.

    `max_age` is in seconds.
    """
    held = snapshot.one(Rights, scope.cluster)
    on_it = () if isinstance(tasks, str) else tuple(t for t in tasks if _concerns(t, scope))
    blockers = [
        *_quorum(scope, snapshot, now),
        *_age(scope, snapshot, now, max_age),
        *_mute(scope, snapshot),
        *_away(scope, snapshot),
        *(_lacking(held, right) for right in scope.rights if not _held(held, right)),
        *(_busy(task, scope) for task in on_it if task.kind not in LOOKING),
    ]
    if isinstance(tasks, str):
        text = _(
            "the tasks of {cluster} can't be read ({why}): nobody knows whether somebody works on "
            "{label}; try again"
        )
        blockers.append(text.format(cluster=scope.cluster, why=tasks, label=scope.label))
    warnings = [
        *_unsure(scope, snapshot),
        *(_watched(task, scope) for task in on_it if task.kind in LOOKING),
    ]
    return Standing(tuple(blockers), tuple(warnings), tuple(_notes(held)))


def running(cluster: str, rows: Any) -> tuple[Task, ...]:
    """The tasks that run, of the rows of `GET /cluster/tasks`; rows that are none are left out."""
    found = []
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, dict) or not isinstance(row.get("upid"), str):
            continue
        started = row.get("starttime")
        if row.get("endtime") is None and row.get("status") is None:
            found.append(
                Task(
                    cluster,
                    clean(row["upid"]),
                    clean(str(row.get("node", ""))),
                    clean(str(row.get("type", ""))),
                    clean(str(row.get("id") or "")),
                    clean(str(row.get("user", ""))),
                    float(started) if isinstance(started, int | float) else 0.0,
                )
            )
    return tuple(found)


def _quorum(scope: Scope, snapshot: Snapshot, now: float) -> Iterable[str]:
    """The majority's view, and the HA manager's row where that was read just now."""
    cluster = scope.cluster
    if scope.unquorate:
        return
    membership = snapshot.one(Membership, cluster)
    if quorum_lost(snapshot, cluster, now):
        if membership is not None and membership.quorate is not False:
            who = _("the HA manager")
        else:
            who = _("{n} of {all} nodes are there").format(
                n=len(membership.online) if membership else 0,
                all=len(membership.members) if membership else 0,
            )
        text = _(
            "{cluster} has no quorum ({who}): nothing can be changed until enough of its nodes are "
            "back"
        )
        yield text.format(cluster=cluster, who=who)


def _age(scope: Scope, snapshot: Snapshot, now: float, max_age: float) -> Iterable[str]:
    fresh = [snapshot.fresh(kind, scope.cluster) for kind in _ACTED_ON]
    ages = [each.age(now) if each else None for each in fresh]
    if any(age is None for age in ages):
        text = _("{cluster} has not been read yet: wait for its first answer, or press r")
        yield text.format(cluster=scope.cluster)
    elif any(each is not None and each.remembered for each in fresh):
        text = _("what is shown of {cluster} is of an earlier start: wait until it is read anew")
        yield text.format(cluster=scope.cluster)
    else:
        oldest = max(age for age in ages if age is not None)
        if oldest > max_age:
            text = _(
                "what is known of {cluster} is too old to act on ({age:.0f} s, at most {most:.0f} "
                "s): press r and try again"
            )
            problems = [each.problem for each in fresh if each and each.problem]
            why = problems[0].why or problems[0].what if problems else ""
            if problems:
                text = _(
                    "what is known of {cluster} is too old to act on ({age:.0f} s, at most "
                    "{most:.0f} s), as it can't be read: {why}"
                )
            yield text.format(cluster=scope.cluster, age=oldest, most=max_age, why=why)


def _mute(scope: Scope, snapshot: Snapshot) -> Iterable[str]:
    """No API hears us, so that there is nobody to tell; over SSH labtui reads and no more."""
    read = [snapshot.fresh(kind, scope.cluster) for kind in _ACTED_ON]
    if not any(each is not None and each.by_shell for each in read):
        return
    membership = snapshot.one(Membership, scope.cluster)
    witnesses = membership.witnesses if membership is not None else ()
    refusals = [each.problem for each in witnesses if each.refused]
    if refusals:
        text = _(
            "{cluster} refuses our login ({why}): it is read over SSH, and nothing can be changed "
            "until the login is accepted; look at the token's expiry and at labtui's configuration"
        )
        yield text.format(cluster=scope.cluster, why=refusals[0])
    else:
        text = _(
            "no API of {cluster} answers: it is read over SSH, and nothing can be changed until "
            "pveproxy answers on one of its nodes (systemctl restart pvedaemon pveproxy)"
        )
        yield text.format(cluster=scope.cluster)


def _away(scope: Scope, snapshot: Snapshot) -> Iterable[str]:
    there = presences(snapshot)
    for node in scope.nodes:
        presence = there.get((scope.cluster, node))
        if presence is not None and presence.online is False:
            text = _("{node} is away: nothing can be done to {label} until it is back")
            yield text.format(node=node, label=scope.label)


def _unsure(scope: Scope, snapshot: Snapshot) -> Iterable[str]:
    there = presences(snapshot)
    for node in scope.nodes:
        presence = there.get((scope.cluster, node))
        if presence is None or presence.online is None:
            yield _("nobody can say whether {node} is there").format(node=node)


def _concerns(task: Task, scope: Scope) -> bool:
    """Whether it works on the object: on itself, or on all the guests of its node."""
    if task.subject:
        return task.subject in scope.task_ids
    return task.kind in _BULK and task.node in scope.nodes


def _busy(task: Task, scope: Scope) -> str:
    text = _("{user} runs {kind} on {label} since {time}, on {node}: wait until that ends")
    return text.format(**_told(task, scope))


def _watched(task: Task, scope: Scope) -> str:
    text = _("{user} has the console of {label} open since {time}")
    return text.format(**_told(task, scope))


def _told(task: Task, scope: Scope) -> dict[str, str]:
    """Who, what, since; the time is by the server's clock."""
    label = scope.label if len(scope.task_ids) == 1 else task.subject
    return {
        "user": task.user or "?",
        "kind": task.kind or "?",
        "label": label if task.subject else task.node,
        "time": time.strftime("%H:%M:%S", time.localtime(min(max(task.started, 0.0), 4e9))),
        "node": task.node or "?",
    }


def _held(held: Rights | None, right: Right) -> bool:
    """Rights that nobody has read yet are left for the server to judge."""
    return held is None or held.allows(right.privilege, right.path)


def _lacking(held: Rights | None, right: Right) -> str:
    user = held.user if held else "?"
    text = _("{user} lacks {privilege} on {path}. An administrator gives it with: {command}")
    return text.format(
        user=user,
        privilege=right.privilege,
        path=right.path,
        command=granting(right, held) if held else "",
    )


def granting(right: Right, held: Rights) -> str:
    """The commands that give a right, on any node as root.

    An ACL on a longer path takes the place of what comes down from a shorter one, so the role is
    added where the account has roles already; where that is only `/`, reading is given along.
    """
    role = "Labtui" + right.privilege.replace(".", "")
    path, roles = right.path, role
    while path.count("/") > 1 and not held.privileges.get(path):
        path = path.rsplit("/", 1)[0]
    if not held.privileges.get(path):
        roles = f"PVEAuditor,{role}"
    user, token, _name = held.user.partition("!")
    whom = f"--users {shlex.quote(user)}"
    if token:
        # A token with rights of its own needs them beside its user's.
        whom += f" --tokens {shlex.quote(held.user)}"
    add = f"pveum role add {role} --privs {right.privilege}"
    return f"{add}; pveum acl modify {path} {whom} --roles {roles}"


def _notes(held: Rights | None) -> Iterable[str]:
    if held is not None and not held.allows("Sys.Audit", "/"):
        yield _("the account sees only its own tasks (Sys.Audit on / is missing)")
